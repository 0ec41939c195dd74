//! A rule set as data: what a text says, parsed.

use std::sync::Arc;

use serde_json::Value as Json;
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::card::{CONTENT, CardKind, CardTemplate, TITLE};
use crate::model::json::{self, ToJson, Writer};
use crate::model::time::Millis;
use crate::rules::{Condition, Mode, Once, Queues, Rule, Schedule};

/// The version of texts that this version writes.
pub const VERSION: u32 = 1;

/// Rules that are active together.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[serde(rename_all = "camelCase")]
pub struct RuleSet {
    /// [`VERSION`].
    pub version: u32,
    /// In the order in which they fire.
    pub rules: Vec<RuleSpec>,
}

/// One rule as a person writes it.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[serde(rename_all = "camelCase")]
pub struct RuleSpec {
    /// Stable; part of every `cardId`.
    pub id: String,
    /// For people.
    pub name: String,
    /// Whether the rule is active.
    pub enabled: bool,
    /// Whether its firings become cards.
    pub mode: Mode,
    /// How severe it is: the type of its card.
    pub severity: CardKind,
    /// When a card is due.
    pub when: Condition,
    /// How long that must have been true.
    #[serde(rename = "holdSeconds", serialize_with = "seconds")]
    pub hold: Millis,
    /// Hysteresis: where this is true the rule clears; where absent, as soon as `when` is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clears: Option<Condition>,
    /// How long it stays firing after its condition has ended.
    #[serde(rename = "keepFiringSeconds", serialize_with = "seconds")]
    pub keep_firing: Millis,
    /// How long after a firing no further episode begins.
    #[serde(rename = "cooldownSeconds", serialize_with = "seconds")]
    pub cooldown: Millis,
    /// How often it fires.
    pub once: Once,
    /// Which queues it hears.
    pub queues: QueueNames,
    /// When the rule is active.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "schedule")]
    pub schedule: Option<Schedule>,
    /// The card that the agent sees.
    pub card: CardSpec,
    /// For people.
    pub note: String,
    /// Its own tests.
    pub examples: Vec<Example>,
}

/// Names with `*` as wildcard.
#[derive(Debug, Clone, Default, PartialEq, ToJson)]
pub struct QueueNames {
    /// Queues to hear; all if empty.
    pub include: Vec<String>,
    /// Queues not to hear.
    pub exclude: Vec<String>,
}

/// Templates of a card.
#[derive(Debug, Clone, PartialEq, ToJson)]
pub struct CardSpec {
    /// The title.
    pub title: String,
    /// The content.
    pub content: String,
    /// Why the card is due; the rule's name where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Default for CardSpec {
    fn default() -> CardSpec {
        CardSpec { title: TITLE.to_owned(), content: CONTENT.to_owned(), reason: None }
    }
}

/// Events with their times, and the firings of the rule that are due for them.
#[derive(Debug, Clone, PartialEq, ToJson)]
pub struct Example {
    /// A name for people.
    pub name: String,
    /// In the order of their times, as a recording has them.
    pub events: Vec<ExampleEvent>,
    /// In any order.
    pub fires: Vec<Expected>,
}

/// An event at a time.
#[derive(Debug, Clone, PartialEq, ToJson)]
#[serde(rename_all = "camelCase")]
pub struct ExampleEvent {
    /// Milliseconds since a Monday, 0:00 by the clock of the rule's schedule.
    pub at_ms: u64,
    /// The message.
    pub event: Json,
}

/// A firing that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, ToJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    /// When.
    pub at_ms: u64,
    /// For which interaction.
    pub interaction: String,
    /// Which of the rule's firings for it, counted from 1.
    pub episode: u32,
}

impl RuleSet {
    /// The rules that are enabled, for the evaluator.
    pub fn compile(&self) -> Vec<Arc<Rule>> {
        self.rules.iter().filter(|rule| rule.enabled).map(|rule| Arc::new(rule.compile())).collect()
    }

    /// As stored and exported: [`super::parse`] reads it back.
    pub fn to_json(&self) -> String {
        json::indented(&json::write(self))
    }
}

impl RuleSpec {
    /// For the evaluator.
    pub fn compile(&self) -> Rule {
        let CardSpec { title, content, reason } = self.card.clone();
        Rule {
            id: self.id.clone(),
            name: Some(self.name.clone()),
            mode: self.mode,
            condition: self.when.clone(),
            hold: self.hold,
            clears: self.clears.clone(),
            keep_firing: self.keep_firing,
            cooldown: self.cooldown,
            once: self.once,
            queues: Queues::new(&self.queues.include, &self.queues.exclude),
            schedule: self.schedule.clone(),
            reason: reason.unwrap_or_else(|| self.name.clone()),
            card: CardTemplate { kind: self.severity, title, content },
        }
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the writer passes references, whatever the target takes for small"
)]
#[expect(clippy::cast_precision_loss, reason = "a day of milliseconds is far below 2⁵³")]
fn seconds(span: &Millis, json: &mut Writer) {
    match span.0 % 1_000 {
        0 => (span.0 / 1_000).to_json(json),
        _ => (span.0 as f64 / 1_000.0).to_json(json),
    }
}

/// Times as `hh:mm`.
#[expect(clippy::ref_option, reason = "the writer passes the field")]
fn schedule(schedule: &Option<Schedule>, json: &mut Writer) {
    #[derive(ToJson)]
    struct Written<'s> {
        days: Vec<&'static str>,
        from: String,
        to: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        zone: Option<&'s str>,
    }
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let written = schedule.as_ref().map(|schedule| Written {
        days: schedule.days.iter().map(|day| day.name()).collect(),
        from: time(schedule.from),
        to: time(schedule.to),
        zone: schedule.zone.as_deref(),
    });
    written.to_json(json);
}
