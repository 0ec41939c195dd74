//! Random rule sets through the pipeline that ships, killed at any boundary, held against [`rule_oracle`].
//!
//! The oracle hears what the worker hears. What it knows is kept beside each commit, so that it goes on from the very
//! commit that the next worker reads. Every card that a commit writes must be one that the oracle has, due at the
//! instant that the card says; every card that the oracle has must be written in the end. Evidence of a window or a queue that does
//! not say that it is incomplete must be the figure of a worker that nobody ever killed.

mod draw;
mod judge;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;

use cuewire::model::ask::{RequestId, SocketId};
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::http::{Answer, Outcome};
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::Stored;
use rule_oracle::{Desk, Durable, Evaluator, Message, RuleSet, Zones};
use serde_json::{Value, json};

use self::draw::ZONES;
use crate::common::agenda::Agenda;
use crate::common::commits::Commits;
use crate::common::host::Host;
use crate::dice::Dice;
use crate::outcome::{Outcome as Ran, Violation};
use crate::tally::{Check, Tally};
use crate::trace::Trace;

/// A Tuesday, so that a day of a schedule may be over.
const EPOCH: u64 = 1_771_320_600_000;
/// Messages come within so long, and time goes on until all holds have ended.
const SPAN: u64 = 100_000;
const END: u64 = SPAN + 90_000;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Wakes,
    Dies,
    Token(RequestKey),
    Opens(RequestKey),
    Durable(usize),
    Committed(usize),
    Zones,
    Answers(RequestKey),
    Says(usize),
}

/// The place of what was asked.
type RequestKey = usize;

/// The oracle's knowledge as a commit begins.
#[derive(Debug, Clone, Default)]
struct Known {
    durable: Durable,
    /// Cards, and when each came due.
    cards: BTreeMap<String, Due>,
}

/// When a card came due. The core accepts it later where a worker was dead or a timer late.
#[derive(Debug, Clone)]
struct Due {
    card: rule_oracle::Card,
    at: u64,
    /// The oracle stands where the core stood as it gathered the evidence: no message of the same instant came after.
    is_exact: bool,
}

struct World {
    now: u64,
    life: u32,
    alive: bool,
    dice: Dice,
    runner: Runner,
    host: Host,
    socket: Option<SocketId>,
    history: Vec<(u64, Value)>,
    desk: Desk,
    /// The same without an end: what evidence says that is whole.
    whole: Evaluator,
    cards: BTreeMap<String, Due>,
    /// When a message ended each interaction: its values are gone as soon as rules have looked, and a commit that waits
    /// for another writes its card later in the same instant.
    ended: BTreeMap<String, u64>,
    /// As the next worker reads it.
    durable: Known,
    commits: Commits<Known>,
    requests: Vec<(u32, RequestId)>,
    sockets: Vec<(u32, SocketId)>,
    heard: Vec<(u64, String)>,
    zones: Vec<String>,
    /// Written, as far as any commit said.
    written: BTreeMap<String, u64>,
    agenda: Agenda<Event>,
    tally: Tally,
    trace: Trace,
    violation: Option<Violation>,
}

/// The events that workers heard, their cards, and their recording.
#[derive(Debug)]
pub struct Live {
    /// The rule set.
    pub set: String,
    /// When each interaction was heard.
    pub heard: Vec<(u64, String)>,
    /// Each card: when it came due, its interaction, its rule and its episode.
    pub cards: Vec<(u64, String, String, u32)>,
    /// The recording, piece by piece.
    pub chunks: Vec<Vec<u8>>,
    /// Workers that were killed.
    pub kills: u64,
}

/// Runs the schedule of one seed, and tells what a back-test must find again. Nothing where the rule set is not wanted,
/// or a check did not hold.
pub fn live(seed: u64, wants: impl Fn(&str) -> bool) -> Option<Live> {
    let (set, mut world) = drawn(seed, false);
    if !wants(&set.to_string()) {
        return None;
    }
    world.run();
    let cards = world.cards.values().map(|due| {
        let rule_oracle::Card { interaction, rule, episode, .. } = due.card.clone();
        (due.at, interaction, rule, episode)
    });
    world.violation.is_none().then(|| Live {
        set: set.to_string(),
        heard: world.heard,
        cards: cards.collect(),
        chunks: world.host.recording.into_iter().map(|chunk| chunk.bytes).collect(),
        kills: world.tally.kills_survived,
    })
}

fn drawn(seed: u64, readable: bool) -> (Value, World) {
    let mut dice = Dice::new(seed ^ 0x7275_6c65_735f_0000);
    let minute = (EPOCH / 60_000 % 1_440) as i32;
    let set = draw::rule_set(&mut dice, minute);
    let history = draw::history(&mut dice, SPAN);
    let world = World::new(&set, history, dice, Trace::new(readable));
    (set, world)
}

/// Runs the schedule of one seed.
pub fn run(seed: u64, readable: bool) -> Ran {
    let (set, mut world) = drawn(seed, readable);
    world.trace.line(|| set.to_string());
    world.run();
    world.tally.schedules = 1;
    let World { trace, tally, violation, .. } = world;
    Ran { hash: trace.hash(), tally, violation, lines: trace.into_lines() }
}

impl World {
    fn new(set: &Value, history: Vec<(u64, Value)>, dice: Dice, trace: Trace) -> World {
        let zones: Zones =
            ZONES.iter().filter_map(|(zone, ahead)| Some(((*zone).to_owned(), (*ahead)?.into()))).collect();
        let turn = |id: &str| u128::from_be_bytes(Fingerprint::of(id).bytes());
        let rules = RuleSet::read(set).expect("the oracle reads what is drawn");
        let evaluator = Evaluator::new(Arc::new(rules), Arc::new(zones), turn);
        let mut untold = evaluator.clone();
        untold.tell_zones(false);
        let settings = json!({ "organization": "acme", "clientId": "c", "rules": set }).to_string();
        let local_offset = ZONES[0].1.unwrap_or_default();
        let stored = Stored { local_offset, ..Stored::with_settings(settings, "s") };
        World {
            now: EPOCH,
            life: 0,
            alive: false,
            dice,
            runner: Runner::default(),
            host: Host { stored, ..Host::default() },
            socket: None,
            history,
            whole: evaluator.clone(),
            desk: Desk::new(untold),
            cards: BTreeMap::new(),
            ended: BTreeMap::new(),
            durable: Known::default(),
            commits: Commits::default(),
            requests: Vec::new(),
            sockets: Vec::new(),
            heard: Vec::new(),
            zones: Vec::new(),
            written: BTreeMap::new(),
            agenda: Agenda::default(),
            tally: Tally::default(),
            trace,
            violation: None,
        }
    }

    fn run(&mut self) {
        self.agenda.plan(EPOCH, Event::Wakes);
        for place in 0..self.history.len() {
            self.agenda.plan(EPOCH + 500 + self.history[place].0, Event::Says(place));
        }
        for _ in 0..self.dice.pick(&[0, 1, 1, 2, 4]) {
            let at = EPOCH + self.dice.below(SPAN + 30_000);
            // On a whole half second now and then: as a hold ends, or a value leaves its window.
            let at = if self.dice.chance(300) { at / 500 * 500 } else { at };
            self.agenda.plan(at, Event::Dies);
        }
        while self.violation.is_none() {
            let next = self.agenda.next_at().unwrap_or(u64::MAX);
            let due = self.host.due.filter(|_| self.alive).map_or(u64::MAX, |due| due.max(self.now));
            if next.min(due) > EPOCH + END {
                break;
            }
            if due < next {
                self.now = due;
                // A timer may be late: nothing that time brings is later for it.
                let late = if self.dice.chance(50) { self.dice.below(2_000) } else { 0 };
                self.now += if self.now + late < next { late } else { 0 };
                self.feed(Input::Tick);
                continue;
            }
            let Some((at, event)) = self.agenda.next() else { break };
            self.now = self.now.max(at);
            self.happen(event);
        }
        if self.violation.is_none() {
            let missing: Vec<&String> = self.cards.keys().filter(|id| !self.written.contains_key(*id)).collect();
            let missing = format!("{missing:?}");
            self.check(Check::RulesFire, missing == "[]", || format!("due and never accepted: {missing}"));
        }
    }

    fn soon(&mut self, most: u64, event: Event) {
        let at = self.now + 1 + self.dice.below(most);
        self.agenda.plan(at, event);
    }

    fn happen(&mut self, event: Event) {
        self.trace.now = self.now - EPOCH;
        self.trace.line(|| format!("{event:?}"));
        match event {
            Event::Wakes => self.wake(),
            Event::Dies => {
                // Between two inputs, or before one of the next effects.
                match self.dice.below(3) {
                    0 => self.die(),
                    _ => self.host.cut = Some(self.host.begun + 1 + self.dice.below(6)),
                }
            }
            Event::Token(place) => {
                let (life, id) = self.requests[place];
                if self.lives(life) {
                    let body = r#"{"access_token":"t","expires_in":3600}"#.to_owned();
                    self.feed(Input::HttpDone(id, answer(200, body)));
                }
            }
            Event::Answers(place) => {
                let (life, id) = self.requests[place];
                if self.lives(life) {
                    let status = if self.dice.chance(100) { 503 } else { 201 };
                    self.feed(Input::HttpDone(id, answer(status, "{}".to_owned())));
                }
            }
            Event::Opens(place) => {
                let (life, conn) = self.sockets[place];
                if self.lives(life) {
                    self.socket = Some(conn);
                    self.feed(Input::StreamOpened(conn));
                }
            }
            Event::Durable(place) => self.become_durable(place),
            Event::Committed(place) => {
                let (id, life) = self.commits.asked(place);
                if self.lives(life) {
                    self.feed(Input::Committed(id));
                }
            }
            Event::Zones => {
                if self.alive {
                    let known = |zone: &String| {
                        let (_, ahead) = ZONES.iter().find(|(name, _)| name == zone)?;
                        Some((zone.clone(), (*ahead)?))
                    };
                    self.pass();
                    self.desk.evaluator.tell_zones(true);
                    let told = self.zones.iter().filter_map(known).collect();
                    self.feed(Input::ZoneOffsets(told));
                }
            }
            Event::Says(place) => self.say(place),
        }
    }

    fn lives(&self, life: u32) -> bool {
        self.alive && self.life == life
    }

    fn say(&mut self, place: usize) {
        let Some(conn) = self.socket.filter(|_| self.alive) else { return };
        let message = self.history[place].1.clone();
        self.trace.line(|| message.to_string());
        let frame = message.to_string();
        self.pass();
        self.cards.values_mut().for_each(|due| due.is_exact = false);
        let ends = message["type"] == "disposition";
        let message = Arc::new(Message::new(message));
        if ends {
            self.ended.insert(message.id().to_owned(), self.now);
        }
        self.heard.push((self.now, message.id().to_owned()));
        let due = self.desk.hear(self.now, &message);
        self.accept(due);
        self.whole.hear(self.now, &message, |_, _| true, &mut Vec::new());
        self.feed(Input::Frame(conn, frame.as_bytes()));
    }

    fn pass(&mut self) {
        let due = self.desk.pass(self.now);
        self.accept(due);
        self.whole.pass(self.now, &mut Vec::new());
    }

    fn accept(&mut self, due: Vec<rule_oracle::Card>) {
        for card in due {
            self.trace.line(|| format!("the oracle: {} since {}", card.id(), card.at - EPOCH));
            self.cards.insert(card.id(), Due { at: card.at, is_exact: true, card });
        }
    }
}

fn answer(status: u16, body: String) -> Outcome {
    Outcome::Answer(Answer { status, body, ..Answer::default() })
}
