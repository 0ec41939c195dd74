use std::borrow::Cow;

use super::*;
use crate::rules::{Operator, text};

fn rules(when: &str) -> Vec<Arc<Rule>> {
    let set = format!(r#"{{"version":1,"rules":[{{"id":"r","name":"R","when":{when}}}]}}"#);
    text::parse(&set).expect("rules").compile()
}

const WHEN: &str = r#"{"any":[
    {"compare":{"field":"/skill","operator":"is","value":"French"}},
    {"compare":{"field":"/skill","operator":"contains","value":"NCH"}},
    {"compare":{"field":"/phone","operator":"startsWith","value":"+49"}},
    {"compare":{"field":"/tries","operator":"above","value":2,"window":{"figure":"max","seconds":60}}},
    {"compare":{"field":"queue","operator":"contains","value":"x"}}]}"#;

fn marks(legend: &Legend, skill: &str, phone: &str) -> Vec<(usize, Said)> {
    let text = |text: &str| Value::Text(text.to_owned());
    let at = |text: &str| Pointer::parse(text).expect("a pointer");
    let extra = vec![(at("/tries"), Value::Number(1.5)), (at("/skill"), text(skill)), (at("/phone"), text(phone))];
    legend.said(&Event { extra, ..Event::of(Cow::Borrowed("i")) })
}

#[test]
fn a_legend_names_the_fields_by_pointer_and_what_rules_ask_of_their_texts() {
    let legend = Legend::of(rules(WHEN).iter());
    assert_eq!(legend.words(), ["=/skill", "/phone", "/tries", "contains nch", "startsWith +49"]);
    let fields: Vec<_> = legend.words().iter().filter_map(|word| field_of(word).map(|(_, named)| named)).collect();
    assert_eq!(fields, [true, false, false]);
    assert_eq!(
        Legend::of(rules(r#"{"compare":{"field":"type","operator":"is","value":"x"}}"#).iter()).words(),
        [""; 0]
    );
}

#[test]
fn a_mark_answers_what_the_text_itself_would_and_has_a_fingerprint_only_where_a_rule_asks_for_the_whole_text() {
    let legend = Legend::of(rules(WHEN).iter());
    let words = legend.words();
    let Some((_, Said::Text(phone))) = marks(&legend, "", "+49 170 1234567").get(1).copied() else { panic!("a mark") };
    assert_eq!(phone, 1 << 33, "nothing but that the number begins so");
    let ask = |field: &str, operator: Operator, value: &str| {
        let field = Field::parse(field).expect("a field");
        Comparison { field, window: None, operator, value: Some(Value::Text(value.to_owned())) }
    };
    for skill in ["french", "FRENCH", "Munch", "", "spanish", "İ"] {
        let Some((0, Said::Text(mark))) = marks(&legend, skill, "").first().copied() else { panic!("a mark") };
        for asked in [
            ask("/skill", Operator::Is, "French"),
            ask("/skill", Operator::Is, "Spanish"),
            ask("/skill", Operator::Is, "i\u{307}"),
            ask("/skill", Operator::Contains, "nch"),
            ask("/phone", Operator::StartsWith, "+49"),
        ] {
            let answer = Answer::find(&words, "/skill", &asked).expect("the legend knows");
            assert_eq!(Some(answer.read(mark)), asked.operator.evaluate(Some(Seen::Text(skill)), asked.value.as_ref()));
        }
    }
    for unknown in [ask("/phone", Operator::Is, "+49"), ask("/skill", Operator::Contains, "en")] {
        assert_eq!(Answer::find(&words, unknown.field.name(), &unknown), None);
    }
}

#[test]
fn numbers_stay_numbers_and_what_an_event_does_not_say_is_left_out() {
    let legend = Legend::of(rules(WHEN).iter());
    assert_eq!(marks(&legend, "", "").get(2), Some(&(2, Said::Number(1.5))));
    assert_eq!(legend.said(&Event::of(Cow::Borrowed("i"))), []);
}

#[test]
fn a_legend_has_bounds() {
    let part = |at: usize| format!(r#"{{"compare":{{"field":"/f{}","operator":"contains","value":"{at}"}}}}"#, at % 16);
    let parts: Vec<String> = (0..60).map(part).collect();
    let legend = Legend::of(rules(&format!(r#"{{"any":[{}]}}"#, parts.join(","))).iter());
    assert_eq!((legend.fields.len(), legend.tests.len()), (16, 32));
}
