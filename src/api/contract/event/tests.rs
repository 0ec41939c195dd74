use super::*;

const FULL: &str = r#"{"id":"i-1","type":"transfer","sentiment":{"score":-0.72,"confidence":0.9},
    "routing":{"queueWaitTimeMs":125000,"queueName":"Billing"},"participant":{"direction":"inbound"}}"#;

fn rejected(frame: impl AsRef<[u8]>) -> Rejection {
    parse(frame.as_ref()).expect_err("should be rejected")
}

#[test]
fn an_event_gives_everything_that_rules_read() {
    let event = parse(FULL.as_bytes()).unwrap();
    assert_eq!(event.id, "i-1");
    assert_eq!(event.kind.as_deref(), Some("transfer"));
    assert_eq!(event.sentiment_score, Some(-0.72));
    assert_eq!(event.sentiment_confidence, Some(0.9));
    assert_eq!(event.queue_wait_ms, Some(125_000.0));
    assert_eq!(event.queue.as_deref(), Some("Billing"));
    assert_eq!(event.direction.as_deref(), Some("inbound"));
    assert!(!event.ends_interaction);
}

#[test]
fn text_without_escapes_is_borrowed_and_text_with_them_is_decoded() {
    let event = parse(FULL.as_bytes()).unwrap();
    for text in [Some(&event.id), event.kind.as_ref(), event.queue.as_ref(), event.direction.as_ref()] {
        assert!(matches!(text, Some(Cow::Borrowed(_))), "{text:?}");
    }
    let event = parse(br#"{"id":"a\/b\u00e9\ud83d\ude00"}"#).unwrap();
    assert_eq!(event.id, "a/bé😀");
}

#[test]
fn missing_and_null_fields_are_no_data() {
    for frame in [
        r#"{"id":"i"}"#,
        r#"{"id":"i","type":null,"sentiment":null,"routing":null,"participant":null}"#,
        r#"{"id":"i","sentiment":{},"routing":{},"participant":{}}"#,
        r#"{"id":"i","sentiment":{"score":null,"confidence":null},"routing":{"queueWaitTimeMs":null,"queueName":null},
            "participant":{"direction":null}}"#,
    ] {
        let event = parse(frame.as_bytes()).unwrap();
        let data = (event.kind, event.sentiment_score, event.sentiment_confidence, event.queue_wait_ms, event.queue);
        assert_eq!(data, (None, None, None, None, None));
        assert_eq!(event.direction, None);
    }
}

#[test]
fn unknown_fields_are_ignored_whatever_they_hold() {
    let frame = r#" {"v":[1,{"id":"no"}],"id":"i","sentiment":{"score":0,"x":{"y":[]}},"n":1e999,"s":"\ud800 ]}"} "#;
    assert_eq!(parse(frame.as_bytes()).map(|event| event.id.into_owned()), Ok("i".to_owned()));
}

#[test]
fn a_connect_ends_the_wait_and_nothing_else_does() {
    let ends = |kind: &str| parse(format!(r#"{{"id":"i","type":"{kind}"}}"#).as_bytes()).unwrap().ends_wait;
    assert_eq!(["connect", "conn\\u0065ct", "transfer", "disposition"].map(ends), [true, true, false, false]);
}

#[test]
fn a_disposition_ends_the_interaction() {
    assert!(parse(br#"{"id":"i","type":"disposition"}"#).unwrap().ends_interaction);
    assert!(!parse(br#"{"id":"i","type":"Disposition "}"#).unwrap().ends_interaction);
}

#[test]
fn what_is_not_json_is_said_to_be_that() {
    for frame in [
        "",
        " ",
        "{",
        r#"{"id":"i"} x"#,
        r#"{"id":"i"}{"id":"j"}"#,
        "\u{feff}{\"id\":\"i\"}",
        r#"{"id":"\ud800"}"#,
        r#"{"id":"\udc00x"}"#,
        "{\"id\":\"a\nb\"}",
        r#"{"id":"i","sentiment":{"score":NaN}}"#,
        r#"{"id":"i","sentiment":{"score":-Infinity}}"#,
        r#"{"id":"i",}"#,
        "{'id':'i'}",
        "\0",
    ] {
        assert_eq!(rejected(frame), Rejection::NotJson, "{frame}");
    }
}

#[test]
fn what_is_not_utf8_is_said_to_be_that() {
    assert_eq!(rejected(b"{\"id\":\"\xff\"}"), Rejection::NotUtf8);
    assert_eq!(rejected(b"{\"id\":\"\xed\xa0\x80\"}"), Rejection::NotUtf8);
}

#[test]
fn json_of_another_shape_is_rejected_even_where_serde_would_read_it_by_position() {
    for frame in [
        "null",
        "7",
        r#""i""#,
        "[]",
        r#"["i","connect",null,null,null]"#,
        r#"{"id":7}"#,
        r#"{"id":{}}"#,
        r#"{"id":"i","type":1}"#,
        r#"{"id":"i","sentiment":-0.9}"#,
        r#"{"id":"i","sentiment":[-0.9,1]}"#,
        r#"{"id":"i","sentiment":{"score":"-0.9"}}"#,
        r#"{"id":"i","sentiment":{"score":true}}"#,
        r#"{"id":"i","routing":[130000,"Billing"]}"#,
        r#"{"id":"i","routing":{"queueName":3}}"#,
        r#"{"id":"i","participant":["inbound"]}"#,
        r#"{"id":"i","id":"j"}"#,
        r#"{"id":"i","sentiment":{"score":0,"score":-1}}"#,
    ] {
        assert_eq!(rejected(frame), Rejection::WrongShape, "{frame}");
    }
}

#[test]
fn an_id_must_be_there_and_fit_one_path_segment() {
    for frame in ["{}", r#"{"id":null}"#, r#"{"id":""}"#] {
        assert_eq!(rejected(frame), Rejection::MissingId);
    }
    assert_eq!(rejected(r#"{"id":"."}"#), Rejection::IdForbidden);
    assert_eq!(rejected(r#"{"id":"\u002e\u002e"}"#), Rejection::IdForbidden);
    assert!(parse(br#"{"id":"..."}"#).is_ok());
    let with_id = |length: usize| format!(r#"{{"id":"{}"}}"#, "é".repeat(length / 2));
    assert!(parse(with_id(1_024).as_bytes()).is_ok());
    assert_eq!(rejected(with_id(1_026)), Rejection::IdTooLong);
}

#[test]
fn a_queue_name_is_cut_between_characters_and_stays_borrowed() {
    let frame = format!(r#"{{"id":"i","routing":{{"queueName":"x{}"}}}}"#, "é".repeat(QUEUE_LIMIT));
    let event = parse(frame.as_bytes()).unwrap();
    assert!(matches!(&event.queue, Some(Cow::Borrowed(queue)) if queue.len() == QUEUE_LIMIT - 1));
    let escaped = frame.replace("\"x", "\"\\u0078");
    assert_eq!(parse(escaped.as_bytes()), Ok(event));
}

#[test]
fn numbers_must_be_finite_and_in_their_range() {
    for part in [
        r#""sentiment":{"score":1e999}"#,
        r#""sentiment":{"score":-1e999}"#,
        r#""sentiment":{"score":1.0001}"#,
        r#""sentiment":{"score":-2}"#,
        r#""sentiment":{"confidence":-0.1}"#,
        r#""sentiment":{"confidence":90}"#,
        r#""routing":{"queueWaitTimeMs":-1}"#,
        r#""routing":{"queueWaitTimeMs":1e309}"#,
    ] {
        assert_eq!(rejected(format!(r#"{{"id":"i",{part}}}"#)), Rejection::OutOfRange, "{part}");
    }
    let edges = r#"{"id":"i","sentiment":{"score":-1,"confidence":1},"routing":{"queueWaitTimeMs":1e300}}"#;
    assert!(parse(edges.as_bytes()).is_ok());
    assert!(parse(br#"{"id":"i","routing":{"queueWaitTimeMs":99999999999999999999999999}}"#).is_ok());
}

#[test]
fn numbers_are_read_to_the_last_bit() {
    for number in ["-0.6499999999999999", "0.30000000000000004", "-0.44999999999999996", "0.050000000000000044"] {
        let frame = format!(r#"{{"id":"i","sentiment":{{"score":{number}}}}}"#);
        assert_eq!(parse(frame.as_bytes()).unwrap().sentiment_score, number.parse().ok());
    }
}

#[test]
fn a_frame_of_one_mebibyte_is_read_and_a_larger_one_is_not() {
    let frame = |length: usize| {
        let (head, tail) = (r#"{"id":"i","x":""#, r#""}"#);
        format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()))
    };
    assert!(parse(frame(FRAME_LIMIT).as_bytes()).is_ok());
    assert_eq!(rejected(frame(FRAME_LIMIT + 1)), Rejection::TooLarge);
    assert_eq!(rejected(vec![0xff; FRAME_LIMIT + 1]), Rejection::TooLarge);
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_not_in_skipped_fields_too() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!(r#"{{"id":"i","x":{}1{}}}"#, open.repeat(levels), close.repeat(levels))
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        assert!(parse(nested(open, close, 63).as_bytes()).is_ok());
        assert_eq!(rejected(nested(open, close, 64)), Rejection::TooDeep);
        assert_eq!(rejected(nested(open, close, 100_000)), Rejection::TooDeep);
    }
    assert_eq!(rejected("[".repeat(FRAME_LIMIT)), Rejection::TooDeep);
}

#[test]
fn brackets_within_strings_do_not_nest_and_siblings_do_not_add_up() {
    let frame = format!(r#"{{"id":"i","x":"\"{}\\","y":[{}[]]}}"#, "[{".repeat(200), "[],".repeat(200));
    assert!(parse(frame.as_bytes()).is_ok());
}

#[test]
fn every_reason_has_its_own_name() {
    let names: std::collections::BTreeSet<_> = Rejection::ALL.iter().map(|reason| reason.name()).collect();
    assert_eq!(names.len(), Rejection::ALL.len());
}
