use super::*;
use crate::model::history::Entry;
use crate::model::time::Millis;
use proptest::prelude::*;
use serde_json::Value;

/// The same types by our derive and by serde's.
macro_rules! twice {
    ($($item:item)*) => {
        mod ours {
            use super::super::{FromJson, ToJson};
            $(#[derive(Debug, Clone, PartialEq, ToJson, FromJson)] $item)*
        }
        mod theirs {
            use serde::{Deserialize, Serialize};
            $(#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)] $item)*
        }
    };
}

fn seven() -> u8 {
    7
}

twice! {
    #[serde(rename_all = "camelCase")]
    pub struct Sample {
        pub whole: u64,
        pub below: i64,
        pub far_share: f64,
        pub words: Vec<String>,
        pub perhaps: Option<(bool, u8)>,
        #[serde(default)]
        pub left_out: u8,
        #[serde(default = "super::seven")]
        pub seven: u8,
        #[serde(skip)]
        pub skipped: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub pairs: Vec<(u16, [usize; 2])>,
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "of")]
        pub inner: Option<Box<Kind>>,
    }

    #[derive(Default)]
    #[serde(default, rename_all = "PascalCase")]
    pub struct Filled {
        pub some_words: String,
        pub flag: bool,
        pub plain: Option<Plain>,
    }

    #[serde(transparent)]
    pub struct Alone(pub u32);

    #[serde(rename_all = "camelCase")]
    pub enum Plain {
        OneWord,
        Other,
    }

    #[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
    pub enum Outer {
        Nothing,
        Number(u64),
        Named { some_field: Option<u8> },
    }

    #[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
    pub enum Kind {
        Nothing,
        Held(Box<Filled>),
        Fields { at_ms: Alone, whole: Option<u64> },
    }

    #[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
    pub enum Strict {
        Nothing,
        Fields { whole: Option<u64> },
    }

    #[serde(deny_unknown_fields)]
    pub struct StrictFields {
        pub whole: u64,
        pub of: Outer,
    }

    #[serde(tag = "by", content = "of", rename_all = "camelCase")]
    pub enum Beside {
        Nothing,
        Number(u16),
        Kind(Kind),
    }
}

/// Whether a text has an array where serde reads the fields of an object by position, or a number for a variant. Ours
/// reads neither.
fn is_by_place(text: &str) -> bool {
    text.contains('[') || text.contains(r#""kind":0"#) || text.contains(r#""kind":1"#) || text.contains(r#""by":1"#)
}

fn compare<O: FromJson + ToJson, T: serde::de::DeserializeOwned + serde::Serialize>(text: &str) {
    let (our, their) = (read::<O>(text), serde_json::from_str::<T>(text).ok());
    let their = their.map(|value| serde_json::to_string(&value).expect("JSON"));
    let our = our.map(|value| write(&value));
    if !(our.is_none() && is_by_place(text)) {
        assert_eq!(our, their, "{text}");
    }
}

fn compare_all(text: &str) {
    compare::<ours::Sample, theirs::Sample>(text);
    compare::<ours::Filled, theirs::Filled>(text);
    compare::<ours::Alone, theirs::Alone>(text);
    compare::<ours::Plain, theirs::Plain>(text);
    compare::<ours::Outer, theirs::Outer>(text);
    compare::<ours::Kind, theirs::Kind>(text);
    compare::<ours::Strict, theirs::Strict>(text);
    compare::<ours::StrictFields, theirs::StrictFields>(text);
    compare::<ours::Beside, theirs::Beside>(text);
    compare::<Value, Value>(text);
}

#[test]
fn each_shape_is_read_and_written_as_serde_does() {
    let sample = r#""whole":18446744073709551615,"below":-9,"farShare":0.1,"words":["ü\n"]"#;
    for text in [
        &format!("{{{sample}}}"),
        &format!(
            r#"{{{sample},"perhaps":[true,255],"leftOut":1,"seven":2,"skipped":9,"pairs":[[1,[2,3]]],"x":[{{}}]}}"#
        ),
        &format!(r#"{{{sample},"of":{{"kind":"fields","atMs":4}}}}"#),
        &format!(r#"{{{sample},"perhaps":[true,256]}}"#),
        &format!(r#"{{{sample},"whole":1}}"#),
        r#"{"whole":1.0,"below":1,"farShare":1,"words":[]}"#,
        r#"{"whole":1,"below":9223372036854775808,"farShare":1,"words":[]}"#,
        r#"{"whole":1,"below":2,"farShare":-3,"words":[],"perhaps":null,"of":null}"#,
        r#"{"whole":1,"below":2,"farShare":null,"words":[]}"#,
        "{}",
        r#"{"SomeWords":"a","Flag":true,"Plain":"oneWord"}"#,
        r#"{"SomeWords":null}"#,
        "7",
        "-7",
        r#""oneWord""#,
        r#""oneword""#,
        r#"{"other":null}"#,
        r#"{"other":1}"#,
        r#""nothing""#,
        r#""number""#,
        r#"{"number":5}"#,
        r#"{"number":5,"nothing":null}"#,
        r#"{"named":{"someField":1}}"#,
        r#"{"named":{}}"#,
        r#"{"kind":"nothing"}"#,
        r#"{"kind":"nothing","more":1}"#,
        r#"{"kind":"nothing","kind":"nothing"}"#,
        r#"{"kind":"held","Flag":true}"#,
        r#"{"at":1,"kind":"fields","whole":1}"#,
        r#"{"kind":"fields","whole":1}"#,
        r#"{"kind":"fields","whole":1,"more":1}"#,
        r#"{"kind":"fields","whole":1,"whole":1}"#,
        r#"{"kind":"other"}"#,
        r#"{"kind":null}"#,
        r#"{"whole":1,"of":"nothing"}"#,
        r#"{"whole":1,"of":"nothing","":1}"#,
        r#"{"":1,"kind":"fields"}"#,
        r#"{"by":"nothing"}"#,
        r#"{"by":"nothing","of":null}"#,
        r#"{"by":"nothing","of":1}"#,
        r#"{"of":65535,"by":"number","more":{}}"#,
        r#"{"of":65536,"by":"number"}"#,
        r#"{"by":"number"}"#,
        r#"{"by":"kind","of":{"kind":"nothing"}}"#,
        r#"{"by":"number","of":1,"of":1}"#,
    ] {
        compare_all(text);
    }
}

#[test]
fn a_field_by_its_place_is_not_read() {
    assert!(serde_json::from_str::<theirs::StrictFields>(r#"[1,"nothing"]"#).is_ok());
    assert_eq!(read::<ours::StrictFields>(r#"[1,"nothing"]"#), None);
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

#[test]
fn what_nests_deeper_than_serde_json_reads_is_not_read() {
    for depth in [126, 127, 128, 200] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read::<Value>(&text), serde_json::from_str(&text).ok(), "{depth}");
    }
}

#[test]
fn a_pointer_leads_where_serde_json_finds_it() {
    let text = r#"{"a":[1,[2]],"a/b":3,"m~n":{"":4},"":5,"twice":1,"twice":2,"0":6}"#;
    let (json, value) = (Json::parse(text).expect("JSON"), serde_json::from_str::<Value>(text).expect("JSON"));
    for pointer in [
        "", "/", "/a", "/a/0", "/a/1/0", "/a/00", "/a/+0", "/a/2", "/a/-", "/a/x", "/a~1b", "/m~0n/", "/twice", "/0",
        "/a/0/0", "/none",
    ] {
        let found = json.pointer(pointer).and_then(Value::from_json);
        assert_eq!(found.as_ref(), value.pointer(pointer), "{pointer}");
    }
}

/// Objects of the names that the shapes above know.
fn object() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["whole", "below", "of", "kind", "by", "Flag", "atMs", "number", "named", ""]);
    let value = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "1",
        "-1",
        "300",
        "1.0",
        r#""nothing""#,
        r#""fields""#,
        r#""number""#,
        r#""oneWord""#,
        "{}",
        "[]",
        r#"{"kind":"held"}"#,
        r#"{"kind":"fields","atMs":3}"#,
        r#"{"someField":2}"#,
    ]);
    let entry = (name, value).prop_map(|(name, value)| format!(r#""{name}":{value}"#));
    prop::collection::vec(entry, 0..5).prop_map(|entries| format!("{{{}}}", entries.join(",")))
}

proptest! {
    #[test]
    fn a_text_is_read_as_serde_json_reads_it(text in r#"[{}\[\]",:0-9a-z.eE+\- \\]{0,40}"#) {
        compare_all(&text);
    }

    #[test]
    fn an_object_is_read_as_serde_reads_it(text in object()) {
        compare_all(&text);
    }

    #[test]
    fn texts_are_written_as_serde_json_writes_them(text in any::<String>(), low in "[\u{0}-\u{30}\\\\\"]{0,20}") {
        for text in [text, low] {
            assert_eq!(write(&text), serde_json::to_string(&text).expect("JSON"));
            assert_eq!(read::<String>(&write(&text)), Some(text));
        }
    }

    #[test]
    fn numbers_keep_every_bit(bits in any::<u64>(), whole in any::<i64>()) {
        let number = f64::from_bits(bits);
        assert_eq!(write(&number), serde_json::to_string(&number).expect("JSON"));
        if number.is_finite() {
            assert_eq!(read::<f64>(&write(&number)).map(f64::to_bits), Some(bits));
        }
        assert_eq!(write(&whole), whole.to_string());
        assert_eq!(read::<i64>(&write(&whole)), Some(whole));
    }
}
