//! Triggers of every version. Earlier ones had fixed fields in place of evidence; they are converted here and nowhere
//! else.

use super::evidence::{Evidence, Value};
use super::{Course, End, Trigger, Try};
use crate::model::json::FromJson;
use crate::model::sorted;
use crate::model::time::Millis;

/// The two rules of the versions that had fixed fields.
const NEGATIVE_SENTIMENT: &str = "negative-sentiment";
const LONG_WAIT: &str = "long-wait";

/// A trigger of the activity log, or the part of one that a card's record holds.
#[derive(FromJson)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fields {
    at: Option<Millis>,
    interaction: Option<String>,
    rule: Option<String>,
    reason: Option<String>,
    queue: Option<String>,
    evidence: Option<Vec<Evidence>>,
    durable_at: Option<Millis>,
    tries: Vec<Try>,
    end: Option<End>,
    ended_at: Option<Millis>,
    signal: Option<u16>,
    // The fixed fields follow.
    score: Option<f64>,
    confidence: Option<f64>,
    wait_ms: Option<f64>,
    sentiment_threshold: Option<f64>,
    wait_threshold_ms: Option<f64>,
    minimum_confidence: Option<f64>,
}

impl Fields {
    /// The trigger, if nothing is missing.
    pub(super) fn trigger(mut self) -> Option<Trigger> {
        Some(Trigger {
            at: self.at?,
            interaction: self.interaction.take()?,
            rule: self.rule.clone()?,
            reason: self.reason.take()?,
            queue: self.queue.take(),
            evidence: self.take_evidence(),
            durable_at: self.durable_at,
            tries: self.tries,
            end: self.end,
            ended_at: self.ended_at,
            signal: self.signal,
        })
    }

    /// The part of a card's record beyond the card. Earlier versions held the whole trigger there.
    pub(super) fn course(mut self) -> Course {
        let evidence = self.take_evidence();
        Course {
            evidence,
            durable_at: self.durable_at,
            tries: self.tries,
            end: self.end,
            ended_at: self.ended_at,
            signal: self.signal,
        }
    }

    fn take_evidence(&mut self) -> Vec<Evidence> {
        self.evidence.take().unwrap_or_else(|| self.as_evidence())
    }

    /// The evidence of the fixed fields, first of the rule that fired.
    fn as_evidence(&self) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        if let Some(threshold) = self.sentiment_threshold {
            let asked = Asked { rule: NEGATIVE_SENTIMENT, field: "sentimentScore", operator: "below", threshold };
            evidence.push(asked.of(self.score, |seen| seen < threshold));
            // A confidence was logged even where none was asked for; no event has less than 0.
            let threshold = self.minimum_confidence.unwrap_or_default();
            if threshold > 0.0 || self.confidence.is_some() {
                let asked = Asked { field: "sentimentConfidence", operator: "atLeast", threshold, ..asked };
                evidence.push(asked.of(self.confidence, |seen| seen >= threshold));
            }
        }
        if let Some(threshold) = self.wait_threshold_ms {
            let asked = Asked { rule: LONG_WAIT, field: "queueWaitMs", operator: "above", threshold };
            evidence.push(asked.of(self.wait_ms, |seen| seen > threshold));
        }
        let is_other = |one: &Evidence| self.rule.as_ref() != Some(&one.rule);
        sorted::sort_by(&mut evidence, |one, other| is_other(one).cmp(&is_other(other)));
        evidence
    }
}

#[derive(Clone, Copy)]
struct Asked {
    rule: &'static str,
    field: &'static str,
    operator: &'static str,
    threshold: f64,
}

impl Asked {
    fn of(self, seen: Option<f64>, test: impl Fn(f64) -> bool) -> Evidence {
        Evidence {
            rule: self.rule.to_owned(),
            field: self.field.to_owned(),
            window: None,
            incomplete: false,
            seen: seen.map(Value::Number),
            operator: self.operator.to_owned(),
            threshold: Some(Value::Number(self.threshold)),
            verdict: seen.map(test),
        }
    }
}

#[cfg(test)]
#[path = "past/tests.rs"]
mod tests;
