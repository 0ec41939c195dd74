//! How values are read. What does not fit is none.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::Json;

/// A value that JSON may say.
pub trait FromJson: Sized {
    /// Reads a value.
    fn from_json(json: &Json<'_>) -> Option<Self>;
}

macro_rules! whole {
    ($($number:ty),*) => {
        $(impl FromJson for $number {
            fn from_json(json: &Json<'_>) -> Option<$number> {
                match json {
                    Json::Whole(number) => (*number).try_into().ok(),
                    Json::Below(number) => (*number).try_into().ok(),
                    _ => None,
                }
            }
        })*
    };
}

whole!(u8, u16, u32, u64, usize, i64);

impl FromJson for f64 {
    #[expect(clippy::cast_precision_loss, reason = "as every reader of JSON takes whole numbers for real ones")]
    fn from_json(json: &Json<'_>) -> Option<f64> {
        match json {
            Json::Whole(number) => Some(*number as f64),
            Json::Below(number) => Some(*number as f64),
            Json::Real(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromJson for bool {
    fn from_json(json: &Json<'_>) -> Option<bool> {
        match json {
            Json::Bool(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl FromJson for String {
    fn from_json(json: &Json<'_>) -> Option<String> {
        match json {
            Json::Text(text) => Some(text.clone().into_owned()),
            _ => None,
        }
    }
}

impl FromJson for Cow<'_, str> {
    fn from_json(json: &Json<'_>) -> Option<Self> {
        String::from_json(json).map(Cow::Owned)
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &Json<'_>) -> Option<Option<T>> {
        if json.is_nothing() { Some(None) } else { T::from_json(json).map(Some) }
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(json: &Json<'_>) -> Option<Box<T>> {
        T::from_json(json).map(Box::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json<'_>) -> Option<Vec<T>> {
        let Json::List(items) = json else { return None };
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            list.push(T::from_json(item)?);
        }
        Some(list)
    }
}

impl<T: FromJson> FromJson for VecDeque<T> {
    fn from_json(json: &Json<'_>) -> Option<VecDeque<T>> {
        Vec::from_json(json).map(VecDeque::from)
    }
}

impl<T: FromJson, const N: usize> FromJson for [T; N] {
    fn from_json(json: &Json<'_>) -> Option<[T; N]> {
        Vec::from_json(json)?.try_into().ok()
    }
}

impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn from_json(json: &Json<'_>) -> Option<(A, B)> {
        let Json::List(items) = json else { return None };
        let [a, b] = items.as_slice() else { return None };
        Some((A::from_json(a)?, B::from_json(b)?))
    }
}

impl<A: FromJson, B: FromJson, C: FromJson> FromJson for (A, B, C) {
    fn from_json(json: &Json<'_>) -> Option<(A, B, C)> {
        let Json::List(items) = json else { return None };
        let [a, b, c] = items.as_slice() else { return None };
        Some((A::from_json(a)?, B::from_json(b)?, C::from_json(c)?))
    }
}

impl<V: FromJson> FromJson for BTreeMap<String, V> {
    fn from_json(json: &Json<'_>) -> Option<BTreeMap<String, V>> {
        let Json::Object(entries) = json else { return None };
        entries.iter().map(|(key, value)| Some((key.clone().into_owned(), V::from_json(value)?))).collect()
    }
}

impl FromJson for Value {
    fn from_json(json: &Json<'_>) -> Option<Value> {
        Some(match json {
            Json::Absent => return None,
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(*flag),
            Json::Whole(number) => Value::from(*number),
            Json::Below(number) => Value::from(*number),
            Json::Real(number) => Value::from(*number),
            Json::Text(text) => Value::String(text.clone().into_owned()),
            Json::List(_) => Value::Array(FromJson::from_json(json)?),
            Json::Object(_) => Value::Object(FromJson::from_json(json)?),
        })
    }
}

impl FromJson for Map<String, Value> {
    fn from_json(json: &Json<'_>) -> Option<Map<String, Value>> {
        let Json::Object(entries) = json else { return None };
        entries.iter().map(|(key, value)| Some((key.clone().into_owned(), Value::from_json(value)?))).collect()
    }
}
