//! One clock for everything: monotonic microseconds since the simulator started, and the wall clock a server would print.

use std::time::{Duration, Instant, SystemTime};

/// Microseconds since the simulator started.
pub type Micros = u64;

/// Microseconds in a second.
pub const SECOND: Micros = 1_000_000;

/// Reads time for the whole simulator. Copies agree with each other.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
    wall: SystemTime,
    skew_seconds: i64,
}

impl Clock {
    /// Starts at zero now. `skew_seconds` is how far the wall clock of this server is ahead (or, negative, behind).
    #[must_use]
    pub fn start(skew_seconds: i64) -> Self {
        Self { started: Instant::now(), wall: SystemTime::now(), skew_seconds }
    }

    /// Microseconds since the start.
    #[must_use]
    pub fn now(&self) -> Micros {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The wall clock at a moment, as this server (with its skew) shows it.
    #[must_use]
    pub fn wall_at(&self, at: Micros) -> SystemTime {
        let honest = self.wall + Duration::from_micros(at);
        let skew = Duration::from_secs(self.skew_seconds.unsigned_abs());
        if self.skew_seconds >= 0 { honest + skew } else { honest.checked_sub(skew).unwrap_or(SystemTime::UNIX_EPOCH) }
    }

    /// Milliseconds since 1970 at the start, by the true time.
    #[must_use]
    pub fn started(&self) -> u64 {
        self.wall.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }

    /// The moment at which this server's wall clock shows `wall`; zero when that was before the start.
    #[must_use]
    pub fn at_wall(&self, wall: SystemTime) -> Micros {
        let start = self.wall_at(0);
        wall.duration_since(start).map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}

/// Whole milliseconds, for reports.
#[must_use]
pub fn millis(at: Micros) -> u64 {
    at / 1_000
}
