//! A place in a JSON text (RFC 6901), by which a rule names a field that no service module knows.

use std::sync::Arc;

use crate::model::history::evidence::Value;
use crate::model::json::{FromJson, Json, ToJson, Writer};

/// The longest pointer, in bytes.
pub const POINTER_LIMIT: usize = 256;

/// The longest text at a pointer that is kept, in bytes. A longer text is no data.
pub const TEXT_LIMIT: usize = 1_024;

/// A JSON pointer that names something inside an object: `/routing/skill`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(Arc<str>);

impl Pointer {
    /// Reads a pointer; `None` where it does not begin with `/`, is too long, or has a `~` that escapes nothing.
    pub fn parse(text: &str) -> Option<Pointer> {
        let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        let plain = !text.chars().any(char::is_control);
        (text.starts_with('/') && text.len() <= POINTER_LIMIT && escapes && plain).then(|| Pointer(text.into()))
    }

    /// A name that no rule can write, because a pointer begins with `/`: a back-test puts such fields in place of others.
    pub fn stand_in(number: usize) -> Pointer {
        Pointer(number.to_string().into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of a JSON text at the pointer; `None` is no data: nothing, `null`, or a text that is too long. An array
    /// or an object is present and has nothing to compare: an empty list of texts.
    pub fn read(&self, json: &Json<'_>) -> Option<Value> {
        match json.pointer(&self.0)? {
            Json::Text(text) => (text.len() <= TEXT_LIMIT).then(|| Value::Text(text.clone().into_owned())),
            Json::List(_) | Json::Object(_) => Some(Value::Texts(Vec::new())),
            json => Value::from_json(json),
        }
    }
}

impl ToJson for Pointer {
    fn to_json(&self, json: &mut Writer) {
        json.text(&self.0);
    }
}

impl FromJson for Pointer {
    fn from_json(json: &Json<'_>) -> Option<Pointer> {
        Pointer::parse(&String::from_json(json)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pointers_into_an_object_are_read() {
        for text in ["/a", "/routing/skill", "/a~1b/~0", "/", "/a//b"] {
            assert_eq!(Pointer::parse(text).map(|it| it.as_str().to_owned()).as_deref(), Some(text));
        }
        for text in ["", "a", "a/b", "/~", "/a~2", "/~01~", "/\n", &format!("/{}", "a".repeat(256))] {
            assert_eq!(Pointer::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_kind_of_json_is_told_apart_and_null_is_no_data() {
        let long = "x".repeat(1_025);
        let text = format!(r#"{{"a":{{"n":-1.5,"t":"x","f":false,"null":null,"list":[7],"long":"{long}"}}}}"#);
        let json = Json::parse(&text).unwrap();
        let at = |text: &str| Pointer::parse(text).unwrap().read(&json);
        assert_eq!(at("/a/n"), Some(Value::Number(-1.5)));
        assert_eq!(at("/a/t"), Some(Value::Text("x".to_owned())));
        assert_eq!(at("/a/f"), Some(Value::Bool(false)));
        assert_eq!(at("/a/list/0"), Some(Value::Number(7.0)));
        assert_eq!([at("/a"), at("/a/list")], [Some(Value::Texts(vec![])), Some(Value::Texts(vec![]))]);
        assert_eq!([at("/a/null"), at("/b"), at("/a/long"), at("/a/list/1")], [None, None, None, None]);
    }
}
