//! The kinds of field: how each is read from JSON, shown as JSON, and described to a form.

use serde_json::{Value, json};

use super::clock_time::TimeOfDay;
use super::reading::{Fields, Kind, Mistake};
use super::text::{code_point, is_invisible};
use crate::model::address::{AddressError, Base, Organization};
use crate::model::http::Secret;

/// The longest client id or secret, in characters.
pub(super) const CREDENTIAL_LIMIT: usize = 1_000;

/// The longest name of a person, in characters.
const PERSON_LIMIT: usize = 80;

/// The longest queue name, in characters, and the most names in one list.
const NAME_LIMIT: usize = 200;

/// A time of day is `hh:mm`.
const TIME_LENGTH: usize = 5;

/// One DNS label.
pub(super) struct Label;

impl Kind for Label {
    type Value = Option<Organization>;

    fn read(&self, given: &Value, _: &Fields) -> Result<Self::Value, Mistake> {
        optional(given, CREDENTIAL_LIMIT, |text| Organization::parse(text).ok_or(Mistake::new("notALabel")))
    }

    fn show(&self, value: &Self::Value) -> Value {
        json!(value.as_ref().map_or("", Organization::as_str))
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": 63, "x-control": "text" })
    }
}

/// An address that replaces the organisation's own.
pub(super) struct Address;

impl Kind for Address {
    type Value = Option<Base>;

    fn read(&self, given: &Value, fields: &Fields) -> Result<Self::Value, Mistake> {
        optional(given, CREDENTIAL_LIMIT, |text| {
            Base::parse(text, fields.loopback_allowed).map_err(|error| match error {
                AddressError::NotAUrl => Mistake::new("notAUrl"),
                AddressError::NeedsHttps => Mistake::new("needsHttps"),
            })
        })
    }

    fn show(&self, value: &Self::Value) -> Value {
        json!(value.as_ref().map_or("", Base::http))
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": 500, "x-control": "address" })
    }
}

/// Text that is required; with line breaks where `lines`.
pub(super) struct Text {
    pub limit: usize,
    pub default: &'static str,
    pub lines: bool,
}

impl Kind for Text {
    type Value = String;

    fn default(&self) -> Value {
        json!(self.default)
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<String, Mistake> {
        match text(given, self.limit, self.lines)? {
            "" => Err(Mistake::new("required")),
            text => Ok(text.to_owned()),
        }
    }

    fn show(&self, value: &String) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        let control = if self.lines { "paragraph" } else { "text" };
        json!({ "type": "string", "maxLength": self.limit, "x-control": control })
    }
}

/// A person's name; may be absent.
pub(super) struct PersonName;

impl Kind for PersonName {
    type Value = Option<String>;

    fn read(&self, given: &Value, _: &Fields) -> Result<Self::Value, Mistake> {
        optional(given, PERSON_LIMIT, |text| Ok(text.to_owned()))
    }

    fn show(&self, value: &Self::Value) -> Value {
        json!(value.as_deref().unwrap_or_default())
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": PERSON_LIMIT, "x-control": "text" })
    }
}

/// Text that is never shown.
pub(super) struct Password;

impl Kind for Password {
    type Value = Option<Secret>;

    fn read(&self, given: &Value, _: &Fields) -> Result<Self::Value, Mistake> {
        optional(given, CREDENTIAL_LIMIT, |text| Ok(Secret(text.to_owned())))
    }

    fn show(&self, _: &Self::Value) -> Value {
        json!("")
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": CREDENTIAL_LIMIT, "writeOnly": true, "x-control": "secret" })
    }
}

/// One of several, each with its name.
pub(super) struct Choice<T, const N: usize>(pub [(&'static str, T); N]);

impl<T: Copy + Default + PartialEq, const N: usize> Choice<T, N> {
    fn names(&self) -> [&'static str; N] {
        self.0.each_ref().map(|(name, _)| *name)
    }
}

impl<T: Copy + Default + PartialEq, const N: usize> Kind for Choice<T, N> {
    type Value = T;

    fn default(&self) -> Value {
        self.show(&T::default())
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<T, Mistake> {
        match self.0.iter().find(|(name, _)| given.as_str() == Some(name)) {
            Some((_, choice)) => Ok(*choice),
            None => Err(Mistake::of("badChoice", self.names())),
        }
    }

    fn show(&self, value: &T) -> Value {
        json!(self.0.iter().find(|(_, choice)| choice == value).map(|(name, _)| *name))
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "enum": self.names().to_vec(), "x-control": "choice" })
    }
}

/// On or off, and which where nothing is set.
pub(super) struct Switch(pub bool);

impl Kind for Switch {
    type Value = bool;

    fn default(&self) -> Value {
        json!(self.0)
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<bool, Mistake> {
        given.as_bool().ok_or_else(|| Mistake::of("wrongType", ["switch"]))
    }

    fn show(&self, value: &bool) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        json!({ "type": "boolean", "x-control": "switch" })
    }
}

/// A list, or text with one name a line. Empty lines do not count.
pub(super) struct Names;

impl Kind for Names {
    type Value = Vec<String>;

    fn default(&self) -> Value {
        json!([])
    }

    fn read(&self, given: &Value, _: &Fields) -> Result<Vec<String>, Mistake> {
        let lines: Option<Vec<&str>> = match given {
            Value::String(text) => Some(text.lines().collect()),
            Value::Array(items) => items.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let lines = lines.ok_or_else(|| Mistake::of("wrongType", ["list"]))?;
        let names: Vec<&str> = lines.into_iter().map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.len() > NAME_LIMIT {
            return Err(Mistake::of("tooMany", [NAME_LIMIT]));
        }
        if let Some(name) = names.iter().find(|name| name.chars().count() > NAME_LIMIT) {
            return Err(Mistake::of("tooLong", [NAME_LIMIT.to_string(), name.chars().take(20).collect()]));
        }
        match names.iter().flat_map(|name| name.chars()).find(|character| is_invisible(*character)) {
            Some(character) => Err(Mistake::of("controlCharacter", [code_point(character)])),
            None => Ok(names.into_iter().map(str::to_owned).collect()),
        }
    }

    fn show(&self, value: &Vec<String>) -> Value {
        json!(value)
    }

    fn schema(&self) -> Value {
        json!({ "type": "array", "items": { "type": "string", "maxLength": NAME_LIMIT }, "x-control": "lines" })
    }
}

/// A time of day that stands only together with another field's.
pub(super) struct Time {
    pub with: &'static str,
}

impl Kind for Time {
    type Value = Option<TimeOfDay>;

    fn read(&self, given: &Value, fields: &Fields) -> Result<Self::Value, Mistake> {
        let read = |given| optional(given, TIME_LENGTH, |text| TimeOfDay::parse(text).ok_or(Mistake::new("notATime")));
        let other = || fields.given(self.with).and_then(|other| read(other).ok().flatten());
        match read(given)? {
            None if other().is_some() => Err(Mistake::new("required")),
            time => Ok(time),
        }
    }

    fn show(&self, value: &Self::Value) -> Value {
        json!(value.map(|time| time.to_string()).unwrap_or_default())
    }

    fn schema(&self) -> Value {
        json!({ "type": "string", "maxLength": TIME_LENGTH, "x-control": "time" })
    }
}

/// Trimmed text without invisible characters.
pub(super) fn text(given: &Value, limit: usize, lines: bool) -> Result<&str, Mistake> {
    let text = given.as_str().ok_or_else(|| Mistake::of("wrongType", ["text"]))?.trim();
    if text.chars().count() > limit {
        return Err(Mistake::of("tooLong", [limit]));
    }
    match text.chars().find(|character| is_invisible(*character) && !(lines && matches!(character, '\n' | '\t'))) {
        Some(character) => Err(Mistake::of("controlCharacter", [code_point(character)])),
        None => Ok(text),
    }
}

/// The value that `read` makes of text; `None` of empty text.
fn optional<T>(
    given: &Value,
    limit: usize,
    read: impl FnOnce(&str) -> Result<T, Mistake>,
) -> Result<Option<T>, Mistake> {
    Some(text(given, limit, false)?).filter(|text| !text.is_empty()).map(read).transpose()
}
