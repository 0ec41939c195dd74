//! One text of settings while it is read: each field is looked at once, every mistake is kept.

use serde_json::{Map, Value, json};
use thiserror::Error;
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::TOLD;
use super::text::keys;
use crate::model::json::{FromJson, Json, ToJson};

/// The longest text that is read, in bytes: with rules, and laid out for people.
const TEXT_LIMIT: usize = 4 * 1024 * 1024;

/// The most fields that are looked at one by one.
const KEY_LIMIT: usize = 100;

/// One kind of field.
pub(super) trait Kind {
    /// As the core uses it.
    type Value;

    /// The value of an absent field, read like any other value.
    fn default(&self) -> Value {
        json!("")
    }

    fn read(&self, given: &Value, fields: &Fields) -> Result<Self::Value, Mistake>;

    fn show(&self, value: &Self::Value) -> Value;

    /// The part of the JSON schema that depends on the kind.
    fn schema(&self) -> Value;
}

/// The requirement that a field's value misses.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson, Error)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
#[error("{field}: {code}")]
pub struct FieldError {
    /// The field as written; empty where it is the text as a whole.
    pub field: String,
    /// Finds the words: `required`, `unknown`, `duplicate`, `notJson`, `wrongType`, `notALabel`, `notAUrl`,
    /// `needsHttps`, `notANumber`, `wholeNumber`, `tooLow`, `tooHigh`, `tooLong`, `tooMany`, `badChoice`,
    /// `controlCharacter`, `notATime`, `notATenant`; of a secret that settings lack, `secretAgain`; and of the rules,
    /// `notRules` with place and code of a mistake.
    pub code: String,
    /// The values the words need: the bound, the choices, the character, the position.
    pub values: Vec<String>,
    /// The line of the text, counted from 1.
    pub line: Option<u32>,
}

/// The requirement that a value misses, before its field is named: code and values of a [`FieldError`].
pub(super) struct Mistake {
    code: &'static str,
    values: Vec<String>,
}

impl Mistake {
    pub fn new(code: &'static str) -> Mistake {
        Mistake { code, values: Vec::new() }
    }

    pub fn of<V: ToString, const N: usize>(code: &'static str, values: [V; N]) -> Mistake {
        Mistake { code, values: values.iter().map(ToString::to_string).collect() }
    }

    fn at(self, field: &str, line: Option<u32>) -> FieldError {
        FieldError { field: field.to_owned(), code: self.code.to_owned(), values: self.values, line }
    }
}

/// The values of a text, and what was found wrong with them.
pub(super) struct Fields {
    values: Map<String, Value>,
    keys: Vec<(String, u32)>,
    read: Vec<&'static str>,
    errors: Vec<FieldError>,
    /// Whether an address of this machine may do without encryption.
    pub loopback_allowed: bool,
}

impl Fields {
    pub fn of(text: &str, loopback_allowed: bool) -> Result<Fields, Vec<FieldError>> {
        let whole = |mistake: Mistake, line| vec![mistake.at("", line)];
        if text.len() > TEXT_LIMIT {
            return Err(whole(Mistake::of("tooLong", [TEXT_LIMIT]), None));
        }
        let values = match Json::parse(text).map(|json| FromJson::from_json(&json)) {
            Ok(Some(values)) => values,
            Ok(None) => return Err(whole(Mistake::of("wrongType", ["object"]), Some(1))),
            Err(error) => {
                let line = u32::try_from(error.line()).ok();
                return Err(whole(Mistake::of("notJson", [error.line(), error.column()]), line));
            }
        };
        let keys = keys(text);
        if keys.len() > KEY_LIMIT {
            return Err(whole(Mistake::of("tooMany", [KEY_LIMIT]), None));
        }
        Ok(Fields { values, keys, read: Vec::new(), errors: Vec::new(), loopback_allowed })
    }

    /// A field's value, unless it is absent or null.
    pub fn given(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// Reads a field; an absent one has its default.
    pub fn read<K: Kind>(&mut self, name: &'static str, kind: &K) -> Option<K::Value> {
        self.read.push(name);
        let default = kind.default();
        match kind.read(self.given(name).unwrap_or(&default), self) {
            Ok(value) => Some(value),
            Err(mistake) => {
                self.error(name, mistake);
                None
            }
        }
    }

    /// An object as it is, as JSON; none where it is absent.
    pub fn object(&mut self, name: &'static str) -> Option<String> {
        self.read.push(name);
        let given = self.given(name)?;
        if given.is_object() {
            return Some(given.to_string());
        }
        self.error(name, Mistake::of("wrongType", ["object"]));
        None
    }

    pub fn error(&mut self, field: &str, mistake: Mistake) {
        let line = self.keys.iter().rev().find(|(key, _)| key == field).map(|(_, line)| *line);
        self.errors.push(mistake.at(field, line));
    }

    /// Every mistake. A field that nobody read is unknown; one that was written twice is ambiguous.
    pub fn finish(mut self) -> Vec<FieldError> {
        let known = |name: &str| self.read.contains(&name) || TOLD.contains(&name) || name == "$schema";
        let unknown: Vec<String> = self.values.keys().filter(|name| !known(name)).cloned().collect();
        for field in unknown {
            self.error(&field, Mistake::new("unknown"));
        }
        let twice: Vec<String> = (1..self.keys.len())
            .filter(|at| self.keys[..*at].iter().any(|key| key.0 == self.keys[*at].0))
            .map(|at| self.keys[at].0.clone())
            .collect();
        for field in twice {
            self.error(&field, Mistake::new("duplicate"));
        }
        self.errors
    }
}
