use super::*;
use crate::api::contract::event;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::settings;

const CONNECTION: &str = "https://acme.cxone.com";

fn rules(fields: &str) -> Evaluator {
    let text = format!(r#"{{"organization":"acme","clientId":"c"{fields}}}"#);
    let mut evaluator = Evaluator::default();
    evaluator
        .adopt(Fingerprint::of(CONNECTION), Presets::from(&settings::parse(&text, false).unwrap().settings).compile());
    evaluator
}

fn fire(rules: &mut Evaluator, frame: &str) -> Vec<Firing> {
    rules.observe(Millis(1), &event::parse(frame.as_bytes()).unwrap(), |_, _| true)
}

fn frame(score: &str, confidence: &str, wait: &str, queue: &str) -> String {
    format!(
        r#"{{"id":"i","sentiment":{{"score":{score},"confidence":{confidence}}},
            "routing":{{"queueWaitTimeMs":{wait},"queueName":{queue}}}}}"#
    )
}

fn true_ids(rules: &mut Evaluator, frame: &str) -> Vec<String> {
    fire(rules, frame).into_iter().map(|firing| firing.rule.id.clone()).collect()
}

fn said(rules: &mut Evaluator, frame: &str) -> String {
    fire(rules, frame)[0].reason()
}

#[test]
fn both_thresholds_are_strict() {
    let mut rules = rules("");
    assert!(true_ids(&mut rules, &frame("-0.5", "1", "120000", "null")).is_empty());
    assert_eq!(true_ids(&mut rules, &frame("-0.5001", "1", "120000", "null")), [NEGATIVE_SENTIMENT]);
    assert_eq!(true_ids(&mut rules, &frame("-0.5", "1", "120000.5", "null")), [LONG_WAIT]);
    assert_eq!(true_ids(&mut rules, &frame("-1", "1", "120001", "null")), [NEGATIVE_SENTIMENT, LONG_WAIT]);
}

#[test]
fn missing_data_triggers_nothing_even_where_zero_would() {
    let mut rules = rules(r#","sentimentThreshold":1,"queueWaitThresholdSeconds":0"#);
    assert!(true_ids(&mut rules, r#"{"id":"i"}"#).is_empty());
    assert!(true_ids(&mut rules, &frame("null", "1", "null", "null")).is_empty());
}

#[test]
fn a_minimum_confidence_asks_the_event_to_be_that_sure() {
    let mut rules = rules(r#","minimumConfidence":0.8"#);
    assert_eq!(true_ids(&mut rules, &frame("-0.9", "0.8", "0", "null")), [NEGATIVE_SENTIMENT]);
    assert!(true_ids(&mut rules, &frame("-0.9", "0.79", "0", "null")).is_empty());
    assert!(true_ids(&mut rules, &frame("-0.9", "null", "0", "null")).is_empty());
    assert_eq!(true_ids(&mut self::rules(""), &frame("-0.9", "null", "0", "null")), [NEGATIVE_SENTIMENT]);
}

#[test]
fn evidence_says_of_each_comparison_whether_it_was_true() {
    let mut rules = rules(r#","minimumConfidence":0.8"#);
    let mut verdicts = |frame: &str| {
        let firing = fire(&mut rules, frame).pop().unwrap();
        assert_eq!(firing.rule.id, LONG_WAIT);
        firing.evidence.into_iter().map(|one| (one.field, one.verdict)).collect::<Vec<_>>()
    };
    let expected = |confident| {
        [("queueWaitMs", Some(true)), ("sentimentScore", Some(true)), ("sentimentConfidence", confident)]
            .map(|(field, verdict)| (field.to_owned(), verdict))
    };
    assert_eq!(verdicts(&frame("-0.9", "0.79", "120001", "null")), expected(Some(false)));
    assert_eq!(verdicts(&frame("-0.9", "null", "120001", "null")), expected(None), "no data");
}

#[test]
fn the_reason_names_each_rule_that_is_true_with_its_value() {
    let mut rules = rules("");
    assert_eq!(said(&mut rules, &frame("-0.72", "1", "0", "null")), "Negative sentiment detected (-0.72)");
    assert_eq!(said(&mut rules, &frame("0", "1", "125000", "null")), "Queue wait time exceeded (125000ms)");
    assert_eq!(
        said(&mut rules, &frame("-0.7249", "1", "125000", "null")),
        "Negative sentiment detected (-0.72); Queue wait time exceeded (125000ms)"
    );
}

#[test]
fn excluded_queues_are_not_listened_to_and_included_ones_alone_are() {
    let low = |queue: &str| frame("-0.9", "1", "0", queue);
    let heard = |rules: &mut Evaluator, queue: &str| !true_ids(rules, &low(queue)).is_empty();
    let mut include = rules(r#","includeQueues":["Sales*","billing"]"#);
    assert!(heard(&mut include, r#""sales EMEA""#) && heard(&mut include, r#""Billing""#));
    assert!(!heard(&mut include, r#""Support""#) && !heard(&mut include, "null"));
    let mut exclude = rules(r#","excludeQueues":["*test*"]"#);
    assert!(heard(&mut exclude, r#""Support""#) && heard(&mut exclude, "null"));
    assert!(!heard(&mut exclude, r#""Support TEST 2""#));
    let mut both = rules(r#","includeQueues":["Sales*"],"excludeQueues":["Sales test"]"#);
    assert!(heard(&mut both, r#""Sales""#) && !heard(&mut both, r#""Sales test""#));
}
