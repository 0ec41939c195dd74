//! The frame buffer in a real browser: text and binary messages become the bytes that were sent.
#![cfg(target_arch = "wasm32")]

use cuewire::api::FRAME_LIMIT;
use cuewire::web::stream::frame::FrameBuffer;
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::JsValue;
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

#[wasm_bindgen_test]
fn text_arrives_as_utf8() {
    let mut frames = FrameBuffer::default();
    for sent in ["", "{}", "Grüße", "日本語", "👩‍👩‍👧 \u{10ffff}"] {
        assert_eq!(frames.fill(&text(sent)), sent.as_bytes());
    }
}

#[wasm_bindgen_test]
fn binary_arrives_as_it_is() {
    let mut frames = FrameBuffer::default();
    let every: Vec<u8> = (0..=255).collect();
    assert_eq!(frames.fill(&binary(&every)), every);
    assert!(frames.fill(&binary(&[])).is_empty());
}

#[wasm_bindgen_test]
fn a_short_frame_after_a_long_one_shows_nothing_of_it() {
    let mut frames = FrameBuffer::default();
    let long = "x".repeat(100_000);
    assert_eq!(frames.fill(&text(&long)), long.as_bytes());
    assert_eq!(frames.fill(&text("short")), b"short");
    assert_eq!(frames.fill(&binary(&[1, 2])), [1, 2]);
}

#[wasm_bindgen_test]
fn the_widest_text_within_the_limit_fits() {
    let mut frames = FrameBuffer::default();
    let widest = "€".repeat(FRAME_LIMIT / 3);
    assert_eq!(frames.fill(&text(&widest)).len(), FRAME_LIMIT / 3 * 3);
}

#[wasm_bindgen_test]
fn text_of_few_characters_and_many_bytes_is_over_the_limit() {
    let mut frames = FrameBuffer::default();
    assert!(frames.fill(&text(&"€".repeat(FRAME_LIMIT / 3 + 1))).len() > FRAME_LIMIT);
}

#[wasm_bindgen_test]
fn what_is_over_the_limit_stays_over_it_and_is_not_copied() {
    let mut frames = FrameBuffer::default();
    let huge = event(&JsString::from("x").repeat(64 * 1024 * 1024));
    assert_eq!(frames.fill(&huge).len(), FRAME_LIMIT + 1);
    let huge = event(&Uint8Array::new_with_length(64 * 1024 * 1024).buffer());
    assert_eq!(frames.fill(&huge).len(), FRAME_LIMIT + 1);
    assert_eq!(frames.fill(&text("after")), b"after");
}

#[wasm_bindgen_test]
fn data_of_another_kind_is_empty() {
    let mut frames = FrameBuffer::default();
    for other in [JsValue::NULL, JsValue::UNDEFINED, JsValue::from_f64(7.0), js_sys::Object::new().into()] {
        assert!(frames.fill(&event(&other)).is_empty());
    }
}
