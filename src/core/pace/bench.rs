//! A server that limits the rate, a dispatcher and the network between them, in virtual time (microseconds).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::core::pace::{MOST_IN_FLIGHT, Pace};
use crate::core::random::Random;
use crate::core::time::Millis;

pub const SECOND: u64 = 1_000_000;

/// How a server counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// Tokens come back one by one, and so many seconds' worth are saved up (one token at least).
    Bucket(f64),
    /// So many in each second of the clock.
    Fixed,
    /// So many in any second.
    Sliding,
}

pub struct Server {
    limit: Limit,
    pub rate: f64,
    /// Refuses everything from then until then, and asks to wait so many seconds.
    pub closed: Vec<(u64, u64, u64)>,
    tokens: f64,
    since: u64,
    taken: VecDeque<u64>,
}

impl Server {
    /// Takes `rate` cards a second; a bucket starts full.
    pub fn new(limit: Limit, rate: f64) -> Server {
        Server { limit, rate, closed: Vec::new(), tokens: f64::INFINITY, since: 0, taken: VecDeque::new() }
    }

    /// Takes a card, or says how many whole seconds to wait.
    fn ask(&mut self, now: u64) -> Result<(), u64> {
        if let Some((.., wait)) = self.closed.iter().find(|(from, until, _)| (*from..*until).contains(&now)) {
            return Err(*wait);
        }
        let wait = match self.limit {
            Limit::Bucket(seconds) => {
                let grown = (now - self.since) as f64 / SECOND as f64 * self.rate;
                self.tokens = (self.tokens + grown).min((self.rate * seconds).max(1.0));
                self.since = now;
                if self.tokens >= 1.0 {
                    self.tokens -= 1.0;
                    return Ok(());
                }
                ((1.0 - self.tokens) / self.rate * SECOND as f64) as u64
            }
            Limit::Fixed | Limit::Sliding => {
                let from = if self.limit == Limit::Fixed { now / SECOND * SECOND } else { now - SECOND + 1 };
                self.taken.retain(|at| *at >= from);
                match self.taken.front() {
                    Some(oldest) if self.taken.len() as f64 >= self.rate => oldest.max(&from) + SECOND - now,
                    _ => {
                        self.taken.push_back(now);
                        return Ok(());
                    }
                }
            }
        };
        Err(wait.div_ceil(SECOND).max(1))
    }
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// When the last card was taken, in seconds.
    pub seconds: f64,
    /// When each request started, in seconds.
    pub sent: Vec<f64>,
    /// When each card was known to be taken, in seconds.
    pub accepted: Vec<f64>,
    /// When each refusal was heard, in seconds.
    pub refused: Vec<f64>,
    /// How long each card took, in seconds from when it was due.
    pub took: Vec<f64>,
}

impl Report {
    /// Refused requests among all.
    pub fn refused_share(&self) -> f64 {
        self.refused.len() as f64 / self.sent.len() as f64
    }
}

/// A worker that is killed again and again, and what the disk has kept of its pace.
pub struct Fate {
    /// How long each lives, at least and at most.
    pub lives: (u64, u64),
    /// How long it takes until the next one is there.
    pub gaps: (u64, u64),
    /// How long a commit takes.
    pub commit: u64,
    random: Random,
    written: Vec<(u64, Pace)>,
}

impl Fate {
    /// Lives and gaps are seconds; a commit takes 8 ms.
    pub fn new(lives: (f64, f64), gaps: (f64, f64), seed: u64) -> Fate {
        let span = |(least, most): (f64, f64)| ((least * SECOND as f64) as u64, (most * SECOND as f64) as u64);
        Fate { lives: span(lives), gaps: span(gaps), commit: 8_000, random: Random::new(seed), written: Vec::new() }
    }

    /// What the next worker reads.
    fn read_back(&self, killed: u64, now: u64) -> Pace {
        let durable = self.written.iter().rev().find(|(asked, _)| asked + self.commit <= killed);
        let Some((_, pace)) = durable else { return Pace::default() };
        let mut pace: Pace = serde_json::from_str(&serde_json::to_string(pace).unwrap()).unwrap();
        pace.resume(Millis(now / 1_000), Millis::from_secs(3_600));
        pace
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A card arrives, sent by the worker of this number.
    Arrives(usize, u32),
    Answered(usize, u32, Result<(), u64>),
    Timer,
    /// A card comes due.
    Due(usize),
    Killed,
    /// The next worker is there.
    Started(u64),
}

pub struct World {
    pub server: Server,
    pub pace: Pace,
    /// There and back; each way takes up to a quarter of it longer.
    pub latency: u64,
    /// Timers fire up to this much late.
    pub lateness: u64,
    pub now: u64,
    /// Nothing kills the worker where there is none.
    pub fate: Option<Fate>,
    /// Microseconds between the instants at which cards come due.
    pub every: u64,
    random: Random,
}

impl World {
    pub fn new(server: Server, latency: u64, lateness: u64) -> World {
        let now = 1_000_000_000 * SECOND + 300;
        World { server, pace: Pace::default(), latency, lateness, now, fate: None, every: 0, random: Random::new(1) }
    }

    /// Sends so many cards that are due now, or one by one from now on, for at most so many seconds.
    pub fn run(&mut self, cards: usize, seconds: u64) -> Report {
        let start = self.now;
        let (mut report, mut waiting, mut flying, mut timer) = (Report::default(), VecDeque::new(), Vec::new(), 0);
        let (mut worker, mut alive) = (0, true);
        let mut events = BinaryHeap::from([Reverse((start, 0, Event::Timer))]);
        match self.every {
            0 => waiting.extend(0..cards),
            every => events.extend((0..cards).map(|card| Reverse((start + card as u64 * every, 0, Event::Due(card))))),
        }
        if let Some(fate) = &mut self.fate {
            events.push(Reverse((self.now + fate.random.between(fate.lives.0, fate.lives.1), 0, Event::Killed)));
        }
        for sequence in 1.. {
            let Some(Reverse((at, _, event))) = events.pop().filter(|event| event.0.0 <= start + seconds * SECOND)
            else {
                break;
            };
            self.now = at;
            let (clock, elapsed) = (Millis(at / 1_000), (at - start) as f64 / SECOND as f64);
            let trip = self.latency / 2 + self.random.between(0, self.latency / 4);
            match event {
                Event::Arrives(card, by) => {
                    events.push(Reverse((at + trip, sequence, Event::Answered(card, by, self.server.ask(at)))));
                    continue;
                }
                Event::Answered(_, by, _) if by != worker => continue, // Nobody hears it.
                Event::Answered(card, _, Ok(())) => {
                    flying.retain(|other| *other != card);
                    report.seconds = elapsed;
                    report.accepted.push(elapsed);
                    report.took.push(elapsed - (card as u64 * self.every) as f64 / SECOND as f64);
                    self.pace.on_accepted(clock);
                    self.write(at, self.pace.has_learnt());
                }
                Event::Answered(card, _, Err(wait)) => {
                    flying.retain(|other| *other != card);
                    waiting.push_front(card);
                    report.refused.push(elapsed);
                    self.pace.on_limited(clock, Millis::from_secs(wait));
                    self.write(at, true);
                    assert!(self.pace.hold_until() >= clock.plus(Millis::from_secs(wait)), "sooner than asked");
                }
                Event::Killed => {
                    if let Some(fate) = self.fate.as_mut().filter(|_| report.accepted.len() < cards) {
                        let back = at + fate.random.between(fate.gaps.0, fate.gaps.1);
                        events.push(Reverse((back, sequence, Event::Started(at))));
                    }
                    (worker, alive) = (worker + 1, false);
                    flying.drain(..).rev().for_each(|card| waiting.push_front(card));
                }
                Event::Started(killed) => {
                    alive = true;
                    if let Some(fate) = &mut self.fate {
                        self.pace = fate.read_back(killed, at);
                        let lives_until = at + fate.random.between(fate.lives.0, fate.lives.1);
                        events.push(Reverse((lives_until, sequence, Event::Killed)));
                    }
                }
                Event::Due(card) => waiting.push_back(card),
                Event::Timer => {}
            }
            let free = |flying: &[usize], pace: &Pace| alive && (flying.len() as u32) < pace.window();
            while free(&flying, &self.pace) && self.pace.next_send(clock) <= clock {
                let Some(card) = waiting.pop_front() else { break };
                assert!(clock >= self.pace.hold_until(), "sent during a wait");
                self.pace.on_sent(clock);
                flying.push(card);
                report.sent.push(elapsed);
                let trip = self.latency / 2 + self.random.between(0, self.latency / 4);
                events.push(Reverse((at + trip, sequence, Event::Arrives(card, worker))));
            }
            assert!(flying.len() as u32 <= MOST_IN_FLIGHT);
            let wanted = self.pace.next_send(clock).0 * 1_000;
            if !waiting.is_empty() && free(&flying, &self.pace) && (timer <= at || wanted < timer) {
                timer = wanted + self.random.between(0, self.lateness);
                events.push(Reverse((timer, sequence, Event::Timer)));
            }
        }
        report
    }

    fn write(&mut self, now: u64, changed: bool) {
        if let Some(fate) = self.fate.as_mut().filter(|_| changed) {
            fate.written.push((now, self.pace.clone()));
        }
    }
}
