//! A backlog of cards, a server that takes so many a second, and a worker that is killed in the midst of it.
#![allow(clippy::unwrap_used, reason = "a test that lacks an effect has failed")]

use std::collections::{BTreeMap, BTreeSet};

use cuewire::core::effect::{Change, ConnectionId, Effect, Effects, RequestId, Store};
use cuewire::core::input::{Answer, Input, Outcome, Start};
use cuewire::core::pipeline::Pipeline;
use cuewire::core::time::Millis;

const START: u64 = 1_760_000_000_000;
const CARDS: usize = 300;
const RATE: f64 = 10.0;
/// Milliseconds that a commit takes, that a request takes there and back, and that a new worker takes to be there.
const COMMIT: u64 = 8;
const TRIP: u64 = 10;
const COMEBACK: u64 = 100;

#[derive(Debug)]
enum Due {
    Committed(cuewire::core::effect::CommitId, Vec<Change>),
    Answered(RequestId, Answer),
    Opened(ConnectionId),
}

struct Rig {
    pipeline: Pipeline,
    now: u64,
    disk: BTreeMap<String, String>,
    token: Option<String>,
    due: BTreeMap<(u64, u64), Due>,
    serial: u64,
    /// How many cards come due at once.
    cards: usize,
    /// The server's limit, in cards a second; it saves up one second's worth.
    rate: f64,
    tokens: f64,
    refilled: u64,
    taken: BTreeSet<String>,
    /// When cards were asked for.
    asked: Vec<u64>,
    refused: Vec<u64>,
    /// The commits that wrote what is known of the server, and whether they wrote anything else that was due.
    notes: Vec<bool>,
}

impl Rig {
    fn new(cards: usize) -> Rig {
        let mut rig = Rig {
            pipeline: Pipeline::new(),
            now: START,
            disk: BTreeMap::new(),
            token: None,
            due: BTreeMap::new(),
            serial: 0,
            cards,
            rate: RATE,
            tokens: RATE,
            refilled: START,
            taken: BTreeSet::new(),
            asked: Vec::new(),
            refused: Vec::new(),
            notes: Vec::new(),
        };
        rig.start();
        rig
    }

    fn start(&mut self) {
        self.pipeline = Pipeline::new();
        let start = Start {
            journal: Ok(self.disk.clone().into_iter().collect()),
            marker: !self.disk.is_empty(),
            settings: Some(r#"{"organization":"acme","clientId":"client"}"#.to_owned()),
            secret: Some("secret".to_owned()),
            token: self.token.clone(),
            vitals: None,
            seed: 1,
            loopback_allowed: false,
        };
        self.feed(Input::Started(Box::new(start)));
    }

    /// The worker is gone; what it had begun is not finished, but for requests that the server has.
    fn kill(&mut self) {
        self.due.clear();
        self.now += COMEBACK;
        self.start();
    }

    fn feed(&mut self, input: Input<'_>) {
        let mut effects = Effects::default();
        self.pipeline.handle(Millis(self.now), input, &mut effects);
        for effect in effects.drain() {
            let (after, due) = match effect {
                Effect::RequestToken { id, .. } => {
                    let body = r#"{"access_token":"t","expires_in":3600}"#.to_owned();
                    (TRIP, Due::Answered(id, Answer { status: 200, body, ..Answer::default() }))
                }
                Effect::PostCard { id, request } => (TRIP, Due::Answered(id, self.take(&request.body))),
                Effect::OpenStream { conn, .. } => (TRIP, Due::Opened(conn)),
                Effect::Commit { id, changes } => (COMMIT, Due::Committed(id, changes)),
                Effect::StoreToken(token) => {
                    self.token = token.map(|token| token.0);
                    continue;
                }
                _ => continue,
            };
            self.serial += 1;
            self.due.insert((self.now + after, self.serial), due);
        }
    }

    /// The server takes a card or refuses it.
    fn take(&mut self, body: &str) -> Answer {
        self.asked.push(self.now);
        self.tokens = (self.tokens + (self.now - self.refilled) as f64 / 1_000.0 * self.rate).min(self.rate);
        self.refilled = self.now;
        if self.tokens < 1.0 {
            self.refused.push(self.now);
            return Answer { status: 429, retry_after: Some("1".to_owned()), ..Answer::default() };
        }
        self.tokens -= 1.0;
        let id = body.split('"').nth(3).unwrap().to_owned();
        Answer { status: if self.taken.insert(id) { 201 } else { 409 }, ..Answer::default() }
    }

    /// Goes on until then, or until nothing waits any more.
    fn run_until(&mut self, end: u64) {
        while self.now < end {
            let first = self.due.first_key_value().map(|((at, _), _)| *at);
            let tick = self.pipeline.next_deadline().map(|at| at.0.max(self.now));
            let Some(at) = first.into_iter().chain(tick).min().filter(|at| *at <= end) else { break };
            self.now = at;
            if first != Some(at) {
                self.feed(Input::Tick);
                continue;
            }
            match self.due.pop_first().unwrap().1 {
                Due::Committed(id, changes) => {
                    self.commit(&changes);
                    self.feed(Input::Committed(id));
                }
                Due::Answered(id, answer) => self.feed(Input::HttpDone(id, Outcome::Answer(answer))),
                Due::Opened(conn) => {
                    self.feed(Input::StreamOpened(conn));
                    if self.asked.is_empty() {
                        for number in 0..self.cards {
                            let frame = format!(r#"{{"id":"i-{number}","sentiment":{{"score":-0.9}}}}"#);
                            self.feed(Input::Frame(conn, frame.as_bytes()));
                        }
                    }
                }
            }
        }
        self.now = end;
    }

    fn commit(&mut self, changes: &[Change]) {
        let is_of_card = |change: &Change| match change {
            Change::Put(Store::Journal, key, _) | Change::Delete(Store::Journal, key) => key.starts_with("card/"),
            _ => false,
        };
        let is_note = |change: &Change| matches!(change, Change::Put(_, key, _) if key.starts_with("hold/"));
        if changes.iter().any(is_note) {
            self.notes.push(changes.iter().any(is_of_card));
        }
        for change in changes {
            match change {
                Change::Put(Store::Journal, key, text) => drop(self.disk.insert(key.clone(), text.clone())),
                Change::Delete(Store::Journal, key) => drop(self.disk.remove(key)),
                _ => {}
            }
        }
    }

    /// Requests a second from then on, over so many milliseconds.
    fn rate_in(&self, from: u64, span: u64) -> f64 {
        self.asked.iter().filter(|at| (from..from + span).contains(*at)).count() as f64 * 1_000.0 / span as f64
    }
}

#[test]
fn the_next_worker_goes_on_with_the_limit_that_was_learnt() {
    let mut rig = Rig::new(CARDS);
    rig.run_until(START + 12_000);
    let learnt = rig.refused.len();
    rig.kill();
    let from = rig.now;
    rig.run_until(from + 3_000);
    let (after, refused) = (rig.rate_in(from, 3_000), rig.refused.len() - learnt);
    assert!((0.7 * RATE..=1.3 * RATE).contains(&after), "{after}/s of {RATE}/s");
    assert!(refused <= 2, "{refused} refused in 3 s: the limit is tested, not learnt again");
}

#[test]
fn a_limit_that_was_lifted_is_left_behind_by_workers_that_live_for_seconds() {
    let mut rig = Rig::new(600);
    rig.rate = 2.0;
    rig.run_until(START + 20_000);
    assert!(rig.taken.len() < 60, "{} taken", rig.taken.len());
    rig.rate = 1_000.0;
    for life in [2_000, 3_000, 2_500, 2_000] {
        rig.run_until(rig.now + life);
        rig.kill();
    }
    assert_eq!(rig.taken.len(), 600, "10 s after the limit was lifted");
}

#[test]
fn workers_that_live_for_seconds_deliver_a_backlog_in_about_the_time_that_the_limit_needs() {
    let mut rig = Rig::new(CARDS);
    for life in [3_000, 4_300, 3_700, 5_000].into_iter().cycle().take(12) {
        rig.run_until(rig.now + life);
        rig.kill();
    }
    assert_eq!(rig.taken.len(), CARDS);
    let (last, refused) = (rig.asked.last().unwrap() - START, rig.refused.len());
    assert!((last as f64) < 1.25 * 1_000.0 * CARDS as f64 / RATE, "{last} ms");
    assert!((refused as f64) < 0.2 * rig.asked.len() as f64, "{refused} refused");
    assert!(rig.asked.len() < CARDS + 4 * 12 + refused, "{} requests", rig.asked.len());
}

#[test]
fn what_is_known_of_the_server_is_written_with_what_is_written_anyway_and_only_where_it_refused() {
    let mut rig = Rig::new(5);
    rig.run_until(START + 1_000);
    assert!(rig.notes.is_empty() && rig.taken.len() == 5, "the server refused nothing");
    let mut rig = Rig::new(CARDS);
    rig.run_until(START + 60_000);
    assert_eq!(rig.taken.len(), CARDS);
    let alone = rig.notes.iter().filter(|with_a_card| !**with_a_card).count();
    assert!(alone <= rig.refused.len(), "{alone} of {} commits for the pace alone", rig.notes.len());
    let (key, hold) = rig.disk.iter().find(|(key, _)| key.starts_with("hold/")).unwrap();
    assert!(hold.len() < 700, "{key} takes {} bytes: {hold}", hold.len());
}
