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
    /// Refuses everything until then.
    pub closed_until: u64,
    tokens: f64,
    since: u64,
    taken: VecDeque<u64>,
}

impl Server {
    /// Takes `rate` cards a second; a bucket starts full.
    pub fn new(limit: Limit, rate: f64) -> Server {
        Server { limit, rate, closed_until: 0, tokens: f64::INFINITY, since: 0, taken: VecDeque::new() }
    }

    /// Takes a card, or says how many whole seconds to wait.
    fn ask(&mut self, now: u64) -> Result<(), u64> {
        if now < self.closed_until {
            return Err(1);
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
}

impl Report {
    /// Refused requests among all.
    pub fn refused_share(&self) -> f64 {
        self.refused.len() as f64 / self.sent.len() as f64
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives,
    Answered(Result<(), u64>),
    Timer,
}

pub struct World {
    pub server: Server,
    pub pace: Pace,
    /// There and back; each way takes up to a quarter of it longer.
    pub latency: u64,
    /// Timers fire up to this much late.
    pub lateness: u64,
    pub now: u64,
    random: Random,
}

impl World {
    pub fn new(server: Server, latency: u64, lateness: u64) -> World {
        let now = 1_000_000_000 * SECOND + 300;
        World { server, pace: Pace::default(), latency, lateness, now, random: Random::new(1) }
    }

    /// Sends so many cards that are all due now, for at most so many seconds.
    pub fn run(&mut self, cards: usize, seconds: u64) -> Report {
        let start = self.now;
        let (mut report, mut waiting, mut flying, mut timer) = (Report::default(), cards, 0, 0);
        let mut events = BinaryHeap::from([Reverse((self.now, 0, Event::Timer))]);
        for sequence in 1.. {
            let Some(Reverse((at, _, event))) = events.pop().filter(|event| event.0.0 <= start + seconds * SECOND)
            else {
                break;
            };
            self.now = at;
            let (clock, elapsed) = (Millis(at / 1_000), (at - start) as f64 / SECOND as f64);
            let trip = self.latency / 2 + self.random.between(0, self.latency / 4);
            match event {
                Event::Arrives => {
                    events.push(Reverse((at + trip, sequence, Event::Answered(self.server.ask(at)))));
                    continue;
                }
                Event::Answered(Ok(())) => {
                    flying -= 1;
                    report.seconds = elapsed;
                    report.accepted.push(elapsed);
                    self.pace.on_accepted(clock);
                }
                Event::Answered(Err(wait)) => {
                    (flying, waiting) = (flying - 1, waiting + 1);
                    report.refused.push(elapsed);
                    self.pace.on_limited(clock, Millis::from_secs(wait));
                    assert!(self.pace.hold_until() >= clock.plus(Millis::from_secs(wait)), "sooner than asked");
                }
                Event::Timer => {}
            }
            let free = |flying: u32, pace: &Pace| flying < pace.window();
            while waiting > 0 && free(flying, &self.pace) && self.pace.next_send(clock) <= clock {
                assert!(clock >= self.pace.hold_until(), "sent during a wait");
                self.pace.on_sent(clock);
                (flying, waiting) = (flying + 1, waiting - 1);
                report.sent.push(elapsed);
                let trip = self.latency / 2 + self.random.between(0, self.latency / 4);
                events.push(Reverse((at + trip, sequence, Event::Arrives)));
            }
            assert!(flying <= MOST_IN_FLIGHT);
            let wanted = self.pace.next_send(clock).0 * 1_000;
            if waiting > 0 && free(flying, &self.pace) && (timer <= at || wanted < timer) {
                timer = wanted + self.random.between(0, self.lateness);
                events.push(Reverse((timer, sequence, Event::Timer)));
            }
        }
        report
    }
}
