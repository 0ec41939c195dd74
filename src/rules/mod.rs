//! Which events are due a card: the rules in force, and the queues they listen to.

pub mod pattern;
pub mod rule;

pub use rule::{Condition, Field, Op, Rule, Value, joined_reason, reason};

use crate::model::card::CardTemplate;
use crate::model::event::Event;
use crate::model::history::Verdict;
use crate::model::time::Millis;
use pattern::Pattern;

/// The id of the rule on sentiment.
pub const NEGATIVE_SENTIMENT: &str = "negative-sentiment";

/// The id of the rule on waiting.
pub const LONG_WAIT: &str = "long-wait";

/// What the two rules that ship are made from.
#[derive(Debug, Clone, Copy)]
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
    /// The card of both rules.
    pub card: &'s CardTemplate,
}

/// The rules in force, ready to be asked. Asking allocates nothing.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Rules {
    /// The two rules that ship.
    pub fn compile(presets: &Presets<'_>) -> Rules {
        let patterns = |names: &[String]| names.iter().map(|name| Pattern::new(name)).collect();
        Rules {
            rules: vec![negative_sentiment(presets), long_wait(presets)],
            include: patterns(presets.include_queues),
            exclude: patterns(presets.exclude_queues),
        }
    }

    /// Every rule, true or not.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that are true for this event, in order, each with its place in [`Rules::all`]; none where its queue is
    /// not listened to.
    pub fn true_rules<'r>(&'r self, event: &Event<'_>) -> impl Iterator<Item = (usize, &'r Rule)> {
        let rules = if self.listens_to(event.queue.as_deref()) { &self.rules[..] } else { &[] };
        rules.iter().enumerate().filter(move |(_, rule)| rule.is_true(event))
    }

    /// Each rule's verdict on an event whose queue is listened to.
    pub fn verdicts(&self, event: &Event<'_>) -> Vec<Verdict> {
        let verdict = |rule: &Rule| Verdict { rule: rule.id.clone(), is_true: rule.condition.evaluate(event) };
        self.rules.iter().map(verdict).collect()
    }

    /// Whether events of this queue count. An excluded queue never does; where some are included, only these do, and an
    /// event that names no queue does not.
    pub fn listens_to(&self, queue: Option<&str>) -> bool {
        let any = |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
        match queue {
            None => self.include.is_empty(),
            Some(name) => !any(&self.exclude, name) && (self.include.is_empty() || any(&self.include, name)),
        }
    }
}

/// `score < threshold`; where a minimum confidence is set, an event must also say that it is at least that sure.
fn negative_sentiment(presets: &Presets<'_>) -> Rule {
    let mut parts = vec![Condition::number(Field::SentimentScore, Op::Lt, presets.sentiment_threshold)];
    if presets.minimum_confidence > 0.0 {
        parts.push(Condition::number(Field::SentimentConfidence, Op::Ge, presets.minimum_confidence));
    }
    Rule {
        id: NEGATIVE_SENTIMENT.to_owned(),
        condition: Condition::All(parts),
        reason: "Negative sentiment detected ({score})".to_owned(),
        card: presets.card.clone(),
    }
}

/// `wait > threshold`.
fn long_wait(presets: &Presets<'_>) -> Rule {
    #[expect(clippy::cast_precision_loss, reason = "a day of milliseconds is far below 2⁵³")]
    let threshold = presets.queue_wait_threshold.0 as f64;
    Rule {
        id: LONG_WAIT.to_owned(),
        condition: Condition::number(Field::QueueWaitMs, Op::Gt, threshold),
        reason: "Queue wait time exceeded ({wait})".to_owned(),
        card: presets.card.clone(),
    }
}

#[cfg(test)]
mod tests;
