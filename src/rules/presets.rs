//! The two rules that ship, made from the settings.

use std::sync::Arc;

use super::text::{CardSpec, QueueNames, RuleSet, RuleSpec, VERSION};
use super::{Condition, Field, Mode, Once, Operator, Rule};
use crate::model::card::CardTemplate;
use crate::model::time::Millis;

/// The id of the rule on sentiment.
pub const NEGATIVE_SENTIMENT: &str = "negative-sentiment";

/// The id of the rule on waiting.
pub const LONG_WAIT: &str = "long-wait";

/// The settings from which the two rules that ship are made.
#[derive(Debug, Clone)]
pub struct Presets<'s> {
    /// A score below this is negative.
    pub sentiment_threshold: f64,
    /// The least confidence of a score that counts.
    pub minimum_confidence: f64,
    /// A wait above this is long.
    pub queue_wait_threshold: Millis,
    /// Patterns of the queues that count; all if empty.
    pub include_queues: &'s [String],
    /// Patterns of the queues that do not count.
    pub exclude_queues: &'s [String],
    /// How often they fire.
    pub once: Once,
    /// The card of both rules.
    pub card: CardTemplate,
}

impl Presets<'_> {
    /// The two rules, in the order in which they fire.
    pub fn compile(&self) -> Vec<Arc<Rule>> {
        let unnamed = |rule: &RuleSpec| Arc::new(Rule { name: None, ..rule.compile() });
        self.rule_set().rules.iter().map(unnamed).collect()
    }

    /// The two rules as a rule set, for a person who goes on from there.
    pub fn rule_set(&self) -> RuleSet {
        let rules = [
            (
                (NEGATIVE_SENTIMENT, "Negative sentiment"),
                self.negative_sentiment(),
                "Negative sentiment detected ({score})",
            ),
            ((LONG_WAIT, "Long wait"), self.long_wait(), "Queue wait time exceeded ({wait})"),
        ];
        let rule = |((id, name), when, reason): ((&str, &str), Condition, &str)| RuleSpec {
            id: id.to_owned(),
            name: name.to_owned(),
            enabled: true,
            mode: Mode::Live,
            severity: self.card.kind,
            when,
            hold: Millis::ZERO,
            clears: None,
            keep_firing: Millis::ZERO,
            cooldown: Millis::ZERO,
            once: self.once,
            queues: QueueNames { include: self.include_queues.to_vec(), exclude: self.exclude_queues.to_vec() },
            schedule: None,
            card: CardSpec {
                title: self.card.title.clone(),
                content: self.card.content.clone(),
                reason: Some(reason.to_owned()),
            },
            note: String::new(),
            examples: Vec::new(),
        };
        RuleSet { version: VERSION, rules: rules.map(rule).into() }
    }

    /// `score < threshold`; where a minimum confidence is set, an event must also say that it is at least that sure.
    fn negative_sentiment(&self) -> Condition {
        let mut parts = vec![Condition::number(Field::SentimentScore, Operator::Below, self.sentiment_threshold)];
        if self.minimum_confidence > 0.0 {
            parts.push(Condition::number(Field::SentimentConfidence, Operator::AtLeast, self.minimum_confidence));
        }
        Condition::All(parts)
    }

    /// `wait > threshold`.
    fn long_wait(&self) -> Condition {
        #[expect(clippy::cast_precision_loss, reason = "a day of milliseconds is far below 2⁵³")]
        let threshold = self.queue_wait_threshold.0 as f64;
        Condition::number(Field::QueueWaitMs, Operator::Above, threshold)
    }
}
