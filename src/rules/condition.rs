//! A condition as data: comparisons on event fields, joined in Kleene's logic.

use serde::{Deserialize, Serialize};

use super::{Field, Operator};
use crate::model::event::Event;
use crate::model::history::evidence::{Evidence, Value};

/// How deep a condition may nest; what lies deeper is unknown.
pub const DEPTH_LIMIT: u32 = 32;

/// Comparisons kept as evidence of one firing; the rule that fired comes first.
pub const EVIDENCE_LIMIT: usize = 16;

/// A condition over one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// One field against one value.
    Compare(Comparison),
    /// Every one.
    All(Vec<Condition>),
    /// At least one.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
}

/// One field against one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The left side.
    pub field: Field,
    /// The comparison.
    pub operator: Operator,
    /// The right side; absent where the operator takes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Condition {
    /// A number field against a number.
    pub const fn number(field: Field, operator: Operator, number: f64) -> Condition {
        Condition::Compare(Comparison { field, operator, value: Some(Value::Number(number)) })
    }

    /// Whether it is true, false or (`None`) unknown for want of data, in Kleene's logic: *All* is false where one part
    /// is, *Any* is true where one part is, and *Not* of unknown stays unknown.
    pub fn evaluate(&self, event: &Event<'_>) -> Option<bool> {
        self.evaluate_within(event, DEPTH_LIMIT)
    }

    fn evaluate_within(&self, event: &Event<'_>, depth: u32) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        match self {
            Condition::Compare(comparison) => comparison.evaluate(event),
            Condition::All(parts) => unless_one_is(false, parts, event, depth),
            Condition::Any(parts) => unless_one_is(true, parts, event, depth),
            Condition::Not(part) => part.evaluate_within(event, depth).map(|known| !known),
        }
    }

    /// Adds what each comparison saw in this event, until there is [`EVIDENCE_LIMIT`] of it.
    pub fn explain(&self, rule: &str, event: &Event<'_>, evidence: &mut Vec<Evidence>) {
        self.explain_within(rule, event, evidence, DEPTH_LIMIT);
    }

    fn explain_within(&self, rule: &str, event: &Event<'_>, evidence: &mut Vec<Evidence>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match self {
            Condition::Compare(comparison) if evidence.len() < EVIDENCE_LIMIT => {
                evidence.push(comparison.explain(rule, event));
            }
            Condition::Compare(_) => {}
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.explain_within(rule, event, evidence, depth));
            }
            Condition::Not(part) => part.explain_within(rule, event, evidence, depth),
        }
    }
}

impl Comparison {
    fn evaluate(&self, event: &Event<'_>) -> Option<bool> {
        self.operator.evaluate(self.field.read(event), self.value.as_ref())
    }

    fn explain(&self, rule: &str, event: &Event<'_>) -> Evidence {
        Evidence {
            rule: rule.to_owned(),
            field: self.field.name().to_owned(),
            seen: self.field.read(event).map(Value::from),
            operator: self.operator.name().to_owned(),
            threshold: self.value.clone(),
            verdict: self.evaluate(event),
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

#[cfg(test)]
#[path = "condition/tests.rs"]
mod tests;
