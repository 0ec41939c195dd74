//! The frame buffer in a real browser: text and binary messages become the bytes that were sent.
#![cfg(target_arch = "wasm32")]

use cuewire::api::FRAME_LIMIT;
use cuewire::web::stream::frame::FrameBuffer;
use js_sys::{JsString, Uint8Array};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

/// A message event, as far as the buffer looks at one.
fn event(data: &JsValue) -> JsValue {
    let event = js_sys::Object::new();
    js_sys::Reflect::set(&event, &JsValue::from_str("data"), data).expect("a plain object");
    event.into()
}

fn text(text: &str) -> JsValue {
    event(&JsValue::from_str(text))
}

fn binary(bytes: &[u8]) -> JsValue {
    event(&Uint8Array::from(bytes).buffer())
}

/// The bytes that an event brings.
fn fill(frames: &FrameBuffer, event: &JsValue) -> Vec<u8> {
    let told = Rc::new(Cell::new(None));
    let length = Rc::clone(&told);
    let heard = Closure::<dyn FnMut(usize)>::new(move |bytes| length.set(Some(bytes)));
    frames.handler(&heard).call1(&JsValue::NULL, event).expect("a handler that throws nothing");
    frames.message(told.get().expect("each message is told")).to_vec()
}

#[wasm_bindgen_test]
fn text_arrives_as_utf8() {
    let frames = FrameBuffer::default();
    for sent in ["", "{}", "Grüße", "日本語", "👩‍👩‍👧 \u{10ffff}"] {
        assert_eq!(fill(&frames, &text(sent)), sent.as_bytes());
    }
}

#[wasm_bindgen_test]
fn text_of_any_units_arrives_as_the_utf8_that_an_encoder_writes() {
    let frames = FrameBuffer::default();
    let edges = [0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff];
    for before in 0..34 {
        for (first, second) in edges.iter().flat_map(|first| edges.map(|second| (*first, second))) {
            let mut units = vec![u16::from(b'x'); before];
            units.extend([first, second, u16::from(b'y'), first]);
            let sent = event(&JsString::from_char_code(&units));
            assert_eq!(fill(&frames, &sent), String::from_utf16_lossy(&units).as_bytes(), "{units:x?}");
        }
    }
}

#[wasm_bindgen_test]
fn binary_arrives_as_it_is() {
    let frames = FrameBuffer::default();
    let every: Vec<u8> = (0..=255).collect();
    assert_eq!(fill(&frames, &binary(&every)), every);
    assert!(fill(&frames, &binary(&[])).is_empty());
}

#[wasm_bindgen_test]
fn a_short_frame_after_a_long_one_shows_nothing_of_it() {
    let frames = FrameBuffer::default();
    let long = "x".repeat(100_000);
    assert_eq!(fill(&frames, &text(&long)), long.as_bytes());
    assert_eq!(fill(&frames, &text("short")), b"short");
    assert_eq!(fill(&frames, &binary(&[1, 2])), [1, 2]);
}

#[wasm_bindgen_test]
fn the_widest_text_within_the_limit_fits() {
    let frames = FrameBuffer::default();
    let widest = "€".repeat(FRAME_LIMIT / 3);
    assert_eq!(fill(&frames, &text(&widest)).len(), FRAME_LIMIT / 3 * 3);
}

#[wasm_bindgen_test]
fn text_of_few_characters_and_many_bytes_is_over_the_limit() {
    let frames = FrameBuffer::default();
    assert!(fill(&frames, &text(&"€".repeat(FRAME_LIMIT / 3 + 1))).len() > FRAME_LIMIT);
}

#[wasm_bindgen_test]
fn what_is_over_the_limit_stays_over_it_and_is_not_copied() {
    let frames = FrameBuffer::default();
    let huge = event(&JsString::from("x").repeat(64 * 1024 * 1024));
    assert_eq!(fill(&frames, &huge).len(), FRAME_LIMIT + 1);
    let huge = event(&Uint8Array::new_with_length(64 * 1024 * 1024).buffer());
    assert_eq!(fill(&frames, &huge).len(), FRAME_LIMIT + 1);
    assert_eq!(fill(&frames, &text("after")), b"after");
}

#[wasm_bindgen_test]
fn data_of_another_kind_is_empty() {
    let frames = FrameBuffer::default();
    for other in [JsValue::NULL, JsValue::UNDEFINED, JsValue::from_f64(7.0), js_sys::Object::new().into()] {
        assert!(fill(&frames, &event(&other)).is_empty());
    }
}

#[wasm_bindgen_test]
fn messages_arrive_after_the_memory_has_grown() {
    let frames = FrameBuffer::default();
    assert_eq!(fill(&frames, &text("before")), b"before");
    let grown = vec![1_u8; 8 * 1024 * 1024];
    for sent in ["", "after", "and after that"] {
        assert_eq!(fill(&frames, &text(sent)), sent.as_bytes());
    }
    assert_eq!(grown.iter().map(|one| usize::from(*one)).sum::<usize>(), grown.len());
}

#[wasm_bindgen_test]
fn a_message_for_which_the_memory_grows_arrives_whole() {
    let frames = FrameBuffer::default();
    for length in [10, 100_000, 300_000] {
        let sent = "[".repeat(length);
        assert_eq!(fill(&frames, &text(&sent)), sent.as_bytes());
        assert_eq!(fill(&frames, &binary(sent.as_bytes())), sent.as_bytes());
    }
}

#[wasm_bindgen_test]
fn a_short_message_after_one_over_the_limit_is_written_where_it_is_read() {
    let frames = FrameBuffer::default();
    assert_eq!(fill(&frames, &text("before")), b"before");
    let huge = event(&Uint8Array::new_with_length(2 * 1024 * 1024).buffer());
    assert_eq!(fill(&frames, &huge).len(), FRAME_LIMIT + 1);
    assert_eq!(fill(&frames, &text("after")), b"after");
}

#[wasm_bindgen_test]
fn two_sockets_share_the_buffer() {
    let frames = FrameBuffer::default();
    let (one, other) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let closures = [&one, &other].map(|told| {
        let told = Rc::clone(told);
        Closure::<dyn FnMut(usize)>::new(move |bytes| told.set(bytes))
    });
    let handlers = closures.each_ref().map(|heard| frames.handler(heard));
    for (handler, told, sent) in
        [(&handlers[0], &one, "short"), (&handlers[1], &other, &"long ".repeat(50_000)), (&handlers[0], &one, "again")]
    {
        handler.call1(&JsValue::NULL, &text(sent)).expect("a handler that throws nothing");
        assert_eq!(*frames.message(told.get()), *sent.as_bytes());
    }
}
