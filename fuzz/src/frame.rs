//! One frame of the stream.

use cuewire::api::contract::event;
use cuewire::api::contract::message::ID_LIMIT;
use cuewire::model::event::{Event, Rejection};
use serde_json::json;

use crate::{grown, timed};

/// Checks one input: a frame, or one that [`grown`] makes.
pub fn check(data: &[u8]) {
    let large = grown(data);
    let frame = large.as_deref().unwrap_or(data);
    match timed("reading a frame", || event::parse(frame)) {
        Ok(event) => accepted(&event, frame),
        Err(Rejection::NotJson) => {
            let json = serde_json::from_slice::<serde_json::Value>(frame);
            assert!(json.is_err(), "JSON that is said to be none");
        }
        Err(Rejection::NotUtf8) => assert!(std::str::from_utf8(frame).is_err()),
        Err(rejection) => assert!(Rejection::ALL.contains(&rejection)),
    }
}

fn accepted(event: &Event<'_>, frame: &[u8]) {
    assert!((1..=ID_LIMIT).contains(&event.id.len()) && !matches!(&*event.id, "." | ".."));
    let within = |number: Option<f64>, low: f64, high: f64| number.is_none_or(|it| (low..=high).contains(&it));
    assert!(within(event.sentiment_score, -1.0, 1.0));
    assert!(within(event.sentiment_confidence, 0.0, 1.0));
    assert!(within(event.queue_wait_ms, 0.0, f64::MAX));
    assert_eq!(event.ends_wait, event.kind.as_deref() == Some("connect"));
    assert_eq!(event.ends_interaction, event.kind.as_deref() == Some("disposition"));

    let again = json!({
        "id": event.id, "type": event.kind,
        "sentiment": { "score": event.sentiment_score, "confidence": event.sentiment_confidence },
        "routing": { "queueWaitTimeMs": event.queue_wait_ms, "queueName": event.queue },
        "participant": { "direction": event.direction },
    })
    .to_string();
    assert_eq!(event::parse(again.as_bytes()).as_ref(), Ok(event), "written again as {again}");

    if frame.len() + 2 <= cuewire::api::FRAME_LIMIT {
        let spaced = [b"\n", frame, b" "].concat();
        assert_eq!(event::parse(&spaced).as_ref(), Ok(event), "with space around it");
    }
}
