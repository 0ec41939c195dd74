//! A card of the outbox as people see it.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::delivery::handled::HandledView;
use crate::model::card::Card;
use crate::model::fingerprint::Fingerprint;
use crate::model::history::GivenUp;
use crate::model::history::evidence::Evidence;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// Names one card for a command about it. Two organisations may have cards with the same id, so a card is named by both.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CardName {
    /// The digest of the base address that the card was accepted for.
    pub connection: String,
    /// Its id, which the server sees too.
    pub card_id: String,
}

impl CardName {
    /// Names a card of a connection.
    pub fn new(connection: Fingerprint, card_id: String) -> CardName {
        CardName { connection: connection.to_string(), card_id }
    }
}

/// A card as pages see it.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CardView {
    /// The digest of the base address that the card was accepted for.
    pub connection: String,
    /// Its id; with the connection, it names the card for a command.
    pub card_id: String,
    /// The interaction; empty once the card is settled.
    pub interaction: String,
    /// Why it was due.
    pub reason: String,
    /// The queue, where the event named one.
    pub queue: Option<String>,
    /// Which rule.
    pub rule: String,
    /// The evidence of the rule.
    pub evidence: Vec<Evidence>,
    /// The number of its entry in the activity log.
    pub entry: u64,
    /// When the trigger was accepted.
    pub at: Millis,
    /// How it stands.
    pub state: CardState,
    /// Tries made or under way.
    pub tries: u32,
    /// When the next try is due, where one is planned.
    pub next_try: Option<Millis>,
    /// A person's mark that the trigger is handled.
    #[serde(default)]
    pub handled: Option<HandledView>,
}

impl CardView {
    /// A card that a connection was just given, with its evidence and the number of its log entry.
    pub fn new(connection: Fingerprint, card: &Card, evidence: &[Evidence], entry: u64) -> CardView {
        CardView {
            connection: connection.to_string(),
            card_id: card.card_id.clone(),
            interaction: card.interaction.clone(),
            reason: card.reason.clone(),
            queue: card.queue.clone(),
            rule: card.rule.clone(),
            evidence: evidence.iter().filter(|one| one.rule == card.rule).cloned().collect(),
            entry,
            at: card.timestamp,
            state: CardState::Accepting,
            tries: 0,
            next_try: None,
            handled: None,
        }
    }

    /// How a command names the card.
    pub fn name(&self) -> CardName {
        CardName { connection: self.connection.clone(), card_id: self.card_id.clone() }
    }
}

/// How a card stands.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CardState {
    /// Not durable yet.
    Accepting,
    /// In the outbox.
    Waiting,
    /// A request is under way.
    Sending,
    /// The server has it.
    Delivered,
    /// Not sent, because a person handled it first.
    Withdrawn,
    /// Never to be sent (dry run).
    DryRun,
    /// Given up.
    GivenUp {
        /// Why.
        why: GivenUp,
    },
}
