//! Servers that refuse cards, clients that send them, and the network between, in virtual time (microseconds).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use super::Pace;
use crate::model::random::Random;
use crate::model::time::Millis;

pub const SECOND: u64 = 1_000_000;

/// Why a server refuses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Tokens come back one by one, and this number of seconds' worth is saved up (one token at least).
    Bucket(f64),
    /// `rate` cards in each second of the clock.
    Fixed,
    /// `rate` cards in any second.
    Sliding,
    /// The server refuses this share of all cards, whatever the rate.
    Random(f64),
    /// A bucket of one second that others use as well: 20, 70, 40 and 60 % of it, ten seconds each.
    Shared,
    /// No more than this number of requests at once, answers under way included; whoever is refused waits a second.
    Abreast(u32),
    /// A bucket of one second that is lifted after this number of seconds.
    Lifted(u64),
}

pub struct Server {
    limit: Limit,
    rate: f64,
    tokens: f64,
    since: u64,
    start: u64,
    taken: VecDeque<u64>,
    random: Random,
    /// The cards that others left of a shared bucket.
    pub left: f64,
}

impl Server {
    fn new(limit: Limit, rate: f64, start: u64, seed: u64) -> Server {
        let random = Random::new(seed);
        Server { limit, rate, tokens: f64::INFINITY, since: start, start, taken: VecDeque::new(), random, left: 0.0 }
    }

    fn strikes(&mut self, chance: f64) -> bool {
        (self.random.between(0, 999_999) as f64) < chance * 1_000_000.0
    }

    /// Takes a card, or says how many whole seconds to wait.
    fn ask(&mut self, now: u64, inside: u32) -> Result<(), u64> {
        let wait = match self.limit {
            Limit::Random(share) => return if self.strikes(share) { Err(1) } else { Ok(()) },
            Limit::Abreast(most) => return if inside > most { Err(1) } else { Ok(()) },
            Limit::Lifted(at) if now > self.start + at * SECOND => return Ok(()),
            Limit::Bucket(seconds) => self.draw(now, (self.rate * seconds).max(1.0)),
            Limit::Lifted(_) => self.draw(now, self.rate.max(1.0)),
            Limit::Shared => {
                self.let_others_draw(now);
                self.draw(now, self.rate)
            }
            Limit::Fixed | Limit::Sliding => self.count(now),
        };
        wait.map_or(Ok(()), |wait| Err(wait.div_ceil(SECOND).max(1)))
    }

    /// Draws one token, or says how long it takes until there is one.
    fn draw(&mut self, now: u64, most: f64) -> Option<u64> {
        let grown = (now - self.since) as f64 / SECOND as f64 * self.rate;
        self.tokens = (self.tokens + grown).min(most);
        self.since = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        Some(((1.0 - self.tokens) / self.rate * SECOND as f64) as u64)
    }

    fn let_others_draw(&mut self, now: u64) {
        self.tokens = self.tokens.min(self.rate);
        while self.since + 10_000 <= now {
            let at = self.since + 10_000;
            let share = [0.2, 0.7, 0.4, 0.6][((at - self.start) / (10 * SECOND) % 4) as usize];
            self.left += (1.0 - share) * self.rate / 100.0;
            self.tokens = (self.tokens + self.rate / 100.0).min(self.rate);
            self.since = at;
            if self.strikes(share * self.rate / 100.0) && self.tokens >= 1.0 {
                self.tokens -= 1.0;
            }
        }
    }

    fn count(&mut self, now: u64) -> Option<u64> {
        let from = if self.limit == Limit::Fixed { now / SECOND * SECOND } else { now - SECOND + 1 };
        while self.taken.front().is_some_and(|at| *at < from) {
            self.taken.pop_front();
        }
        match self.taken.front() {
            Some(oldest) if self.taken.len() as f64 >= self.rate => Some(oldest.max(&from) + SECOND - now),
            _ => {
                self.taken.push_back(now);
                None
            }
        }
    }
}

/// Who sends the cards.
pub trait Client: Clone + Default {
    fn next_send(&self, now: Millis, in_flight: usize) -> Millis;
    fn window(&self) -> u32;
    fn on_sent(&mut self, now: Millis, pressed: bool);
    fn on_accepted(&mut self, now: Millis);
    fn on_limited(&mut self, now: Millis, wait: Millis);
    /// As the next worker reads it back.
    fn resumed(&self, now: Millis) -> Self;
}

impl Client for Pace {
    fn next_send(&self, now: Millis, in_flight: usize) -> Millis {
        Pace::next_send(self, now, in_flight)
    }

    fn window(&self) -> u32 {
        Pace::window(self)
    }

    fn on_sent(&mut self, now: Millis, pressed: bool) {
        Pace::on_sent(self, now, pressed);
    }

    fn on_accepted(&mut self, now: Millis) {
        Pace::on_accepted(self, now);
    }

    fn on_limited(&mut self, now: Millis, wait: Millis) {
        Pace::on_limited(self, now, wait);
        assert!(self.hold_until() >= now.plus(wait), "sooner than asked");
    }

    fn resumed(&self, now: Millis) -> Pace {
        let mut pace: Pace = serde_json::from_str(&serde_json::to_string(self).unwrap()).unwrap();
        pace.resume(now, Millis::from_secs(3_600));
        pace
    }
}

/// The plain client of the contract: it holds for `Retry-After`, falls back to one request in flight, and knows no pace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain {
    hold_until: Millis,
    accepted: u32,
    sent: u32,
    fruitless: u32,
}

impl Client for Plain {
    fn next_send(&self, _now: Millis, _in_flight: usize) -> Millis {
        self.hold_until
    }

    fn window(&self) -> u32 {
        (1 + self.accepted / 3).min(4)
    }

    fn on_sent(&mut self, _now: Millis, _pressed: bool) {
        self.sent += 1;
    }

    fn on_accepted(&mut self, _now: Millis) {
        self.accepted += 1;
        self.fruitless = 0;
    }

    fn on_limited(&mut self, now: Millis, wait: Millis) {
        if self.sent > 0 {
            self.fruitless = if self.accepted == 0 { self.fruitless + 1 } else { 1 };
            (self.sent, self.accepted) = (0, 0);
        }
        let backoff = if self.fruitless < 2 { 0 } else { 1_000 << (self.fruitless - 2).min(8) };
        self.hold_until = self.hold_until.max(now.plus(wait.max(Millis(backoff.min(5_000)))));
    }

    fn resumed(&self, _now: Millis) -> Plain {
        *self
    }
}

/// The cards of a run, the server, the network and the worker's fate.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub limit: Limit,
    pub rate: f64,
    pub cards: usize,
    /// Microseconds between two cards that come due, at random within; all at once where it is zero.
    pub every: u64,
    /// There and back, in microseconds; each way takes up to half of it longer.
    pub latency: u64,
    /// Timers fire up to this much late, in microseconds.
    pub lateness: u64,
    /// The worker is killed each 2 to 3 s, and back within 70 to 200 ms.
    pub kills: bool,
    pub seed: u64,
}

/// The outcome of a run, in seconds.
#[derive(Debug, Default)]
pub struct Report {
    /// How long each card took from when it was due.
    pub took: Vec<f64>,
    pub makespan: f64,
    pub sent: u32,
    pub refused: u32,
    /// The cards that others left of a shared bucket.
    pub left: f64,
}

impl Report {
    pub fn refused_share(&self) -> f64 {
        f64::from(self.refused) / f64::from(self.sent)
    }

    pub fn quantile(&self, share: f64) -> f64 {
        let mut took = self.took.clone();
        took.sort_by(f64::total_cmp);
        took[((took.len() - 1) as f64 * share) as usize]
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A card reaches the server, sent by the worker of this number.
    Arrives(usize, u32),
    Answered(usize, u32, Option<u64>),
    Timer,
    Due(usize),
    Killed,
    /// The next worker is there; the one before was killed then.
    Started(u64),
}

/// Nothing takes longer, in seconds.
const LONGEST: u64 = 4_000;

/// The time of a commit, in microseconds.
const COMMIT: u64 = 8_000;

/// Lets a client send all cards to a server.
pub fn run<C: Client>(world: Run) -> Report {
    let start = 1_000_000_000 * SECOND + world.seed * 977_000;
    let mut server = Server::new(world.limit, world.rate, start, world.seed * 7_919);
    let mut random = Random::new(world.seed * 104_729);
    let (mut client, mut written) = (C::default(), Vec::<(u64, C)>::new());
    let (mut waiting, mut flying, mut due) = (BTreeMap::new(), BTreeSet::new(), vec![start; world.cards]);
    let (mut worker, mut alive, mut timer, mut taken) = (0, true, u64::MAX, BTreeSet::new());
    let (mut report, mut inside) = (Report::default(), 0);
    let mut events = BinaryHeap::from([Reverse((start, 0, Event::Timer))]);
    match world.every {
        0 => waiting.extend((0..world.cards).map(|card| (card, start))),
        every => events.extend((0..world.cards).map(|card| {
            let at = start + card as u64 * every + random.between(0, every);
            Reverse((at, 0, Event::Due(card)))
        })),
    }
    if world.kills {
        events.push(Reverse((start + random.between(2 * SECOND, 3 * SECOND), 0, Event::Killed)));
    }
    for sequence in 1.. {
        let Some(Reverse((at, _, event))) = events.pop() else { break };
        assert!(at < start + LONGEST * SECOND, "{} of {} cards after {LONGEST} s", taken.len(), world.cards);
        let clock = Millis(at / 1_000);
        let trip = world.latency / 2 + random.between(0, world.latency / 4);
        match event {
            Event::Arrives(card, by) => {
                inside += 1;
                let answer = server.ask(at, inside);
                report.refused += u32::from(answer.is_err());
                if answer.is_ok() && taken.insert(card) {
                    report.took.push((at - due[card]) as f64 / SECOND as f64);
                    report.makespan = (at - start) as f64 / SECOND as f64;
                }
                events.push(Reverse((at + trip, sequence, Event::Answered(card, by, answer.err()))));
                continue;
            }
            Event::Answered(card, by, answer) => {
                inside -= 1;
                if by != worker {
                    continue; // Nobody hears it.
                }
                flying.remove(&card);
                match answer {
                    None => client.on_accepted(clock),
                    Some(wait) => {
                        waiting.insert(card, at);
                        client.on_limited(clock, Millis::from_secs(wait));
                    }
                }
                if world.kills {
                    written.push((at, client.clone()));
                }
            }
            Event::Killed => {
                (worker, alive) = (worker + 1, false);
                waiting.extend(std::mem::take(&mut flying).into_iter().map(|card| (card, at)));
                if taken.len() < world.cards {
                    let back = at + random.between(70_000, 200_000);
                    events.push(Reverse((back, sequence, Event::Started(at))));
                }
            }
            Event::Started(killed) => {
                (alive, timer) = (true, u64::MAX);
                let durable = written.iter().rev().find(|(asked, _)| asked + COMMIT <= killed);
                client = durable.map(|(_, client)| client.resumed(clock)).unwrap_or_default();
                let dies = at + random.between(2 * SECOND, 3 * SECOND);
                events.push(Reverse((dies, sequence, Event::Killed)));
            }
            Event::Due(card) => {
                due[card] = at;
                waiting.insert(card, at);
            }
            Event::Timer => timer = if timer <= at { u64::MAX } else { timer },
        }
        while alive && (flying.len() as u32) < client.window() {
            let Some((&card, &since)) = waiting.first_key_value() else { break };
            let wanted = client.next_send(clock, flying.len()).0 * 1_000;
            if wanted > at {
                if wanted < timer {
                    timer = wanted + random.between(0, world.lateness);
                    events.push(Reverse((timer, sequence, Event::Timer)));
                }
                break;
            }
            waiting.remove(&card);
            client.on_sent(clock, Millis(since / 1_000) < clock || !waiting.is_empty());
            flying.insert(card);
            report.sent += 1;
            let trip = world.latency / 2 + random.between(0, world.latency / 4);
            events.push(Reverse((at + trip, sequence, Event::Arrives(card, worker))));
        }
        if taken.len() == world.cards && waiting.is_empty() && flying.is_empty() {
            break;
        }
    }
    report.left = server.left;
    report
}
