//! A rule as data: a condition over named event fields, and the card it asks for.

use serde::{Deserialize, Serialize};

use crate::model::card::{CONTENT_LIMIT, CardTemplate, event_value, fill};
use crate::model::event::Event;

/// How deep a condition may nest; what lies deeper is unknown.
pub const DEPTH_LIMIT: u32 = 32;

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

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Op {
    /// Less than.
    Lt,
    /// At most.
    Le,
    /// Greater than.
    Gt,
    /// At least.
    Ge,
    /// The same.
    Eq,
    /// Not the same.
    Ne,
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// For number fields.
    Number(f64),
    /// For text fields; compared exactly, and only with [`Op::Eq`] and [`Op::Ne`].
    Text(String),
}

/// A condition over one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// One field against one value.
    Compare {
        /// The left side.
        field: Field,
        /// The comparison.
        op: Op,
        /// The right side.
        value: Value,
    },
    /// Every one.
    All(Vec<Condition>),
    /// At least one.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
}

impl Condition {
    /// A number field against a number.
    pub const fn number(field: Field, op: Op, number: f64) -> Condition {
        Condition::Compare { field, op, value: Value::Number(number) }
    }

    /// Whether it is true, false or (`None`) unknown for want of data, in Kleene's logic: *All* is false where one part
    /// is, *Any* is true where one part is, and *Not* of unknown stays unknown.
    pub fn evaluate(&self, event: &Event<'_>) -> Option<bool> {
        self.evaluate_within(event, DEPTH_LIMIT)
    }

    fn evaluate_within(&self, event: &Event<'_>, depth: u32) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        match self {
            Condition::Compare { field, op, value } => compare(*field, *op, value, event),
            Condition::All(parts) => unless_one_is(false, parts, event, depth),
            Condition::Any(parts) => unless_one_is(true, parts, event, depth),
            Condition::Not(part) => part.evaluate_within(event, depth).map(|known| !known),
        }
    }
}

fn unless_one_is(deciding: bool, parts: &[Condition], event: &Event<'_>, depth: u32) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part.evaluate_within(event, depth) {
            Some(value) if value == deciding => return Some(deciding),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!deciding)
}

fn compare(field: Field, op: Op, value: &Value, event: &Event<'_>) -> Option<bool> {
    let number = match field {
        Field::SentimentScore => event.sentiment_score,
        Field::SentimentConfidence => event.sentiment_confidence,
        Field::QueueWaitMs => event.queue_wait_ms,
        Field::Queue => return compare_text(op, event.queue.as_deref()?, value),
        Field::Kind => return compare_text(op, event.kind.as_deref()?, value),
        Field::Direction => return compare_text(op, event.direction.as_deref()?, value),
    };
    let Value::Number(wanted) = value else { return None };
    let order = number?.partial_cmp(wanted)?;
    Some(match op {
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
    })
}

fn compare_text(op: Op, text: &str, value: &Value) -> Option<bool> {
    match (op, value) {
        (Op::Eq, Value::Text(wanted)) => Some(text == wanted),
        (Op::Ne, Value::Text(wanted)) => Some(text != wanted),
        _ => None,
    }
}

/// A condition, and the card that is due where it is true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Stable; part of every `cardId`.
    pub id: String,
    /// When a card is due.
    pub condition: Condition,
    /// Why, for people; may name `{score}` (two decimals), `{wait}` (as in `125000ms`), `{queue}` and `{interaction}`.
    pub reason: String,
    /// The card.
    pub card: CardTemplate,
}

impl Rule {
    /// Whether the event is known to fulfil the condition.
    pub fn is_true(&self, event: &Event<'_>) -> bool {
        self.condition.evaluate(event) == Some(true)
    }
}

/// Why the rule is true for this event, in words.
pub fn reason(rule: &Rule, event: &Event<'_>) -> String {
    fill(&rule.reason, CONTENT_LIMIT, |name| event_value(name, event))
}

/// [`reason`] of every rule that is true, joined by `; `.
pub fn joined_reason<'r>(rules: impl IntoIterator<Item = &'r Rule>, event: &Event<'_>) -> String {
    let reasons: Vec<String> = rules.into_iter().map(|rule| reason(rule, event)).collect();
    reasons.join("; ")
}

#[cfg(test)]
#[path = "rule/tests.rs"]
mod tests;
