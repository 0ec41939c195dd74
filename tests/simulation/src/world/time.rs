//! How long each server was willing, and since when each trouble lasts.

/// The time that servers were willing, and the troubles that last.
#[derive(Debug, Default)]
pub struct Time {
    /// The time in all that each host's server was willing while a worker was there.
    pub willing: [u64; 2],
    /// The same when something last disturbed it.
    pub since: [u64; 2],
    pub disturbed: bool,
    /// The first time that a host answered 401 or 403, and the last failure since, with no card taken.
    pub bad: [Option<(u64, u64)>; 2],
    /// A card was taken, and what that changes is not durable yet.
    pub good: [bool; 2],
    /// The different cards that failed, with none taken since: at most two.
    pub failing: [[Option<usize>; 2]; 2],
    /// Cards that are due, and have a trouble of their own.
    pub troubled: [u64; 2],
    /// When a card was last taken.
    pub taken_at: [u64; 2],
    /// Since when cards are due and none is taken.
    pub stalled: [Option<u64>; 2],
    /// Since when no frame was understood, and how many were not.
    pub gibberish: Option<(u64, u32)>,
    /// Since when the stream is refused.
    pub refused: Option<u64>,
    /// When trouble was last shown on the desktop.
    pub notified: Option<u64>,
    /// Until then the timer of this life may be late.
    pub late_until: u64,
}
