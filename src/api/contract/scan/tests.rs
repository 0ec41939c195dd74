use proptest::prelude::*;

use super::stop::{BLOCK, digits};
use super::*;
use crate::api::contract::event::{DEPTH_LIMIT, read_strictly};

/// The scan must read a frame as the strict reader does.
fn agree(frame: &[u8]) -> Option<Event<'_>> {
    let scanned = scan(frame);
    if let Some(event) = &scanned {
        assert_eq!(read_strictly(frame).as_ref(), Ok(event), "{}", String::from_utf8_lossy(frame));
    }
    scanned
}

const FULL: &str = r#" { "id" : "i-1","type":"transfer","sentiment":{"score":-0.72,"x":[],"confidence":0.9},
    "x":{"a":[1,-0,0.5e-3,{"b":"\u00e9\n\"","c":null}],"d":true,"e":false,"é":"😀"},
    "routing":{"queueWaitTimeMs":125000,"queueName":"Ütersen"},"participant":{"direction":"inbound"}} "#;

#[test]
fn a_usual_frame_is_read_without_the_strict_reader() {
    let event = agree(FULL.as_bytes()).expect("it is usual");
    assert_eq!((&*event.id, event.sentiment_score, event.queue_wait_ms), ("i-1", Some(-0.72), Some(125_000.0)));
    assert_eq!(event.queue.as_deref(), Some("Ütersen"));
    assert!(agree(br#"{"type":"disposition","id":"i"}"#).expect("it is usual").ends_interaction);
    for null in ["sentiment", "routing", "participant", "type"] {
        assert!(agree(format!(r#"{{"id":"i","{null}":null}}"#).as_bytes()).is_some(), "{null}");
    }
}

#[test]
fn texts_of_any_length_are_skipped_without_the_strict_reader() {
    let frame =
        |text: &str| format!(r#"{{"text":"{text}","id":"i-7","n":[{}]}}"#, "{\"k\":[0,1.25,\"v\"]},".repeat(9) + "1");
    for text in ["", "x", "fifteen letters", "exactly sixteen!", "and seventeen, so", &"long ".repeat(400)] {
        assert!(agree(frame(text).as_bytes()).is_some(), "{text}");
    }
}

#[test]
fn every_frame_cut_short_is_left_to_the_strict_reader() {
    let end = FULL.trim_end().len();
    for at in 0..end {
        assert_eq!(agree(&FULL.as_bytes()[..at]), None, "cut at {at}");
    }
}

#[test]
fn every_byte_changed_is_judged_as_the_strict_reader_judges_it() {
    for at in 0..FULL.len() {
        for byte in [
            0, b'\n', b' ', b'"', b'\\', b'{', b'}', b'[', b']', b',', b':', b'0', b'-', b'.', b'e', b'n', b'u', 0x7f,
            0x80, 0xc3, 0xff,
        ] {
            let mut frame = FULL.as_bytes().to_vec();
            frame[at] = byte;
            agree(&frame);
            frame.remove(at);
            agree(&frame);
        }
    }
}

#[test]
fn numbers_are_the_ones_that_the_strict_reader_reads() {
    for number in [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "1",
        "-1",
        "0.1",
        "0.3",
        "-0.123456789012345",
        "0.1234567890123456",
        "1e-1",
        "1E0",
        "01",
        "00",
        ".5",
        "-",
        "-.5",
        "1.",
        "0x1",
        "+1",
        "1e",
        "1e+",
        "0.000000000000001",
        "0.00000000000000000000001",
        "NaN",
        "1 ",
    ] {
        let frame = format!(r#"{{"id":"i","sentiment":{{"score":{number}}},"x":{number}}}"#);
        agree(frame.as_bytes());
        agree(format!(r#"{{"id":"i","x":{number}}}"#).as_bytes());
        agree(format!(r#"{{"id":"i","routing":{{"queueWaitTimeMs":{number}000}}}}"#).as_bytes());
    }
}

#[test]
fn depth_is_limited_as_by_the_strict_reader() {
    for depth in 55..70 {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let inside = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let frame = format!(r#"{{"id":"i","x":{inside}}}"#);
            assert_eq!(agree(frame.as_bytes()).is_some(), depth < DEPTH_LIMIT, "{depth}");
            agree(format!(r#"{{"id":"i","routing":{{"x":{inside}}}}}"#).as_bytes());
        }
    }
}

/// JSON as a server might send it, and some as none would.
fn json() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-zA-Z0-9 é😀/]{0,40}",
        Just(r"\u00e9\ud83d\n\\".to_owned()),
        Just("\\x".to_owned()),
        Just("\u{1}".to_owned())
    ]
    .prop_map(|text| format!("\"{text}\""));
    let number = prop_oneof![
        any::<f64>().prop_map(|number| number.to_string()),
        (-2_000_i32..2_000).prop_map(|thousandths| (f64::from(thousandths) / 1_000.0).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?[0-9]{1,20}(\\.[0-9]{0,20})?([eE][+-]?[0-9]{0,4})?",
    ];
    let word = prop_oneof![Just("null"), Just("true"), Just("false"), Just("nul")].prop_map(str::to_owned);
    let key = prop_oneof![
        Just("id"),
        Just("type"),
        Just("sentiment"),
        Just("score"),
        Just("confidence"),
        Just("routing"),
        Just("queueName"),
        Just("queueWaitTimeMs"),
        Just("participant"),
        Just("direction"),
        Just("other"),
        Just("i\\u0064")
    ];
    let space = prop_oneof![8 => Just(""), 1 => Just(" \n\t"), 1 => Just("\u{b}")];
    prop_oneof![4 => text, 3 => number, 1 => word].prop_recursive(4, 40, 6, move |inner| {
        let member = (key.clone(), space.clone(), inner.clone())
            .prop_map(|(key, space, value)| format!("{space}\"{key}\":{space}{value}"));
        prop_oneof![
            2 => proptest::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            1 => proptest::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_judged_as_the_strict_reader_judges_it(id in "[a-z]{1,4}", members in json(), tail in "[ ,}]?") {
        agree(members.as_bytes());
        agree(format!("{{\"id\":\"{id}\",\"sentiment\":{members},\"x\":{members}}}{tail}").as_bytes());
        agree(format!("{{\"id\":\"{id}\",\"routing\":{members}}}").as_bytes());
        agree(format!("{{\"id\":\"{id}\",\"participant\":{members}}}").as_bytes());
    }

    #[test]
    fn any_bytes_are_judged_as_the_strict_reader_judges_them(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        agree(&bytes);
        let frame = [b"{\"id\":\"i\",\"x\":\"", &bytes[..], b"\"}"].concat();
        agree(&frame);
    }

    #[test]
    fn a_string_stops_where_a_walk_finds_it(bytes in proptest::collection::vec(any::<u8>(), BLOCK..80), at in 0_usize..20) {
        let at = at.min(bytes.len());
        let walk = bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)).map_or(bytes.len(), |stop| at + stop);
        let mut seen = Joined::last(&bytes).expect("it is long enough");
        prop_assert_eq!(stop(&bytes, at, Marks::get(), &mut seen), walk);
        prop_assert!(bytes[at..walk].iter().all(u8::is_ascii) || seen.is_not_ascii());
    }

    #[test]
    fn digits_end_where_a_walk_finds_it(text in "[0-9]{0,20}[0-9a-z/:]{0,20}", at in 0_usize..20) {
        let at = at.min(text.len());
        let walk = text[at..].find(|byte: char| !byte.is_ascii_digit()).map_or(text.len(), |end| at + end);
        prop_assert_eq!(digits(text.as_bytes(), at, Marks::get()), walk);
    }
}
