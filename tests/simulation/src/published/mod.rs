//! The published service in a world of its own: sign-in, polls, messages to agents and their read-back.
//!
//! | part | where |
//! | --- | --- |
//! | what a seed decides | `draw`, `talk`, `trouble` |
//! | the service | `tenant`, `signin`, `inbox` |
//! | the loop of events | here |
//! | requests on their way, and the worker's life | `wire`, `life` |
//! | what must be true | `judge` |
//! | an hour of a large tenant | `load` |
//!
//! The browser is the host of [`crate::common`]. Nothing here asks the core what ought to happen.

mod draw;
mod inbox;
mod judge;
mod life;
pub mod load;
mod signin;
mod talk;
mod tenant;
mod trouble;
mod wire;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cuewire::model::time::Millis;
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::Stored;

use self::draw::{Jump, Plan};
use self::tenant::{EPOCH, Tenant};
use self::trouble::Part;
use self::wire::Sent;
use crate::common::agenda::Agenda;
use crate::common::commits::Commits;
use crate::common::host::Host;
use crate::dice::Dice;
use crate::outcome::{Outcome as Ran, Violation};
use crate::tally::{Check, Tally};
use crate::trace::Trace;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Wakes,
    Dies,
    /// A request reaches the service, or is lost.
    Arrives(usize),
    Answers(usize),
    Durable(usize),
    Committed(usize),
    /// The person looks at the popup.
    Looks,
    SignsIn,
    WindowEnds(usize),
    Jumps(usize),
    Revokes(usize),
}

/// A card as its record first became durable.
#[derive(Debug, Clone)]
struct Accepted {
    interaction: String,
    at: u64,
    /// A final answer, a refusal of its message, or a clock that was set: a person is told of that.
    is_excused: bool,
}

struct World {
    plan: Plan,
    tenant: Tenant,
    now: u64,
    /// Milliseconds that the wall clock is ahead of true time.
    skew: i64,
    life: u32,
    alive: bool,
    born_at: u64,
    dice: Dice,
    runner: Runner,
    host: Host,
    tick_at: Option<u64>,
    commits: Commits<()>,
    sent: Vec<Sent>,
    windows: Vec<(u32, cuewire::model::ask::RequestId, String)>,
    /// By marker.
    accepted: BTreeMap<String, Accepted>,
    /// The markers of messages that the service took, as an answer told the worker of this life.
    taken: BTreeMap<String, u32>,
    /// The markers of cards whose scripts were signalled.
    signalled: BTreeSet<String>,
    /// When polls were made, whichever worker made them.
    polls: [VecDeque<u64>; 2],
    /// Since when each part answers this worker that a permission is missing.
    forbidden: Vec<(Part, u64)>,
    signs_in: bool,
    /// Since when nobody could be signed in with what the worker has.
    over_since: Option<u64>,
    jumped_at: Option<u64>,
    steps: VecDeque<u64>,
    agenda: Agenda<Event>,
    tally: Tally,
    trace: Trace,
    violation: Option<Violation>,
}

/// Runs the schedule of one seed.
pub fn run(seed: u64, readable: bool) -> Ran {
    let mut dice = Dice::new(seed ^ 0x7075_626c_6973_6864);
    let plan = Plan::draw(&mut dice);
    let mut world = World::new(plan, dice, Trace::new(readable));
    world.trace.line(|| format!("{:#?}", world.plan));
    world.run();
    world.tally.schedules = 1;
    world.tally.virtual_time = world.now;
    let World { trace, tally, violation, .. } = world;
    Ran { hash: trace.hash(), tally, violation, lines: trace.into_lines() }
}

impl World {
    fn new(plan: Plan, dice: Dice, trace: Trace) -> World {
        let stored = Stored::with_settings(plan.settings.to_string(), plan.secret);
        World {
            tenant: Tenant::new(plan.habits.clone(), plan.talks.clone(), plan.agents.clone()),
            plan,
            now: 0,
            skew: 0,
            life: 0,
            alive: false,
            born_at: 0,
            dice,
            runner: Runner::default(),
            host: Host { stored, ..Host::default() },
            tick_at: None,
            commits: Commits::default(),
            sent: Vec::new(),
            windows: Vec::new(),
            accepted: BTreeMap::new(),
            taken: BTreeMap::new(),
            signalled: BTreeSet::new(),
            polls: [VecDeque::new(), VecDeque::new()],
            forbidden: Vec::new(),
            signs_in: false,
            over_since: None,
            jumped_at: None,
            steps: VecDeque::new(),
            agenda: Agenda::default(),
            tally: Tally::default(),
            trace,
            violation: None,
        }
    }

    fn run(&mut self) {
        self.agenda.plan(0, Event::Wakes);
        (0..self.plan.end / draw_looks()).for_each(|look| self.agenda.plan(look * draw_looks() + 700, Event::Looks));
        for at in self.plan.kills.clone() {
            self.agenda.plan(at, Event::Dies);
        }
        for place in 0..self.plan.jumps.len() {
            self.agenda.plan(self.plan.jumps[place].0, Event::Jumps(place));
        }
        for place in 0..self.plan.revoked.len() {
            self.agenda.plan(self.plan.revoked[place].0, Event::Revokes(place));
        }
        while self.violation.is_none() {
            let next = self.agenda.next_at().unwrap_or(u64::MAX);
            let due = self.tick_at.filter(|_| self.alive).map_or(u64::MAX, |due| due.max(self.now));
            if next.min(due) > self.plan.end {
                break;
            }
            if due < next {
                self.now = due;
                self.trace.now = self.now;
                self.feed(Input::Tick);
                continue;
            }
            let Some((at, event)) = self.agenda.next() else { break };
            self.now = self.now.max(at);
            self.trace.now = self.now;
            if event != Event::Looks {
                self.trace.line(|| format!("{event:?}"));
            }
            self.happen(event);
        }
        if self.violation.is_none() {
            self.judge_end();
        }
    }

    fn soon(&mut self, most: u64, event: Event) {
        let at = self.now + 1 + self.dice.below(most);
        self.agenda.plan(at, event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Wakes => self.wake(),
            Event::Dies => match self.dice.below(3) {
                // Between two inputs, or before one of the next effects.
                0 => self.die(),
                _ => self.host.cut = Some(self.host.begun + 1 + self.dice.below(6)),
            },
            Event::Arrives(place) => self.arrive(place),
            Event::Answers(place) => self.answer(place),
            Event::Durable(place) => self.become_durable(place),
            Event::Committed(place) => {
                let (id, life) = self.commits.asked(place);
                if self.lives(life) {
                    self.feed(Input::Committed(id));
                }
            }
            Event::Looks => self.look(),
            Event::SignsIn => self.sign_in(),
            Event::WindowEnds(place) => self.end_window(place),
            Event::Jumps(place) => {
                match self.plan.jumps[place].1 {
                    Jump::Sleep(span) => self.now += span,
                    Jump::Set(by) => {
                        self.skew += by;
                        // The core has no other clock: what it asked for is older by so much.
                        self.polls.iter_mut().for_each(VecDeque::clear);
                    }
                }
                self.jumped_at = Some(self.now);
            }
            Event::Revokes(place) => self.tenant.accounts.end(self.plan.revoked[place].1),
        }
    }

    fn lives(&self, life: u32) -> bool {
        self.alive && self.life == life
    }

    /// The wall clock, as the worker reads it.
    fn wall(&self) -> u64 {
        (EPOCH + self.now).saturating_add_signed(self.skew)
    }

    /// Hands the core an input.
    fn feed(&mut self, input: Input<'static>) {
        if !self.alive {
            return;
        }
        self.host.wall = self.wall();
        self.tally.inputs += 1;
        self.trace.line(|| match &input {
            Input::Tick => "<- Tick".to_owned(),
            input => format!("<- {input:?}"),
        });
        let begun = self.host.begun;
        self.runner.happen(input, &mut self.host);
        self.tally.effects += self.host.begun - begun;
        self.tick_at = self.host.due.map(|due| self.now + Millis(due).since(Millis(self.host.wall)).0);
        self.take_asked();
        self.judge_steps();
        if self.host.is_dead {
            self.die();
        }
    }

    fn check(&mut self, check: Check, holds: bool, what: impl FnOnce() -> String) {
        self.tally.checks[check as usize] += 1;
        if !holds && self.violation.is_none() {
            let violation = Violation { check, at: self.now, what: what() };
            self.trace.line(|| violation.to_string());
            self.violation = Some(violation);
        }
    }
}

/// How often the person looks.
const fn draw_looks() -> u64 {
    5_000
}
