//! A rule that fired, with all that its card and its log entry say.

use std::sync::Arc;

use super::condition::EVIDENCE_LIMIT;
use super::window::Scene;
use super::{Mode, Once, Rule};
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
    /// When it became due: an event's instant, or the one that time brought.
    pub at: Millis,
    /// Every rule that was due at the same event, this one included, in order.
    pub with: Vec<Arc<Rule>>,
    /// The evidence: first of this rule, then of others.
    pub evidence: Vec<Evidence>,
    /// The critical rule that fires for the same interaction: while it does, this firing becomes no card.
    pub muted_by: Option<String>,
    /// Another interaction has the card for all of the queue. Set where cards are made, because the evaluator knows
    /// none.
    pub grouped: bool,
}

impl Firing {
    /// Whether it is logged only, because its rule is being tried.
    pub fn is_shadow(&self) -> bool {
        self.rule.mode == Mode::Shadow
    }

    /// Why the card is due, in words. A card for the whole interaction names every rule that is due.
    pub fn reason(&self) -> String {
        if self.rule.once != Once::Interaction {
            return self.rule.reason(&self.event);
        }
        let reasons: Vec<String> = self.with.iter().map(|rule| rule.reason(&self.event)).collect();
        reasons.join("; ")
    }
}

/// The evidence of a rule that is due, and then of others, until there is [`EVIDENCE_LIMIT`] of it.
pub(super) fn evidence<'r>(rule: &Rule, all: impl Iterator<Item = &'r Rule>, scene: &Scene<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if rule.hold > Millis::ZERO {
        evidence.push(held(rule));
    }
    rule.condition.explain(&rule.id, scene, &mut evidence);
    for other in all.filter(|other| other.id != rule.id && other.queues.hear(scene.event.queue.as_deref())) {
        if evidence.len() == EVIDENCE_LIMIT {
            break;
        }
        other.condition.explain(&other.id, scene, &mut evidence);
    }
    evidence
}

fn held(rule: &Rule) -> Evidence {
    #[expect(clippy::cast_precision_loss, reason = "a hold of days is far below 2⁵³")]
    let hold = Some(Value::Number(rule.hold.0 as f64));
    Evidence {
        rule: rule.id.clone(),
        field: HELD.to_owned(),
        window: None,
        incomplete: false,
        seen: hold.clone(),
        operator: super::Operator::AtLeast.name().to_owned(),
        threshold: hold,
        verdict: Some(true),
    }
}
