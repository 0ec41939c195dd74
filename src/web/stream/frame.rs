//! The messages of a socket as bytes, in one buffer that is used again and again.

use crate::api::contract::event::FRAME_LIMIT;
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method, js_name = encodeInto)]
    fn encode_into(this: &TextEncoder, text: &JsString, into: &Uint8Array) -> Encoded;

    type Encoded;

    #[wasm_bindgen(method, getter, structural)]
    fn written(this: &Encoded) -> u32;
}

/// The most bytes of UTF-8 that one unit of UTF-16 becomes.
const WIDEST: usize = 3;

/// The buffer.
pub struct FrameBuffer {
    bytes: Vec<u8>,
    encoder: TextEncoder,
}

impl Default for FrameBuffer {
    fn default() -> FrameBuffer {
        FrameBuffer { bytes: Vec::new(), encoder: TextEncoder::new() }
    }
}

impl FrameBuffer {
    /// The bytes of a message's data, be it text or an `ArrayBuffer`.
    ///
    /// Data over [`FRAME_LIMIT`] is neither copied nor encoded: one byte more than the limit stands for it, so that the
    /// core counts it as what it is. Data of any other kind is empty.
    pub fn fill(&mut self, data: &JsValue) -> &[u8] {
        if let Some(text) = data.dyn_ref::<JsString>() {
            let length = text.length() as usize;
            if length > FRAME_LIMIT {
                return self.over_limit();
            }
            self.reserve(length * WIDEST);
            // The view lives for this one call; nothing is allocated while it exists, so the memory cannot move under it.
            // SAFETY: the pointer and the length are those of `bytes`.
            let view = unsafe { Uint8Array::view_mut_raw(self.bytes.as_mut_ptr(), self.bytes.len()) };
            let written = self.encoder.encode_into(text, &view).written() as usize;
            &self.bytes[..written]
        } else if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
            let length = buffer.byte_length() as usize;
            if length > FRAME_LIMIT {
                return self.over_limit();
            }
            self.reserve(length);
            Uint8Array::new(buffer).copy_to(&mut self.bytes[..length]);
            &self.bytes[..length]
        } else {
            &[]
        }
    }

    fn over_limit(&mut self) -> &[u8] {
        self.reserve(FRAME_LIMIT + 1);
        &self.bytes[..=FRAME_LIMIT]
    }

    fn reserve(&mut self, length: usize) {
        if self.bytes.len() < length {
            self.bytes.resize(length.next_power_of_two(), 0);
        }
    }
}
