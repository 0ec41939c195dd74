//! A field as a form must know it, as JSON schema. Keys that JSON schema lacks begin with `x-`.

use serde_json::{Value, json};

use super::connection::ways_of;
use super::reading::Kind;

/// Where the settings page shows a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Section {
    Connection,
    Rules,
    Card,
    Limits,
    Privacy,
}

/// A unit in which a field is written.
pub(super) struct Unit {
    pub name: &'static str,
    pub millis: f64,
}

pub(super) const SECONDS: Unit = Unit { name: "seconds", millis: 1_000.0 };
pub(super) const MINUTES: Unit = Unit { name: "minutes", millis: 60.0 * SECONDS.millis };
pub(super) const HOURS: Unit = Unit { name: "hours", millis: 60.0 * MINUTES.millis };
pub(super) const DAYS: Unit = Unit { name: "days", millis: 24.0 * HOURS.millis };

/// One field of the schema.
pub(super) fn property(name: &str, section: Section, kind: &impl Kind) -> Value {
    let mut property = kind.schema();
    let default = kind.default();
    property["default"] = default.as_f64().map_or(default, plain);
    if let Some(ways) = ways_of(name) {
        property["x-for"] = ways;
    }
    property["x-section"] = json!(format!("{section:?}").to_lowercase());
    property
}

/// As people write it: `120`, not `120.0`.
#[expect(clippy::cast_possible_truncation, reason = "whole and small")]
pub(super) fn plain(number: f64) -> Value {
    if number.fract() == 0.0 { json!(number as i64) } else { json!(number) }
}
