//! Reads JSON and notes each key that an object has twice: a map alone silently takes the last.

use serde_json::Value;

use crate::model::json::{FromJson, Json};
use crate::model::sorted::SortedSet;

/// A text's value, and the places of the keys that occur twice.
pub(super) fn parse(text: &str) -> Result<(Value, Vec<String>), serde_json::Error> {
    let json = Json::parse(text)?;
    let mut twice = Vec::new();
    note(&json, &mut String::new(), &mut twice);
    Ok((Value::from_json(&json).unwrap_or_default(), twice))
}

fn note(json: &Json<'_>, at: &mut String, twice: &mut Vec<String>) {
    let end = at.len();
    match json {
        Json::List(items) => {
            for (place, item) in items.iter().enumerate() {
                at.push_str(&format!("/{place}"));
                note(item, at, twice);
                at.truncate(end);
            }
        }
        Json::Object(entries) => {
            let mut keys = SortedSet::new();
            for (key, value) in entries {
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                if !keys.insert(&**key) {
                    twice.push(at.clone());
                }
                note(value, at, twice);
                at.truncate(end);
            }
        }
        _ => {}
    }
}
