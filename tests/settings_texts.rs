//! The texts that are made from the table of settings: the schema, from which the settings page takes its sections,
//! bounds, steps and defaults, and the README's table, which also reads the English messages.
//!
//! After a change of either: `CUEWIRE_WRITE=1 cargo test --test settings_texts`, then `npx biome format --write`.

use cuewire::settings::{RULES, SettingsView, parse, properties};
use serde_json::{Map, Value, json};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/extension/settings.schema.json");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const MESSAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/extension/_locales/en/messages.json");

/// Around the README's table.
const MARKS: [&str; 2] = ["<!-- settings -->\n", "<!-- /settings -->"];

#[test]
fn the_schema_is_the_tables() {
    let wanted = schema();
    if writes() {
        std::fs::write(SCHEMA, text(&wanted)).expect("the schema can be written");
    }
    let found: Value = serde_json::from_str(&file(SCHEMA)).expect("the schema is JSON");
    assert_eq!(found, wanted, "see the top of this test");
}

#[test]
fn the_readme_shows_the_table() {
    let readme = file(README);
    let (before, rest) = readme.split_once(MARKS[0]).expect("a mark before the table");
    let (found, after) = rest.split_once(MARKS[1]).expect("a mark after the table");
    let wanted = table();
    if writes() {
        let [open, close] = MARKS;
        std::fs::write(README, format!("{before}{open}{wanted}{close}{after}")).expect("the README can be written");
    } else {
        assert_eq!(found, wanted, "see the top of this test");
    }
}

#[test]
fn what_is_exported_by_default_needs_only_a_client() {
    let mut exported: Map<String, Value> =
        serde_json::from_str(&SettingsView::default().to_json()).expect("a view is an object");
    exported.insert("$schema".into(), json!("settings.schema.json"));
    exported.insert("organization".into(), json!("acme"));
    exported.insert("clientId".into(), json!("supervisor"));
    let known = schema()["properties"].as_object().cloned().expect("an object");
    assert!(exported.keys().all(|name| known.contains_key(name)));
    assert!(parse(&Value::Object(exported).to_string(), false).is_ok());
}

#[test]
fn the_bounds_are_the_parsers() {
    let mut bounds = 0;
    for (name, property) in properties() {
        for (bound, beyond) in [("minimum", -0.5), ("maximum", 0.5)] {
            let Some(bound) = property[bound].as_f64() else { continue };
            assert!(!is_wrong(name, bound), "{name} takes {bound}");
            assert!(is_wrong(name, bound + beyond), "{name} refuses what is beyond {bound}");
            bounds += 1;
        }
    }
    assert!(bounds > 10, "{bounds}");
}

fn is_wrong(name: &str, value: f64) -> bool {
    let text = json!({ "organization": "acme", "clientId": "supervisor", name: value }).to_string();
    parse(&text, false).is_err_and(|errors| errors.iter().any(|error| error.field == name))
}

fn writes() -> bool {
    std::env::var_os("CUEWIRE_WRITE").is_some()
}

fn file(path: &str) -> String {
    std::fs::read_to_string(path).expect(path)
}

fn schema() -> Value {
    let mut fields = Map::from_iter([("$schema".to_owned(), json!({ "type": "string" }))]);
    fields.extend(properties().into_iter().map(|(name, property)| (name.to_owned(), property)));
    // No control of the settings page shows it.
    fields.insert(RULES.to_owned(), json!({ "$ref": "rules.schema.json" }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Cuewire settings",
        "description": "What the settings page exports and imports. A field that is absent or null takes its default.",
        "type": "object",
        "anyOf": [{ "required": ["clientId"] }, { "required": ["accessKeyId", "tenantId"] }],
        "additionalProperties": false,
        "properties": fields,
    })
}

/// The schema with its fields in the order of the form.
fn text(schema: &Value) -> String {
    let mut head = schema.clone();
    let fields = head.as_object_mut().and_then(|head| head.remove("properties")).expect("a schema has fields");
    let names = ["$schema"].into_iter().chain(properties().into_iter().map(|(name, _)| name)).chain([RULES]);
    let fields: Vec<String> = names.map(|name| format!("\n    \"{name}\": {}", fields[name])).collect();
    let head = format!("{head:#}");
    format!("{},\n  \"properties\": {{{}\n  }}\n}}\n", head.trim_end_matches("\n}"), fields.join(","))
}

fn table() -> String {
    let messages: Value = serde_json::from_str(&file(MESSAGES)).expect("messages are JSON");
    let said = |key: String| messages[&key]["message"].as_str().unwrap_or_else(|| panic!("{key}")).to_owned();
    let rows = properties().into_iter().map(|(name, property)| {
        let choice = |value: &Value| said(format!("choice_{name}_{}", value.as_str().unwrap_or_default()));
        let (label, hint) = (said(format!("field_{name}")), said(format!("field_{name}_hint")));
        format!("| {label} | {} | {} | {hint} |\n", default(&property, choice), accepted(&property, choice))
    });
    let head = "| setting | default | accepted | meaning |\n| --- | --- | --- | --- |\n";
    head.to_owned() + &rows.collect::<String>()
}

fn default(property: &Value, choice: impl Fn(&Value) -> String) -> String {
    match &property["default"] {
        Value::Null => "no limit".to_owned(),
        Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::Array(_) => String::new(),
        Value::Number(number) => grouped(&number.to_string()),
        value if property.get("enum").is_some() => choice(value),
        value => value.as_str().filter(|text| !text.is_empty()).map(|text| format!("*{text}*")).unwrap_or_default(),
    }
}

fn accepted(property: &Value, choice: impl Fn(&Value) -> String) -> String {
    if let Some(choices) = property["enum"].as_array() {
        return choices.iter().map(choice).collect::<Vec<_>>().join(", ");
    }
    let unit = property["x-unit"].as_str().map(|unit| format!(" {unit}")).unwrap_or_default();
    match (property["minimum"].as_f64(), property["maximum"].as_f64()) {
        (Some(least), Some(most)) => format!("{} … {}{unit}", amount(least), amount(most)),
        _ if property["x-control"] == "time" => "hh:mm".to_owned(),
        _ => match property["maxLength"].as_u64().or(property["items"]["maxLength"].as_u64()) {
            Some(most) => format!("at most {} characters", grouped(&most.to_string())),
            None => "on, off".to_owned(),
        },
    }
}

/// A part of a unit reads as a fraction.
fn amount(number: f64) -> String {
    if number.fract() == 0.0 { grouped(&number.to_string()) } else { format!("1/{}", (1.0 / number).round()) }
}

/// `86 400`, with a true minus.
fn grouped(number: &str) -> String {
    let number = number.replace('-', "−");
    let digits = number.len();
    if digits < 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number;
    }
    let (thousands, rest) = number.split_at(digits - 3);
    format!("{} {rest}", grouped(thousands))
}
