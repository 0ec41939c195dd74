use super::*;
use crate::api::contract::event;

const LOW: Condition = Condition::number(Field::SentimentScore, Op::Lt, -0.5);
const SURE: Condition = Condition::number(Field::SentimentConfidence, Op::Ge, 0.8);
const LONG: Condition = Condition::number(Field::QueueWaitMs, Op::Gt, 120_000.0);

fn evaluate(condition: &Condition, frame: &str) -> Option<bool> {
    condition.evaluate(&event::parse(frame.as_bytes()).unwrap())
}

fn score(score: &str) -> String {
    format!(r#"{{"id":"i","sentiment":{{"score":{score}}}}}"#)
}

#[test]
fn comparisons_follow_their_sign() {
    let holds = |op, score: f64| {
        evaluate(&Condition::number(Field::SentimentScore, op, -0.5), &self::score(&score.to_string()))
    };
    for (op, below, same, above) in [
        (Op::Lt, true, false, false),
        (Op::Le, true, true, false),
        (Op::Gt, false, false, true),
        (Op::Ge, false, true, true),
        (Op::Eq, false, true, false),
        (Op::Ne, true, false, true),
    ] {
        assert_eq!([holds(op, -0.51), holds(op, -0.5), holds(op, -0.49)], [Some(below), Some(same), Some(above)]);
    }
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
fn text_is_compared_for_equality_only_and_never_with_a_number() {
    let queue = |op, value| Condition::Compare { field: Field::Queue, op, value };
    let frame = r#"{"id":"i","routing":{"queueName":"Billing","queueWaitTimeMs":1}}"#;
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(evaluate(&queue(Op::Eq, text("Billing")), frame), Some(true));
    assert_eq!(evaluate(&queue(Op::Eq, text("billing")), frame), Some(false));
    assert_eq!(evaluate(&queue(Op::Ne, text("Sales")), frame), Some(true));
    assert_eq!(evaluate(&queue(Op::Lt, text("Sales")), frame), None);
    assert_eq!(evaluate(&queue(Op::Ne, Value::Number(1.0)), frame), None);
    let wait = Condition::Compare { field: Field::QueueWaitMs, op: Op::Ne, value: text("1") };
    assert_eq!(evaluate(&wait, frame), None);
}

#[test]
fn a_threshold_that_is_no_number_makes_nothing_true() {
    assert_eq!(evaluate(&Condition::number(Field::SentimentScore, Op::Ne, f64::NAN), &score("0")), None);
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
        Condition::Not(Box::new(Condition::Compare {
            field: Field::Kind,
            op: Op::Eq,
            value: Value::Text("disposition".to_owned()),
        })),
    ]);
    let json = serde_json::to_string(&condition).unwrap();
    assert!(json.contains(r#"{"compare":{"field":"sentimentScore","op":"lt","value":-0.5}}"#), "{json}");
    assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), condition);
}
