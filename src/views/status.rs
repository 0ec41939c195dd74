//! The state in a glance, as the popup shows it.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::delivery::outbox::CardView;
use crate::link::steps::{PollView, TestStep};
use crate::model::diagnosis::DiagnosisView;
use crate::model::history::Gap;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::rules::Rule;

/// The state words of the interface, in the order in which they win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
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
    /// Cuewire waits for a person.
    NeedsAttention,
    /// The stream is open.
    Streaming,
    /// There is no stream, and the service answers what it is asked again and again.
    Watching,
    /// The next try is due at a known time.
    Reconnecting {
        /// Wall clock.
        at: Millis,
    },
    /// A token or a socket is being opened.
    Connecting,
}

/// A rule as pages name it.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RuleView {
    /// Stands in evidence, cards and log entries.
    pub id: String,
    /// The rule's name; absent where the pages have a name for the id.
    pub name: Option<String>,
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> RuleView {
        RuleView { id: rule.id.clone(), name: rule.name.clone() }
    }
}

/// Everything the popup shows. Times are wall-clock milliseconds.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
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
    /// The active rules, in the order in which they fire.
    pub rules: Vec<RuleView>,
    /// Entries of the activity log.
    pub log_entries: u64,
    /// Triggers that the limits did not send.
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
    /// The polls, where the service has no stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(target_arch = "wasm32", tsify(optional))]
    pub polls: Vec<PollView>,
    /// The recording, where there is one.
    pub recording: Option<RecordingView>,
}

/// A recording in a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RecordingView {
    /// When it begins, wall clock.
    pub since: Millis,
    /// Its size.
    pub bytes: u64,
}

/// Counts since the browser started, or since everything was cleared.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
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
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// The name of the count.
    pub name: String,
    /// How many.
    pub count: u64,
}
