//! The path of an event that triggers nothing: it allocates nothing and asks for nothing.
#![allow(clippy::unwrap_used, reason = "a test that lacks an effect has failed")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use cuewire::model::http::{Answer, Outcome};
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::Effect;
use cuewire::pipeline::input::Input;
use cuewire::shell::Runner;
use cuewire::shell::memory::{Memory, Stored};

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

/// A worker whose stream is open, at a time that a test moves.
struct Worker {
    runner: Runner,
    host: Memory,
}

impl Worker {
    fn streaming() -> Worker {
        let host = Memory { wall: Millis(NOW), ..Memory::default() };
        let mut worker = Worker { runner: Runner::default(), host };
        let stored = Stored::with_settings(r#"{"organization":"acme","clientId":"client"}"#, "secret");
        worker.feed(Input::Started(stored.start(1)));
        let (commit, _) = worker.host.commits.pop().unwrap();
        worker.feed(Input::Committed(commit));
        let body = r#"{"access_token":"t","expires_in":3600}"#.to_owned();
        let (token, _) = worker.host.tokens.pop().unwrap();
        worker.feed(Input::HttpDone(token, Outcome::Answer(Answer { status: 200, body, ..Answer::default() })));
        worker.feed(Input::StreamOpened(worker.host.sockets[0]));
        worker.host.effects.clear();
        worker
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
    }

    fn hear(&mut self, milliseconds: u64, frame: &[u8]) {
        self.host.wall = Millis(NOW + milliseconds);
        self.feed(Input::Frame(self.host.sockets[0], frame));
    }
}

/// A field that is not read costs an allocation only where it nests: serde_json keeps the open brackets of those in a vector.
const CALM: &str = r#"{"id":"interaction-1","type":"transfer","sentiment":{"score":0.25,"confidence":0.9},"routing":{"queueWaitTimeMs":120000,"queueName":"billing"},"participant":{"direction":"inbound"},"unknown":"field"}"#;

#[test]
fn an_event_of_a_known_interaction_that_triggers_nothing_allocates_nothing() {
    let mut worker = Worker::streaming();
    for _ in 0..3 {
        worker.hear(1, CALM.as_bytes());
    }
    worker.host.effects.clear();
    let before = ALLOCATIONS.get();
    for millisecond in 2..1_000 {
        worker.hear(millisecond, CALM.as_bytes());
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(worker.host.effects.is_empty());
    assert_eq!(worker.runner.pipeline().status().events, 1_001);
}

#[test]
fn a_frame_that_is_no_event_allocates_nothing() {
    let mut worker = Worker::streaming();
    let nested = "[".repeat(70);
    let frames: [&[u8]; 4] = [b"\xff\xfe", nested.as_bytes(), br#"{"id":""}"#, &vec![b' '; (1 << 20) + 1]];
    let before = ALLOCATIONS.get();
    for frame in frames {
        worker.hear(1, frame);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    let status = worker.runner.pipeline().status();
    assert_eq!(status.rejected.iter().map(|count| count.count).sum::<u64>(), 4);
}

#[test]
fn frames_that_nobody_understands_allocate_nothing_once_that_is_shown() {
    let mut worker = Worker::streaming();
    for _ in 0..20 {
        worker.hear(1, br#"{"id":""}"#);
    }
    let shown = worker.runner.pipeline().status().diagnoses;
    assert!(shown.iter().any(|wrong| wrong.code == "eventsNotUnderstood"));
    worker.host.effects.clear();
    let before = ALLOCATIONS.get();
    for _ in 0..1_000 {
        worker.hear(2, br#"{"id":""}"#);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(worker.host.effects.is_empty());
}

#[test]
fn an_event_that_triggers_is_the_only_one_that_writes() {
    let mut worker = Worker::streaming();
    worker.hear(1, CALM.as_bytes());
    assert!(worker.host.commits.is_empty());
    worker.host.effects.clear();
    worker.hear(2, CALM.replace("0.25", "-0.72").as_bytes());
    let written = &worker.host.effects;
    assert!(written.iter().any(|effect| matches!(effect, Effect::Commit { .. })), "{written:?}");
    assert!(!written.iter().any(|effect| matches!(effect, Effect::PostCard { .. })), "sent before durable");
}
