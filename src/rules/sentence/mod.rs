//! A rule read back, as the parts of a sentence: a page fills them into the words of its language, and
//! [`RuleSpec::english`] into English.

mod english;

#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::text::{QueueNames, RuleSpec};
use super::{Comparison, Condition, Field, Schedule};
use crate::model::history::evidence::{Value, WindowSeen};
use crate::model::json::ToJson;
use crate::model::time::Millis;

/// A rule as the parts of a sentence. Spans are milliseconds; what does not apply is absent.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Sentence {
    /// When a card is due.
    pub when: Phrase,
    /// How long that must stay so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_ms: Option<u64>,
    /// Queues that are heard; all if empty.
    pub in_queues: Vec<String>,
    /// Queues that are not heard.
    pub not_in_queues: Vec<String>,
    /// When the rule is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// The card's type.
    pub severity: String,
    /// `live` or `shadow`.
    pub mode: String,
    /// `interaction`, `rule` or `episode`.
    pub once: String,
    /// Where the rule clears, if not as its condition ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clears: Option<Phrase>,
    /// How long it stays firing after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_firing_ms: Option<u64>,
    /// How long after a firing no further episode begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_ms: Option<u64>,
}

/// Hours of some days.
#[derive(Debug, Clone, PartialEq, Eq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Hours {
    /// `mon` … `sun`; empty for every day.
    pub days: Vec<String>,
    /// Minutes since midnight; the same as `to` for whole days.
    pub from: u16,
    /// Minutes since midnight.
    pub to: u16,
    /// The IANA zone; the browser's own where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// A part of what must be true.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "is", content = "of", rename_all = "camelCase")]
pub enum Phrase {
    /// Each of several.
    All(Vec<Phrase>),
    /// One of several.
    Any(Vec<Phrase>),
    /// Not this.
    Not(Box<Phrase>),
    /// A comparison.
    Compare(Said),
}

/// A comparison in words' order.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The field's name, which finds its words; or a JSON pointer as it is.
    pub field: String,
    /// The figure of several values, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowSeen>,
    /// The operator's name, which finds its words.
    pub operator: String,
    /// The value of the comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// How a number is written.
    pub unit: Unit,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// As it is.
    Plain,
    /// A span, from milliseconds.
    Duration,
    /// Per cent, from a fraction.
    Percent,
}

impl Sentence {
    /// Reads a rule back.
    pub fn of(rule: &RuleSpec) -> Sentence {
        let span = |span: Millis| (span > Millis::ZERO).then_some(span.0);
        let QueueNames { include, exclude } = rule.queues.clone();
        Sentence {
            when: Phrase::of(&rule.when),
            hold_ms: span(rule.hold),
            in_queues: include,
            not_in_queues: exclude,
            hours: rule.schedule.as_ref().map(Hours::of),
            severity: rule.severity.name().to_owned(),
            mode: rule.mode.name().to_owned(),
            once: rule.once.name().to_owned(),
            clears: rule.clears.as_ref().map(Phrase::of),
            keep_firing_ms: span(rule.keep_firing),
            cooldown_ms: span(rule.cooldown),
        }
    }
}

impl Hours {
    fn of(schedule: &Schedule) -> Hours {
        let days = if schedule.days.len() == 7 { &[][..] } else { &schedule.days[..] };
        Hours {
            days: days.iter().map(|day| day.name().to_owned()).collect(),
            from: schedule.from,
            to: schedule.to,
            zone: schedule.zone.clone(),
        }
    }
}

impl Phrase {
    fn of(condition: &Condition) -> Phrase {
        let parts = |parts: &[Condition]| parts.iter().map(Phrase::of).collect::<Vec<_>>();
        match condition {
            // A group of one says what its one part says.
            Condition::All(one) | Condition::Any(one) if one.len() == 1 => Phrase::of(&one[0]),
            Condition::All(all) => Phrase::All(parts(all)),
            Condition::Any(any) => Phrase::Any(parts(any)),
            Condition::Not(part) => Phrase::Not(Box::new(Phrase::of(part))),
            Condition::Compare(comparison) => Phrase::Compare(Said::of(comparison)),
        }
    }
}

impl Unit {
    /// How the numbers of a field are written.
    pub fn of(field: &Field) -> Unit {
        match field {
            Field::QueueWaitMs | Field::QueueLongestWaitMs => Unit::Duration,
            Field::SentimentConfidence => Unit::Percent,
            _ => Unit::Plain,
        }
    }
}

impl Said {
    fn of(comparison: &Comparison) -> Said {
        let is_count = comparison.window.is_some_and(|window| window.figure == super::window::Figure::Count);
        let unit = if is_count { Unit::Plain } else { Unit::of(&comparison.field) };
        Said {
            field: comparison.field.name().to_owned(),
            window: comparison.window.map(|window| window.seen()),
            operator: comparison.operator.name().to_owned(),
            value: comparison.value.clone(),
            unit,
        }
    }
}

#[cfg(test)]
mod tests;
