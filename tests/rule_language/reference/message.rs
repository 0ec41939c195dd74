//! The words of a message and of a rule, read from their JSON.

use serde_json::Value;

/// The value of an event in a field; `null` is no data.
pub fn seen<'e>(field: &str, event: &'e Value) -> Option<&'e Value> {
    let pointer = match field {
        "sentimentScore" => "/sentiment/score",
        "sentimentConfidence" => "/sentiment/confidence",
        "queueWaitMs" => "/routing/queueWaitTimeMs",
        "queue" => "/routing/queueName",
        "type" => "/type",
        "direction" => "/participant/direction",
        pointer => pointer,
    };
    event.pointer(pointer).filter(|value| !value.is_null())
}

pub fn id(event: &Value) -> String {
    text(event, "id")
}

pub fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

pub fn span(spec: &Value, key: &str) -> u64 {
    (spec[key].as_f64().unwrap_or_default() * 1_000.0) as u64
}
