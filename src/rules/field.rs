//! The fields of an event that a rule may name.

use serde::{Deserialize, Serialize};

use crate::model::event::Event;
use crate::model::history::evidence::Value;

/// The longest text that is compared, in bytes: bounds the time that one event can take. A longer text is no data.
pub const TEXT_LIMIT: usize = 1_024;

/// A field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// −1 … 1.
    SentimentScore,
    /// 0 … 1.
    SentimentConfidence,
    /// Milliseconds.
    QueueWaitMs,
    /// The queue's name.
    Queue,
    /// The lifecycle step.
    Kind,
    /// Who contacted whom.
    Direction,
}

/// What an event says in one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'e> {
    /// A number.
    Number(f64),
    /// A text of at most [`TEXT_LIMIT`] bytes.
    Text(&'e str),
}

impl Field {
    /// The name in a rule, in evidence and in texts.
    pub const fn name(self) -> &'static str {
        match self {
            Field::SentimentScore => "sentimentScore",
            Field::SentimentConfidence => "sentimentConfidence",
            Field::QueueWaitMs => "queueWaitMs",
            Field::Queue => "queue",
            Field::Kind => "kind",
            Field::Direction => "direction",
        }
    }

    /// What the event says; `None` is no data.
    pub fn read<'e>(self, event: &'e Event<'_>) -> Option<Seen<'e>> {
        let text = match self {
            Field::SentimentScore => return event.sentiment_score.map(Seen::Number),
            Field::SentimentConfidence => return event.sentiment_confidence.map(Seen::Number),
            Field::QueueWaitMs => return event.queue_wait_ms.map(Seen::Number),
            Field::Queue => event.queue.as_deref(),
            Field::Kind => event.kind.as_deref(),
            Field::Direction => event.direction.as_deref(),
        };
        text.filter(|text| text.len() <= TEXT_LIMIT).map(Seen::Text)
    }
}

impl From<Seen<'_>> for Value {
    fn from(seen: Seen<'_>) -> Value {
        match seen {
            Seen::Number(number) => Value::Number(number),
            Seen::Text(text) => Value::Text(text.to_owned()),
        }
    }
}
