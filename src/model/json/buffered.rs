//! Any value read by way of serde's buffer: as the one variant of an enum with an inner tag, which serde buffers.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Error;
use serde_json::de::StrRead;

type Json<'j> = serde_json::Deserializer<StrRead<'j>>;

#[derive(Deserialize)]
#[serde(tag = "tag")]
enum Buffered<T> {
    #[serde(rename = "")]
    One { value: T },
}

pub fn read<'j, T: DeserializeOwned>(json: &mut Json<'j>) -> Result<T, Error> {
    let Buffered::One { value } = Buffered::deserialize(Tagged(json))?;
    Ok(value)
}

/// A value as `{"tag": "", "value": …}`.
struct Tagged<'d, 'j>(&'d mut Json<'j>);

impl<'de> Deserializer<'de> for Tagged<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { next: 0, json: self.0 })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Fields<'d, 'j> {
    next: usize,
    json: &'d mut Json<'j>,
}

impl<'j> MapAccess<'j> for Fields<'_, 'j> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'j>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let key = ["tag", "value"].get(self.next);
        self.next += 1;
        key.map(|key| seed.deserialize(serde::de::value::BorrowedStrDeserializer::new(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'j>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.next {
            1 => seed.deserialize(serde::de::value::BorrowedStrDeserializer::new("")),
            _ => seed.deserialize(&mut *self.json),
        }
    }
}
