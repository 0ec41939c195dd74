//! JSON as a tree that borrows from its text. Each key stays, because a field that is there twice is a mistake.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value of a text, or its absence.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'t> {
    /// A field that is not there.
    Absent,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without point or exponent, from 0 up.
    Whole(u64),
    /// The same, below 0.
    Below(i64),
    /// Every other number.
    Real(f64),
    /// A text.
    Text(Cow<'t, str>),
    /// Several values.
    List(Vec<Json<'t>>),
    /// Keys and values, in their order.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

impl Json<'_> {
    /// The value of a text.
    ///
    /// # Errors
    ///
    /// Where the text is no JSON.
    pub fn parse(text: &str) -> Result<Json<'_>, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The value at a JSON pointer (RFC 6901). Of a key that occurs twice the last counts.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |json, step| match json {
            Json::Object(entries) => {
                let step = step.replace("~1", "/").replace("~0", "~");
                entries.iter().rfind(|(key, _)| *key == step).map(|(_, value)| value)
            }
            Json::List(items) if step == "0" || !step.starts_with(['0', '+']) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Whether a field is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Json::Absent)
    }

    /// Whether a value says nothing.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Json::Absent | Json::Null)
    }
}

impl<'t> Deserialize<'t> for Json<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Json<'t>, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

/// A key or a text: serde copies where the text has escapes.
struct Words<'t>(Cow<'t, str>);

impl<'t> Deserialize<'t> for Words<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Words<'t>, D::Error> {
        match deserializer.deserialize_str(Reading)? {
            Json::Text(text) => Ok(Words(text)),
            _ => Ok(Words(Cow::default())),
        }
    }
}

struct Reading;

impl<'t> Visitor<'t> for Reading {
    type Value = Json<'t>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'t>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'t>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'t>, E> {
        Ok(Json::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'t>, E> {
        Ok(u64::try_from(number).map_or(Json::Below(number), Json::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'t>, E> {
        Ok(Json::Real(number))
    }

    fn visit_borrowed_str<E>(self, text: &'t str) -> Result<Json<'t>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'t>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Json<'t>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut entries: A) -> Result<Json<'t>, A::Error> {
        let mut object = Vec::new();
        while let Some(Words(key)) = entries.next_key()? {
            object.push((key, entries.next_value()?));
        }
        Ok(Json::Object(object))
    }
}
