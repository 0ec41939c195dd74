//! Reads JSON and notes each key that an object has twice: serde_json alone silently takes the last.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

/// A text's value, and the places of the keys that occur twice.
pub(super) fn parse(text: &str) -> Result<(Json, Vec<String>), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (mut at, mut twice) = (String::new(), Vec::new());
    let json = Reading { at: &mut at, twice: &mut twice }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((json, twice))
}

struct Reading<'r> {
    /// The place that is being read, as JSON pointer.
    at: &'r mut String,
    twice: &'r mut Vec<String>,
}

impl Reading<'_> {
    fn inside<T>(&mut self, key: &str, read: impl FnOnce(Reading<'_>) -> T) -> T {
        let end = self.at.len();
        self.at.push('/');
        self.at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let value = read(Reading { at: self.at, twice: self.twice });
        self.at.truncate(end);
        value
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = self.inside(&items.len().to_string(), |inside| access.next_element_seed(inside))? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Json, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = self.inside(&key, |inside| {
                if map.contains_key(&key) {
                    inside.twice.push(inside.at.clone());
                }
                access.next_value_seed(inside)
            })?;
            map.insert(key, value);
        }
        Ok(Json::Object(map))
    }
}
