//! Reading settings: every field is taken once, every mistake is kept, and what is left over is unknown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::clock_time::{QuietHours, TimeOfDay};
use super::spec::{self, Bounds};
use super::text::{code_point, is_invisible, keys, read_number};
use super::{HOUR, KeepSecret, MINUTE, OncePer, SECOND, Settings, SettingsView};
use crate::model::address::{AddressError, Base, Organization};
use crate::model::card::{CardKind, CardTemplate, TEMPLATE_LIMIT, TITLE_LIMIT};
use crate::model::http::Secret;
use crate::model::time::Millis;

/// The longest text that is read, in bytes.
const TEXT_LIMIT: usize = 256 * 1024;

/// The most fields that are looked at one by one.
const KEY_LIMIT: usize = 100;

/// What a field's value is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct FieldError {
    /// The field as written; empty where it is the text as a whole.
    pub field: String,
    /// Finds the words: `required`, `unknown`, `duplicate`, `notJson`, `wrongType`, `notALabel`, `notAUrl`,
    /// `needsHttps`, `notANumber`, `wholeNumber`, `tooLow`, `tooHigh`, `tooLong`, `tooMany`, `badChoice`,
    /// `controlCharacter`, `notATime`; and of a secret that settings lack, `secretAgain`.
    pub code: String,
    /// The values the words need: the bound, the choices, the character, the position.
    pub values: Vec<String>,
    /// The line of the text, counted from 1.
    pub line: Option<u32>,
}

/// Settings that were read, and the secret if the text brought one.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// Complete.
    pub settings: Settings,
    /// `clientSecret`, where it is not empty.
    pub secret: Option<Secret>,
}

/// Reads one JSON object as [`Settings::to_json`] writes it, with or without `clientSecret`. Numbers may be written as
/// text, as forms do; absent fields and nulls take their defaults.
///
/// # Errors
///
/// Every field that is wrong, about in the order of the form.
pub fn parse(text: &str, loopback_allowed: bool) -> Result<Parsed, Vec<FieldError>> {
    let mut fields = Fields::read(text)?;
    let parsed = fields.settings(loopback_allowed);
    let errors = fields.finish();
    match parsed {
        Some(parsed) if errors.is_empty() => Ok(parsed),
        _ => Err(errors),
    }
}

struct Fields {
    values: Map<String, Value>,
    keys: Vec<(String, u32)>,
    errors: Vec<FieldError>,
}

impl Fields {
    fn read(text: &str) -> Result<Fields, Vec<FieldError>> {
        let whole = |code: &str, values: Vec<String>, line: Option<u32>| {
            vec![FieldError { field: String::new(), code: code.to_owned(), values, line }]
        };
        if text.len() > TEXT_LIMIT {
            return Err(whole("tooLong", vec![TEXT_LIMIT.to_string()], None));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(_)) if keys(text).len() > KEY_LIMIT => {
                Err(whole("tooMany", vec![KEY_LIMIT.to_string()], None))
            }
            Ok(Value::Object(values)) => Ok(Fields { values, keys: keys(text), errors: Vec::new() }),
            Ok(_) => Err(whole("wrongType", vec!["object".to_owned()], Some(1))),
            Err(error) => {
                let line = u32::try_from(error.line()).ok();
                Err(whole("notJson", vec![error.line().to_string(), error.column().to_string()], line))
            }
        }
    }

    fn settings(&mut self, loopback_allowed: bool) -> Option<Parsed> {
        let default = SettingsView::default();
        // Each field is taken before any `?`, so that every mistake is named.
        let organization = self.organization();
        let client_id = self.client_id();
        let secret = self.credential("clientSecret");
        let keep_secret =
            self.choice("keepSecret", &[("device", KeepSecret::Device), ("session", KeepSecret::Session)]);
        let service_address = self.address(loopback_allowed);
        let sentiment_threshold = self.number(spec::SENTIMENT, default.sentiment_threshold);
        let wait = self.span(spec::WAIT, SECOND, default.queue_wait_threshold_seconds);
        let minimum_confidence = self.number(spec::CONFIDENCE, default.minimum_confidence);
        let include_queues = self.queues("includeQueues");
        let exclude_queues = self.queues("excludeQueues");
        let once_per = self.choice("oncePer", &[("interaction", OncePer::Interaction), ("rule", OncePer::Rule)]);
        let remember = self.span(spec::REMEMBER, HOUR, default.remember_hours);
        let kind = self.choice("cardType", &CardKind::ALL.map(|kind| (kind.name(), kind)));
        let title = self.wording("cardTitle", TITLE_LIMIT, default.card_title, false);
        let content = self.wording("cardContent", TEMPLATE_LIMIT, default.card_content, true);
        let ttl = self.span(spec::TTL, MINUTE, default.card_ttl_minutes);
        let max_tries = self.optional_count(spec::TRIES);
        let end_at_disposition = self.switch("endAtDisposition", false);
        let dry_run = self.switch("dryRun", false);
        let notify = self.switch("notify", false);
        let quiet_hours = self.quiet_hours();
        let cards_per_interaction = self.optional_count(spec::PER_INTERACTION);
        let cards_per_queue_hour = self.optional_count(spec::PER_QUEUE_HOUR);
        let history_days = self.count(spec::HISTORY_DAYS, default.history_days);
        let history_entries = self.count(spec::HISTORY_ENTRIES, default.history_entries);
        let mask_ids = self.switch("maskIds", default.mask_ids);

        if organization == Some(None) && service_address == Some(None) {
            self.error("organization", "required", vec![]);
        }
        let (organization, service_address) = (organization?, service_address?);
        let base = service_address.clone().or_else(|| organization.as_ref().map(Base::of))?;
        let settings = Settings {
            organization,
            service_address,
            client_id: client_id?,
            keep_secret: keep_secret?,
            sentiment_threshold: sentiment_threshold?,
            queue_wait_threshold: wait?,
            minimum_confidence: minimum_confidence?,
            include_queues: include_queues?,
            exclude_queues: exclude_queues?,
            once_per: once_per?,
            remember: remember?,
            card: CardTemplate { kind: kind?, title: title?, content: content? },
            ttl: ttl?,
            max_tries: max_tries?,
            end_at_disposition: end_at_disposition?,
            dry_run: dry_run?,
            notify: notify?,
            quiet_hours: quiet_hours?,
            cards_per_interaction: cards_per_interaction?,
            cards_per_queue_hour: cards_per_queue_hour?,
            history_days: history_days?,
            history_entries: history_entries?,
            mask_ids: mask_ids?,
            base,
        };
        Some(Parsed { settings, secret: secret.filter(|secret| !secret.is_empty()).map(Secret) })
    }

    /// What nobody took is unknown; what was written twice is ambiguous.
    fn finish(mut self) -> Vec<FieldError> {
        let unknown: Vec<String> = self.values.keys().cloned().collect();
        for field in unknown.iter().filter(|field| !spec::TOLD.contains(&field.as_str()) && *field != "$schema") {
            self.error(field, "unknown", vec![]);
        }
        let twice: Vec<String> = (1..self.keys.len())
            .filter(|at| self.keys[..*at].iter().any(|key| key.0 == self.keys[*at].0))
            .map(|at| self.keys[at].0.clone())
            .collect();
        for field in twice {
            self.error(&field, "duplicate", vec![]);
        }
        self.errors
    }

    fn error(&mut self, field: &str, code: &str, values: Vec<String>) {
        let line = self.keys.iter().rev().find(|(key, _)| key == field).map(|(_, line)| *line);
        self.errors.push(FieldError { field: field.to_owned(), code: code.to_owned(), values, line });
    }

    fn fail<T>(&mut self, field: &str, code: &str, values: Vec<String>) -> Option<T> {
        self.error(field, code, values);
        None
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.values.remove(field).filter(|value| !value.is_null())
    }

    /// Trimmed text without invisible characters.
    fn text(&mut self, field: &str, limit: usize, lines: bool) -> Option<Option<String>> {
        let text = match self.take(field) {
            None => return Some(None),
            Some(Value::String(text)) => text,
            Some(_) => return self.fail(field, "wrongType", vec!["text".to_owned()]),
        };
        let text = text.trim();
        if text.chars().count() > limit {
            return self.fail(field, "tooLong", vec![limit.to_string()]);
        }
        match text.chars().find(|character| is_invisible(*character) && !(lines && matches!(character, '\n' | '\t'))) {
            Some(character) => self.fail(field, "controlCharacter", vec![code_point(character)]),
            None => Some(Some(text.to_owned())),
        }
    }

    fn credential(&mut self, field: &str) -> Option<String> {
        self.text(field, spec::CREDENTIAL_LIMIT, false).map(Option::unwrap_or_default)
    }

    fn client_id(&mut self) -> Option<String> {
        match self.credential("clientId")? {
            text if text.is_empty() => self.fail("clientId", "required", vec![]),
            text => Some(text),
        }
    }

    fn wording(&mut self, field: &str, limit: usize, default: String, lines: bool) -> Option<String> {
        match self.text(field, limit, lines)? {
            None => Some(default),
            Some(text) if text.is_empty() => self.fail(field, "required", vec![]),
            Some(text) => Some(text),
        }
    }

    fn organization(&mut self) -> Option<Option<Organization>> {
        let text = self.credential("organization")?;
        if text.is_empty() {
            return Some(None);
        }
        match Organization::parse(&text) {
            Some(organization) => Some(Some(organization)),
            None => self.fail("organization", "notALabel", vec![]),
        }
    }

    fn address(&mut self, loopback_allowed: bool) -> Option<Option<Base>> {
        let text = self.credential("serviceAddress")?;
        if text.is_empty() {
            return Some(None);
        }
        match Base::parse(&text, loopback_allowed) {
            Ok(base) => Some(Some(base)),
            Err(AddressError::NotAUrl) => self.fail("serviceAddress", "notAUrl", vec![]),
            Err(AddressError::NeedsHttps) => self.fail("serviceAddress", "needsHttps", vec![]),
        }
    }

    fn choice<T: Copy>(&mut self, field: &str, choices: &[(&str, T)]) -> Option<T> {
        let value = match self.take(field) {
            None => return self.default_choice(field, choices),
            Some(value) => value,
        };
        match value.as_str().and_then(|text| choices.iter().find(|(name, _)| *name == text)) {
            Some((_, choice)) => Some(*choice),
            None => self.fail(field, "badChoice", choices.iter().map(|(name, _)| (*name).to_owned()).collect()),
        }
    }

    fn default_choice<T: Copy>(&self, field: &str, choices: &[(&str, T)]) -> Option<T> {
        let specs = spec::field_specs();
        let default = specs.iter().find(|spec| spec.name == field).map(|spec| &*spec.default);
        choices.iter().find(|(name, _)| Some(*name) == default).map(|(_, choice)| *choice)
    }

    fn switch(&mut self, field: &str, default: bool) -> Option<bool> {
        match self.take(field) {
            None => Some(default),
            Some(Value::Bool(on)) => Some(on),
            Some(_) => self.fail(field, "wrongType", vec!["switch".to_owned()]),
        }
    }

    /// A number in its bounds; `None` within where there is none.
    fn optional_number(&mut self, bounds: Bounds) -> Option<Option<f64>> {
        let number = match self.take(bounds.name) {
            None => return Some(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if text.trim().is_empty() => return Some(None),
            Some(Value::String(text)) => read_number(text.trim()),
            Some(_) => return self.fail(bounds.name, "wrongType", vec!["number".to_owned()]),
        };
        match number {
            None => self.fail(bounds.name, "notANumber", vec![]),
            Some(number) if number < bounds.min => self.fail(bounds.name, "tooLow", vec![bounds.min.to_string()]),
            Some(number) if number > bounds.max => self.fail(bounds.name, "tooHigh", vec![bounds.max.to_string()]),
            Some(number) => Some(Some(number)),
        }
    }

    fn number(&mut self, bounds: Bounds, default: f64) -> Option<f64> {
        let emptied =
            self.values.get(bounds.name).is_some_and(|value| value.as_str().is_some_and(|text| text.trim().is_empty()));
        if emptied {
            self.values.remove(bounds.name);
            return self.fail(bounds.name, "required", vec![]);
        }
        self.optional_number(bounds).map(|number| number.unwrap_or(default))
    }

    fn span(&mut self, bounds: Bounds, unit: f64, default: f64) -> Option<Millis> {
        let number = self.number(bounds, default)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in bounds: 0 to 30 days")]
        Some(Millis((number * unit).round() as u64))
    }

    /// A whole number in its bounds; `None` within where there is none.
    fn optional_count(&mut self, bounds: Bounds) -> Option<Option<u32>> {
        let Some(number) = self.optional_number(bounds)? else { return Some(None) };
        if number.fract() != 0.0 {
            return self.fail(bounds.name, "wholeNumber", vec![]);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in bounds, none above 100 000")]
        Some(Some(number as u32))
    }

    fn count(&mut self, bounds: Bounds, default: u32) -> Option<u32> {
        self.optional_count(bounds).map(|count| count.unwrap_or(default))
    }

    fn quiet_hours(&mut self) -> Option<Option<QuietHours>> {
        let (from, to) = (self.time_of_day("quietHoursFrom"), self.time_of_day("quietHoursTo"));
        match (from?, to?) {
            (None, None) => Some(None),
            (Some(from), Some(to)) => Some(Some(QuietHours { from, to })),
            (None, Some(_)) => self.fail("quietHoursFrom", "required", vec![]),
            (Some(_), None) => self.fail("quietHoursTo", "required", vec![]),
        }
    }

    fn time_of_day(&mut self, field: &str) -> Option<Option<TimeOfDay>> {
        match self.text(field, spec::TIME_LENGTH, false)?.filter(|text| !text.is_empty()) {
            None => Some(None),
            Some(text) => match TimeOfDay::parse(&text) {
                Some(time) => Some(Some(time)),
                None => self.fail(field, "notATime", vec![]),
            },
        }
    }

    /// A list, or text with one name a line. Empty lines do not count.
    fn queues(&mut self, field: &str) -> Option<Vec<String>> {
        let lines: Vec<String> = match self.take(field) {
            None => return Some(Vec::new()),
            Some(Value::String(text)) => text.lines().map(str::to_owned).collect(),
            Some(Value::Array(items)) => {
                let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                match texts {
                    Some(texts) => texts,
                    None => return self.fail(field, "wrongType", vec!["list".to_owned()]),
                }
            }
            Some(_) => return self.fail(field, "wrongType", vec!["list".to_owned()]),
        };
        let names: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        if names.len() > spec::QUEUE_COUNT_LIMIT {
            return self.fail(field, "tooMany", vec![spec::QUEUE_COUNT_LIMIT.to_string()]);
        }
        if let Some(name) = names.iter().find(|name| name.chars().count() > spec::QUEUE_NAME_LIMIT) {
            let start: String = name.chars().take(20).collect();
            return self.fail(field, "tooLong", vec![spec::QUEUE_NAME_LIMIT.to_string(), start]);
        }
        match names.iter().flat_map(|name| name.chars()).find(|character| is_invisible(*character)) {
            Some(character) => self.fail(field, "controlCharacter", vec![code_point(character)]),
            None => Some(names.into_iter().map(str::to_owned).collect()),
        }
    }
}
