use super::*;
use crate::api::contract::event;

const LOW: Condition = Condition::number(Field::SentimentScore, Operator::Below, -0.5);
const SURE: Condition = Condition::number(Field::SentimentConfidence, Operator::AtLeast, 0.8);
const LONG: Condition = Condition::number(Field::QueueWaitMs, Operator::Above, 120_000.0);

fn evaluate(condition: &Condition, frame: &str) -> Option<bool> {
    condition.evaluate(&event::parse(frame.as_bytes()).unwrap())
}

fn score(score: &str) -> String {
    format!(r#"{{"id":"i","sentiment":{{"score":{score}}}}}"#)
}

#[test]
fn missing_data_is_unknown_and_stays_so_when_negated() {
    let not_low = Condition::Not(Box::new(LOW));
    assert_eq!(evaluate(&LOW, r#"{"id":"i"}"#), None);
    assert_eq!(evaluate(&not_low, r#"{"id":"i"}"#), None);
    assert_eq!(evaluate(&not_low, &score("0.2")), Some(true));
}

#[test]
fn what_is_known_decides_wherever_it_can() {
    let both = Condition::All(vec![LOW, SURE]);
    let either = Condition::Any(vec![LOW, LONG]);
    assert_eq!(evaluate(&both, &score("-0.9")), None);
    assert_eq!(evaluate(&both, &score("0.9")), Some(false));
    assert_eq!(evaluate(&either, &score("-0.9")), Some(true));
    assert_eq!(evaluate(&either, &score("0.9")), None);
    assert_eq!(evaluate(&Condition::All(vec![]), r#"{"id":"i"}"#), Some(true));
    assert_eq!(evaluate(&Condition::Any(vec![]), r#"{"id":"i"}"#), Some(false));
}

#[test]
fn a_condition_nested_too_deep_is_unknown() {
    let nested = |levels: u32| (0..levels).fold(LOW, |inner, _| Condition::Not(Box::new(inner)));
    assert_eq!(evaluate(&nested(DEPTH_LIMIT - 1), &score("-0.9")), Some(false));
    assert_eq!(evaluate(&nested(DEPTH_LIMIT), &score("-0.9")), None);
}

#[test]
fn a_condition_reads_back_what_it_writes() {
    let condition = Condition::Any(vec![
        Condition::All(vec![LOW, SURE]),
        Condition::Not(Box::new(Condition::Compare(Comparison {
            field: Field::Kind,
            window: None,
            operator: Operator::OneOf,
            value: Some(Value::Texts(vec!["disposition".to_owned()])),
        }))),
        Condition::Compare(Comparison { field: Field::Queue, window: None, operator: Operator::Present, value: None }),
    ]);
    let json = serde_json::to_string(&condition).unwrap();
    assert!(json.contains(r#"{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#), "{json}");
    assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), condition);
}

#[test]
fn evidence_names_each_comparison_with_what_was_seen_and_stays_bounded() {
    let condition = Condition::All(vec![LOW, Condition::Not(Box::new(SURE))]);
    let frame = score("-0.9");
    let event = event::parse(frame.as_bytes()).unwrap();
    let mut evidence = Vec::new();
    condition.explain("unsure", &Scene::of(&event), &mut evidence);
    let said: Vec<_> =
        evidence.iter().map(|one| (&*one.field, one.seen.clone(), &*one.operator, one.verdict)).collect();
    let seen = Some(Value::Number(-0.9));
    assert_eq!(said, [("sentimentScore", seen, "below", Some(true)), ("sentimentConfidence", None, "atLeast", None)]);
    Condition::Any(vec![LOW; 100]).explain("many", &Scene::of(&event), &mut evidence);
    assert_eq!(evidence.len(), EVIDENCE_LIMIT);
}

#[test]
fn a_text_that_is_too_long_to_compare_is_no_data() {
    let is = Condition::Compare(Comparison {
        field: Field::Kind,
        window: None,
        operator: Operator::Contains,
        value: Some(Value::Text("x".to_owned())),
    });
    let kind = |length: usize| format!(r#"{{"id":"i","type":"{}"}}"#, "x".repeat(length));
    assert_eq!([1_024, 1_025].map(|length| evaluate(&is, &kind(length))), [Some(true), None]);
}
