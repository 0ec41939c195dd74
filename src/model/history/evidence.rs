//! Why a rule fired: what was seen, and what the rule asked for. Whoever shows a trigger renders this and compares nothing.

use crate::model::json::{FromJson, Json, ToJson, Writer};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

/// A value that an event holds, or that a rule asks for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[cfg_attr(target_arch = "wasm32", serde(untagged))]
pub enum Value {
    /// A number; fields whose name ends in `Ms` hold milliseconds.
    Number(f64),
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// Several texts, for an operator that takes any of them.
    Texts(Vec<String>),
}

impl ToJson for Value {
    fn to_json(&self, json: &mut Writer) {
        match self {
            Value::Number(number) => number.to_json(json),
            Value::Text(text) => json.text(text),
            Value::Bool(flag) => flag.to_json(json),
            Value::Texts(texts) => texts.to_json(json),
        }
    }
}

impl FromJson for Value {
    fn from_json(json: &Json<'_>) -> Option<Value> {
        match json {
            Json::Text(text) => Some(Value::Text(text.clone().into_owned())),
            Json::Bool(flag) => Some(Value::Bool(*flag)),
            Json::List(_) => FromJson::from_json(json).map(Value::Texts),
            _ => FromJson::from_json(json).map(Value::Number),
        }
    }
}

/// One comparison of a rule on what was seen.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The rule that asked.
    pub rule: String,
    /// The field of the event, by its name in a rule.
    pub field: String,
    /// The values that were drawn together, where the rule asks for a figure of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowSeen>,
    /// Some of the values lie before the worker's start, which did not hear them: *window incomplete since restart*.
    #[serde(default, skip_serializing_if = "is_false")]
    pub incomplete: bool,
    /// The event's value; absent where the event had no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Value>,
    /// The operator, by its name in a rule.
    pub operator: String,
    /// The rule's threshold; absent where the operator takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Value>,
    /// Whether the comparison was true; absent where data was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<bool>,
}

/// Which values of a field were drawn together, and how.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct WindowSeen {
    /// The figure, by its name in a rule.
    pub figure: String,
    /// How many of the newest values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<u32>,
    /// The values of how many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it skips by reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}
