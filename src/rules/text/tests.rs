use super::*;
use crate::api::contract::event;
use crate::api::extras;
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;

/// Every key once.
pub(super) const WHOLE: &str = r#"{
  "version": 1,
  "rules": [
    {
      "id": "unhappy",
      "name": "Unhappy for 20 s",
      "enabled": true,
      "mode": "shadow",
      "severity": "error",
      "when": { "all": [
        { "compare": { "field": "sentimentScore", "operator": "below", "value": -0.5 } },
        { "any": [
          { "compare": { "field": "/routing/skill", "operator": "oneOf", "value": ["fr", "de"] } },
          { "not": { "compare": { "field": "/vip", "operator": "isTrue" } } },
          { "compare": { "field": "sentimentScore", "window": { "figure": "slope", "seconds": 90 },
            "operator": "atMost", "value": -0.25 } },
          { "compare": { "field": "queueWaiting", "operator": "above", "value": 5 } }
        ] }
      ] },
      "holdSeconds": 20,
      "clears": { "compare": { "field": "sentimentScore", "operator": "above", "value": 0 } },
      "keepFiringSeconds": 1.5,
      "cooldownSeconds": 60,
      "once": "episode",
      "queues": { "include": ["billing", "sales*"], "exclude": ["*test*"] },
      "schedule": { "days": ["mon", "tue"], "from": "09:00", "to": "17:30", "zone": "Europe/Berlin" },
      "card": { "title": "Look", "content": "{reason}", "reason": "Unhappy ({score})" },
      "note": "Ask Ann.",
      "examples": [
        {
          "name": "held",
          "events": [
            { "atMs": 32400000, "event": { "id": "i", "sentiment": { "score": -0.9 }, "routing": { "queueName": "billing", "skill": "fr" } } }
          ],
          "fires": [{ "atMs": 32420000, "interaction": "i", "episode": 1 }]
        }
      ]
    }
  ]
}"#;

fn read<'f>(frame: &'f [u8], pointers: &[Pointer]) -> Option<Event<'f>> {
    let event = event::parse(frame).ok()?;
    Some(Event { extra: extras::read(frame, pointers), ..event })
}

/// The places and codes of what is wrong with a rule set, in which one part of [`WHOLE`] is replaced.
fn wrong(part: &str, with: &str) -> Vec<(String, String)> {
    assert!(WHOLE.contains(part), "{part}");
    let errors = parse(&WHOLE.replacen(part, with, 1)).expect_err(with);
    errors.into_iter().map(|error| (error.at, error.code)).collect()
}

fn one(at: &str, code: &str) -> Vec<(String, String)> {
    vec![(at.to_owned(), code.to_owned())]
}

#[test]
fn a_rule_set_reads_back_what_it_writes() {
    let rules = parse(WHOLE).unwrap();
    assert_eq!(parse(&rules.to_json()).unwrap(), rules);
    let rule = &rules.compile()[0];
    assert_eq!((rule.hold.0, rule.keep_firing.0, rule.cooldown.0), (20_000, 1_500, 60_000));
    assert!(rule.queues.hear(Some("Sales EMEA")) && !rule.queues.hear(Some("sales test")));
    assert_eq!(rule.schedule.as_ref().map(|it| (it.from, it.to)), Some((9 * 60, 17 * 60 + 30)));
}

#[test]
fn what_is_absent_or_null_takes_its_default_and_disabled_rules_do_not_compile() {
    let text = r#"{"$schema":"x","version":1,"rules":[
        {"id":"a","name":"A","when":{"compare":{"field":"queue","operator":"present"}},"card":null},
        {"id":"b","name":"B","enabled":false,"when":{"compare":{"field":"queue","operator":"absent"}}}]}"#;
    let compiled = parse(text).unwrap().compile();
    assert_eq!(compiled.len(), 1);
    let rule = &compiled[0];
    assert_eq!((&*rule.reason, &*rule.card.title), ("A", "Customer Engagement Alert"));
    assert_eq!((rule.hold.0, rule.mode, rule.once), (0, crate::rules::Mode::Live, crate::rules::Once::Interaction));
}

#[test]
fn every_mistake_is_named_by_its_place() {
    let rule = "/rules/0";
    for (part, with, at, code) in [
        (r#""id": "unhappy""#, r#""id": "un/happy""#, "/id", "notAnId"),
        (r#""enabled": true"#, r#""enabled": "yes""#, "/enabled", "wrongType"),
        (r#""mode": "shadow""#, r#""mode": "Shadow""#, "/mode", "badChoice"),
        (r#""holdSeconds": 20"#, r#""holdSeconds": -1"#, "/holdSeconds", "tooLow"),
        (r#""holdSeconds": 20"#, r#""holdSeconds": 86401"#, "/holdSeconds", "tooHigh"),
        (r#""holdSeconds": 20"#, r#""hold": 20"#, "/hold", "unknown"),
        (r#""value": -0.5"#, r#""value": "low""#, "/when/all/0/compare/value", "wrongType"),
        (r#""value": -0.5"#, r#""threshold": 1"#, "/when/all/0/compare/threshold", "unknown"),
        (r#""operator": "below""#, r#""operator": "contains""#, "/when/all/0/compare/operator", "wrongOperator"),
        (r#""operator": "below""#, r#""operator": "<""#, "/when/all/0/compare/operator", "badChoice"),
        (r#""field": "sentimentScore""#, r#""field": "score""#, "/when/all/0/compare/field", "notAField"),
        (r#"["fr", "de"]"#, "[]", "/when/all/1/any/0/compare/value", "empty"),
        (
            r#""operator": "isTrue""#,
            r#""operator": "isTrue", "value": true"#,
            "/when/all/1/any/1/not/compare/value",
            "notWanted",
        ),
        (
            r#""seconds": 90"#,
            r#""seconds": 90, "values": 3"#,
            "/when/all/1/any/2/compare/window",
            "eitherValuesOrSeconds",
        ),
        (r#""seconds": 90"#, r#""seconds": 3601"#, "/when/all/1/any/2/compare/window/seconds", "tooHigh"),
        (r#""seconds": 90"#, r#""values": 1.5"#, "/when/all/1/any/2/compare/window/values", "wholeNumber"),
        (
            r#""operator": "above", "value": 5"#,
            r#""window": {"figure":"mean","values":2}, "operator": "above", "value": 5"#,
            "/when/all/1/any/3/compare/window",
            "notOfNumbers",
        ),
        (r#""17:30""#, r#""24:00""#, "/schedule/to", "notATime"),
        (r#""Europe/Berlin""#, r#""Berlin; x""#, "/schedule/zone", "notAZone"),
        (r#"["mon", "tue"]"#, "[]", "/schedule/days", "empty"),
        (r#""note": "Ask Ann.""#, r#""note": "\u0007""#, "/note", "controlCharacter"),
        (r#""atMs": 32420000"#, r#""atMs": 1.5"#, "/examples/0/fires/0/atMs", "wholeNumber"),
        (r#""name": "Unhappy for 20 s""#, r#""name": " ""#, "/name", "empty"),
        (r#""name": "Unhappy for 20 s""#, r#""name": "x", "a/b~": 1"#, "/a~1b~0", "unknown"),
    ] {
        assert!(
            wrong(part, with).contains(&(format!("{rule}{at}"), code.to_owned())),
            "{with}: {:?}",
            wrong(part, with)
        );
    }
    assert_eq!(wrong(r#""id": "unhappy","#, ""), one("/rules/0/id", "required"));
    assert_eq!(wrong(r#""version": 1"#, r#""version": 2"#), one("/version", "newerVersion"));
    assert_eq!(wrong(r#""note""#, r#""name": "again", "note""#), one("/rules/0/name", "duplicate"));
}

#[test]
fn all_mistakes_are_named_at_once_and_no_rule_is_taken() {
    let text = WHOLE.replace("\"mode\": \"shadow\"", "\"mode\": 1").replace("\"once\": \"episode\"", "\"once\": \"x\"");
    let codes: Vec<_> = parse(&text).unwrap_err().into_iter().map(|error| error.code).collect();
    assert_eq!(codes, ["wrongType", "badChoice"]);
}

#[test]
fn what_is_not_json_is_named_by_line_and_column() {
    let errors = parse("{\n  \"version\": }").unwrap_err();
    assert_eq!((&*errors[0].code, &errors[0].values[..]), ("notJson", &["2".to_owned(), "14".to_owned()][..]));
    assert_eq!(parse("[]").unwrap_err()[0].code, "wrongType");
    assert_eq!(parse(&"[".repeat(10_000)).unwrap_err()[0].code, "notJson");
    assert_eq!(parse(&" ".repeat(TEXT_LIMIT + 1)).unwrap_err()[0].code, "tooLong");
}

#[test]
fn the_sums_have_bounds() {
    let compare = r#"{"compare":{"field":"queue","operator":"present"}}"#;
    let set = |rules: &[String]| format!(r#"{{"version":1,"rules":[{}]}}"#, rules.join(","));
    let rule = |id: usize, when: &str| format!(r#"{{"id":"r{id}","name":"R","when":{when}}}"#);
    let all = |count: usize| format!(r#"{{"all":[{}]}}"#, vec![compare; count].join(","));
    let codes =
        |text: &str| parse(text).map_or_else(|errors| errors.into_iter().map(|it| it.code).collect(), |_| vec![]);
    assert!(codes(&set(&[rule(0, &all(COMPARISONS_LIMIT))])).is_empty());
    assert_eq!(codes(&set(&[rule(0, &all(COMPARISONS_LIMIT + 1))])), ["tooMany"]);
    let many = |count: usize| (0..count).map(|id| rule(id, compare)).collect::<Vec<_>>();
    assert!(codes(&set(&many(RULES_LIMIT))).is_empty());
    assert_eq!(codes(&set(&many(RULES_LIMIT + 1))), ["tooMany"]);
    let nested = |levels: usize| format!("{}{compare}{}", r#"{"not":"#.repeat(levels), "}".repeat(levels));
    assert!(codes(&set(&[rule(0, &nested(31))])).is_empty());
    assert_eq!(codes(&set(&[rule(0, &nested(32))])), ["tooDeep"]);
    let pointed = |at: usize| rule(at, &format!(r#"{{"compare":{{"field":"/f{at}","operator":"present"}}}}"#));
    assert_eq!(codes(&set(&(0..=POINTERS_LIMIT).map(pointed).collect::<Vec<_>>())), ["tooMany"]);
    assert_eq!(codes(&set(&[rule(1, compare), rule(1, compare)])), ["sameId"]);
}

#[test]
fn examples_run_by_the_evaluator_and_say_what_differs() {
    let rules = parse(WHOLE).unwrap();
    assert_eq!(run(&rules.rules[0], read), []);
    let late = parse(&WHOLE.replace("32420000", "32420001")).unwrap();
    let difference = run(&late.rules[0], read).pop().unwrap();
    assert_eq!((difference.missing[0].at_ms, difference.unexpected[0].at_ms), (32_420_001, 32_420_000));
    let early = parse(&WHOLE.replace("32400000", "32399999").replace(r#""seconds": 90"#, r#""values": 9"#)).unwrap();
    assert_eq!(run(&early.rules[0], read)[0].unexpected, [], "the rule is not active before nine");
    let unreadable = parse(&WHOLE.replace(r#""id": "i", "#, "")).unwrap();
    assert_eq!(run(&unreadable.rules[0], read)[0].unreadable, [0]);
}
