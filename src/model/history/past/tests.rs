use super::super::{Entry, GivenUp};
use super::*;
use crate::model::json;

/// A trigger as a version with fixed fields logged it.
fn past(rule: &str, seen: &str) -> Trigger {
    let text = format!(
        r#"{{"kind":"trigger","at":1,"interaction":"i","rule":"{rule}","reason":"r","queue":"Sales",{seen},
            "sentimentThreshold":-0.5,"waitThresholdMs":120000,"durableAt":2,
            "tries":[{{"at":3,"status":503,"tookMs":1}}],"end":null,"endedAt":null}}"#
    );
    let Entry::Trigger(trigger) = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
    *trigger
}

/// Each comparison in one line.
fn lines(evidence: &[Evidence]) -> Vec<String> {
    let number = |value: &Option<Value>| match value {
        Some(Value::Number(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    let line = |one: &Evidence| {
        let (seen, threshold) = (number(&one.seen), number(&one.threshold));
        format!("{} {} {seen} {} {threshold} {:?}", one.rule, one.field, one.operator, one.verdict)
    };
    evidence.iter().map(line).collect()
}

#[test]
fn fixed_fields_read_as_the_evidence_that_is_recorded_now() {
    let trigger = past("negative-sentiment", r#""score":-0.9,"confidence":null,"waitMs":5000"#);
    assert_eq!(
        lines(&trigger.evidence),
        [
            "negative-sentiment sentimentScore -0.9 below -0.5 Some(true)",
            "long-wait queueWaitMs 5000 above 120000 Some(false)",
        ]
    );
    assert_eq!((trigger.at, trigger.durable_at, trigger.tries.len()), (Millis(1), Some(Millis(2)), 1));
}

#[test]
fn the_rule_that_fired_comes_first_and_missing_data_has_no_verdict() {
    let trigger = past("long-wait", r#""score":null,"confidence":null,"waitMs":125000"#);
    assert_eq!(
        lines(&trigger.evidence),
        [
            "long-wait queueWaitMs 125000 above 120000 Some(true)",
            "negative-sentiment sentimentScore None below -0.5 None",
        ]
    );
}

#[test]
fn a_confidence_is_kept_whether_or_not_the_settings_asked_for_one() {
    let unasked = past("negative-sentiment", r#""score":-0.9,"confidence":0.8,"waitMs":null"#);
    assert_eq!(lines(&unasked.evidence)[1], "negative-sentiment sentimentConfidence 0.8 atLeast 0 Some(true)");
    let unsure = r#""score":-0.9,"confidence":0.8,"minimumConfidence":0.85,"waitMs":null,
        "verdicts":[{"rule":"negative-sentiment","isTrue":false}]"#;
    assert_eq!(
        lines(&past("long-wait", unsure).evidence)[2],
        "negative-sentiment sentimentConfidence 0.8 atLeast 0.85 Some(false)"
    );
}

#[test]
fn a_trigger_of_this_version_reads_as_it_was_written() {
    let mut trigger = past("long-wait", r#""score":-0.9,"confidence":0.8,"waitMs":125000"#);
    trigger.end = Some(End::GivenUp { why: GivenUp::Forbidden });
    let text = serde_json::to_string(&Entry::Trigger(Box::new(trigger.clone()))).unwrap();
    assert!(!text.contains("sentimentThreshold"), "{text}");
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), Entry::Trigger(Box::new(trigger)));
}

#[test]
fn the_trigger_of_an_earlier_card_record_reads_as_what_the_card_does_not_say() {
    let text = r#"{"at":1,"interaction":"i","rule":"long-wait","reason":"r","queue":null,"score":null,"confidence":null,
        "waitMs":125000,"sentimentThreshold":-0.5,"waitThresholdMs":120000,"durableAt":null,"tries":[],
        "end":{"is":"givenUp","why":{"why":"forbidden"}},"endedAt":9}"#;
    let course: Course = json::read(text).unwrap();
    assert_eq!(course.evidence[0].rule, "long-wait");
    assert_eq!((course.given_up(), course.ended_at), (Some(&GivenUp::Forbidden), Some(Millis(9))));
    let written = json::write(&course);
    assert!(!written.contains("interaction"), "{written}");
    assert_eq!(json::read::<Course>(&written), Some(course));
}

#[test]
fn a_trigger_that_lacks_what_every_version_writes_is_not_read() {
    let whole = r#"{"kind":"trigger","at":1,"interaction":"i","rule":"r","reason":"x","evidence":[],"tries":[]}"#;
    assert!(serde_json::from_str::<Entry>(whole).is_ok());
    for part in [r#""at":1,"#, r#""interaction":"i","#, r#""rule":"r","#, r#""reason":"x","#, r#","tries":[]"#] {
        assert!(serde_json::from_str::<Entry>(&whole.replace(part, "")).is_err(), "{part}");
    }
}
