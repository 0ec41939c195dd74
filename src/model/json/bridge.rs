//! Our types for serde: tests and tools use `serde_json`.

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Error, Serialize, Serializer};

use super::{FromJson, Json, ToJson, write};

/// Hands a value to serde.
///
/// # Errors
///
/// The serializer's own.
pub fn serialize<S: Serializer>(value: &impl ToJson, serializer: S) -> Result<S::Ok, S::Error> {
    Json::parse(&write(value)).map_err(S::Error::custom)?.serialize(serializer)
}

/// Takes a value from serde.
///
/// # Errors
///
/// The deserializer's own, or that the value is another.
pub fn deserialize<'de, D: Deserializer<'de>, T: FromJson>(deserializer: D) -> Result<T, D::Error> {
    T::from_json(&Json::deserialize(deserializer)?).ok_or_else(|| de::Error::custom("another value is due"))
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Absent | Json::Null => serializer.serialize_unit(),
            Json::Bool(flag) => serializer.serialize_bool(*flag),
            Json::Whole(number) => serializer.serialize_u64(*number),
            Json::Below(number) => serializer.serialize_i64(*number),
            Json::Real(number) => serializer.serialize_f64(*number),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items),
            Json::Object(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}
