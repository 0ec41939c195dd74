//! The browser around the core: it starts the worker, gives it its inputs, and kills it.

use std::rc::Rc;

use cuewire::pipeline::effect::RecallId;
use cuewire::pipeline::input::{Input, Start};
use cuewire::shell::ports::Guard;
use cuewire::views::protocol::Reply;

use crate::plan::MARK;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::storage::Recall;
use crate::world::worker::{State, Step, StoredSettings, Worker};

/// A browser ends a worker that has been idle for so long.
const IDLE: u64 = 30_000;

/// A worker waits no longer for a piece of what fired.
const PATIENCE: u64 = 30_000;

/// The watch page brings a worker back after about this long.
const WATCH: u64 = 70;

impl World {
    pub(crate) fn is_alive(&self, life: u32) -> bool {
        self.worker.state == State::Alive && self.worker.life == life
    }

    /// Something starts the worker, if it is not there already: the lock lets no second one in.
    pub(crate) fn wake(&mut self) {
        match self.worker.state {
            State::Dead => {}
            State::Starting => return,
            State::Alive => return self.feed(Input::Tick),
        }
        let worker = &mut self.worker;
        worker.state = State::Starting;
        worker.life += 1;
        let life = worker.life;
        if self.worker.alarm.is_none() {
            self.set_alarm();
        }
        let mut span = self.dice.between(5, 60);
        if self.strikes(Fault::SlowStart) {
            span += self.dice.between(500, 15_000);
        }
        self.after(span, Event::Loaded(life));
    }

    /// Everything stored is read, and the core starts.
    pub(crate) fn loaded(&mut self, life: u32) {
        if self.worker.life != life {
            return;
        }
        let reload = self.worker.state == State::Alive;
        if !reload {
            if self.worker.state != State::Starting {
                return;
            }
            let mailbox = std::mem::take(&mut self.worker.mailbox);
            let (guard, alarm, alarms) = (self.worker.guard, self.worker.alarm, self.worker.alarms);
            let (killed_once, arming) = (self.worker.killed_once, self.worker.arming);
            self.worker = Worker {
                life,
                state: State::Alive,
                guard,
                alarm,
                alarms,
                arming,
                mailbox,
                active_at: self.now,
                born: self.now,
                punctual: true,
                killed_once,
                ..Worker::default()
            };
            if killed_once {
                self.tally.kills_survived += 1;
            }
            self.after(IDLE, Event::Idle(life));
        }
        if reload && self.worker.running {
            return; // A person had everything cleared meanwhile; what is read now is of no interest.
        }
        let start = self.read_stored();
        if self.worker.running {
            self.worker.born = self.now;
        }
        self.feed(Input::Started(Box::new(start)));
        if self.is_alive(life) && !self.worker.running {
            self.look_at_start();
        }
        for (id, wish) in std::mem::take(&mut self.worker.mailbox) {
            self.command(id, wish);
        }
    }

    fn read_stored(&mut self) -> Start {
        let seed = self.dice.roll();
        self.damage_storage();
        let storage = &self.storage;
        let unreadable = self.now < storage.unreadable_until;
        if unreadable {
            self.happened(Fault::Unreadable);
        }
        let storage = &self.storage;
        let journal = match unreadable {
            true => Err("UnknownError: Internal error opening backing store".to_owned()),
            false => {
                let now = storage.journal.iter().filter(|(key, _)| !key.starts_with("fired/"));
                Ok(now.map(|(key, text)| (key.clone(), text.clone())).collect())
            }
        };
        let (settings, secret) = self.worker.read_early.take().unwrap_or_else(|| self.read_settings());
        let storage = &self.storage;
        let start = Start {
            journal,
            fired_later: true,
            marker: storage.marker,
            settings: settings.as_ref().map(|(_, text)| text.clone()),
            secret,
            token: storage.token.clone(),
            vitals: storage.vitals.clone(),
            seed,
            local_offset: 0,
            loopback_allowed: false,
        };
        self.worker.running = !unreadable && storage.ours.is_none();
        self.worker.setup = self.worker.adopted.or(match (settings, &start.secret) {
            (Some((setup, _)), Some(_)) => Some(setup),
            _ => None,
        });
        self.note_start();
        start
    }

    /// The worker asks for a piece of what fired.
    pub(crate) fn begin_recall(&mut self, id: RecallId, after: String, limit: u32) {
        let (life, limit) = (self.worker.life, (limit as usize).min(self.dice.between(1, 8) as usize));
        let asked_at = self.perceived();
        self.worker.recalling = Some(self.storage.recalls.len());
        self.storage.recalls.push(Recall { life, id, after, limit, asked_at });
        let mut span = self.dice.between(1, 5);
        if self.strikes(Fault::SlowStart) {
            span += self.dice.between(500, 15_000);
        }
        self.after(span, Event::Recalled(self.storage.recalls.len() - 1));
    }

    /// A piece of what fired is read.
    pub(crate) fn recalled(&mut self, at: usize) {
        let Recall { life, id, after, limit, .. } = &self.storage.recalls[at];
        let (life, id) = (*life, *id);
        if !self.is_alive(life) {
            return;
        }
        // A worker that gave up asks for everything again, and this answer is of no interest.
        let is_awaited = self.worker.recalling.take_if(|awaited| *awaited == at).is_some();
        let records = self.storage.journal.iter().filter(|(key, _)| key.starts_with("fired/") && *key > after);
        let records: Vec<_> = records.take(*limit).map(|(key, text)| (key.clone(), text.clone())).collect();
        let is_last = records.is_empty();
        if self.now < self.storage.unreadable_until {
            self.happened(Fault::Unreadable);
            if is_awaited {
                self.worker.unjudged_in = Some(life);
                self.note_death();
                self.worker.running = false;
            }
            self.feed(Input::Recalled(id, Err("UnknownError: Internal error opening backing store".to_owned())));
        } else {
            let is_end = is_last && is_awaited;
            if is_end {
                self.worker.born = self.now;
            }
            self.feed(Input::Recalled(id, Ok(records)));
            if is_end && self.is_alive(life) {
                self.look_at_start();
            }
        }
    }

    /// A worker that waited too long for what fired says so, hears no more, and reads everything again.
    fn note_given_up(&mut self) {
        let Some(at) = self.worker.recalling else { return };
        if self.perceived() < self.storage.recalls[at].asked_at + PATIENCE {
            return;
        }
        let shown = self.worker.runner.pipeline().status().diagnoses;
        if shown.iter().any(|wrong| wrong.code == "storageFailing") {
            self.worker.recalling = None;
            self.worker.running = false;
            self.worker.unjudged_in = Some(self.worker.life);
            self.note_death();
        }
    }

    pub(crate) fn read_settings(&self) -> StoredSettings {
        let storage = &self.storage;
        let secret = storage.device_secret.clone().or_else(|| storage.session_secret.clone());
        (storage.settings.clone(), secret)
    }

    /// Hands the core an input; the runner has the world do what follows, unless the worker dies of it.
    pub(crate) fn feed(&mut self, input: Input<'_>) {
        if self.worker.state != State::Alive {
            return;
        }
        if !matches!(input, Input::Started(_)) && self.strikes(Fault::KilledBeforeInput) {
            return self.kill(None);
        }
        self.tally.inputs += 1;
        self.trace_input(&input);
        if !matches!(input, Input::Tick) {
            self.worker.active_at = self.now;
        }
        self.prepare_checks(&input);
        self.worker.step = Step::default();
        let runner = Rc::clone(&self.worker.runner);
        runner.feed(input, self);
        if self.worker.state != State::Alive {
            return;
        }
        if self.worker.step.cut.is_some() {
            return self.kill(None);
        }
        self.ledger.wished = false;
        self.note_given_up();
        self.check_after_step();
    }

    pub(crate) fn replied(&mut self, id: u64, reply: &Reply) {
        let place = self.worker.unanswered.iter().position(|(other, _)| *other == id);
        self.check(Check::Answered, place.is_some(), || format!("command {id} answered twice, or never asked"));
        let Some(place) = place else { return };
        let (_, wish) = self.worker.unanswered.remove(place);
        let looks = self.trace.hash().is_multiple_of(8);
        let shown = match reply {
            _ if !looks => String::new(),
            Reply::Status(_) | Reply::Dashboard(_) | Reply::Settings(_) => format!("{reply:?}"),
            _ => String::new(),
        };
        self.check(Check::SecretKept, !shown.contains(MARK), || "a secret in a reply".to_owned());
        self.note_reply(id, &wish, reply);
    }

    pub(crate) fn timer(&mut self, life: u32, arming: u32) {
        if self.is_alive(life) && self.worker.arming == arming {
            self.worker.armed = None;
            self.feed(Input::Tick);
        }
    }

    pub(crate) fn recording_listed(&mut self, life: u32) {
        if self.is_alive(life) {
            let keys = self.storage.recording.keys().map(ToString::to_string).collect();
            self.feed(Input::RecordingListed(keys));
        }
    }

    pub(crate) fn idle(&mut self, life: u32) {
        if !self.is_alive(life) {
            return;
        }
        let idle_for = self.now - self.worker.active_at;
        if idle_for < IDLE {
            return self.after(IDLE - idle_for, Event::Idle(life));
        }
        let streaming = self.worker.socket.is_some() && self.worker.punctual && !self.clock_was_odd;
        self.check(Check::KeptAlive, !streaming, || "ended for being idle, with the stream open".to_owned());
        self.happened(Fault::IdleKill);
        self.kill(None);
    }

    /// Ends the worker, here and now.
    pub(crate) fn kill(&mut self, survives: Option<bool>) {
        if survives.is_some() {
            self.trace.line(|| "!! killed here by the script".to_owned());
        }
        self.abandon_commits(survives);
        self.note_death();
        self.bury();
        self.worker.runner = Rc::default();
        self.worker.state = State::Dead;
        self.worker.killed_once = true;
        if self.strikes(Fault::BrowserRestart) {
            self.storage.session_secret = None;
            self.storage.token = None;
            self.storage.vitals = None;
            self.storage.orders.iter_mut().for_each(|order| order.lost |= !order.done);
            self.forget_troubles();
            let span = self.dice.between(1_000, 20_000);
            self.after(span, Event::Wake);
            return;
        }
        if !self.worker.mailbox.is_empty() {
            self.after(1, Event::Wake);
        }
        if self.worker.guard == Guard::Watch && !self.strikes(Fault::WatchKilled) {
            self.after(WATCH, Event::Wake);
        }
    }
}
