//! One part of a JSON text while it is read: every mistake is kept, with its place.

use std::fmt::Display;

use crate::model::json::{FromJson, ToJson};
use serde_json::{Map, Value as Json};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

/// Mistakes that are named one by one.
const ERRORS_LIMIT: usize = 100;

/// The mistake in a part of a text.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct RuleError {
    /// The place, as JSON pointer; empty where it is the text as a whole.
    pub at: String,
    /// Finds the words: `notJson`, `wrongType`, `required`, `unknown`, `duplicate`, `sameId`, `notAnId`, `badChoice`,
    /// `tooLow`, `tooHigh`, `wholeNumber`, `tooLong`, `tooMany`, `tooDeep`, `empty`, `controlCharacter`, `notAField`,
    /// `notOfNumbers`, `wrongOperator`, `notWanted`, `eitherValuesOrSeconds`, `notATime`, `notAZone`, `newerVersion`,
    /// `notSorted`.
    pub code: String,
    /// The values the words need: the bound, the choices, the position.
    pub values: Vec<String>,
}

impl Display for RuleError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.at.is_empty() { "/" } else { &self.at };
        write!(formatter, "{place}: {}", self.code)?;
        match self.values.is_empty() {
            true => Ok(()),
            false => write!(formatter, " ({})", self.values.join(", ")),
        }
    }
}

/// Every mistake so far.
#[derive(Debug, Default)]
pub(super) struct Errors(pub Vec<RuleError>);

impl Errors {
    pub fn add(&mut self, at: &str, code: &str, values: &[&dyn Display]) {
        if self.0.len() < ERRORS_LIMIT {
            let values = values.iter().map(ToString::to_string).collect();
            self.0.push(RuleError { at: at.to_owned(), code: code.to_owned(), values });
        }
    }
}

/// A value in its place.
#[derive(Debug)]
pub(super) struct Part<'j> {
    pub json: &'j Json,
    pub at: String,
}

impl<'j> Part<'j> {
    pub fn root(json: &'j Json) -> Part<'j> {
        Part { json, at: String::new() }
    }

    fn inside(&self, key: &str, json: &'j Json) -> Part<'j> {
        Part { json, at: format!("{}/{}", self.at, key.replace('~', "~0").replace('/', "~1")) }
    }

    pub fn wrong<T>(&self, errors: &mut Errors, code: &str, values: &[&dyn Display]) -> Option<T> {
        errors.add(&self.at, code, values);
        None
    }

    /// An object of these keys and no others.
    pub fn object(&self, known: &[&str], errors: &mut Errors) -> Option<&'j Map<String, Json>> {
        let Json::Object(map) = self.json else { return self.wrong(errors, "wrongType", &[&"object"]) };
        for (key, json) in map.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            self.inside(key, json).wrong::<()>(errors, "unknown", &[]);
        }
        Some(map)
    }

    /// The value of an object under a key; `null` is absent.
    pub fn get(&self, key: &str) -> Option<Part<'j>> {
        let json = self.json.get(key).filter(|json| !json.is_null())?;
        Some(self.inside(key, json))
    }

    /// The same, and a mistake where it is absent.
    pub fn need(&self, key: &str, errors: &mut Errors) -> Option<Part<'j>> {
        let found = self.get(key);
        if found.is_none() && self.json.is_object() {
            errors.add(&format!("{}/{key}", self.at), "required", &[]);
        }
        found
    }

    /// The value of an object under a key, read; the default where the key is absent.
    pub fn or<T>(
        &self,
        key: &str,
        default: T,
        errors: &mut Errors,
        read: impl FnOnce(&Part<'j>, &mut Errors) -> Option<T>,
    ) -> Option<T> {
        match self.get(key) {
            Some(part) => read(&part, errors),
            None => Some(default),
        }
    }

    /// A list of at most `most` parts.
    pub fn list(&self, most: usize, errors: &mut Errors) -> Option<Vec<Part<'j>>> {
        let Json::Array(items) = self.json else { return self.wrong(errors, "wrongType", &[&"array"]) };
        if items.len() > most {
            return self.wrong(errors, "tooMany", &[&most]);
        }
        Some(items.iter().enumerate().map(|(at, json)| self.inside(&at.to_string(), json)).collect())
    }

    /// Each part of a list, read; a mistake in one leaves the whole list out.
    pub fn each<T>(
        &self,
        most: usize,
        errors: &mut Errors,
        mut read: impl FnMut(&Part<'j>, &mut Errors) -> Option<T>,
    ) -> Option<Vec<T>> {
        let parts = self.list(most, errors)?;
        let count = parts.len();
        let read: Vec<T> = parts.iter().filter_map(|part| read(part, errors)).collect();
        (read.len() == count).then_some(read)
    }

    /// A text of at most `most` characters.
    pub fn text(&self, most: usize, lines: bool, errors: &mut Errors) -> Option<String> {
        let Json::String(text) = self.json else { return self.wrong(errors, "wrongType", &[&"string"]) };
        if text.chars().count() > most {
            return self.wrong(errors, "tooLong", &[&most]);
        }
        if text.chars().any(|it| it.is_control() && !(lines && matches!(it, '\n' | '\t'))) {
            return self.wrong(errors, "controlCharacter", &[]);
        }
        Some(text.clone())
    }

    /// The same, and not empty.
    pub fn words(&self, most: usize, errors: &mut Errors) -> Option<String> {
        let text = self.text(most, false, errors)?;
        if text.trim().is_empty() {
            return self.wrong(errors, "empty", &[]);
        }
        Some(text)
    }

    pub fn flag(&self, errors: &mut Errors) -> Option<bool> {
        self.json.as_bool().or_else(|| self.wrong(errors, "wrongType", &[&"boolean"]))
    }

    pub fn number(&self, bounds: (f64, f64), errors: &mut Errors) -> Option<f64> {
        let Some(number) = self.json.as_f64() else { return self.wrong(errors, "wrongType", &[&"number"]) };
        if number < bounds.0 {
            return self.wrong(errors, "tooLow", &[&bounds.0]);
        }
        if number > bounds.1 {
            return self.wrong(errors, "tooHigh", &[&bounds.1]);
        }
        Some(number)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    pub fn whole(&self, bounds: (u64, u64), errors: &mut Errors) -> Option<u64> {
        #[expect(clippy::cast_precision_loss, reason = "bounds are small")]
        let number = self.number((bounds.0 as f64, bounds.1 as f64), errors)?;
        if number.fract() != 0.0 {
            return self.wrong(errors, "wholeNumber", &[]);
        }
        Some(number as u64)
    }

    /// One of several names.
    pub fn choice<T: Copy>(&self, choices: &[(&'static str, T)], errors: &mut Errors) -> Option<T> {
        let Json::String(text) = self.json else { return self.wrong(errors, "wrongType", &[&"string"]) };
        let found = choices.iter().find(|(name, _)| name == text);
        if found.is_none() {
            let names: Vec<&dyn Display> = choices.iter().map(|(name, _)| name as &dyn Display).collect();
            return self.wrong(errors, "badChoice", &names);
        }
        found.map(|(_, choice)| *choice)
    }
}
