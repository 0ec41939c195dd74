//! Triggers of every version. Earlier ones had fixed fields in place of evidence; they are converted here and nowhere else.

use serde::Deserialize;

use super::evidence::{Evidence, Value};
use super::{Course, End, Trigger, Try};
use crate::model::time::Millis;

/// The two rules of the versions that had fixed fields.
const NEGATIVE_SENTIMENT: &str = "negative-sentiment";
const LONG_WAIT: &str = "long-wait";

/// A trigger as the activity log holds it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AnyTrigger {
    at: Millis,
    interaction: String,
    rule: String,
    reason: String,
    queue: Option<String>,
    #[serde(flatten)]
    fields: Fields,
}

/// A trigger within a card's record. Earlier versions held the whole trigger there.
#[derive(Deserialize)]
pub(super) struct AnyCourse {
    #[serde(default)]
    rule: String,
    #[serde(flatten)]
    fields: Fields,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    evidence: Option<Vec<Evidence>>,
    durable_at: Option<Millis>,
    tries: Vec<Try>,
    end: Option<End>,
    ended_at: Option<Millis>,
    // What follows are the fixed fields.
    score: Option<f64>,
    confidence: Option<f64>,
    wait_ms: Option<f64>,
    sentiment_threshold: Option<f64>,
    wait_threshold_ms: Option<f64>,
    minimum_confidence: Option<f64>,
}

impl From<AnyTrigger> for Trigger {
    fn from(any: AnyTrigger) -> Trigger {
        let AnyTrigger { at, interaction, rule, reason, queue, fields } = any;
        let Course { evidence, durable_at, tries, end, ended_at } = fields.course(&rule);
        Trigger { at, interaction, rule, reason, queue, evidence, durable_at, tries, end, ended_at }
    }
}

impl From<AnyCourse> for Course {
    fn from(any: AnyCourse) -> Course {
        any.fields.course(&any.rule)
    }
}

impl Fields {
    fn course(mut self, rule: &str) -> Course {
        let evidence = self.evidence.take().unwrap_or_else(|| self.as_evidence(rule));
        let Fields { durable_at, tries, end, ended_at, .. } = self;
        Course { evidence, durable_at, tries, end, ended_at }
    }

    /// What the fixed fields say, first for the rule that fired.
    fn as_evidence(&self, fired: &str) -> Vec<Evidence> {
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
        evidence.sort_by_key(|one| one.rule != fired);
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
