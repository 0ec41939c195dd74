//! Settings of a person: read whole, with every mistake named, or not at all.
//!
//! | part | where |
//! | --- | --- |
//! | every field, once: type, name, bounds, default | `table` |
//! | how each kind of field is read, shown and described | `kinds`, `numbers` |
//! | which fields each way to connect has, and needs | `connection` |
//! | reading text, all errors collected | [`parse`] |
//! | addresses | [`Base`], [`Organization`](crate::model::address::Organization) |

mod clock_time;
mod connected;
mod connection;
mod kinds;
mod numbers;
mod reading;
mod schema;
mod table;
mod text;

pub use clock_time::{QuietHours, TimeOfDay};
pub use connection::{KeepSecret, Way};
pub use reading::FieldError;
pub use table::{KeepRecording, OncePer, RULES, Settings, WithoutAgent, properties};

use serde_json::{Map, Value};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use crate::model::address::Base;
use crate::model::card::CardTemplate;
use crate::model::http::Secret;
use crate::model::json::{self, FromJson, ToJson};
use reading::{Fields, Mistake};
use table::{Draft, SECRETS, defaults};

/// The facts of a view besides the settings: whether a secret is stored, and whether the pipeline can run. [`parse`]
/// passes over both, so that a view can be sent back as it is.
const TOLD: [&str; 2] = ["hasSecret", "complete"];

/// Settings that were read, and the secret if the text brought one.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Complete.
    pub settings: Settings,
    /// Of the way to connect that the text chose: `clientSecret` or `accessKeySecret`, where it is not empty.
    pub secret: Option<Secret>,
}

/// Reads one JSON object as [`Settings::to_json`] writes it, with or without a secret. Numbers may be written as
/// text, as forms do; absent fields and nulls take their defaults.
///
/// # Errors
///
/// Every field that is wrong, about in the order of the form.
pub fn parse(text: &str, loopback_allowed: bool) -> Result<Parsed, Vec<FieldError>> {
    let mut fields = Fields::of(text, loopback_allowed)?;
    let draft = Draft::read(&mut fields);
    let is_stream = Way::in_text(&fields) == Way::Stream;
    if is_stream && draft.organization == Some(None) && draft.service_address == Some(None) {
        fields.error("organization", Mistake::new("required"));
    }
    let rules = fields.object(RULES);
    let settings = draft.base().and_then(|base| draft.complete(base, rules));
    let errors = fields.finish();
    match settings {
        Some(mut settings) if errors.is_empty() => {
            let (client, key) = (settings.client_secret.take(), settings.access_key_secret.take());
            let secret = match settings.way() {
                Way::Stream => client,
                Way::AccessKey => key,
                Way::Nice => None,
            };
            Ok(Parsed { secret, settings })
        }
        _ => Err(errors),
    }
}

impl Settings {
    /// Where the service is.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The same settings for another service at the same address.
    #[cfg(test)]
    pub fn speaking(self, service: crate::model::address::ServiceKind) -> Settings {
        Settings { base: self.base.speaking(service), ..self }
    }

    /// The look of cards.
    pub fn card(&self) -> CardTemplate {
        CardTemplate { kind: self.card_kind, title: self.card_title.clone(), content: self.card_content.clone() }
    }

    /// When no card is sent, by local time.
    pub fn quiet_hours(&self) -> Option<QuietHours> {
        Some(QuietHours { from: self.quiet_hours_from?, to: self.quiet_hours_to? })
    }

    /// For pages.
    pub fn view(&self, complete: bool) -> SettingsView {
        SettingsView::of(self.values(), complete && self.needs_secret(), complete)
    }

    /// As stored and exported: [`parse`] reads it back, and the secret is not in it.
    pub fn to_json(&self) -> String {
        self.view(false).to_json()
    }
}

/// Settings as pages, the store and an export write them: one flat JSON object, without the secret.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
pub struct SettingsView(
    #[cfg_attr(target_arch = "wasm32", tsify(type = "Record<string, unknown>"))] Map<String, Value>,
);

impl Default for SettingsView {
    /// The settings of a fresh profile: every default, and nobody to connect to.
    fn default() -> SettingsView {
        SettingsView::of(defaults(), false, false)
    }
}

impl SettingsView {
    fn of(mut values: Map<String, Value>, has_secret: bool, complete: bool) -> SettingsView {
        SECRETS.iter().for_each(|secret| drop(values.remove(*secret)));
        let told = TOLD.into_iter().zip([has_secret, complete]);
        values.extend(told.map(|(told, is_so)| (told.to_owned(), Value::Bool(is_so))));
        SettingsView(values)
    }

    /// The number in a field.
    pub fn number(&self, field: &str) -> Option<f64> {
        self.0.get(field)?.as_f64()
    }

    /// As stored and exported: JSON for people, without what is only told.
    pub fn to_json(&self) -> String {
        let mut values = self.0.clone();
        TOLD.iter().for_each(|told| drop(values.remove(*told)));
        json::indented(&json::write(&values))
    }
}

#[cfg(test)]
mod tests;
