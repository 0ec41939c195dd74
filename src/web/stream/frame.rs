//! The messages of sockets as bytes, in one buffer that is used again and again.

use crate::api::FRAME_LIMIT;
use js_sys::Function;
use std::cell::{Ref, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/stream/frame.js")]
extern "C" {
    /// The buffer, as JavaScript writes to it.
    type Frames;

    #[wasm_bindgen(constructor)]
    fn new(memory: &JsValue, reserve: &JsValue, limit: usize) -> Frames;

    #[wasm_bindgen(method)]
    fn handler(this: &Frames, heard: &JsValue) -> Function;
}

/// The buffer. JavaScript takes the data out of each message event and copies it, and tells Rust the length alone:
/// handing an event across costs as much as reading a short one.
pub struct FrameBuffer {
    bytes: Rc<RefCell<Vec<u8>>>,
    /// A frame beyond the limit, in place of data that is too long. Apart, because JavaScript knows where `bytes` are:
    /// only it has them moved.
    too_long: RefCell<Vec<u8>>,
    frames: Frames,
    _reserve: Closure<dyn FnMut(usize) -> *mut u8>,
}

impl Default for FrameBuffer {
    fn default() -> FrameBuffer {
        let bytes = Rc::new(RefCell::new(Vec::new()));
        let grown = Rc::clone(&bytes);
        let reserve = Closure::new(move |length| {
            let mut bytes = grown.borrow_mut();
            reserve(&mut bytes, length);
            bytes.as_mut_ptr()
        });
        let frames = Frames::new(&wasm_bindgen::memory(), reserve.as_ref(), FRAME_LIMIT);
        FrameBuffer { bytes, too_long: RefCell::default(), frames, _reserve: reserve }
    }
}

impl FrameBuffer {
    /// A handler of message events that tells the length of each message. The closure must outlive the handler.
    pub fn handler(&self, heard: &Closure<dyn FnMut(usize)>) -> Function {
        self.frames.handler(heard.as_ref())
    }

    /// The bytes of a message that was told just now.
    ///
    /// Data over [`FRAME_LIMIT`] is not copied. What is given is one byte longer than the limit, so that the core counts
    /// it as what it is. Data that is neither text nor bytes is empty.
    pub fn message(&self, length: usize) -> Ref<'_, [u8]> {
        if length > FRAME_LIMIT {
            self.too_long.borrow_mut().resize(FRAME_LIMIT + 1, 0);
            return Ref::map(self.too_long.borrow(), Vec::as_slice);
        }
        Ref::map(self.bytes.borrow(), |bytes| &bytes[..length])
    }
}

fn reserve(bytes: &mut Vec<u8>, length: usize) {
    if bytes.len() < length {
        bytes.resize(length.next_power_of_two(), 0);
    }
}
