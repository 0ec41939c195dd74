//! How fast cards may go to a server that limits their rate: learnt from what it accepts and refuses.

use serde::{Deserialize, Serialize};

use super::time::Millis;

/// The most requests in flight at once.
pub const MOST_IN_FLIGHT: u32 = 4;

/// What was learnt, and the hold in force. Survives the worker as a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Pace {
    hold_until: Millis,
    /// Milliseconds between two requests; 0 where the server has never refused one.
    gap: u64,
    last_sent: Millis,
    successes: u32,
}

impl Pace {
    /// The earliest instant at which the next request may start.
    pub fn next_send(&self, _now: Millis) -> Millis {
        self.hold_until.max(if self.last_sent == Millis::ZERO {
            Millis::ZERO
        } else {
            self.last_sent.plus(Millis(self.gap))
        })
    }

    /// How many requests may be in flight: 1 to [`MOST_IN_FLIGHT`].
    pub fn window(&self) -> u32 {
        (1 + self.successes / 2).min(MOST_IN_FLIGHT)
    }

    /// Until when the server asked to wait; zero where it never did.
    pub fn hold_until(&self) -> Millis {
        self.hold_until
    }

    /// A request starts.
    pub fn on_sent(&mut self, now: Millis) {
        self.last_sent = now;
    }

    /// The server took a card, or had it.
    pub fn on_accepted(&mut self, _now: Millis) {
        self.successes = self.successes.saturating_add(1).min(100);
        self.gap -= self.gap / 50;
    }

    /// The server refused one (429) and asks to wait. A shorter wait never shortens one in force.
    pub fn on_limited(&mut self, now: Millis, wait: Millis) {
        self.hold_until = self.hold_until.max(now.plus(wait));
        self.successes = 0;
        self.gap = (self.gap * 2).clamp(50, 5_000);
    }
}
