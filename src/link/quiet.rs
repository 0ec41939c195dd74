//! How long a stream may be silent before it is taken for dead.
//!
//! A half-open socket says nothing, and a browser shows neither pings nor a way to send one. What is left is to know how
//! often this stream speaks: the limit is a multiple of the mean time between frames, and that mean forgets slowly.

use crate::model::time::Millis;

/// Silence of this many mean intervals is no chance: its probability is e⁻¹² for arrivals without memory.
const INTERVALS: f64 = 12.0;

/// A stream that speaks at least this often flows; its silence is noticed within [`FLOWING_LIMIT`], and with the first
/// backoff (at most 1.5 s) and a new connection it is replaced within 45 s.
const FLOWING_INTERVAL: f64 = 7_500.0;

/// The longest limit of a stream that flows, and the shortest of one that does not.
const FLOWING_LIMIT: f64 = 43_000.0;

const SHORTEST: f64 = 20_000.0;

/// The longest limit, and the limit of a stream that has not spoken yet.
const LONGEST: f64 = 900_000.0;

/// The mean forgets half of what it knows in about this time.
const HALF_LIFE: f64 = 300_000.0;

/// Learns how often the stream speaks.
#[derive(Debug, Default)]
pub struct Quiet {
    /// Time listened and frames heard, both fading.
    listened: f64,
    frames: f64,
    last: Option<Millis>,
    /// Sockets in a row that were replaced for silence and whose successor was silent too.
    vain: u32,
}

impl Quiet {
    /// A socket opened: listening starts, or goes on after a gap that does not count.
    pub fn opened(&mut self, now: Millis) {
        self.last = Some(now);
    }

    /// A frame came.
    pub fn heard(&mut self, now: Millis) {
        let interval = self.last.map_or(0, |last| now.since(last).0);
        if interval > 0 {
            self.fade(interval as f64);
        }
        self.frames += 1.0;
        self.vain = 0;
        self.last = Some(now);
    }

    /// The socket was replaced for its silence.
    pub fn replaced(&mut self) {
        self.vain = self.vain.saturating_add(1);
    }

    /// When the silence since the last frame, or since `opened`, becomes too long.
    pub fn deadline(&self, opened: Millis) -> Millis {
        self.last.unwrap_or(opened).max(opened).plus(Millis(self.limit() as u64))
    }

    /// The longest silence that is still believed, in milliseconds.
    fn limit(&self) -> f64 {
        let mean = if self.frames < 1.0 { LONGEST } else { self.listened / self.frames };
        let limit = if mean <= FLOWING_INTERVAL {
            (INTERVALS * mean).clamp(SHORTEST, FLOWING_LIMIT)
        } else {
            (INTERVALS * mean).clamp(FLOWING_LIMIT, LONGEST)
        };
        // Each replacement that heard nothing either makes it likelier that there is nothing to hear.
        (limit * f64::from(1 << self.vain.min(10))).min(LONGEST)
    }

    fn fade(&mut self, interval: f64) {
        // A rational stand-in for the exponential: the same bits on every platform.
        let keep = HALF_LIFE / (HALF_LIFE + interval);
        self.listened = self.listened * keep + interval;
        self.frames *= keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard_every(interval: u64, count: u64) -> (Quiet, Millis) {
        let mut quiet = Quiet::default();
        quiet.opened(Millis(0));
        for frame in 1..=count {
            quiet.heard(Millis(frame * interval));
        }
        (quiet, Millis(interval * count))
    }

    #[test]
    fn silence_after_flowing_traffic_is_noticed_in_time_to_replace_the_stream_within_45_seconds() {
        for interval in [1, 20, 1_000, 5_000, 7_500] {
            let (quiet, last) = heard_every(interval, 100);
            let silence = quiet.deadline(Millis(0)).since(last);
            assert!(silence >= Millis::from_secs(20) && silence <= Millis::from_secs(43), "{interval}: {silence:?}");
        }
    }

    #[test]
    fn a_stream_that_speaks_once_a_minute_may_be_silent_for_minutes() {
        let (quiet, last) = heard_every(60_000, 30);
        assert!(quiet.deadline(Millis(0)).since(last) >= Millis::from_mins(5));
    }

    #[test]
    fn a_burst_does_not_make_a_quiet_stream_a_flowing_one() {
        let (mut quiet, last) = heard_every(60_000, 30);
        for frame in 0..20 {
            quiet.heard(last.plus(Millis(frame)));
        }
        assert!(quiet.deadline(Millis(0)).since(last) > Millis::from_mins(2));
    }

    #[test]
    fn a_stream_that_has_never_spoken_is_left_alone_for_long() {
        let mut quiet = Quiet::default();
        quiet.opened(Millis(5));
        assert_eq!(quiet.deadline(Millis(5)), Millis(900_005));
    }

    #[test]
    fn replacing_a_silent_socket_in_vain_makes_it_patient() {
        let (mut quiet, _) = heard_every(20, 1_000);
        let mut limits = Vec::new();
        for _ in 0..8 {
            quiet.replaced();
            quiet.opened(Millis(50_000));
            limits.push(quiet.deadline(Millis(50_000)).since(Millis(50_000)).0);
        }
        assert!(limits.is_sorted() && limits[0] == 40_000 && limits[7] == 900_000, "{limits:?}");
    }
}
