//! The one way from our values to text and back, for storage and for messages alike.
//!
//! serde copies a type's reading code for each source that the type is read from. Fields of a tagged enum are read from
//! serde's own buffer. Rust therefore reads everything from that buffer: one copy for each type, not two or three.

mod buffered;
mod indent;

pub use indent::indented;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value as text. All our values are plain: none is refused.
pub fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What a text says, if it says what is expected, and nothing after it.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = buffered::read(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::model::history::Entry;
    use crate::model::time::Millis;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sample {
        whole: u64,
        below: i64,
        share: f64,
        words: Vec<String>,
        perhaps: Option<(bool, char)>,
        #[serde(default)]
        left_out: u8,
    }

    #[test]
    fn what_is_absent_is_the_default_and_what_is_unknown_is_passed_over() {
        let text = r#"{"whole":18446744073709551615,"more":{"a":[1]},"below":-9,"share":0.1,"words":["ü\n"]}"#;
        let sample = Sample {
            whole: u64::MAX,
            below: -9,
            share: 0.1,
            words: vec!["ü\n".to_owned()],
            perhaps: None,
            left_out: 0,
        };
        assert_eq!(read::<Sample>(text), Some(sample));
    }

    #[test]
    fn a_tagged_value_reads_back() {
        let entry = Entry::Resumed { at: Millis(7), scope: None };
        assert_eq!(read::<Entry>(&write(&entry)), Some(entry));
    }

    #[test]
    fn text_that_goes_on_or_breaks_off_says_nothing() {
        for text in ["", "1 2", "[1", "nul", "{}x", "\u{0}"] {
            assert_eq!(read::<Value>(text), None, "{text}");
        }
        assert_eq!(read::<Value>(" [1, null] \n"), Some(serde_json::json!([1, null])));
    }

    proptest! {
        #[test]
        fn a_text_is_read_as_serde_json_reads_it(text in r#"[{}\[\]",:0-9a-z.eE+\- \\]{0,40}"#) {
            assert_eq!(read::<Value>(&text), serde_json::from_str(&text).ok());
            assert_eq!(read::<Sample>(&text), serde_json::from_str(&text).ok());
        }

        #[test]
        fn numbers_keep_every_bit(number in any::<f64>().prop_filter("JSON has no other", |number| number.is_finite())) {
            assert_eq!(read::<f64>(&write(&number)).map(f64::to_bits), Some(number.to_bits()));
        }
    }
}
