//! The world of one schedule, and the loop that lets its events happen one after another.

use crate::common::agenda::Agenda;
use crate::dice::Dice;
use crate::in_time::{TICK, Time};
use crate::ledger::Ledger;
use crate::plan::{Plan, Setup};
use crate::shell::Worker;
use crate::storage::Storage;
use crate::stream::Socket;
use crate::tally::{Check, Fault, Tally};
use crate::trace::Trace;
use crate::traffic::{Interaction, Interactions, Utterance};
use crate::wire::{Request, Response, Server};
use crate::{Outcome, Violation};

/// Wall-clock time as the schedule begins: 2026-02-17T09:30:00Z.
pub const EPOCH: u64 = 1_771_320_600_000;

/// A schedule has at most so many events: more is a loop.
const EVENT_LIMIT: u32 = 60_000;

/// Further events allowed for each interaction of a crowd.
const EVENTS_OF_A_CARD: u32 = 60;

/// Something that is going to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The alarm rings; the number says which setting of it.
    Alarm(u32),
    /// Something starts the worker.
    Wake,
    /// The worker of this life has read what is stored.
    Loaded(u32),
    /// The worker of this life has read a piece of what fired.
    Recalled(usize),
    /// The timer of this life, armed for the so-manieth time.
    Timer(u32, u32),
    /// The browser looks whether the worker of this life is idle.
    Idle(u32),
    /// The storage comes to this commit.
    Durable(u64),
    /// The worker hears what became of this commit.
    CommitAnswer(u64),
    /// The worker of this life hears what is recorded.
    RecordingListed(u32),
    /// Settings are stored, or not.
    SettingsStored(usize),
    /// A request reaches the server.
    Arrives(usize),
    /// A response reaches the worker.
    Responds(usize),
    /// An upgrade reaches the server.
    Upgrades(usize),
    /// A socket opens.
    Opens(usize),
    /// A socket says something.
    Says(usize, usize),
    /// The worker of this life goes on with the frames that waited.
    GoesOn(u32),
    /// A socket closes.
    Closes(usize, u16),
    /// The service has something to say.
    Speaks,
    /// The weather changes, maybe.
    Weather,
    /// A person does something.
    Acts(usize),
    /// The journal of a newer version is ours again.
    Older,
    /// A step of the script.
    Steps(usize),
    /// Hundreds of interactions qualify.
    Crowds,
    /// Time is looked at.
    Judges,
    /// The computer wakes up.
    Awakes,
    /// All faults stop.
    Heals,
    /// Has everything settled?
    Looks,
}

impl Event {
    /// Whether it needs a computer that is awake.
    fn is_local(self) -> bool {
        use Event::*;
        matches!(
            self,
            Alarm(_)
                | Wake
                | Loaded(_)
                | Recalled(_)
                | Timer(..)
                | Idle(_)
                | Durable(_)
                | CommitAnswer(_)
                | SettingsStored(_)
        ) || matches!(self, Responds(_) | Opens(_) | Says(..) | Closes(..) | Acts(_) | Looks)
    }
}

/// Everything.
#[derive(Debug)]
pub struct World {
    /// Milliseconds since the schedule began.
    pub now: u64,
    /// How far the wall clock is off.
    pub skew: i64,
    /// How far the clock was set forward, in all: what no worker can tell from time that passed.
    pub forward: u64,
    /// Until then the computer sleeps.
    pub asleep_until: u64,
    pub(crate) dice: Dice,
    pub(crate) plan: Plan,
    pub(crate) tally: Tally,
    pub(crate) trace: Trace,
    pub(crate) worker: Worker,
    pub(crate) storage: Storage,
    pub(crate) servers: [Server; 2],
    pub(crate) requests: Vec<Request>,
    pub(crate) responses: Vec<Response>,
    pub(crate) sockets: Vec<Socket>,
    pub(crate) utterances: Vec<Utterance>,
    pub(crate) interactions: Interactions,
    pub(crate) setups: Vec<Setup>,
    pub(crate) actions: Vec<crate::person::Wish>,
    pub(crate) ledger: Ledger,
    pub(crate) violation: Option<Violation>,
    pub(crate) healed_at: Option<u64>,
    pub(crate) finished: bool,
    /// The steps of a script, where chance decides nothing.
    pub(crate) steps: Vec<crate::crash_points::Step>,
    /// Statuses that cards are answered with, in turn, before chance has its way.
    pub(crate) statuses: std::collections::VecDeque<u16>,
    /// Kills before the effects with these numbers, in this order; and whether what was being written then is durable.
    pub(crate) cuts: Vec<(u64, bool)>,
    /// Each interaction has a twin at the other organisation.
    pub(crate) twins: bool,
    /// The clock was set, or the computer slept.
    pub(crate) clock_was_odd: bool,
    /// The clock was set back, or the record of the core's clock was damaged.
    pub(crate) clock_went_back: bool,
    /// Until then the network is down.
    pub(crate) down_until: u64,
    /// Until then the host permission is gone.
    pub(crate) forbidden_until: u64,
    /// Until then every upgrade is refused.
    pub(crate) refused_until: u64,
    /// Until then the stream says nothing that anyone understands.
    pub(crate) gibberish_until: u64,
    pub(crate) time: Time,
    agenda: Agenda<Event>,
    /// Events that fell into the computer's sleep.
    postponed: Vec<Event>,
}

impl World {
    /// A world before anything has happened.
    pub fn new(plan: Plan, dice: Dice, trace: Trace) -> World {
        World {
            now: 0,
            skew: 0,
            forward: 0,
            asleep_until: 0,
            dice,
            tally: Tally::default(),
            trace,
            worker: Worker::default(),
            storage: Storage::default(),
            servers: Default::default(),
            requests: Vec::new(),
            responses: Vec::new(),
            sockets: Vec::new(),
            utterances: Vec::new(),
            interactions: Interactions::default(),
            setups: vec![plan.setup.clone()],
            actions: Vec::new(),
            ledger: Ledger::default(),
            violation: None,
            healed_at: None,
            finished: false,
            steps: Vec::new(),
            statuses: Default::default(),
            cuts: Vec::new(),
            twins: false,
            clock_was_odd: false,
            clock_went_back: false,
            down_until: 0,
            forbidden_until: 0,
            refused_until: 0,
            gibberish_until: 0,
            time: Time::default(),
            agenda: Agenda::default(),
            postponed: Vec::new(),
            plan,
        }
    }

    /// Lets everything happen.
    pub fn run(mut self) -> Outcome {
        self.begin();
        let mut events = 0;
        let limit = EVENT_LIMIT + EVENTS_OF_A_CARD * self.plan.crowd as u32;
        while let Some((at, event)) = self.agenda.next() {
            if at < self.asleep_until && event.is_local() {
                self.postponed.push(event);
                continue;
            }
            self.now = at;
            self.trace.now = at;
            self.happen(event);
            events += 1;
            if events > limit {
                self.fail(Check::NoBusyLoop, || format!("more than {limit} events"));
            }
            if self.finished || self.violation.is_some() {
                break;
            }
        }
        self.tally.schedules = 1;
        self.tally.virtual_time = self.now;
        Outcome {
            hash: self.trace.hash(),
            tally: self.tally,
            violation: self.violation,
            lines: self.trace.into_lines(),
        }
    }

    fn begin(&mut self) {
        let odd = self.steps.is_empty();
        let crowd = self.plan.interactions - self.plan.crowd;
        for number in 0..self.plan.interactions {
            let host = usize::from(number % 4 == 3 && number < crowd);
            self.interactions.push(Interaction::new(number, host, odd, &mut self.dice));
        }
        for at in 0..crowd {
            if self.twins || odd && self.dice.chance(100) {
                let other = 1 - self.interactions[at].host;
                let mut twin = Interaction::with_id(self.interactions[at].id.clone(), other);
                twin.twin = Some(at);
                self.interactions[at].twin = Some(self.interactions.len());
                self.interactions.push(twin);
            }
        }
        for host in 0..2 {
            let rate = u32::from(self.plan.rates[Fault::IgnoresCardId as usize]);
            self.servers[host].ignores_card_id = self.dice.chance(rate);
        }
        if self.plan.set_up {
            self.storage.save(0, &self.setups[0]);
        } else {
            self.act_in(200, crate::person::Wish::Save(0));
        }
        self.begin_troubles();
        self.at(0, Event::Wake);
        self.after(TICK, Event::Judges);
        let heal_at = self.plan.heal_at;
        self.at(heal_at, Event::Heals);
        let pause = self.dice.between(50, self.plan.speak_every.max(51));
        self.after(pause, Event::Speaks);
        self.after(self.plan.weather_every, Event::Weather);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Alarm(arming) => self.alarm(arming),
            Event::Wake => self.wake(),
            Event::Loaded(life) => self.loaded(life),
            Event::Recalled(at) => self.recalled(at),
            Event::Timer(life, arming) => self.timer(life, arming),
            Event::Idle(life) => self.idle(life),
            Event::Durable(serial) => self.come_to(serial),
            Event::CommitAnswer(serial) => self.commit_answered(serial),
            Event::GoesOn(life) => self.goes_on(life),
            Event::RecordingListed(life) => self.recording_listed(life),
            Event::SettingsStored(order) => self.settings_stored(order),
            Event::Arrives(request) => self.arrives(request),
            Event::Responds(response) => self.responds(response),
            Event::Upgrades(socket) => self.upgrades(socket),
            Event::Opens(socket) => self.opens(socket),
            Event::Says(socket, utterance) => self.says(socket, utterance),
            Event::Closes(socket, code) => self.closes(socket, code),
            Event::Speaks => self.speaks(),
            Event::Weather => self.weather(),
            Event::Acts(action) => self.acts(action),
            Event::Older if self.storage.ours.is_some() => {
                self.end_worker();
                self.storage.become_ours();
            }
            Event::Older => {}
            Event::Steps(at) => self.step(at),
            Event::Crowds => self.crowds(),
            Event::Judges => self.judge_time(),
            Event::Awakes => self.awake(),
            Event::Heals => self.heals(),
            Event::Looks => self.looks(),
        }
    }

    /// The computer sleeps for a while.
    pub(crate) fn sleep(&mut self, span: u64) {
        self.asleep_until = self.now + span;
        self.after(span, Event::Awakes);
    }

    /// The computer is awake: what it missed happens now, in order.
    pub(crate) fn awake(&mut self) {
        if self.now < self.asleep_until && self.healed_at.is_none() {
            return;
        }
        self.asleep_until = 0;
        for event in std::mem::take(&mut self.postponed) {
            self.at(self.now, event);
        }
    }

    /// Lets an event happen at an instant.
    pub(crate) fn at(&mut self, at: u64, event: Event) {
        self.agenda.plan(at, event);
    }

    /// Lets an event happen after a while.
    pub(crate) fn after(&mut self, span: u64, event: Event) {
        self.at(self.now.saturating_add(span), event);
    }

    /// The wall clock's time.
    pub(crate) fn wall(&self) -> u64 {
        (EPOCH + self.now).saturating_add_signed(self.skew)
    }

    /// Time as a worker that hears every tick of the wall clock would count it: clocks set forward included.
    pub(crate) fn perceived(&self) -> u64 {
        self.now + self.forward
    }

    /// Whether a fault strikes here and now; counts it if so.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let rate = self.plan.rates[fault as usize];
        let hit = rate > 0 && self.healed_at.is_none() && self.dice.chance(u32::from(rate));
        if hit {
            self.happened(fault);
        }
        hit
    }

    /// Counts a fault that did happen.
    pub(crate) fn happened(&mut self, fault: Fault) {
        self.tally.faults[fault as usize] += 1;
        self.note_disturbance(fault);
        self.trace.line(|| format!("!! {}", fault.name()));
    }

    /// Makes a check and counts it.
    pub(crate) fn check(&mut self, check: Check, holds: bool, what: impl FnOnce() -> String) {
        self.tally.checks[check as usize] += 1;
        if !holds {
            self.fail(check, what);
        }
    }

    pub(crate) fn fail(&mut self, check: Check, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            let violation = Violation { check, at: self.now, what: what() };
            if self.trace.is_readable() {
                let mut status = self.worker.runner.pipeline().status();
                status.cards.clear();
                status.gaps.clear();
                self.trace.line(|| format!("{status:?}"));
                let inside = format!("{:?}", self.worker.runner.pipeline());
                self.trace.line(|| inside);
            }
            self.trace.line(|| format!("## {violation}"));
            self.violation = Some(violation);
        }
    }
}
