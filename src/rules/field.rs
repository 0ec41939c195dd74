//! The fields that a rule may name.

use crate::model::event::Event;
use crate::model::event::pointer::{self, Pointer};
use crate::model::history::evidence::Value;
use crate::model::json::{FromJson, Json, ToJson, Writer};

/// The longest text that is compared, in bytes: bounds the time that one event can take. A longer text is no data.
pub const TEXT_LIMIT: usize = pointer::TEXT_LIMIT;

macro_rules! fields {
    (
        of events: $($(#[$event_doc:meta])+ $event_field:ident = $event_name:literal, $member:ident: $read:expr;)+
        of queues: $($(#[$figure_doc:meta])+ $figure_field:ident = $figure_name:literal;)+
    ) => {
        /// A field that a rule may look at.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Field {
            $($(#[$event_doc])+ $event_field,)+
            $($(#[$figure_doc])+ $figure_field,)+
            /// Any other field of the message.
            Pointer(Pointer),
        }

        impl Field {
            /// The named fields that one event has by itself.
            pub(super) const OF_EVENTS: &'static [Field] = &[$(Field::$event_field,)+];

            /// Every field with a name of its own.
            pub const NAMED: &'static [Field] = &[$(Field::$event_field,)+ $(Field::$figure_field,)+];

            /// The name in a rule, in evidence and in texts; of any other field, its pointer.
            pub fn name(&self) -> &str {
                match self {
                    $(Field::$event_field => $event_name,)+
                    $(Field::$figure_field => $figure_name,)+
                    Field::Pointer(pointer) => pointer.as_str(),
                }
            }

            /// The bits of the fields in [`Field::OF_EVENTS`] that an event has, the first in the lowest bit.
            pub(super) fn bits_of(event: &Event<'_>) -> u32 {
                let mut bits = 0;
                let mut bit = 1;
                $(
                    bits |= if event.$member.is_some() { bit } else { 0 };
                    bit <<= 1;
                )+
                debug_assert_eq!(bit, 1 << Field::OF_EVENTS.len());
                bits
            }

            /// The field of an event alone, however long.
            pub(super) fn said<'e>(&self, event: &'e Event<'_>) -> Option<Seen<'e>> {
                match self {
                    $(Field::$event_field => {
                        let read: for<'a, 'b> fn(&'b Event<'a>) -> Option<Seen<'b>> = $read;
                        read(event)
                    })+
                    Field::Pointer(pointer) => event.extra(pointer).map(Seen::from),
                    _ => None,
                }
            }
        }
    };
}

fields! {
    of events:
    /// −1 … 1.
    SentimentScore = "sentimentScore", sentiment_score: |event| event.sentiment_score.map(Seen::Number);
    /// 0 … 1.
    SentimentConfidence = "sentimentConfidence", sentiment_confidence: |event| event.sentiment_confidence.map(Seen::Number);
    /// Milliseconds.
    QueueWaitMs = "queueWaitMs", queue_wait_ms: |event| event.queue_wait_ms.map(Seen::Number);
    /// The queue's name.
    Queue = "queue", queue: |event| event.queue.as_deref().map(Seen::Text);
    /// The lifecycle step.
    Kind = "type", kind: |event| event.kind.as_deref().map(Seen::Text);
    /// Who contacted whom.
    Direction = "direction", direction: |event| event.direction.as_deref().map(Seen::Text);
    of queues:
    /// Interactions that wait in the event's queue now.
    QueueWaiting = "queueWaiting";
    /// The longest wait among these, in milliseconds; no data where none waits.
    QueueLongestWaitMs = "queueLongestWaitMs";
    /// The mean of the scores heard in the event's queue lately.
    QueueMeanSentiment = "queueMeanSentiment";
    /// Interactions that came to the event's queue in the last minute.
    QueueArrivalsPerMinute = "queueArrivalsPerMinute";
    /// How often live rules began to fire in the event's queue in the last minute, but for those that a critical rule
    /// muted.
    QueueTriggersPerMinute = "queueTriggersPerMinute";
}

/// The kind of value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A number.
    Number,
    /// A text.
    Text,
    /// Whatever the message says there.
    Anything,
}

/// The value of an event in one field.
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
    /// Reads a name or a pointer.
    pub fn parse(text: &str) -> Option<Field> {
        let named = Field::NAMED.iter().find(|field| field.name() == text).cloned();
        named.or_else(|| Pointer::parse(text).map(Field::Pointer))
    }

    /// The kind of its value.
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
}

impl ToJson for Field {
    fn to_json(&self, json: &mut Writer) {
        json.text(self.name());
    }
}

impl FromJson for Field {
    fn from_json(json: &Json<'_>) -> Option<Field> {
        Field::parse(&String::from_json(json)?)
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
