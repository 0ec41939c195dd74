//! The simulation's own knowledge of every card, kept from the events of the world.

use std::collections::BTreeMap;

use crate::world::card::{Card, Heard, Hold};

/// All that is known.
#[derive(Debug, Default)]
pub struct Ledger {
    pub cards: Vec<Card>,
    /// Acceptances that were written, durable or not.
    pub acceptances: u64,
    /// The keys of the newest commit, until the worker hears that it is durable.
    pub asked: Option<Vec<String>>,
    /// Keys that the next whole commit must hold.
    pub must: Vec<String>,
    pub holds: Vec<Hold>,
    /// The utterance that is being heard, and its host.
    pub hearing: Option<(usize, usize)>,
    /// When each interaction was heard.
    pub heard: Vec<Heard>,
    pub opened_at: u64,
    pub attempt: u32,
    pub stream_not_before: u64,
    pub token_wait: u64,
    pub token_times: Vec<u64>,
    pub open_times: Vec<u64>,
    pub failure_times: Vec<u64>,
    /// Since a card was last taken: when cards were refused for the rate.
    pub limited_times: Vec<u64>,
    pub refusal_times: Vec<u64>,
    pub starts: Vec<u64>,
    /// When workers ended whose wait was not stored: the next one knows no backoff of theirs.
    pub unaware_starts: Vec<u64>,
    pub pushes: Vec<u64>,
    pub paused: bool,
    pub paused_until: u64,
    pub pausing: [Pausing; 2],
    /// Cards accepted from the budgets of queues.
    pub spent: Vec<Spent>,
    /// Nothing is to be written, as far as can be told from outside.
    pub clean: bool,
    /// The input that is handled now needs no write.
    pub idle: bool,
    pub committed: bool,
    pub last_commit: u64,
    /// The commit that first asked for what the newest one asks for.
    pub batch_from: u64,
    /// The newest commit has not been answered.
    pub awaiting: bool,
    pub expect_damage: bool,
    pub expect_loss: bool,
    pub clearing: bool,
    pub token_failed: bool,
    /// A person's wish is being carried out.
    pub wished: bool,
    pub probe: Option<(usize, u64)>,
    /// The core's own clock, as the newest whole commit says.
    pub clock: Option<u64>,
    /// When that was asked for.
    pub clock_at: u64,
    /// Cards whose rules a commit says have fired.
    pub fired_now: Vec<usize>,
    pub streamed_at: u64,
    pub settled_at: u64,
    pub help_at: u64,
    /// Commands that lead elsewhere, and bring no secret for it.
    pub bare: Vec<u64>,
    /// Commits of this life that nobody has answered, and when they were asked for.
    pub commits: Vec<(u64, u64)>,
    pub newer_copy: Option<BTreeMap<String, String>>,
    pub kind: u8,
}

/// Until when a rule is paused, in perceived time: surely until then, and maybe until the journal says otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pausing {
    pub surely: u64,
    pub maybe: bool,
    /// The journal has it. Until then a commit that is tried again may write what was before.
    pub written: bool,
}

impl Pausing {
    /// A pause was ended. A later pause of the same rule goes on.
    pub fn end(&mut self) {
        self.maybe &= self.surely > 0;
    }
}

/// A card that was accepted from a queue's budget.
#[derive(Debug)]
pub struct Spent {
    pub host: usize,
    pub queue: Option<usize>,
    pub at: u64,
    pub serial: u64,
    pub durable: bool,
}
