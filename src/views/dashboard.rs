//! Everything the dashboard shows.

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::delivery::handled::HandledView;
use crate::delivery::outbox::CardView;
use crate::delivery::pauses::PauseView;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::views::status::Status;

/// The dashboard at one moment. Times are wall-clock milliseconds.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    /// When this was true.
    pub at: Millis,
    /// The status, which the popup shows too.
    pub status: Status,
    /// The outbox, oldest first: waiting, under way and given up; the newest 500 of the given-up.
    pub outbox: Vec<CardView>,
    /// Pauses that are not over.
    pub pauses: Vec<PauseView>,
    /// Triggers that are handled and quiet, newest first, at most 200.
    pub handled: Vec<HandledView>,
    /// The figures.
    pub figures: Figures,
    /// Sentiment scores heard since the worker started.
    pub sentiment: Histogram,
    /// Queue waits heard since the worker started, in seconds; the last bin takes all that is longer.
    pub wait: Histogram,
}

/// The counts of [`Metrics`](crate::views::metrics::Metrics).
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Mean over the last full ten seconds.
    pub events_per_second: f64,
    /// The last 5 min by the second.
    pub by_second: Series,
    /// The last 24 h by the minute.
    pub by_minute: Series,
    /// Queues heard of since the worker started.
    pub queues: Vec<QueueRow>,
    /// From event heard to card durable.
    pub durable: Option<Latency>,
    /// From card durable to card answered.
    pub answered: Option<Latency>,
    /// From event heard to card answered.
    pub total: Option<Latency>,
}

/// Counts by slots of equal length, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// Start of the first slot.
    pub from: Millis,
    /// Length of a slot.
    pub step_ms: u32,
    /// Events heard.
    pub events: Vec<u32>,
    /// Triggers.
    pub triggers: Vec<u32>,
    /// Cards delivered.
    pub delivered: Vec<u32>,
}

/// How often each value was heard, beside the threshold that a setting gives a rule.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    /// The rule's id.
    pub rule: String,
    /// In the unit of the bins.
    pub threshold: f64,
    /// The threshold counts. Saved rules have thresholds of their own, and then no page offers this one.
    pub in_force: bool,
    /// On which side of the threshold a card is due.
    pub due: Side,
    /// The bins, of one width.
    pub bins: Vec<Bin>,
}

/// A side of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// Less.
    Below,
    /// More.
    Above,
}

/// One bin of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Bin {
    /// Where it starts.
    pub from: f64,
    /// How many.
    pub count: u32,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct QueueRow {
    /// Its name; empty for all beyond the first 63.
    pub name: String,
    /// Interactions heard of.
    pub interactions: u64,
    /// Events heard.
    pub events: u64,
    /// Interactions that have not ended.
    pub live: u64,
    /// The longest wait of an interaction that still waits, in milliseconds.
    pub longest_wait_ms: f64,
    /// Mean of all scores heard.
    pub mean_sentiment: Option<f64>,
    /// Triggers.
    pub triggers: u64,
}

/// Percentiles of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// How many were measured.
    pub count: u64,
    /// Milliseconds.
    pub p50_ms: u64,
    /// Milliseconds.
    pub p95_ms: u64,
    /// Milliseconds.
    pub p99_ms: u64,
    /// Milliseconds.
    pub max_ms: u64,
}
