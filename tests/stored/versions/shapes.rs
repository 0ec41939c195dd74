//! The records and fields of a journal and of an activity log, by their paths.

use std::collections::{BTreeMap, BTreeSet};

use cuewire::delivery::outbox::StoredCard;
use cuewire::journal::decode;
use cuewire::model::history;
use serde_json::Value;

use crate::browser::Stored;

/// The fields of each kind of record, and of each kind of entry of the activity log. Cards and entries as this version
/// reads them, because it reads earlier triggers as ones with evidence.
pub fn kinds(stored: &Stored) -> BTreeMap<String, BTreeSet<String>> {
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, text) in &stored.journal {
        let kind = key.split('/').next().unwrap_or_default();
        let record = match kind {
            "aside" => Value::Null, // Text that nobody reads.
            "card" => serde_json::to_value(decode::<StoredCard>(text).unwrap()).unwrap(),
            _ => decode(text).unwrap(),
        };
        kinds.entry(kind.to_owned()).or_default().extend(paths(&record));
    }
    for text in stored.history.values() {
        let entry: history::Entry = serde_json::from_str(text).unwrap();
        let entry = serde_json::to_value(entry).unwrap();
        let kind = format!("log/{}", entry["kind"].as_str().unwrap());
        kinds.entry(kind).or_default().extend(paths(&entry));
    }
    kinds
}

pub fn paths(value: &Value) -> BTreeSet<String> {
    shapes(value).into_keys().collect()
}

/// The path of every field, with its value where that is plain. Places in a list share a path, and so do the queues of a
/// budget, which are data.
pub fn shapes(value: &Value) -> BTreeMap<String, String> {
    fn walk(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                let is_data = value.is_array() && path == "queues" && name.starts_with(char::is_uppercase);
                let name = if is_data { "*" } else { name };
                walk(value, &format!("{path}{}{name}", if path.is_empty() { "" } else { "." }), found);
            }),
            Value::Array(items) => items.iter().for_each(|item| walk(item, &format!("{path}[]"), found)),
            plain => drop(found.insert(path.to_owned(), plain.to_string())),
        }
        if !path.is_empty() {
            found.entry(path.to_owned()).or_default();
        }
    }
    let mut found = BTreeMap::new();
    walk(value, "", &mut found);
    found
}
