//! What there is in a schedule: clocks, worker, stores, servers, sockets, cards. What happens to it is told elsewhere.

pub mod card;
pub mod event;
pub mod interaction;
pub mod ledger;
pub mod server;
pub mod socket;
pub mod storage;
pub mod time;
pub mod utterance;
pub mod wish;
pub mod worker;

use crate::common::agenda::Agenda;
use crate::dice::Dice;
use crate::outcome::Violation;
use crate::plan::{Plan, Setup};
use crate::tally::{Check, Fault, Tally};
use crate::trace::Trace;
use crate::world::event::{EPOCH, Event};
use crate::world::interaction::Interactions;
use crate::world::ledger::Ledger;
use crate::world::server::{Request, Response, Server};
use crate::world::socket::Socket;
use crate::world::storage::Storage;
use crate::world::time::Time;
use crate::world::utterance::Utterance;
use crate::world::wish::{Step, Wish};
use crate::world::worker::Worker;

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
    pub(crate) actions: Vec<Wish>,
    pub(crate) ledger: Ledger,
    pub(crate) violation: Option<Violation>,
    pub(crate) healed_at: Option<u64>,
    pub(crate) finished: bool,
    /// The steps of a script, where chance decides nothing.
    pub(crate) steps: Vec<Step>,
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
    pub(crate) agenda: Agenda<Event>,
    /// Events that fell into the computer's sleep.
    pub(crate) postponed: Vec<Event>,
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
