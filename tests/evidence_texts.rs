//! Every rule that ships, every operator and every field that rules read has its words in the pages.

use cuewire::rules::{Field, LONG_WAIT, NEGATIVE_SENTIMENT, Operator};
use serde_json::Value;

const MESSAGES: &str = include_str!("../extension/_locales/en/messages.json");

/// The key of a name, as `extension/lib/words/evidence.js` makes it.
fn key(kind: &str, name: &str) -> String {
    format!("{kind}_{}", name.replace(|character: char| !character.is_ascii_alphanumeric(), "_"))
}

#[test]
fn whatever_evidence_may_name_has_its_words() {
    let messages: Value = serde_json::from_str(MESSAGES).expect("messages are JSON");
    let rules = [NEGATIVE_SENTIMENT, LONG_WAIT].map(|id| key("rule", id));
    let operators = Operator::ALL.iter().map(|operator| key("operator", operator.name()));
    let fields = Field::NAMED.iter().map(Field::name).chain(["heldMs"]).map(|name| key("value", name));
    let missing: Vec<_> =
        rules.into_iter().chain(operators).chain(fields).filter(|key| messages.get(key).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
