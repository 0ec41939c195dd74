//! The event as it goes over the stream, and as the oracle reads it back from the bytes that were sent.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

/// Longest interaction id, in UTF-8 bytes.
pub const LONGEST_ID: usize = 1_024;
/// Largest frame that is still an event, in bytes.
pub const LARGEST_FRAME: usize = 1 << 20;
/// Deepest nesting that is still an event.
pub const DEEPEST_NESTING: usize = 64;

/// One stream message about an interaction. An outer `None` leaves the field out, an inner one sends `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The interaction.
    pub id: String,
    /// The lifecycle step.
    #[serde(rename = "type")]
    pub step: &'static str,
    /// Who called whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant: Option<Option<Participant>>,
    /// The customer's mood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Option<Sentiment>>,
    /// Where it waits or waited, and how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<Option<Routing>>,
}

/// `participant` of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Participant {
    /// `inbound` or `outbound`.
    pub direction: &'static str,
}

/// `sentiment` of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sentiment {
    /// −1 … 1.
    pub score: Option<f64>,
    /// 0 … 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// `routing` of an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Routing {
    /// Milliseconds waited so far.
    pub queue_wait_time_ms: Option<u64>,
    /// The queue.
    pub queue_name: Option<String>,
}

/// The facts that a careful client can know from one frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The interaction.
    pub id: String,
    /// The lifecycle step, if it was said.
    pub step: Option<String>,
    /// Sentiment score.
    pub score: Option<f64>,
    /// Sentiment confidence.
    pub confidence: Option<f64>,
    /// Queue wait in milliseconds.
    pub wait_ms: Option<f64>,
    /// Queue name.
    pub queue: Option<String>,
    /// The contract leaves open whether a client takes this frame as it stands (a value out of range, no lifecycle step).
    pub debatable: bool,
    /// The whole of it, for rules that name any field.
    pub json: Arc<Value>,
}

impl Seen {
    /// Reads a frame by the contract; `None` when it is not an event.
    #[must_use]
    pub fn read(frame: &[u8]) -> Option<Self> {
        if frame.len() > LARGEST_FRAME {
            return None;
        }
        let value: Value = serde_json::from_slice(frame).ok()?;
        if depth(&value) > DEEPEST_NESTING {
            return None;
        }
        let event = value.as_object()?;
        let id = event.get("id")?.as_str()?;
        if id.is_empty() || id == "." || id == ".." || id.len() > LONGEST_ID {
            return None;
        }
        let (sentiment, routing) = (event.get("sentiment"), event.get("routing"));
        let score = number(member(sentiment, "score")?)?;
        let confidence = number(member(sentiment, "confidence")?)?;
        let wait_ms = number(member(routing, "queueWaitTimeMs")?)?;
        let queue = text(member(routing, "queueName")?)?;
        let step = event.get("type").and_then(Value::as_str);
        let usual_participant = member(event.get("participant"), "direction").and_then(text).is_some();
        let in_range = score.is_none_or(|score| (-1.0..=1.0).contains(&score))
            && confidence.is_none_or(|confidence| (0.0..=1.0).contains(&confidence))
            && wait_ms.is_none_or(|wait| wait >= 0.0 && wait.fract() == 0.0);
        let step = step.map(str::to_owned);
        let (id, queue) = (id.to_owned(), queue.map(str::to_owned));
        Some(Self {
            id,
            debatable: step.is_none() || !usual_participant || !in_range,
            step,
            score,
            confidence,
            wait_ms,
            queue,
            json: Arc::new(value),
        })
    }
}

/// A member of an object that may be missing or null; the outer `None` means the object is of the wrong type.
fn member<'a>(object: Option<&'a Value>, name: &str) -> Option<Option<&'a Value>> {
    match object {
        None | Some(Value::Null) => Some(None),
        Some(Value::Object(fields)) => Some(fields.get(name)),
        Some(_) => None,
    }
}

fn number(value: Option<&Value>) -> Option<Option<f64>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(value) => value.as_f64().map(Some),
    }
}

fn text(value: Option<&Value>) -> Option<Option<&str>> {
    match value {
        None | Some(Value::Null) => Some(None),
        Some(value) => value.as_str().map(Some),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
