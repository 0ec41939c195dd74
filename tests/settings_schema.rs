//! The schema of a settings file says what the parser does. The settings page takes its bounds and defaults from it.
//!
//! After a change of the settings: `CUEWIRE_WRITE_SCHEMA=1 cargo test --test settings_schema`, then `npx biome format --write`.

use cuewire::settings::{FieldSpec, SettingsView, field_specs, parse};
use serde_json::{Map, Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/extension/settings.schema.json");

#[test]
fn the_schema_in_the_repository_is_the_one_of_the_specs() {
    let wanted = schema();
    if std::env::var_os("CUEWIRE_WRITE_SCHEMA").is_some() {
        std::fs::write(FILE, text(&wanted)).expect("the schema can be written");
    }
    let found: Value = serde_json::from_str(&file()).expect("the schema is JSON");
    assert_eq!(found, wanted, "see the top of this test on how to write it anew");
}

#[test]
fn what_is_exported_by_default_needs_only_a_client() {
    let mut exported = defaults();
    exported.insert("$schema".into(), json!("settings.schema.json"));
    exported.insert("organization".into(), json!("acme"));
    exported.insert("clientId".into(), json!("supervisor"));
    let properties = schema()["properties"].as_object().cloned().expect("an object");
    assert!(exported.keys().all(|name| properties.contains_key(name)));
    assert!(parse(&Value::Object(exported).to_string(), false).is_ok());
}

#[test]
fn the_bounds_are_the_parsers() {
    for spec in field_specs() {
        for (bound, beyond) in [(spec.min, -0.5), (spec.max, 0.5)] {
            let Some(bound) = bound else { continue };
            assert!(!is_wrong(&spec.name, bound), "{} takes {bound}", spec.name);
            assert!(is_wrong(&spec.name, bound + beyond), "{} refuses what is beyond {bound}", spec.name);
        }
    }
}

fn is_wrong(name: &str, value: f64) -> bool {
    let text = json!({ "organization": "acme", "clientId": "supervisor", name: value }).to_string();
    parse(&text, false).is_err_and(|errors| errors.iter().any(|error| error.field == name))
}

fn schema() -> Value {
    let defaults = defaults();
    let mut properties = Map::from_iter([("$schema".to_owned(), json!({ "type": "string" }))]);
    for spec in field_specs() {
        let default = defaults.get(&spec.name).cloned().unwrap_or_else(|| json!(""));
        properties.insert(spec.name.clone(), property(&spec, default));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cuewire settings",
        "description": "What the settings page exports and imports. A field that is absent or null takes its default.",
        "type": "object",
        "required": ["clientId"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn property(spec: &FieldSpec, default: Value) -> Value {
    let mut property = match &default {
        Value::Null => json!({ "type": ["integer", "null"] }),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(number) if number.is_u64() => json!({ "type": "integer" }),
        Value::Number(_) => json!({ "type": "number" }),
        Value::Array(_) => json!({ "type": "array", "items": { "type": "string", "maxLength": spec.max_length } }),
        _ => json!({ "type": "string" }),
    };
    let mut put = |key: &str, value: Value| property[key] = value;
    if let (Some(limit), Value::String(_)) = (spec.max_length, &default) {
        put("maxLength", json!(limit));
    }
    for (key, bound) in [("minimum", spec.min), ("maximum", spec.max)] {
        bound.into_iter().for_each(|bound| put(key, number(bound)));
    }
    if let Some(unit) = &spec.unit {
        put("x-unit", json!(unit));
    }
    if !spec.choices.is_empty() {
        put("enum", json!(spec.choices));
    }
    if spec.name == "clientSecret" {
        put("writeOnly", json!(true));
    }
    put("default", default.as_f64().map_or(default.clone(), number));
    property
}

/// As people write it: `120`, not `120.0`.
#[expect(clippy::cast_possible_truncation, reason = "whole and small")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 { json!(value as i64) } else { json!(value) }
}

fn defaults() -> Map<String, Value> {
    serde_json::from_str(&SettingsView::default().to_json()).expect("a view is an object")
}

/// The fields in the order of the form.
fn text(schema: &Value) -> String {
    let mut head = schema.clone();
    let Some(Value::Object(properties)) = head.as_object_mut().and_then(|head| head.remove("properties")) else {
        return String::new();
    };
    let names = std::iter::once("$schema".to_owned()).chain(field_specs().into_iter().map(|spec| spec.name));
    let fields: Vec<String> = names.map(|name| format!("\n    \"{name}\": {}", properties[&name])).collect();
    let head = format!("{head:#}");
    format!("{},\n  \"properties\": {{{}\n  }}\n}}\n", head.trim_end_matches("\n}"), fields.join(","))
}

fn file() -> String {
    std::fs::read_to_string(FILE).expect("extension/settings.schema.json")
}
