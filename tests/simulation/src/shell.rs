//! The browser around the core: it starts the worker, runs its effects, arms its timer and its alarm, and kills it.

use cuewire::model::time::Millis;
use cuewire::pipeline::Pipeline;
use cuewire::pipeline::effect::{Effect, Effects};
use cuewire::pipeline::input::{Input, Start};
use cuewire::views::protocol::Reply;

use crate::person::Wish;
use crate::plan::MARK;
use crate::tally::{Check, Fault};
use crate::world::{Event, World};

/// A browser ends a worker that has been idle for so long.
const IDLE: u64 = 30_000;

/// The watch page brings a worker back after about this long.
const WATCH: u64 = 70;

/// Which setup is stored, as its text, and the secret.
type StoredSettings = (Option<(usize, String)>, Option<String>);

/// So many ticks in a row that do nothing and change nothing are a busy loop.
const BUSY: u32 = 5;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Dead,
    Starting,
    Alive,
}

/// What must bring a dead worker back, as `web/driver.rs` decides it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Guard {
    None,
    #[default]
    Alarm,
    Watch,
}

/// The worker, and what its browser keeps for it.
#[derive(Debug, Default)]
pub struct Worker {
    pub life: u32,
    pub state: State,
    pub pipeline: Pipeline,
    effects: Effects,
    armed: Option<u64>,
    arming: u32,
    active_at: u64,
    /// When it had read everything.
    pub born: u64,
    busy: u32,
    pub guard: Guard,
    /// This life has said what must bring it back.
    pub told: bool,
    pub alarm: Option<u32>,
    pub alarms: u32,
    /// Timers and alarms were punctual all along this life.
    pub punctual: bool,
    /// Settings and secret as they were when everything was last asked to be read.
    read_early: Option<StoredSettings>,
    /// What came into force since.
    pub adopted: Option<usize>,
    /// The journal could be read and is ours.
    pub running: bool,
    /// Which of the setups is in force.
    pub setup: Option<usize>,
    /// Requests under way: cards, tokens.
    pub cards: Vec<usize>,
    pub tokens: Vec<usize>,
    pub socket: Option<usize>,
    /// Commands that wait for a worker, and those it has not answered.
    pub mailbox: Vec<(u64, Wish)>,
    pub unanswered: Vec<(u64, Wish)>,
    pub killed_once: bool,
}

impl Worker {
    /// Which setup a command saves.
    pub fn setup_of(&self, command: u64) -> Option<usize> {
        self.unanswered.iter().find_map(|(id, wish)| match wish {
            Wish::Save(setup) | Wish::SaveBare(setup) if *id == command => Some(*setup),
            _ => None,
        })
    }
}

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
        if self.is_alive(life) {
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
            false => Ok(storage.journal.iter().map(|(key, text)| (key.clone(), text.clone())).collect()),
        };
        let (settings, secret) = self.worker.read_early.take().unwrap_or_else(|| self.read_settings());
        let storage = &self.storage;
        let start = Start {
            journal,
            marker: storage.marker,
            settings: settings.as_ref().map(|(_, text)| text.clone()),
            secret,
            token: storage.token.clone(),
            vitals: storage.vitals.clone(),
            seed,
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

    fn read_settings(&self) -> StoredSettings {
        let storage = &self.storage;
        let secret = storage.device_secret.clone().or_else(|| storage.session_secret.clone());
        (storage.settings.clone(), secret)
    }

    /// Hands the core an input and performs what it asks for, unless the worker dies of it.
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
        let mut effects = std::mem::take(&mut self.worker.effects);
        let wall = Millis(self.wall());
        self.worker.pipeline.handle(wall, input, &mut effects);
        if self.worker.guard == Guard::None {
            self.secure();
        }
        let cut = if !effects.is_empty() && self.strikes(Fault::KilledBetweenEffects) {
            Some(self.dice.below(6))
        } else {
            None
        };
        let mut done = 0;
        for effect in effects.drain() {
            let scripted = self.cuts.first().copied().filter(|(at, _)| *at == self.tally.effects);
            if let Some((_, survives)) = scripted {
                self.cuts.remove(0);
                return self.kill(Some(survives));
            }
            if cut == Some(done) {
                return self.kill(None);
            }
            done += 1;
            let restarts = matches!(effect, Effect::Restart | Effect::Reload);
            self.perform(effect);
            if restarts {
                self.after(1, Event::Wake);
                return self.kill(None);
            }
        }
        if cut.is_some() {
            return self.kill(None);
        }
        self.worker.effects = effects;
        self.ledger.wished = false;
        self.arm(done == 0);
        self.check_after_step();
    }

    fn perform(&mut self, effect: Effect) {
        self.tally.effects += 1;
        self.trace_effect(&effect);
        match effect {
            Effect::RequestToken { id, request } => self.request_token(id, request),
            Effect::PostCard { id, request } => self.post_card(id, request),
            Effect::Abort(id) => self.abort(id),
            Effect::OpenStream { conn, url } => self.open_stream(conn, &url.0),
            Effect::CloseStream(conn) => self.close_stream(conn),
            Effect::Commit { id, changes } => self.begin_commit(id, changes),
            Effect::Load => {
                self.worker.read_early = Some(self.read_settings());
                self.worker.adopted = None;
                let (mut span, life) = (self.dice.between(5, 60), self.worker.life);
                if self.strikes(Fault::SlowStart) {
                    span += self.dice.between(500, 15_000);
                }
                self.after(span, Event::Loaded(life));
            }
            Effect::ReopenStorage => self.reopen_storage(),
            Effect::Restart | Effect::Reload => {}
            Effect::DeleteStorage => self.delete_storage(),
            Effect::StoreMarker => self.storage.marker = true,
            Effect::StoreSettings { id, settings, secret } => self.begin_settings(id.0, settings, secret),
            Effect::StoreToken(token) => {
                if !self.strikes(Fault::TokenNotKept) {
                    self.storage.token = token.map(|token| token.0);
                }
            }
            Effect::KeepAlive { vitals } => {
                self.check(Check::SecretKept, !vitals.contains(MARK), || "a secret in the vitals".to_owned());
                self.worker.active_at = self.now;
                self.storage.vitals = Some(vitals);
            }
            Effect::ShowBadge(badge) => {
                let length = badge.text.chars().count();
                self.check(Check::Bounds, length <= 4, || format!("a badge of {length} characters"));
            }
            Effect::Notify(notice) => self.note_notice(&notice),
            Effect::Publish => {}
            Effect::Reply(id, reply) => self.replied(id.0, &reply),
        }
    }

    fn replied(&mut self, id: u64, reply: &Reply) {
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

    /// Arms the timer and says what must bring the worker back, as the driver does.
    fn arm(&mut self, did_nothing: bool) {
        let wall = self.wall();
        let due = self.worker.pipeline.next_deadline().map(|due| due.0);
        self.worker.busy = if did_nothing && due.is_some_and(|due| due <= wall) { self.worker.busy + 1 } else { 0 };
        let busy = self.worker.busy;
        self.check(Check::NoBusyLoop, busy < BUSY, || {
            format!("{busy} ticks in a row did nothing, and it is due again")
        });
        self.secure();
        if self.worker.armed == due {
            return;
        }
        self.worker.armed = due;
        self.worker.arming += 1;
        if let Some(due) = due {
            let mut span = due.saturating_sub(wall).max(1);
            if self.strikes(Fault::TimerLate) {
                self.worker.punctual = false;
                span += self.dice.between(100, 40_000);
                self.time.late_until = self.time.late_until.max(self.now + span);
            }
            let (life, arming) = (self.worker.life, self.worker.arming);
            self.after(span, Event::Timer(life, arming));
        }
    }

    pub(crate) fn timer(&mut self, life: u32, arming: u32) {
        if self.is_alive(life) && self.worker.arming == arming {
            self.worker.armed = None;
            self.feed(Input::Tick);
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
        self.worker.pipeline = Pipeline::new();
        self.worker.effects = Effects::default();
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
