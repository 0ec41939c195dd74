//! The fields that a rule may name.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::window::Scene;
use crate::model::event::pointer::{self, Pointer};
use crate::model::history::evidence::Value;

/// The longest text that is compared, in bytes: bounds the time that one event can take. A longer text is no data.
pub const TEXT_LIMIT: usize = pointer::TEXT_LIMIT;

/// What a rule may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Interactions that wait in the event's queue now.
    QueueWaiting,
    /// The longest wait among these, in milliseconds; no data where none waits.
    QueueLongestWaitMs,
    /// The mean of the scores heard in the event's queue lately.
    QueueMeanSentiment,
    /// Interactions that came to the event's queue in the last minute.
    QueueArrivalsPerMinute,
    /// Firings of live rules in the event's queue in the last minute.
    QueueTriggersPerMinute,
    /// Any other field of the message.
    Pointer(Pointer),
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A number.
    Number,
    /// A text.
    Text,
    /// Whatever the message says there.
    Anything,
}

/// What an event says in one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'e> {
    /// A number.
    Number(f64),
    /// A text of at most [`TEXT_LIMIT`] bytes.
    Text(&'e str),
    /// True or false.
    Bool(bool),
    /// An array or an object: present, and nothing to compare.
    Structure,
}

impl Field {
    /// Every field with a name of its own.
    pub const NAMED: [Field; 11] = [
        Field::SentimentScore,
        Field::SentimentConfidence,
        Field::QueueWaitMs,
        Field::Queue,
        Field::Kind,
        Field::Direction,
        Field::QueueWaiting,
        Field::QueueLongestWaitMs,
        Field::QueueMeanSentiment,
        Field::QueueArrivalsPerMinute,
        Field::QueueTriggersPerMinute,
    ];

    /// The name in a rule, in evidence and in texts; of any other field, its pointer.
    pub fn name(&self) -> &str {
        match self {
            Field::SentimentScore => "sentimentScore",
            Field::SentimentConfidence => "sentimentConfidence",
            Field::QueueWaitMs => "queueWaitMs",
            Field::Queue => "queue",
            Field::Kind => "type",
            Field::Direction => "direction",
            Field::QueueWaiting => "queueWaiting",
            Field::QueueLongestWaitMs => "queueLongestWaitMs",
            Field::QueueMeanSentiment => "queueMeanSentiment",
            Field::QueueArrivalsPerMinute => "queueArrivalsPerMinute",
            Field::QueueTriggersPerMinute => "queueTriggersPerMinute",
            Field::Pointer(pointer) => pointer.as_str(),
        }
    }

    /// Reads a name or a pointer.
    pub fn parse(text: &str) -> Option<Field> {
        let named = Field::NAMED.into_iter().find(|field| field.name() == text);
        named.or_else(|| Pointer::parse(text).map(Field::Pointer))
    }

    /// What it holds.
    pub fn holds(&self) -> Holds {
        match self {
            Field::Queue | Field::Kind | Field::Direction => Holds::Text,
            Field::Pointer(_) => Holds::Anything,
            _ => Holds::Number,
        }
    }

    /// Whether it is drawn from all interactions of a queue instead of from one event.
    pub fn is_of_queue(&self) -> bool {
        self.queue_figure().is_some()
    }

    /// What is seen; `None` is no data.
    pub fn read<'e>(&self, scene: &Scene<'e>) -> Option<Seen<'e>> {
        let event = scene.event;
        let text = match self {
            Field::SentimentScore => return event.sentiment_score.map(Seen::Number),
            Field::SentimentConfidence => return event.sentiment_confidence.map(Seen::Number),
            Field::QueueWaitMs => return event.queue_wait_ms.map(Seen::Number),
            Field::Queue => event.queue.as_deref(),
            Field::Kind => event.kind.as_deref(),
            Field::Direction => event.direction.as_deref(),
            Field::Pointer(pointer) => return event.extra(pointer).map(Seen::from),
            _ => return scene.queue_figure(self.queue_figure()?).map(Seen::Number),
        };
        text.filter(|text| text.len() <= TEXT_LIMIT).map(Seen::Text)
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
        let text = String::deserialize(deserializer)?;
        Field::parse(&text).ok_or_else(|| D::Error::custom("no field has this name"))
    }
}

impl From<Seen<'_>> for Value {
    fn from(seen: Seen<'_>) -> Value {
        match seen {
            Seen::Number(number) => Value::Number(number),
            Seen::Text(text) => Value::Text(text.to_owned()),
            Seen::Bool(flag) => Value::Bool(flag),
            Seen::Structure => Value::Texts(Vec::new()),
        }
    }
}

impl<'e> From<&'e Value> for Seen<'e> {
    fn from(value: &'e Value) -> Seen<'e> {
        match value {
            Value::Number(number) => Seen::Number(*number),
            Value::Text(text) => Seen::Text(text),
            Value::Bool(flag) => Seen::Bool(*flag),
            Value::Texts(_) => Seen::Structure,
        }
    }
}
