//! A server that takes one card and refuses the next saves nothing up: only the gap between two cards counts.
//!
//! The gap is found by trying: halved while cards are taken, then narrowed between the shortest gap that the server
//! took and the longest that it refused.

use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// How soon after a refusal a shorter gap is tried again: each try costs the server's whole wait.
const TRUST: Millis = Millis::from_secs(7);

/// Cards that a gap must get through before a shorter one is tried, once the server has refused one.
const CARDS_PER_TRY: u32 = 3;

/// The network changes a gap by less than this, in milliseconds.
const CERTAIN: u64 = 250;

/// Gaps whose ratio is no more are near enough: a further try costs more than it gains.
const NEAR: f64 = 1.45;

/// A shorter gap, in milliseconds, is no limit any more.
const SHORTEST: u64 = 8;

/// The longest gap, in milliseconds: a longer wait is a penalty and says nothing about the time between two cards.
const LONGEST: u64 = 5_000;

/// The gap between two cards, in milliseconds.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Spacing {
    gap: u64,
    /// The shortest gap that the server took.
    taken: Option<u64>,
    /// The longest gap that the server refused.
    refused: Option<u64>,
    /// Cards taken at the present gap.
    run: u32,
    last_sent: Millis,
    /// From when a shorter gap is tried again; nothing was refused yet where there is none.
    try_at: Option<Millis>,
}

impl Spacing {
    /// A limit that two single cards suggest, each followed by a refusal that asked for `wait`.
    pub fn suspected(wait: Millis) -> Spacing {
        let gap = (wait.0 / 2).clamp(500, LONGEST);
        Spacing { gap, taken: None, refused: None, run: 0, last_sent: Millis::ZERO, try_at: None }
    }

    /// The limit as a new worker goes on with it; none where no worker can have learnt it.
    pub fn resumed(mut self, now: Millis) -> Option<Spacing> {
        self.last_sent = self.last_sent.min(now);
        self.try_at = self.try_at.map(|at| at.min(now.plus(TRUST)));
        let possible = |gap: u64| (SHORTEST / 2..=2 * LONGEST).contains(&gap);
        [Some(self.gap), self.taken, self.refused].into_iter().flatten().all(possible).then_some(self)
    }

    /// The earliest instant at which the next request may start.
    pub fn next_send(&self) -> Millis {
        self.last_sent.plus(Millis(self.gap))
    }

    /// A request starts. That alone refutes no gap.
    pub fn on_sent(&mut self, now: Millis) -> bool {
        self.last_sent = now;
        false
    }

    /// A card was taken. Says whether that refutes the limit.
    pub fn on_accepted(&mut self, now: Millis) -> bool {
        self.run = self.run.saturating_add(1);
        if self.run < if self.try_at.is_some() { CARDS_PER_TRY } else { 1 } {
            return false;
        }
        self.run = 0;
        let taken = self.gap;
        self.taken = Some(taken);
        match self.refused {
            None => self.gap /= 2,
            Some(refused) if taken as f64 > NEAR * refused as f64 => {
                self.gap = ((taken as f64) * (refused as f64)).sqrt() as u64;
            }
            Some(refused) if self.try_at.is_some_and(|at| at <= now) => {
                self.gap = refused;
                self.refused = None;
            }
            Some(_) => {}
        }
        self.gap < SHORTEST
    }

    /// The server refused the present gap. Says whether that refutes the limit: the gap is not what counts where the
    /// server refuses one that it took. The network makes short gaps shorter, so these refute nothing.
    pub fn on_refused(&mut self, hold_until: Millis) -> bool {
        let refused = self.gap;
        if refused >= CERTAIN && self.taken.is_some_and(|taken| taken <= refused) {
            return true;
        }
        let longer = (refused + refused / 5 + 1).min(LONGEST);
        self.gap = self.taken.filter(|taken| *taken > refused).unwrap_or(longer);
        self.taken = Some(self.gap);
        self.refused = Some(refused);
        self.run = 0;
        self.try_at = Some(hold_until.plus(TRUST));
        false
    }
}
