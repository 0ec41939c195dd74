//! The stream's WebSocket.

use crate::web::host::Host;
use crate::web::permissions::http_origin;
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

/// What is called as the socket speaks.
pub trait Listener: Clone + 'static {
    /// The open event.
    fn opened(&self);
    /// One message; its data is text or an `ArrayBuffer`.
    fn message(&self, data: &JsValue);
    /// The close event. Nothing comes after it.
    fn closed(&self, code: u16);
}

/// An open or opening socket. Dropping it closes it, and its listener hears nothing any more.
pub struct Socket {
    socket: WebSocket,
    origin: String,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Begins to open a socket. An error is an address that the browser refuses to try at all.
    pub fn open(host: &Host, url: &str, listener: &impl Listener) -> Result<Socket, JsValue> {
        let socket = host.open_stream(url)?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on = listener.clone();
        let opened = Closure::<dyn FnMut(Event)>::new(move |_| on.opened());
        let on = listener.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| on.message(&event.data()));
        let on = listener.clone();
        // An error event says nothing, and is always followed by a close event.
        let closed = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| on.closed(event.code()));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        let origin = http_origin(url).into_owned();
        Ok(Socket { socket, origin, _opened: opened, _message: message, _closed: closed })
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
