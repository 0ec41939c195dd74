//! The path of an event that triggers nothing: it allocates nothing and asks for nothing.
#![allow(clippy::unwrap_used, reason = "a test that lacks an effect has failed")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use cuewire::model::http::{Answer, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::Pipeline;
use cuewire::pipeline::effect::{Effect, Effects};
use cuewire::pipeline::input::{Input, Start};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: u64 = 1_760_000_000_000;

/// A pipeline whose stream is open, and the number of that connection.
fn streaming() -> (Pipeline, cuewire::model::ask::SocketId) {
    let mut pipeline = Pipeline::new();
    let mut effects = Effects::default();
    let start = Start {
        journal: Ok(Vec::new()),
        marker: false,
        settings: Some(r#"{"organization":"acme","clientId":"client"}"#.to_owned()),
        secret: Some("secret".to_owned()),
        token: None,
        vitals: None,
        seed: 1,
        loopback_allowed: false,
    };
    pipeline.handle(Millis(NOW), Input::Started(Box::new(start)), &mut effects);
    let mut token = None;
    let mut commit = None;
    for effect in effects.drain() {
        match effect {
            Effect::RequestToken { id, .. } => token = Some(id),
            Effect::Commit { id, .. } => commit = Some(id),
            _ => {}
        }
    }
    pipeline.handle(Millis(NOW), Input::Committed(commit.unwrap()), &mut effects);
    effects.drain();
    let body = r#"{"access_token":"t","expires_in":3600}"#.to_owned();
    let answer = Outcome::Answer(Answer { status: 200, body, ..Answer::default() });
    pipeline.handle(Millis(NOW), Input::HttpDone(token.unwrap(), answer), &mut effects);
    let conn = effects.drain().find_map(|effect| match effect {
        Effect::OpenStream { conn, .. } => Some(conn),
        _ => None,
    });
    pipeline.handle(Millis(NOW), Input::StreamOpened(conn.unwrap()), &mut effects);
    (pipeline, conn.unwrap())
}

/// A field that is not read costs an allocation only where it nests: serde_json keeps the open brackets of those in a vector.
const CALM: &str = r#"{"id":"interaction-1","type":"transfer","sentiment":{"score":0.25,"confidence":0.9},"routing":{"queueWaitTimeMs":120000,"queueName":"billing"},"participant":{"direction":"inbound"},"unknown":"field"}"#;

#[test]
fn an_event_of_a_known_interaction_that_triggers_nothing_allocates_nothing() {
    let (mut pipeline, conn) = streaming();
    let mut effects = Effects::default();
    for _ in 0..3 {
        pipeline.handle(Millis(NOW + 1), Input::Frame(conn, CALM.as_bytes()), &mut effects);
    }
    effects.drain();
    let before = ALLOCATIONS.get();
    for millisecond in 2..1_000 {
        pipeline.handle(Millis(NOW + millisecond), Input::Frame(conn, CALM.as_bytes()), &mut effects);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(effects.is_empty());
    assert_eq!(pipeline.status().events, 1_001);
}

#[test]
fn a_frame_that_is_no_event_allocates_nothing() {
    let (mut pipeline, conn) = streaming();
    let mut effects = Effects::default();
    let nested = "[".repeat(70);
    let frames: [&[u8]; 4] = [b"\xff\xfe", nested.as_bytes(), br#"{"id":""}"#, &vec![b' '; (1 << 20) + 1]];
    let before = ALLOCATIONS.get();
    for frame in frames {
        pipeline.handle(Millis(NOW + 1), Input::Frame(conn, frame), &mut effects);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert_eq!(pipeline.status().rejected.iter().map(|count| count.count).sum::<u64>(), 4);
}

#[test]
fn frames_that_nobody_understands_allocate_nothing_once_that_is_shown() {
    let (mut pipeline, conn) = streaming();
    let mut effects = Effects::default();
    for _ in 0..20 {
        pipeline.handle(Millis(NOW + 1), Input::Frame(conn, br#"{"id":""}"#), &mut effects);
    }
    assert!(pipeline.status().diagnoses.iter().any(|wrong| wrong.code == "eventsNotUnderstood"));
    effects.drain();
    let before = ALLOCATIONS.get();
    for _ in 0..1_000 {
        pipeline.handle(Millis(NOW + 2), Input::Frame(conn, br#"{"id":""}"#), &mut effects);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(effects.is_empty());
}

#[test]
fn an_event_that_triggers_is_the_only_one_that_writes() {
    let (mut pipeline, conn) = streaming();
    let mut effects = Effects::default();
    pipeline.handle(Millis(NOW + 1), Input::Frame(conn, CALM.as_bytes()), &mut effects);
    assert!(!effects.drain().any(|effect| matches!(effect, Effect::Commit { .. })));
    let angry = CALM.replace("0.25", "-0.72");
    pipeline.handle(Millis(NOW + 2), Input::Frame(conn, angry.as_bytes()), &mut effects);
    let written: Vec<Effect> = effects.drain().collect();
    assert!(written.iter().any(|effect| matches!(effect, Effect::Commit { .. })), "{written:?}");
    assert!(!written.iter().any(|effect| matches!(effect, Effect::PostCard { .. })), "sent before durable");
}
