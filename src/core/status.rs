//! The state in a glance, as the popup shows it.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::diagnosis::DiagnosisView;
use super::time::Millis;
use crate::protocol::TestStep;

/// The state words of the interface, in the order in which they win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "word", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum State {
    /// No complete settings yet.
    NotSetUp,
    /// A person paused it.
    Paused {
        /// When it resumes by itself, wall clock; until resumed if absent.
        until: Option<Millis>,
    },
    /// It waits for a person.
    NeedsAttention,
    /// The stream is open.
    Streaming,
    /// The next try is due at a known time.
    Reconnecting {
        /// Wall clock.
        at: Millis,
    },
    /// A token or a socket is being opened.
    Connecting,
}

/// Everything the popup shows. Times are wall-clock milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The state word.
    pub state: State,
    /// Whose stream it is; the service address's host where one is set.
    pub organization: String,
    /// Since when the stream is open.
    pub streaming_since: Option<Millis>,
    /// When the last frame came.
    pub heard_at: Option<Millis>,
    /// The span of `events`, `rejected` and `suppressed`, and what else is counted for it.
    pub counted: Counted,
    /// Events heard.
    pub events: u64,
    /// Frames that were no event, by reason; only those that occurred.
    pub rejected: Vec<Count>,
    /// Rules that became true, ever.
    pub triggers: u64,
    /// Cards the server has, ever.
    pub delivered: u64,
    /// Cards accepted and not settled.
    pub waiting: u32,
    /// Cards given up and not cleared.
    pub given_up: u32,
    /// Requests under way.
    pub in_flight: u32,
    /// Triggers that could not be made durable yet.
    pub not_durable: u32,
    /// Triggers that noise control kept back.
    pub suppressed: u64,
    /// Nothing is posted.
    pub dry_run: bool,
    /// The one to show.
    pub diagnosis: Option<DiagnosisView>,
    /// All that are active, newest first.
    pub diagnoses: Vec<DiagnosisView>,
    /// The newest cards, newest first, at most five.
    pub cards: Vec<CardView>,
    /// The steps of the last connection test, if there was one.
    pub test: Option<Vec<TestStep>>,
    /// The newest gaps, newest first, at most fifty.
    pub gaps: Vec<Gap>,
}

/// Counts since the browser started, or since everything was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// Since when, wall clock.
    pub since: Millis,
    /// Rules that became true.
    pub triggers: u64,
    /// Cards the server took.
    pub delivered: u64,
}

/// A named count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// A card as pages see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct CardView {
    /// Names it for [`crate::protocol::Request::Cards`].
    pub card_id: String,
    /// The interaction; empty once the card is settled.
    pub interaction: String,
    /// Why it was due.
    pub reason: String,
    /// The queue, where the event named one.
    pub queue: Option<String>,
    /// Which rule.
    pub rule: String,
    /// When the trigger was accepted.
    pub at: Millis,
    /// How it stands.
    pub state: CardState,
    /// Tries made or under way.
    pub tries: u32,
    /// When the next try is due, where one is planned.
    pub next_try: Option<Millis>,
}

/// How a card stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Never to be sent (dry run).
    DryRun,
    /// Given up.
    GivenUp {
        /// Why.
        why: GivenUp,
    },
}

/// Why a card was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "why", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum GivenUp {
    /// Its time to live ended.
    Expired,
    /// 403.
    Forbidden,
    /// Another status that no try will change; 0 for a redirect, whose status browsers hide.
    Refused {
        /// HTTP status.
        status: u16,
        /// The start of the answer, redacted.
        excerpt: String,
    },
    /// As many tries as the settings allow.
    TriesUsedUp,
    /// The interaction ended, and the settings end the tries with it.
    InteractionEnded,
    /// The request cannot be built.
    Unsendable,
}

/// A time in which the stream was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Last heard, wall clock.
    pub from: Millis,
    /// Heard again; absent while it lasts.
    pub until: Option<Millis>,
    /// Why.
    pub cause: GapCause,
}

/// Why the stream was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "by", content = "code", rename_all = "camelCase")]
pub enum GapCause {
    /// It closed, with this code.
    Closed(u16),
    /// It went silent and was replaced.
    Silent,
    /// The worker was ended.
    Restart,
    /// A person paused it, or changed the settings.
    Person,
}
