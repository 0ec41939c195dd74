//! A condition as data: comparisons on event fields, joined in Kleene's logic.

use super::field::Seen;
use super::window::{Scene, Window};
use super::{Field, Operator};
use crate::model::event::Event;
use crate::model::history::evidence::{Evidence, Value};
use crate::model::json::{FromJson, ToJson};

/// How deep a condition may nest; what lies deeper is unknown.
pub const DEPTH_LIMIT: u32 = 32;

/// Comparisons kept as evidence of one firing; the rule that fired comes first.
pub const EVIDENCE_LIMIT: usize = 16;

/// A condition over one event.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The left side: a field by JSON pointer as in `/routing/skill`, or by name: `sentimentScore`,
    /// `sentimentConfidence`, `queueWaitMs`, `queue`, `type`, `direction`, `queueWaiting`, `queueLongestWaitMs`,
    /// `queueMeanSentiment`, `queueArrivalsPerMinute` or `queueTriggersPerMinute`.
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(with = "String"))]
    pub field: Field,
    /// Several values of the field in place of the event's, and the figure of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The comparison.
    pub operator: Operator,
    /// The right side; absent where the operator takes nothing.
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(with = "Option<Threshold>"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// What a comparison may ask for, for the schema.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[derive(schemars::JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "the schema is made from its shape")]
enum Threshold {
    Number(f64),
    Text(String),
    Texts(Vec<String>),
}

impl Condition {
    /// A number field against a number.
    pub const fn number(field: Field, operator: Operator, number: f64) -> Condition {
        Condition::Compare(Comparison { field, window: None, operator, value: Some(Value::Number(number)) })
    }

    /// Whether it is true, false or (`None`) unknown without data, in Kleene's logic: *All* is false where one part
    /// is, *Any* is true where one part is, and *Not* of unknown stays unknown.
    pub fn evaluate(&self, event: &Event<'_>) -> Option<bool> {
        self.evaluate_in(&Scene::of(event))
    }

    /// The same for an event in its circumstances.
    pub fn evaluate_in(&self, scene: &Scene<'_>) -> Option<bool> {
        self.evaluate_within(scene, DEPTH_LIMIT)
    }

    fn evaluate_within(&self, scene: &Scene<'_>, depth: u32) -> Option<bool> {
        let depth = depth.checked_sub(1)?;
        match self {
            Condition::Compare(comparison) => comparison.evaluate(scene),
            Condition::All(parts) => unless_one_is(false, parts, scene, depth),
            Condition::Any(parts) => unless_one_is(true, parts, scene, depth),
            Condition::Not(part) => part.evaluate_within(scene, depth).map(|known| !known),
        }
    }

    /// Adds what each comparison saw in this event, until there is [`EVIDENCE_LIMIT`] of it.
    pub fn explain(&self, rule: &str, scene: &Scene<'_>, evidence: &mut Vec<Evidence>) {
        self.explain_within(rule, scene, evidence, DEPTH_LIMIT);
    }

    fn explain_within(&self, rule: &str, scene: &Scene<'_>, evidence: &mut Vec<Evidence>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match self {
            Condition::Compare(comparison) if evidence.len() < EVIDENCE_LIMIT => {
                evidence.push(comparison.explain(rule, scene));
            }
            Condition::Compare(_) => {}
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| part.explain_within(rule, scene, evidence, depth));
            }
            Condition::Not(part) => part.explain_within(rule, scene, evidence, depth),
        }
    }

    /// Calls `look` for each comparison, in the order written.
    pub fn comparisons<'c>(&'c self, look: &mut impl FnMut(&'c Comparison)) {
        match self {
            Condition::Compare(comparison) => look(comparison),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| part.comparisons(look)),
            Condition::Not(part) => part.comparisons(look),
        }
    }

    /// Calls `change` for each comparison, in the order written.
    pub fn change(&mut self, change: &mut impl FnMut(&mut Comparison)) {
        match self {
            Condition::Compare(comparison) => change(comparison),
            Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(|part| part.change(change)),
            Condition::Not(part) => part.change(change),
        }
    }

    /// Whether it can be known although an event has none of its fields: it asks whether there is data, or for nothing.
    pub fn is_known_without_data(&self) -> bool {
        match self {
            Condition::Compare(comparison) => comparison.operator.knows_without_data(),
            Condition::All(parts) | Condition::Any(parts) => {
                parts.is_empty() || parts.iter().any(Condition::is_known_without_data)
            }
            Condition::Not(part) => part.is_known_without_data(),
        }
    }
}

impl Comparison {
    fn read<'s>(&self, scene: &Scene<'s>) -> Option<Seen<'s>> {
        match &self.window {
            Some(window) => scene.figure(&self.field, window).map(Seen::Number),
            None => self.field.read(scene),
        }
    }

    /// Whether it is true, false or (`None`) unknown.
    pub fn evaluate(&self, scene: &Scene<'_>) -> Option<bool> {
        self.operator.evaluate(self.read(scene), self.value.as_ref())
    }

    fn explain(&self, rule: &str, scene: &Scene<'_>) -> Evidence {
        Evidence {
            rule: rule.to_owned(),
            field: self.field.name().to_owned(),
            window: self.window.map(|window| window.seen()),
            incomplete: scene.is_incomplete(&self.field, self.window.as_ref()),
            seen: self.read(scene).map(Value::from),
            operator: self.operator.name().to_owned(),
            threshold: self.value.clone(),
            verdict: self.evaluate(scene),
        }
    }
}

fn unless_one_is(deciding: bool, parts: &[Condition], scene: &Scene<'_>, depth: u32) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part.evaluate_within(scene, depth) {
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
