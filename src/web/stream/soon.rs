//! A call back after everything that the browser has ready to tell.

use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessagePort};

/// A port that posts to itself, because a timeout waits 4 ms once it is set again and again.
pub struct Soon {
    then: Rc<dyn Fn()>,
    port: Option<MessagePort>,
    _called: Closure<dyn FnMut()>,
}

impl Soon {
    /// A way to have `then` called.
    pub fn new(then: impl Fn() + 'static) -> Soon {
        let then: Rc<dyn Fn()> = Rc::new(then);
        let own = then.clone();
        let called = Closure::<dyn FnMut()>::new(move || own());
        let port = MessageChannel::new().ok().map(|channel| {
            channel.port1().set_onmessage(Some(called.as_ref().unchecked_ref()));
            channel.port2()
        });
        Soon { then, port, _called: called }
    }

    /// Asks to be called back.
    pub fn ask(&self) {
        let posted = self.port.as_ref().is_some_and(|port| port.post_message(&JsValue::NULL).is_ok());
        if !posted {
            (self.then)();
        }
    }
}
