//! Requests counted by endpoint, and how many an hour that makes.

use std::collections::BTreeMap;

use crate::clock::{Micros, SECOND};
use crate::report::Count;

/// Fewer seconds than this say nothing about an hour.
const SHORTEST: f64 = 1.0;

#[derive(Debug, Default)]
struct Tally {
    requests: u64,
    minute: u64,
    in_minute: u64,
    busiest: u64,
}

/// The counts.
#[derive(Debug, Default)]
pub struct Counts {
    tallies: BTreeMap<&'static str, Tally>,
    first: Option<Micros>,
    looked: Option<Micros>,
}

impl Counts {
    /// A request came.
    pub fn add(&mut self, endpoint: &'static str, at: Micros) {
        self.first.get_or_insert(at);
        let tally = self.tallies.entry(endpoint).or_default();
        let minute = at / (60 * SECOND);
        if minute != tally.minute {
            (tally.minute, tally.in_minute) = (minute, 0);
        }
        tally.requests += 1;
        tally.in_minute += 1;
        tally.busiest = tally.busiest.max(tally.in_minute);
    }

    /// Somebody who is signed in looked.
    pub fn look(&mut self, at: Micros) {
        self.looked = Some(at);
    }

    /// When somebody who is signed in looked last.
    #[must_use]
    pub fn looked(&self) -> Option<Micros> {
        self.looked
    }

    /// Whether anybody who is signed in has looked.
    #[must_use]
    pub fn polled(&self) -> bool {
        self.looked.is_some()
    }

    /// Every endpoint that was asked.
    #[must_use]
    pub fn shown(&self, now: Micros) -> BTreeMap<&'static str, Count> {
        let seconds = self.first.map_or(0.0, |first| now.saturating_sub(first) as f64 / SECOND as f64);
        let hourly = |requests: u64| (requests as f64 * 3_600.0 / seconds.max(SHORTEST) * 10.0).round() / 10.0;
        let row = |tally: &Tally| Count {
            requests: tally.requests,
            per_hour: hourly(tally.requests),
            busiest_minute: tally.busiest,
        };
        self.tallies.iter().map(|(endpoint, tally)| (*endpoint, row(tally))).collect()
    }

    /// Starts again from zero.
    pub fn reset(&mut self) {
        *self = Self { looked: self.looked, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_an_hour_go_by_the_time_since_the_first_of_any() {
        let mut counts = Counts::default();
        for tick in 0..12 {
            counts.add("skills", 100 * SECOND + tick * 10 * SECOND);
        }
        counts.add("contacts", 130 * SECOND);
        let shown = counts.shown(220 * SECOND);
        assert_eq!(shown["skills"], Count { requests: 12, per_hour: 360.0, busiest_minute: 6 });
        assert_eq!(shown["contacts"].per_hour, 30.0);
    }
}
