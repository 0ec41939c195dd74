use super::*;
use crate::rules::text::parse;

fn rule(rest: &str) -> RuleSpec {
    let text = format!(r#"{{"version":1,"rules":[{{"id":"a","name":"A",{rest}}}]}}"#);
    parse(&text).unwrap().rules.remove(0)
}

const LOW: &str = r#"{"compare":{"field":"sentimentScore","operator":"below","value":-0.5}}"#;
const SURE: &str = r#"{"compare":{"field":"sentimentConfidence","operator":"atLeast","value":0.6}}"#;

#[test]
fn a_rule_is_read_back_as_a_sentence() {
    let held = rule(&format!(
        r#""when":{{"all":[{LOW},{SURE}]}},"holdSeconds":20,"queues":{{"include":["billing","sales"]}}"#
    ));
    assert_eq!(
        held.english(),
        "When sentiment stays below −0.5 and confidence stays at least 60 % for 20 s in billing or sales, send a warning \
         card, once per interaction, whichever rule is first."
    );
    let all = rule(&format!(
        r#""when":{LOW},"severity":"error","once":"episode","cooldownSeconds":90,"keepFiringSeconds":1.5,
           "clears":{{"compare":{{"field":"sentimentScore","operator":"above","value":0}}}},
           "queues":{{"exclude":["test"]}},"schedule":{{"days":["mon","fri"],"from":"09:00","to":"17:30","zone":"Europe/Berlin"}}"#
    ));
    assert_eq!(
        all.english(),
        "When sentiment is below −0.5, not in test, on Mon and Fri from 9:00 to 17:30 (Europe/Berlin), send an error card, \
         each time. It clears when sentiment is above 0. It keeps firing for 1.5 s after that ends. It fires at most once \
         in 1 min 30 s."
    );
}

#[test]
fn windows_queues_texts_and_groups_are_read_back() {
    let when = |when: &str| {
        let text = rule(&format!(r#""when":{when},"once":"rule","mode":"shadow","enabled":false"#)).english();
        let end = ", log a trigger without a card, once per interaction.";
        text.strip_prefix("(Off) When ").and_then(|text| text.strip_suffix(end)).unwrap().to_owned()
    };
    let compare = |rest: &str| format!(r#"{{"compare":{{{rest}}}}}"#);
    for (condition, said) in [
        (
            compare(
                r#""field":"sentimentScore","window":{"figure":"slope","seconds":600},"operator":"below","value":-0.1"#,
            ),
            "the change of sentiment per minute over the last 10 min is below −0.1",
        ),
        (
            compare(r#""field":"queueWaitMs","window":{"figure":"max","values":3},"operator":"above","value":125000"#),
            "the highest wait of the last 3 values is above 2 min 5 s",
        ),
        (
            compare(r#""field":"queueWaitMs","window":{"figure":"count","values":3},"operator":"above","value":2"#),
            "the number of wait values in the last 3 values is above 2",
        ),
        (
            compare(r#""field":"queueWaiting","operator":"atLeast","value":5"#),
            "the number waiting in the queue is at least 5",
        ),
        (compare(r#""field":"/skill","operator":"oneOf","value":["a","b","c"]"#), "/skill is one of “a”, “b” or “c”"),
        (compare(r#""field":"/vip","operator":"isTrue""#), "/vip is true"),
        (
            format!(r#"{{"any":[{LOW},{{"all":[{LOW},{{"not":{SURE}}}]}}]}}"#),
            "sentiment is below −0.5 or (sentiment is below −0.5 and it is not so that confidence is at least 60 %)",
        ),
        (format!(r#"{{"all":[{LOW}]}}"#), "sentiment is below −0.5"),
    ] {
        assert_eq!(when(&condition), said);
    }
}

#[test]
fn a_page_gets_the_parts_as_data() {
    let held = rule(&format!(r#""when":{{"any":[{LOW},{SURE}]}},"holdSeconds":20"#));
    let parts = serde_json::to_value(Sentence::of(&held)).unwrap();
    assert_eq!(parts["when"]["is"], "any");
    assert_eq!(parts["when"]["of"][0]["of"]["operator"], "below");
    assert_eq!(parts["when"]["of"][1]["of"]["unit"], "percent");
    assert_eq!(
        (&parts["holdMs"], &parts["mode"], &parts["once"]),
        (&20_000.into(), &"live".into(), &"interaction".into())
    );
    assert_eq!(parts.get("clears"), None);
}
