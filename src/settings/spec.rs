//! Every setting's name, default and bounds, as data.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::SettingsView;
use crate::model::card::{CardKind, TEMPLATE_LIMIT, TITLE_LIMIT};

/// The longest client id or secret, in characters.
pub(super) const CREDENTIAL_LIMIT: usize = 1_000;

/// The longest queue name, in characters.
pub(super) const QUEUE_NAME_LIMIT: usize = 200;

/// The most queue names in one list.
pub(super) const QUEUE_COUNT_LIMIT: usize = 200;

/// A time of day is `hh:mm`.
pub(super) const TIME_LENGTH: usize = 5;

/// What a view tells besides the settings. [`super::parse`] passes over it, so that a view can be sent back as it is.
pub(super) const TOLD: [&str; 2] = ["hasSecret", "complete"];

/// A number's bounds, in the unit it is written in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub name: &'static str,
    pub min: f64,
    pub max: f64,
    pub unit: &'static str,
}

pub(super) const SENTIMENT: Bounds = Bounds { name: "sentimentThreshold", min: -1.0, max: 1.0, unit: "" };
pub(super) const WAIT: Bounds = Bounds { name: "queueWaitThresholdSeconds", min: 0.0, max: 86_400.0, unit: "seconds" };
pub(super) const CONFIDENCE: Bounds = Bounds { name: "minimumConfidence", min: 0.0, max: 1.0, unit: "" };
pub(super) const REMEMBER: Bounds = Bounds { name: "rememberHours", min: 1.0 / 60.0, max: 720.0, unit: "hours" };
pub(super) const TTL: Bounds = Bounds { name: "cardTtlMinutes", min: 1.0 / 6.0, max: 1_440.0, unit: "minutes" };
pub(super) const TRIES: Bounds = Bounds { name: "maxTries", min: 1.0, max: 100.0, unit: "" };
pub(super) const PER_INTERACTION: Bounds = Bounds { name: "cardsPerInteraction", min: 1.0, max: 100.0, unit: "" };
pub(super) const PER_QUEUE_HOUR: Bounds = Bounds { name: "cardsPerQueueHour", min: 1.0, max: 10_000.0, unit: "" };
pub(super) const HISTORY_DAYS: Bounds = Bounds { name: "historyDays", min: 1.0, max: 90.0, unit: "days" };
pub(super) const HISTORY_ENTRIES: Bounds = Bounds { name: "historyEntries", min: 100.0, max: 100_000.0, unit: "" };

/// One setting as a form needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct FieldSpec {
    /// As in [`SettingsView`], or `clientSecret`.
    pub name: String,
    /// As a form shows it: `true` or `false` for a switch, empty for none.
    pub default: String,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// The number's unit, if it has one: `seconds`, `minutes`, `hours`, `days`.
    pub unit: Option<String>,
    /// The longest text, in characters; of each line where it is a list.
    pub max_length: Option<u32>,
    /// What may be chosen.
    pub choices: Vec<String>,
}

/// Every setting, in the order in which forms ask for them.
pub fn field_specs() -> Vec<FieldSpec> {
    let default = SettingsView::default();
    let kinds = CardKind::ALL.map(CardKind::name);
    vec![
        text("organization", "", 63),
        text("clientId", "", CREDENTIAL_LIMIT),
        text("clientSecret", "", CREDENTIAL_LIMIT),
        choice("keepSecret", &["device", "session"]),
        text("serviceAddress", "", 500),
        number(SENTIMENT, Some(default.sentiment_threshold)),
        number(WAIT, Some(default.queue_wait_threshold_seconds)),
        number(CONFIDENCE, Some(default.minimum_confidence)),
        text("includeQueues", "", QUEUE_NAME_LIMIT),
        text("excludeQueues", "", QUEUE_NAME_LIMIT),
        choice("oncePer", &["interaction", "rule"]),
        number(REMEMBER, Some(default.remember_hours)),
        FieldSpec { default: default.card_type.name().to_owned(), ..choice("cardType", &kinds) },
        text("cardTitle", &default.card_title, TITLE_LIMIT),
        text("cardContent", &default.card_content, TEMPLATE_LIMIT),
        number(TTL, Some(default.card_ttl_minutes)),
        number(TRIES, None),
        switch("endAtDisposition", default.end_at_disposition),
        switch("dryRun", default.dry_run),
        switch("notify", default.notify),
        text("quietHoursFrom", "", TIME_LENGTH),
        text("quietHoursTo", "", TIME_LENGTH),
        number(PER_INTERACTION, None),
        number(PER_QUEUE_HOUR, None),
        number(HISTORY_DAYS, Some(f64::from(default.history_days))),
        number(HISTORY_ENTRIES, Some(f64::from(default.history_entries))),
        switch("maskIds", default.mask_ids),
    ]
}

fn plain(name: &str, default: String) -> FieldSpec {
    FieldSpec { name: name.to_owned(), default, min: None, max: None, unit: None, max_length: None, choices: vec![] }
}

fn text(name: &str, default: &str, limit: usize) -> FieldSpec {
    FieldSpec { max_length: u32::try_from(limit).ok(), ..plain(name, default.to_owned()) }
}

fn number(bounds: Bounds, default: Option<f64>) -> FieldSpec {
    let unit = Some(bounds.unit.to_owned()).filter(|unit| !unit.is_empty());
    let default = default.map(|number| number.to_string()).unwrap_or_default();
    FieldSpec { min: Some(bounds.min), max: Some(bounds.max), unit, ..plain(bounds.name, default) }
}

fn choice(name: &str, choices: &[&str]) -> FieldSpec {
    let choices: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
    FieldSpec { choices: choices.clone(), ..plain(name, choices.into_iter().next().unwrap_or_default()) }
}

fn switch(name: &str, default: bool) -> FieldSpec {
    plain(name, default.to_string())
}
