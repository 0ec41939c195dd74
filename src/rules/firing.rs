//! A rule that fired, with all that its card and its log entry say.

use std::sync::Arc;

use super::condition::EVIDENCE_LIMIT;
use super::{Once, Rule};
use crate::model::event::Event;
use crate::model::history::evidence::{Evidence, Value};
use crate::model::time::Millis;

/// The field under which evidence says how long a condition has been true.
const HELD: &str = "heldMs";

/// A rule that is due a card for an interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Which of its firings this is, counted from 1.
    pub episode: u32,
    /// The event it rests on: the one just heard, or the last one before the hold ended.
    pub event: Event<'static>,
    /// Every rule that was due at the same event, this one included, in order.
    pub with: Vec<Arc<Rule>>,
    /// What was seen against what was asked for: first for this rule, then for others.
    pub evidence: Vec<Evidence>,
}

impl Firing {
    pub(super) fn new(
        rule: &Arc<Rule>,
        episode: u32,
        event: Event<'static>,
        with: Vec<Arc<Rule>>,
        all: &[Arc<Rule>],
    ) -> Firing {
        let mut evidence = Vec::new();
        if rule.hold > Millis::ZERO {
            evidence.push(held(rule));
        }
        rule.condition.explain(&rule.id, &event, &mut evidence);
        for other in all.iter().filter(|other| other.id != rule.id && other.queues.hear(event.queue.as_deref())) {
            if evidence.len() == EVIDENCE_LIMIT {
                break;
            }
            other.condition.explain(&other.id, &event, &mut evidence);
        }
        Firing { rule: Arc::clone(rule), episode, event, with, evidence }
    }

    /// Why the card is due, in words. A card that stands for its whole interaction says it for every rule that is due.
    pub fn reason(&self) -> String {
        if self.rule.once != Once::Interaction {
            return self.rule.reason(&self.event);
        }
        let reasons: Vec<String> = self.with.iter().map(|rule| rule.reason(&self.event)).collect();
        reasons.join("; ")
    }
}

fn held(rule: &Rule) -> Evidence {
    #[expect(clippy::cast_precision_loss, reason = "a hold of days is far below 2⁵³")]
    let hold = Some(Value::Number(rule.hold.0 as f64));
    Evidence {
        rule: rule.id.clone(),
        field: HELD.to_owned(),
        seen: hold.clone(),
        operator: super::Operator::AtLeast.name().to_owned(),
        threshold: hold,
        verdict: Some(true),
    }
}
