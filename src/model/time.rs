//! Time as data: instants and spans in whole milliseconds, and the clock that never runs backwards.

use crate::model::json::{FromJson, ToJson};

/// Milliseconds: an instant since the Unix epoch, or a span. All arithmetic saturates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson, FromJson)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// The start of time, and the empty span.
    pub const ZERO: Millis = Millis(0);

    /// A span of whole seconds.
    pub const fn from_secs(seconds: u64) -> Millis {
        Millis(seconds.saturating_mul(1_000))
    }

    /// A span of whole minutes.
    pub const fn from_mins(minutes: u64) -> Millis {
        Millis::from_secs(minutes.saturating_mul(60))
    }

    /// The instant later by a span.
    #[must_use]
    pub const fn plus(self, span: Millis) -> Millis {
        Millis(self.0.saturating_add(span.0))
    }

    /// The span since an earlier instant; zero if that lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Millis) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// A span as people say it, by its two largest units: `4 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`.
    pub fn words(self) -> String {
        const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
        let mut rest = self.0.saturating_add(500) / 1_000;
        let first = UNITS.iter().position(|(length, _)| rest >= *length).unwrap_or(UNITS.len() - 1);
        let mut words = String::new();
        for (length, unit) in UNITS.iter().skip(first).take(2) {
            let amount = rest / length;
            rest %= length;
            if words.is_empty() {
                words = format!("{amount} {unit}");
            } else if amount > 0 {
                words.push_str(&format!(" {amount} {unit}"));
            }
        }
        words
    }
}

/// Turns the wall clock, which people and NTP move, into time that only goes forward.
///
/// A jump back does not freeze time until the wall has caught up: what was lost becomes an offset, and time goes on
/// from where it stood. The offset survives a restart because the journal holds the latest instant it was written at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock {
    offset: Millis,
    latest: Millis,
}

impl Clock {
    /// Reads the wall clock; the answer is never earlier than the one before.
    pub fn read(&mut self, wall: Millis) -> Millis {
        let now = wall.plus(self.offset);
        if now < self.latest {
            self.offset = self.latest.since(wall);
        } else {
            self.latest = now;
        }
        self.latest
    }

    /// Makes sure that time is at least `instant`, one that an earlier process has written.
    pub fn resume_from(&mut self, instant: Millis) {
        self.latest = self.latest.max(instant);
    }

    /// The instant read last.
    pub fn latest(self) -> Millis {
        self.latest
    }

    /// The wall clock's time at `instant`.
    pub fn to_wall(self, instant: Millis) -> Millis {
        instant.since(self.offset)
    }
}

/// An instant by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Time that only goes forward.
    pub now: Millis,
    /// The wall clock.
    pub wall: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_by_its_two_largest_units() {
        let said =
            [0, 4_400, 60_000, 125_000, 3_600_000, 11_520_000, 86_400_000, 187_200_000].map(|ms| Millis(ms).words());
        assert_eq!(said, ["0 s", "4 s", "1 min", "2 min 5 s", "1 h", "3 h 12 min", "1 d", "2 d 4 h"]);
        assert_eq!((Millis(59_500).words(), Millis(3_605_000).words()), ("1 min".to_owned(), "1 h".to_owned()));
    }

    #[test]
    fn a_clock_set_back_goes_on_from_where_it_stood() {
        let mut clock = Clock::default();
        assert_eq!(clock.read(Millis(10_000)), Millis(10_000));
        assert_eq!(clock.read(Millis(4_000)), Millis(10_000));
        assert_eq!(clock.read(Millis(4_500)), Millis(10_500));
        assert_eq!(clock.to_wall(Millis(11_000)), Millis(5_000));
    }

    #[test]
    fn time_resumes_no_earlier_than_what_was_written_before() {
        let mut clock = Clock::default();
        clock.resume_from(Millis(9_000));
        assert_eq!(clock.read(Millis(1_000)), Millis(9_000));
        assert_eq!(clock.read(Millis(2_000)), Millis(10_000));
    }
}
