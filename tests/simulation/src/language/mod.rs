//! Random rule sets through the pipeline that ships, killed at any boundary, held against [`rule_oracle`].
//!
//! The oracle hears what the worker hears. What it knows is kept beside each commit, so that it goes on from the very
//! commit that the next worker reads. Every card that a commit writes must be one that the oracle has, accepted at the
//! same instant; every card that the oracle has must be written in the end. Evidence of a window or a queue that does
//! not say that it is incomplete must be the figure of a worker that nobody ever killed.

mod draw;
pub(crate) mod host;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use cuewire::model::ask::{Change, CommitId, RequestId, SocketId};
use cuewire::model::fingerprint::Fingerprint;
use cuewire::model::http::{Answer, Outcome};
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::Stored;
use rule_oracle::{Desk, Durable, Evaluator, Message, RuleSet, Zones};
use serde_json::{Value, json};

use self::draw::ZONES;
use self::host::{Asked, Host};
use crate::dice::Dice;
use crate::tally::{Check, Tally};
use crate::trace::Trace;
use crate::{Outcome as Ran, Violation};

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

/// What the oracle knows as a commit is asked for.
#[derive(Debug, Clone, Default)]
struct Known {
    durable: Durable,
    /// Cards, and when each was accepted.
    cards: BTreeMap<String, Due>,
}

/// When a card came due, and when it was accepted: later, where a worker was dead or a timer late.
#[derive(Debug, Clone)]
struct Due {
    card: rule_oracle::Card,
    at: u64,
    accepted: u64,
    /// The oracle stands where the core stood as it gathered the evidence: no message of the same instant came after.
    is_exact: bool,
}

struct Commit {
    id: CommitId,
    life: u32,
    changes: Vec<Change>,
    known: Known,
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
    commits: Vec<Commit>,
    requests: Vec<(u32, RequestId)>,
    sockets: Vec<(u32, SocketId)>,
    heard: Vec<(u64, String)>,
    zones: Vec<String>,
    /// Written, as far as any commit said.
    written: BTreeMap<String, u64>,
    queue: BinaryHeap<Reverse<(u64, u64, Event)>>,
    order: u64,
    tally: Tally,
    trace: Trace,
    violation: Option<Violation>,
}

/// What workers heard and did, and what they recorded of it.
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
            commits: Vec::new(),
            requests: Vec::new(),
            sockets: Vec::new(),
            heard: Vec::new(),
            zones: Vec::new(),
            written: BTreeMap::new(),
            queue: BinaryHeap::new(),
            order: 0,
            tally: Tally::default(),
            trace,
            violation: None,
        }
    }

    fn run(&mut self) {
        self.at(EPOCH, Event::Wakes);
        for place in 0..self.history.len() {
            self.at(EPOCH + 500 + self.history[place].0, Event::Says(place));
        }
        for _ in 0..self.dice.pick(&[0, 1, 1, 2, 4]) {
            let at = EPOCH + self.dice.below(SPAN + 30_000);
            // On a whole half second now and then: as a hold ends, or a value leaves its window.
            let at = if self.dice.chance(300) { at / 500 * 500 } else { at };
            self.at(at, Event::Dies);
        }
        while self.violation.is_none() {
            let next = self.queue.peek().map_or(u64::MAX, |Reverse((at, ..))| *at);
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
            let Some(Reverse((at, _, event))) = self.queue.pop() else { break };
            self.now = self.now.max(at);
            self.happen(event);
        }
        if self.violation.is_none() {
            let missing: Vec<&String> = self.cards.keys().filter(|id| !self.written.contains_key(*id)).collect();
            let missing = format!("{missing:?}");
            self.check(Check::RulesFire, missing == "[]", || format!("due and never accepted: {missing}"));
        }
    }

    fn at(&mut self, at: u64, event: Event) {
        self.order += 1;
        self.queue.push(Reverse((at, self.order, event)));
    }

    fn soon(&mut self, most: u64, event: Event) {
        let at = self.now + 1 + self.dice.below(most);
        self.at(at, event);
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
                let Commit { id, life, .. } = self.commits[place];
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

    fn wake(&mut self) {
        if self.alive {
            return;
        }
        self.life += 1;
        self.alive = true;
        self.runner = Runner::default();
        let seed = self.dice.roll();
        self.feed(Input::Started(self.host.stored.start(seed)));
    }

    /// The worker is gone, and the oracle knows what the next one reads.
    fn die(&mut self) {
        if !self.alive {
            return;
        }
        self.tally.kills_survived += 1;
        (self.alive, self.socket) = (false, None);
        self.host.due = None;
        self.host.asked.clear();
        (self.host.cut, self.host.is_dead) = (None, false);
        // What was being written is durable, or is lost.
        for place in 0..self.commits.len() {
            let is_under_way = self.commits[place].life == self.life && !self.commits[place].changes.is_empty();
            if is_under_way && self.dice.chance(500) {
                self.become_durable(place);
            }
        }
        let life = self.life;
        self.commits.iter_mut().filter(|commit| commit.life == life).for_each(|commit| commit.changes.clear());
        self.cards.clone_from(&self.durable.cards);
        self.desk.restart(self.durable.durable.clone());
        self.desk.evaluator.tell_zones(false);
        let again = self.dice.pick(&[30, 100, 700, 3_000, 15_000]);
        self.soon(again, Event::Wakes);
    }

    fn become_durable(&mut self, place: usize) {
        let changes = std::mem::take(&mut self.commits[place].changes);
        if !changes.is_empty() {
            self.host.stored.apply(changes);
            self.durable = self.commits[place].known.clone();
            self.soon(20, Event::Committed(place));
        }
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
            self.cards.insert(card.id(), Due { at: card.at, accepted: self.now, is_exact: true, card });
        }
    }

    /// Hands the core an input. All that time has brought until now comes first, for the core as for the oracle.
    fn feed(&mut self, input: Input<'_>) {
        if !self.alive {
            return;
        }
        self.pass();
        self.host.wall = self.now;
        match input {
            input @ Input::Frame(..) => self.runner.feed(input, &mut self.host),
            Input::Started(start) => self.runner.happen(Input::Started(start), &mut self.host),
            Input::Tick => self.runner.happen(Input::Tick, &mut self.host),
            Input::HttpDone(id, outcome) => self.runner.happen(Input::HttpDone(id, outcome), &mut self.host),
            Input::StreamOpened(conn) => self.runner.happen(Input::StreamOpened(conn), &mut self.host),
            Input::Committed(id) => self.runner.happen(Input::Committed(id), &mut self.host),
            Input::ZoneOffsets(told) => self.runner.happen(Input::ZoneOffsets(told), &mut self.host),
            other => unreachable!("nobody of this world does {other:?}"),
        }
        self.take_asked();
        if self.host.is_dead {
            self.die();
        }
    }

    fn take_asked(&mut self) {
        for asked in std::mem::take(&mut self.host.asked) {
            match asked {
                Asked::Token(id, _) => {
                    self.requests.push((self.life, id));
                    self.soon(40, Event::Token(self.requests.len() - 1));
                }
                Asked::Card(id) => {
                    self.requests.push((self.life, id));
                    self.soon(300, Event::Answers(self.requests.len() - 1));
                }
                Asked::Open(conn) => {
                    self.sockets.push((self.life, conn));
                    self.soon(40, Event::Opens(self.sockets.len() - 1));
                }
                // A stream that was silent for long is replaced.
                Asked::Close(conn) => self.socket = self.socket.filter(|open| *open != conn),
                Asked::Commit(id, changes) => self.begin_commit(id, changes),
                // It has a stream and nothing else.
                Asked::Poll(..) | Asked::Window(..) => {}
                Asked::Zones(zones) => {
                    self.zones = zones;
                    self.soon(20, Event::Zones);
                }
            }
        }
    }

    fn begin_commit(&mut self, id: CommitId, changes: Vec<Change>) {
        for change in &changes {
            match change {
                Change::Put(_, key, text) if key.starts_with("tracks/") => self.trace.line(|| format!("{key}: {text}")),
                Change::Delete(_, key) => self.trace.line(|| format!("{key} goes")),
                _ => {}
            }
            if let Change::Put(_, key, text) = change
                && key.starts_with("card/")
            {
                self.judge_card(text);
            }
        }
        let known = Known { durable: self.desk.durable(), cards: self.cards.clone() };
        self.commits.push(Commit { id, life: self.life, changes, known });
        self.soon(60, Event::Durable(self.commits.len() - 1));
    }

    /// A card as it is written: the oracle has it too, since the same instant.
    fn judge_card(&mut self, text: &str) {
        let record: Value = cuewire::journal::decode(text).unwrap_or_default();
        let (card, trigger) = (&record["card"], &record["trigger"]);
        let word = |key: &str| card[key].as_str().unwrap_or_default().to_owned();
        let episode = card["episode"].as_u64().unwrap_or(1);
        let id = format!("trigger-{}-{}-{episode}", word("interaction"), word("rule"));
        let at = card["timestamp"].as_u64().unwrap_or_default();
        let known = self.cards.get(&id).cloned();
        self.check(Check::RulesKept, known.as_ref().is_some_and(|known| known.accepted == at), || {
            let due = known.as_ref().map(|known| known.accepted - EPOCH);
            format!("{id} accepted at {}; the oracle has it since {due:?}", at.saturating_sub(EPOCH))
        });
        let is_new = self.written.insert(id.clone(), at) != Some(at);
        let on_time = known.is_some_and(|known| known.is_exact && known.at == self.now);
        let has_ended = self.ended.get(&word("interaction")) == Some(&self.now);
        if is_new && on_time && !has_ended {
            self.trace.line(|| format!("accepted: {id}"));
            let evidence = trigger["evidence"].as_array().cloned().unwrap_or_default();
            evidence.iter().for_each(|one| self.judge_evidence(&word("interaction"), one, &id));
            self.tally.accepted += 1;
        }
    }

    /// What does not say that it is incomplete is as if no worker had ended.
    fn judge_evidence(&mut self, interaction: &str, one: &Value, id: &str) {
        let field = one["field"].as_str().unwrap_or_default();
        if one["incomplete"] == true || !one["window"].is_object() {
            return;
        }
        let whole = self.whole.figure(interaction, field, &one["window"], self.now);
        let seen = one["seen"].as_f64();
        let near = match (whole, seen) {
            (Some(whole), Some(seen)) => (whole - seen).abs() < 1e-6,
            (whole, seen) => whole == seen,
        };
        self.check(Check::IncompleteSaid, near, || format!("{id} saw {one}, and without a restart it is {whole:?}"));
    }

    fn check(&mut self, check: Check, holds: bool, what: impl FnOnce() -> String) {
        self.tally.checks[check as usize] += 1;
        if !holds && self.violation.is_none() {
            let violation = Violation { check, at: self.now - EPOCH, what: what() };
            self.trace.line(|| violation.to_string());
            self.violation = Some(violation);
        }
    }
}

fn answer(status: u16, body: String) -> Outcome {
    Outcome::Answer(Answer { status, body, ..Answer::default() })
}
