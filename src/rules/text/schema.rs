//! The published schema of a rule set, `extension/rules.schema.json`, made from these shapes by schemars.
//!
//! After a change: `CUEWIRE_WRITE=1 cargo test --lib rules::text::schema`, then `npx biome format --write extension`.
#![allow(dead_code, reason = "the schema is made from the shapes; the parser is beside them")]

use std::collections::BTreeSet;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use crate::rules::{Condition, Day, Mode, Once};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/extension/rules.schema.json");

/// The rules of Cuewire that are active together. A member that is absent or null takes its default. `docs/rules.md` in
/// the repository says exactly what each part means.
#[derive(JsonSchema)]
#[schemars(title = "Cuewire rules", rename_all = "camelCase", deny_unknown_fields)]
struct RuleSetText {
    #[schemars(rename = "$schema")]
    schema: Option<String>,
    /// 1.
    #[schemars(range(min = 1, max = 1))]
    version: u32,
    /// In the order in which they fire.
    #[schemars(length(max = 100))]
    rules: Vec<RuleText>,
}

/// A condition with its times, and the card that is due where it is true.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct RuleText {
    /// Letters without accents, digits and hyphens. Stable: part of every cardId.
    #[schemars(length(max = 64), regex(pattern = r"^[A-Za-z0-9-]+$"))]
    id: String,
    /// For people.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// Whether the rule is active; true where absent.
    enabled: Option<bool>,
    /// Whether firings become cards; live where absent. A shadow rule is logged only.
    mode: Option<Mode>,
    /// The type of the card; warning where absent. While an error rule fires, lesser cards of its interaction are muted.
    severity: Option<Severity>,
    /// When a card is due: at most 64 comparisons, 32 levels deep.
    when: Condition,
    /// How long that must have been true, also if no event comes meanwhile.
    #[schemars(range(min = 0, max = 86400))]
    hold_seconds: Option<f64>,
    /// Where this is true a rule that fired clears; where absent, as soon as `when` is false.
    clears: Option<Condition>,
    /// How long a rule that fired stays firing after its condition has ended.
    #[schemars(range(min = 0, max = 86400))]
    keep_firing_seconds: Option<f64>,
    /// How long after a firing no further episode begins.
    #[schemars(range(min = 0, max = 86400))]
    cooldown_seconds: Option<f64>,
    /// How often a card is due; once an interaction where absent.
    once: Option<Once>,
    /// Which queues the rule hears.
    queues: Option<QueuesText>,
    /// When the rule is active; always where absent.
    schedule: Option<ScheduleText>,
    /// What the agent sees.
    card: Option<CardText>,
    /// For people.
    #[schemars(length(max = 2000))]
    note: Option<String>,
    /// The rule's own tests.
    #[schemars(length(max = 20))]
    examples: Option<Vec<ExampleText>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
enum Severity {
    Info,
    Warning,
    Success,
    Error,
}

/// Names with `*` as wildcard; upper and lower case are the same.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct QueuesText {
    /// Queues to hear; all if empty.
    #[schemars(length(max = 100), inner(length(min = 1, max = 200)))]
    include: Option<Vec<String>>,
    /// Queues not to hear. They win over the included ones.
    #[schemars(length(max = 100), inner(length(min = 1, max = 200)))]
    exclude: Option<Vec<String>>,
}

/// Hours of some days. A period begins on a day that is named, and may end on the next.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ScheduleText {
    /// Every day where absent.
    #[schemars(length(min = 1, max = 7))]
    days: Option<Vec<Day>>,
    /// hh:mm; 00:00 where absent.
    #[schemars(regex(pattern = r"^([01]\d|2[0-3]):[0-5]\d$"))]
    from: Option<String>,
    /// hh:mm; 00:00 where absent. At or before `from` it lies on the next day.
    #[schemars(regex(pattern = r"^([01]\d|2[0-3]):[0-5]\d$"))]
    to: Option<String>,
    /// An IANA name as in Europe/Berlin; the browser's own zone where absent.
    #[schemars(length(max = 64), regex(pattern = r"^[A-Za-z0-9/_+-]+$"))]
    zone: Option<String>,
}

/// Templates; they may name {reason}, {queue}, {score}, {wait} and {interaction}.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CardText {
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    #[schemars(length(max = 2000))]
    content: Option<String>,
    /// Why the card is due; the rule's name where absent.
    #[schemars(length(min = 1, max = 200))]
    reason: Option<String>,
}

/// Events with their times, and the firings of the rule that are due for them.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ExampleText {
    /// What it shows.
    #[schemars(length(max = 100))]
    name: Option<String>,
    /// In the order of their times.
    #[schemars(length(max = 200))]
    events: Vec<EventText>,
    /// Every firing, in any order.
    #[schemars(length(max = 200))]
    fires: Vec<FiringText>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct EventText {
    /// Milliseconds since a Monday, 0:00 by the clock of the schedule.
    #[schemars(range(min = 0, max = 604_800_000))]
    at_ms: u64,
    /// A message of the stream.
    event: Map<String, Json>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
struct FiringText {
    #[schemars(range(min = 0, max = 604_800_000))]
    at_ms: u64,
    /// The interaction's id.
    #[schemars(length(min = 1, max = 1024))]
    interaction: String,
    /// Which of the rule's firings for the interaction; 1 where absent.
    #[schemars(range(min = 1))]
    episode: Option<u32>,
}

fn schema() -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = false);
    settings.into_generator().into_root_schema_for::<RuleSetText>().to_value()
}

#[test]
fn the_published_schema_is_made_from_the_shapes() {
    let wanted = schema();
    if std::env::var_os("CUEWIRE_WRITE").is_some() {
        std::fs::write(PATH, format!("{wanted:#}\n")).expect("the schema can be written");
    }
    let found: Json = serde_json::from_str(&std::fs::read_to_string(PATH).expect("the schema")).expect("JSON");
    assert_eq!(found, wanted, "see the top of this file");
}

/// Each property of the schema is known to the parser, and whatever a rule set writes is known to the schema.
#[test]
fn the_schema_and_the_parser_know_the_same_keys() {
    let properties = |shape: &str| -> BTreeSet<String> {
        let schema = schema();
        let shape = if shape.is_empty() { &schema } else { &schema["$defs"][shape] };
        shape["properties"].as_object().expect("properties").keys().cloned().collect()
    };
    let whole = super::parse(super::tests::WHOLE).expect("a whole rule set");
    let written: Json = serde_json::from_str(&whole.to_json()).expect("JSON");
    let keys = |at: &str| -> BTreeSet<String> {
        let object = written.pointer(at).and_then(Json::as_object).expect(at);
        object.keys().cloned().collect()
    };
    assert_eq!(keys("/rules/0"), properties("RuleText"));
    assert_eq!(keys("/rules/0/queues"), properties("QueuesText"));
    assert_eq!(keys("/rules/0/schedule"), properties("ScheduleText"));
    assert_eq!(keys("/rules/0/card"), properties("CardText"));
    assert_eq!(keys("/rules/0/examples/0"), properties("ExampleText"));
    assert_eq!(keys("/rules/0/examples/0/events/0"), properties("EventText"));
    assert_eq!(keys("/rules/0/examples/0/fires/0"), properties("FiringText"));
    let mut top = keys("");
    top.insert("$schema".to_owned());
    assert_eq!(top, properties(""));
}

#[test]
fn the_bounds_of_the_schema_are_the_parsers() {
    let schema = schema();
    let mut bounds = 0;
    for (name, property) in schema["$defs"]["RuleText"]["properties"].as_object().expect("properties") {
        let wrong = |value: Json| {
            let mut rule = json!({ "id": "a", "name": "A",
                "when": { "compare": { "field": "queue", "operator": "present" } } });
            rule[name] = value;
            let text = json!({ "version": 1, "rules": [rule] }).to_string();
            let at = format!("/rules/0/{name}");
            super::parse(&text).is_err_and(|errors| errors.iter().any(|error| error.at == at))
        };
        if let Some(most) = property["maximum"].as_f64() {
            assert!(!wrong(json!(most)) && wrong(json!(most + 0.5)) && wrong(json!(-0.5)), "{name}");
            bounds += 1;
        }
        if property["type"].as_array().is_none_or(|types| types.contains(&json!("string")))
            && property["type"] != "array"
            && let Some(most) = property["maxLength"].as_u64()
        {
            let text = |length: u64| json!("a".repeat(usize::try_from(length).expect("small")));
            assert!(!wrong(text(most)) && wrong(text(most + 1)), "{name}");
            bounds += 1;
        }
    }
    assert_eq!(bounds, 6, "three spans and three texts");
}
