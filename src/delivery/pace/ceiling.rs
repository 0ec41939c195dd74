//! How many requests side by side a server takes that refuses them although it takes more of them one by one.

use super::MOST_IN_FLIGHT;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// How long the window stays before one more request is tried.
const FIRST_PATIENCE: Millis = Millis::from_secs(1);

/// The same after refusals.
const LONGEST_PATIENCE: Millis = Millis::from_secs(4);

/// A refusal within this time of a wider window is taken for its effect.
const EFFECT: Millis = Millis::from_secs(1);

/// The most requests in flight, 1 to [`MOST_IN_FLIGHT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[serde(default, rename_all = "camelCase")]
pub struct Ceiling {
    most: u32,
    /// Since when.
    since: Millis,
    /// A further request was tried since the number was lowered.
    raised: bool,
    patience: Millis,
}

impl Default for Ceiling {
    fn default() -> Ceiling {
        Ceiling { most: MOST_IN_FLIGHT, since: Millis::ZERO, raised: false, patience: FIRST_PATIENCE }
    }
}

impl Ceiling {
    /// The most requests in flight.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// Goes on with what was read back.
    pub fn resume(&mut self, now: Millis) {
        self.most = self.most.clamp(1, MOST_IN_FLIGHT);
        self.since = self.since.min(now);
        self.patience = self.patience.clamp(FIRST_PATIENCE, LONGEST_PATIENCE);
    }

    /// No more requests than `most` go side by side from now on, and more when that goes well.
    pub fn lower(&mut self, most: u32, from: Millis) {
        if self.most > most {
            if self.raised {
                self.wait_longer();
            }
            (self.most, self.since, self.raised) = (most, from, false);
        }
    }

    /// A card was taken.
    pub fn on_accepted(&mut self, now: Millis) {
        if self.most < MOST_IN_FLIGHT && self.since.plus(self.patience) <= now {
            self.most += 1;
            (self.since, self.raised) = (now, true);
        }
    }

    /// A card was refused after a cycle whose window was at most `widest`.
    pub fn on_refused(&mut self, now: Millis, hold_until: Millis, widest: u32) {
        if self.most == MOST_IN_FLIGHT {
            return;
        }
        if widest <= 1 || !self.raised {
            // As many as the server took are refused, too: their number in flight is not the reason.
            *self = Ceiling::default();
            return;
        }
        if now < self.since.plus(EFFECT) {
            (self.most, self.raised) = ((self.most - 1).max(1), false);
            self.wait_longer();
        }
        self.since = hold_until;
    }

    fn wait_longer(&mut self) {
        self.patience = Millis(2 * self.patience.0).min(LONGEST_PATIENCE);
    }
}
