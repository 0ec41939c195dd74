//! The messages of a socket as bytes, in one buffer that is used again and again.

use crate::api::FRAME_LIMIT;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/frame.js")]
extern "C" {
    /// Copies the data of a message event to `at`, where `room` bytes may go. Below zero: there is no room for so many units or bytes.
    #[wasm_bindgen(js_name = copyMessage)]
    fn copy_message(event: &JsValue, memory: &JsValue, at: *mut u8, room: usize) -> i32;
}

/// The most bytes of UTF-8 that one unit of UTF-16 becomes.
const WIDEST: usize = 3;

/// The buffer.
pub struct FrameBuffer {
    bytes: Vec<u8>,
    memory: JsValue,
}

impl Default for FrameBuffer {
    fn default() -> FrameBuffer {
        FrameBuffer { bytes: Vec::new(), memory: wasm_bindgen::memory() }
    }
}

impl FrameBuffer {
    /// The bytes of a message event's data, be it text or an `ArrayBuffer`. JavaScript takes the data out of the event,
    /// because each call across costs as much as reading a short event.
    ///
    /// Data over [`FRAME_LIMIT`] is neither copied nor encoded. The buffer gives one byte more than the limit, so that the
    /// core counts it as what it is. Data of any other kind is empty.
    pub fn fill(&mut self, event: &JsValue) -> &[u8] {
        let copied = self.copy(event).or_else(|lacking| {
            if lacking > FRAME_LIMIT {
                return Err(lacking);
            }
            self.reserve(lacking * WIDEST);
            self.copy(event)
        });
        match copied {
            Ok(length) => &self.bytes[..length],
            Err(_) => self.over_limit(),
        }
    }

    /// How many bytes were copied, or how many units or bytes there is no room for.
    fn copy(&mut self, event: &JsValue) -> Result<usize, usize> {
        // JavaScript writes to these bytes during this one call, in which nothing here reads or moves them.
        let copied = copy_message(event, &self.memory, self.bytes.as_mut_ptr(), self.bytes.len());
        usize::try_from(copied).map_err(|_| copied.unsigned_abs() as usize)
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
