//! The supervisor's settings, as the oracle assumes them, and which rules an event makes true under them.

use clap::ValueEnum;
use serde::Serialize;

use crate::event::Seen;

/// How often one interaction may get a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OncePer {
    /// One card ever, whichever rule is first.
    Interaction,
    /// One card for each rule.
    Rule,
}

/// The settings under which a card is due.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// A score below this is negative.
    pub sentiment_threshold: f64,
    /// A wait above this, in milliseconds, is long.
    pub wait_threshold_ms: f64,
    /// A score with less confidence does not count; 0 asks for none at all.
    pub min_confidence: f64,
    /// How often.
    pub once_per: OncePer,
    /// Only these queues (`*` is a wildcard); empty means all.
    pub include_queues: Vec<String>,
    /// Not these queues.
    pub exclude_queues: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            sentiment_threshold: -0.5,
            wait_threshold_ms: 120_000.0,
            min_confidence: 0.0,
            once_per: OncePer::Interaction,
            include_queues: Vec::new(),
            exclude_queues: Vec::new(),
        }
    }
}

/// The rules one event, or several, made true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleSet {
    /// Negative sentiment.
    pub sentiment: bool,
    /// Long wait.
    pub wait: bool,
}

impl RuleSet {
    /// How many.
    #[must_use]
    pub fn len(self) -> u32 {
        u32::from(self.sentiment) + u32::from(self.wait)
    }

    /// None at all.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The rules in either set.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { sentiment: self.sentiment || other.sentiment, wait: self.wait || other.wait }
    }

    /// The rules in this set and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self { sentiment: self.sentiment && !other.sentiment, wait: self.wait && !other.wait }
    }
}

impl Rules {
    /// Which rules this event makes true. Missing data makes none true.
    #[must_use]
    pub fn judge(&self, event: &Seen) -> RuleSet {
        if !self.queue_admitted(event.queue.as_deref()) {
            return RuleSet::default();
        }
        let confident =
            self.min_confidence <= 0.0 || event.confidence.is_some_and(|confidence| confidence >= self.min_confidence);
        RuleSet {
            sentiment: confident && event.score.is_some_and(|score| score < self.sentiment_threshold),
            wait: event.wait_ms.is_some_and(|wait| wait > self.wait_threshold_ms),
        }
    }

    /// Whether it matters which queue an event is of.
    #[must_use]
    pub fn filters_queues(&self) -> bool {
        !self.include_queues.is_empty() || !self.exclude_queues.is_empty()
    }

    fn queue_admitted(&self, queue: Option<&str>) -> bool {
        let named_in =
            |patterns: &[String]| queue.is_some_and(|name| patterns.iter().any(|pattern| matches(pattern, name)));
        (self.include_queues.is_empty() || named_in(&self.include_queues)) && !named_in(&self.exclude_queues)
    }
}

/// Whether a name fits a pattern, in which `*` matches any run of characters. Upper and lower case are the same, and
/// white space around a name does not count.
fn matches(pattern: &str, name: &str) -> bool {
    let fold = |text: &str| text.trim().chars().flat_map(char::to_lowercase).collect::<String>();
    let (pattern, name) = (fold(pattern), fold(name));
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(frame: &str) -> Seen {
        Seen::read(frame.as_bytes()).expect("an event")
    }

    #[test]
    fn both_thresholds_are_strict() {
        let rules = Rules::default();
        let at = seen(r#"{"id":"a","type":"x","sentiment":{"score":-0.5},"routing":{"queueWaitTimeMs":120000}}"#);
        assert!(rules.judge(&at).is_empty());
        let over = seen(r#"{"id":"a","type":"x","sentiment":{"score":-0.5001},"routing":{"queueWaitTimeMs":120001}}"#);
        assert_eq!(rules.judge(&over).len(), 2);
    }

    #[test]
    fn missing_data_makes_no_rule_true() {
        let rules = Rules { include_queues: vec!["*".into()], min_confidence: 0.5, ..Rules::default() };
        assert!(
            rules
                .judge(&seen(r#"{"id":"a","type":"x","sentiment":null,"routing":{"queueWaitTimeMs":null}}"#))
                .is_empty()
        );
        assert!(rules.judge(&seen(r#"{"id":"a","type":"x","sentiment":{"score":-1}}"#)).is_empty());
        assert!(
            rules
                .judge(&seen(r#"{"id":"a","type":"x","sentiment":{"score":-1},"routing":{"queueName":"q"}}"#))
                .is_empty()
        );
        assert!(
            !rules
                .judge(&seen(
                    r#"{"id":"a","type":"x","sentiment":{"score":-1,"confidence":0.5},"routing":{"queueName":"q"}}"#
                ))
                .is_empty()
        );
    }

    #[test]
    fn queue_patterns_match_whole_names() {
        assert!(
            matches("bill*", "billing")
                && matches("*ing", "billing")
                && matches("b*l*g", "billing")
                && matches("*", "")
        );
        assert!(!matches("bill", "billing") && !matches("b*x*g", "billing") && !matches("ab*ba", "aba"));
    }

    #[test]
    fn queue_names_match_without_regard_to_case() {
        assert!(matches("BILL*", "billing") && matches("*straße", "HAUPTSTRAßE") && matches("ÉTÉ", "été"));
        assert!(matches(" sales ", "Sales\t"));
        let rules = Rules { exclude_queues: vec!["sales".into()], ..Rules::default() };
        let event = r#"{"id":"a","type":"x","sentiment":{"score":-1},"routing":{"queueName":"SALES"}}"#;
        assert!(rules.judge(&seen(event)).is_empty());
    }

    #[test]
    fn frames_that_are_no_events_are_not_read() {
        for frame in [
            r#"{"id":""}"#,
            r#"{"id":".."}"#,
            r#"{"id":1}"#,
            r#"[]"#,
            r#"{"id":"a"} x"#,
            r#"{"id":"a","sentiment":{"score":1e999}}"#,
            r#"{"id":"\ud800"}"#,
            r#"{"id":"a","sentiment":{"score":"-1"}}"#,
        ] {
            assert_eq!(Seen::read(frame.as_bytes()), None, "{frame}");
        }
        assert_eq!(Seen::read("\u{feff}{\"id\":\"a\"}".as_bytes()), None);
        let deep = format!(r#"{{"id":"a","x":{}{}}}"#, "[".repeat(64), "]".repeat(64));
        assert_eq!(Seen::read(deep.as_bytes()), None);
    }
}
