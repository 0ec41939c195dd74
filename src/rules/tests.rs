use super::*;
use crate::api::contract::event;
use crate::settings;

fn rules(fields: &str) -> Rules {
    let text = format!(r#"{{"organization":"acme","clientId":"c"{fields}}}"#);
    Rules::compile(&Presets::from(&settings::parse(&text, false).unwrap().settings))
}

fn frame(score: &str, confidence: &str, wait: &str, queue: &str) -> String {
    format!(
        r#"{{"id":"i","sentiment":{{"score":{score},"confidence":{confidence}}},
            "routing":{{"queueWaitTimeMs":{wait},"queueName":{queue}}}}}"#
    )
}

fn true_ids(rules: &Rules, frame: &str) -> Vec<String> {
    let event = event::parse(frame.as_bytes()).unwrap();
    rules.true_rules(&event).map(|(_, rule)| rule.id.clone()).collect()
}

fn said(rules: &Rules, frame: &str) -> String {
    let event = event::parse(frame.as_bytes()).unwrap();
    joined_reason(rules.true_rules(&event).map(|(_, rule)| rule), &event)
}

#[test]
fn both_thresholds_are_strict() {
    let rules = rules("");
    assert!(true_ids(&rules, &frame("-0.5", "1", "120000", "null")).is_empty());
    assert_eq!(true_ids(&rules, &frame("-0.5001", "1", "120000", "null")), [NEGATIVE_SENTIMENT]);
    assert_eq!(true_ids(&rules, &frame("-0.5", "1", "120000.5", "null")), [LONG_WAIT]);
    assert_eq!(true_ids(&rules, &frame("-1", "1", "120001", "null")), [NEGATIVE_SENTIMENT, LONG_WAIT]);
}

#[test]
fn missing_data_triggers_nothing_even_where_zero_would() {
    let rules = rules(r#","sentimentThreshold":1,"queueWaitThresholdSeconds":0"#);
    assert!(true_ids(&rules, r#"{"id":"i"}"#).is_empty());
    assert!(true_ids(&rules, &frame("null", "1", "null", "null")).is_empty());
}

#[test]
fn a_minimum_confidence_asks_the_event_to_be_that_sure() {
    let rules = rules(r#","minimumConfidence":0.8"#);
    assert_eq!(true_ids(&rules, &frame("-0.9", "0.8", "0", "null")), [NEGATIVE_SENTIMENT]);
    assert!(true_ids(&rules, &frame("-0.9", "0.79", "0", "null")).is_empty());
    assert!(true_ids(&rules, &frame("-0.9", "null", "0", "null")).is_empty());
    assert_eq!(true_ids(&self::rules(""), &frame("-0.9", "null", "0", "null")), [NEGATIVE_SENTIMENT]);
}

#[test]
fn a_score_that_the_minimum_confidence_rejects_is_not_recorded_as_true() {
    let rules = rules(r#","minimumConfidence":0.8"#);
    let verdicts = |frame: &str| {
        let event = event::parse(frame.as_bytes()).unwrap();
        rules.verdicts(&event).into_iter().map(|verdict| verdict.is_true).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&frame("-0.9", "0.79", "120001", "null")), [Some(false), Some(true)]);
    assert_eq!(verdicts(&frame("-0.9", "null", "120001", "null")), [None, Some(true)], "no data");
}

#[test]
fn the_reason_names_each_rule_that_is_true_with_its_value() {
    let rules = rules("");
    assert_eq!(said(&rules, &frame("-0.72", "1", "0", "null")), "Negative sentiment detected (-0.72)");
    assert_eq!(said(&rules, &frame("0", "1", "125000", "null")), "Queue wait time exceeded (125000ms)");
    assert_eq!(
        said(&rules, &frame("-0.7249", "1", "125000", "null")),
        "Negative sentiment detected (-0.72); Queue wait time exceeded (125000ms)"
    );
}

#[test]
fn excluded_queues_are_not_listened_to_and_included_ones_alone_are() {
    let low = |queue: &str| frame("-0.9", "1", "0", queue);
    let heard = |rules: &Rules, queue: &str| !true_ids(rules, &low(queue)).is_empty();
    let include = rules(r#","includeQueues":["Sales*","billing"]"#);
    assert!(heard(&include, r#""sales EMEA""#) && heard(&include, r#""Billing""#));
    assert!(!heard(&include, r#""Support""#) && !heard(&include, "null"));
    let exclude = rules(r#","excludeQueues":["*test*"]"#);
    assert!(heard(&exclude, r#""Support""#) && heard(&exclude, "null"));
    assert!(!heard(&exclude, r#""Support TEST 2""#));
    let both = rules(r#","includeQueues":["Sales*"],"excludeQueues":["Sales test"]"#);
    assert!(heard(&both, r#""Sales""#) && !heard(&both, r#""Sales test""#));
}
