//! The WebSockets of the stream and of a connection test.

pub mod frame;
pub mod soon;

use crate::web::host::Host;
use crate::web::permissions::http_origin;
use crate::web::stream::frame::FrameBuffer;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, Event, WebSocket};

/// The calls that a socket makes.
pub trait Listener: Clone + 'static {
    /// The open event.
    fn opened(&self);
    /// One message event; its data is `length` bytes in the buffer.
    fn message(&self, length: usize);
    /// The close event. Nothing comes after it.
    fn closed(&self, code: u16);
}

/// An open or opening socket. Dropping it closes it, and its listener hears nothing any more.
pub struct Socket {
    socket: WebSocket,
    origin: String,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(usize)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Begins to open a socket, whose messages go to a buffer. An error is an address that the browser refuses to try at
    /// all.
    pub fn open(host: &Host, url: &str, frames: &FrameBuffer, listener: &impl Listener) -> Result<Socket, JsValue> {
        let socket = host.open_stream(url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on = listener.clone();
        let opened = Closure::<dyn FnMut(Event)>::new(move |_| on.opened());
        let on = listener.clone();
        let message = Closure::<dyn FnMut(usize)>::new(move |length| on.message(length));
        let on = listener.clone();
        // An error event says nothing, and is always followed by a close event.
        let closed = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| on.closed(event.code()));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(&frames.handler(&message)));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        let origin = http_origin(url).into_owned();
        Ok(Socket { socket, origin, _opened: opened, _message: message, _closed: closed })
    }

    /// Sends a text frame. A socket that does not send closes, and says so to its listener.
    pub fn send(&self, frame: &str) {
        let _ = self.socket.send_with_str(frame);
    }

    /// The origin whose permission it needs.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Fails for no code but a wrong one, and 1000 is right.
        let _ = self.socket.close_with_code(1000);
    }
}
