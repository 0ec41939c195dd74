//! A map as JSON: an object, as the maps of the library are.

use super::SortedMap;
use crate::model::json::{FromJson, Json, ToJson, Writer};

impl<V: ToJson> ToJson for SortedMap<String, V> {
    fn to_json(&self, json: &mut Writer) {
        json.begin('{');
        for (key, value) in self.iter() {
            json.key(key);
            value.to_json(json);
        }
        json.end('}');
    }
}

impl<V: FromJson> FromJson for SortedMap<String, V> {
    fn from_json(json: &Json<'_>) -> Option<SortedMap<String, V>> {
        let Json::Object(entries) = json else { return None };
        let mut map = SortedMap::new();
        for (key, value) in entries {
            map.insert(key.clone().into_owned(), V::from_json(value)?);
        }
        Some(map)
    }
}
