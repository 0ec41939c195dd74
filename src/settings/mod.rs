//! What a person sets: read whole, with every mistake named, or not at all.
//!
//! | part | where |
//! | --- | --- |
//! | reading text, all errors collected | [`parse`] |
//! | defaults and bounds as data, for pages | [`field_specs`] |
//! | addresses | [`Base`], [`Organization`] |

mod clock_time;
mod parse;
mod spec;
mod text;

pub use clock_time::{QuietHours, TimeOfDay};
pub use parse::{FieldError, Parsed, parse};
pub use spec::{FieldSpec, field_specs};

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::address::{Base, Organization};
use crate::model::card::{CardKind, CardTemplate};
use crate::model::time::Millis;

/// Settings with which the pipeline can run: complete, in range, typed. The secret is kept apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whose stream it is; may be absent where a service address is set.
    pub organization: Option<Organization>,
    /// In place of the organisation's own address.
    pub service_address: Option<Base>,
    /// At most 1 000 visible characters.
    pub client_id: String,
    /// Where the secret is kept.
    pub keep_secret: KeepSecret,
    /// A score below it is negative: −1 … 1.
    pub sentiment_threshold: f64,
    /// A wait above it is long: up to a day.
    pub queue_wait_threshold: Millis,
    /// How sure the sentiment must be: 0 … 1.
    pub minimum_confidence: f64,
    /// Names with `*`; all queues where empty.
    pub include_queues: Vec<String>,
    /// Names with `*`; they win over the included ones.
    pub exclude_queues: Vec<String>,
    /// What fires once.
    pub once_per: OncePer,
    /// How long after it was last seen an interaction is remembered.
    pub remember: Millis,
    /// What cards look like.
    pub card: CardTemplate,
    /// How long after its trigger a card is still worth sending.
    pub ttl: Millis,
    /// The most tries per card; no limit where absent.
    pub max_tries: Option<u32>,
    /// Whether an interaction's end ends its card's tries.
    pub end_at_disposition: bool,
    /// Whether nothing is posted.
    pub dry_run: bool,
    /// Whether triggers and trouble are shown on the desktop.
    pub notify: bool,
    /// When no card is sent, by local time.
    pub quiet_hours: Option<QuietHours>,
    /// The most cards for one interaction; no limit where absent.
    pub cards_per_interaction: Option<u32>,
    /// The most cards for one queue in an hour; no limit where absent.
    pub cards_per_queue_hour: Option<u32>,
    /// How long the activity log goes back, in days.
    pub history_days: u32,
    /// The most entries in the activity log.
    pub history_entries: u32,
    /// Whether exports hide interaction ids.
    pub mask_ids: bool,
    base: Base,
}

/// What fires once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum OncePer {
    /// An interaction, whichever rule is first.
    #[default]
    Interaction,
    /// Each rule of an interaction.
    Rule,
}

/// Where the client secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub enum KeepSecret {
    /// On this device, in plain.
    #[default]
    Device,
    /// In memory, until the browser closes.
    Session,
}

/// Settings as pages, the store and an export write them: one flat JSON object, without the secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// One DNS label; may be empty where a service address is set.
    pub organization: String,
    /// The client, as the service knows it.
    pub client_id: String,
    /// Where the secret is kept.
    pub keep_secret: KeepSecret,
    /// Replaces the organisation's own address; empty for none.
    pub service_address: String,
    /// −1 … 1.
    pub sentiment_threshold: f64,
    /// Seconds.
    pub queue_wait_threshold_seconds: f64,
    /// 0 … 1.
    pub minimum_confidence: f64,
    /// Names with `*`.
    pub include_queues: Vec<String>,
    /// Names with `*`.
    pub exclude_queues: Vec<String>,
    /// What fires once.
    pub once_per: OncePer,
    /// Hours.
    pub remember_hours: f64,
    /// The look of cards.
    pub card_type: CardKind,
    /// The title of cards.
    pub card_title: String,
    /// The content of cards, as a template.
    pub card_content: String,
    /// Minutes.
    pub card_ttl_minutes: f64,
    /// No limit where null.
    pub max_tries: Option<u32>,
    /// Whether an interaction's end ends its card's tries.
    pub end_at_disposition: bool,
    /// Whether nothing is posted.
    pub dry_run: bool,
    /// Whether there are desktop notifications.
    pub notify: bool,
    /// `hh:mm`, local time; empty for none.
    #[serde(default)]
    pub quiet_hours_from: String,
    /// `hh:mm`, local time; empty for none.
    #[serde(default)]
    pub quiet_hours_to: String,
    /// No limit where null.
    #[serde(default)]
    pub cards_per_interaction: Option<u32>,
    /// No limit where null.
    #[serde(default)]
    pub cards_per_queue_hour: Option<u32>,
    /// Days.
    pub history_days: u32,
    /// How many.
    pub history_entries: u32,
    /// Whether exports hide interaction ids.
    pub mask_ids: bool,
    /// Whether a secret is stored. Only told, never read.
    #[serde(default)]
    pub has_secret: bool,
    /// Whether the pipeline can run with this. Only told, never read.
    #[serde(default)]
    pub complete: bool,
}

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;

impl Default for SettingsView {
    /// What a fresh profile shows: every default, and nobody to connect to.
    fn default() -> SettingsView {
        let card = CardTemplate::default();
        SettingsView {
            organization: String::new(),
            client_id: String::new(),
            keep_secret: KeepSecret::default(),
            service_address: String::new(),
            sentiment_threshold: -0.5,
            queue_wait_threshold_seconds: 120.0,
            minimum_confidence: 0.0,
            include_queues: Vec::new(),
            exclude_queues: Vec::new(),
            once_per: OncePer::default(),
            remember_hours: 24.0,
            card_type: card.kind,
            card_title: card.title,
            card_content: card.content,
            card_ttl_minutes: 10.0,
            max_tries: None,
            end_at_disposition: false,
            dry_run: false,
            notify: false,
            quiet_hours_from: String::new(),
            quiet_hours_to: String::new(),
            cards_per_interaction: None,
            cards_per_queue_hour: None,
            history_days: 7,
            history_entries: 20_000,
            mask_ids: true,
            has_secret: false,
            complete: false,
        }
    }
}

impl SettingsView {
    /// As stored and exported: JSON for people, without what is only told.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(fields) = json.as_object_mut() {
            spec::TOLD.iter().for_each(|field| drop(fields.remove(*field)));
        }
        format!("{json:#}")
    }
}

impl Settings {
    /// Where the service is.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// For pages.
    pub fn view(&self, has_secret: bool) -> SettingsView {
        SettingsView {
            organization: self.organization.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
            client_id: self.client_id.clone(),
            keep_secret: self.keep_secret,
            service_address: self.service_address.as_ref().map(|base| base.http().to_owned()).unwrap_or_default(),
            sentiment_threshold: self.sentiment_threshold,
            queue_wait_threshold_seconds: in_units(self.queue_wait_threshold, SECOND),
            minimum_confidence: self.minimum_confidence,
            include_queues: self.include_queues.clone(),
            exclude_queues: self.exclude_queues.clone(),
            once_per: self.once_per,
            remember_hours: in_units(self.remember, HOUR),
            card_type: self.card.kind,
            card_title: self.card.title.clone(),
            card_content: self.card.content.clone(),
            card_ttl_minutes: in_units(self.ttl, MINUTE),
            max_tries: self.max_tries,
            end_at_disposition: self.end_at_disposition,
            dry_run: self.dry_run,
            notify: self.notify,
            quiet_hours_from: self.quiet_hours.map(|hours| hours.from.to_string()).unwrap_or_default(),
            quiet_hours_to: self.quiet_hours.map(|hours| hours.to.to_string()).unwrap_or_default(),
            cards_per_interaction: self.cards_per_interaction,
            cards_per_queue_hour: self.cards_per_queue_hour,
            history_days: self.history_days,
            history_entries: self.history_entries,
            mask_ids: self.mask_ids,
            has_secret,
            complete: has_secret,
        }
    }

    /// As stored and exported: [`parse`] reads it back, and the secret is not in it.
    pub fn to_json(&self) -> String {
        self.view(false).to_json()
    }
}

#[expect(clippy::cast_precision_loss, reason = "spans of at most 30 days")]
fn in_units(span: Millis, unit: f64) -> f64 {
    span.0 as f64 / unit
}

#[cfg(test)]
mod tests;
