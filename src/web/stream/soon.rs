//! A call back after everything that the browser has ready to tell.

use crate::web::driver::Driver;
use std::rc::Weak;
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessagePort};

/// A port that posts to itself, because a timeout waits 4 ms once it is set again and again.
pub struct Soon {
    driver: Weak<Driver>,
    port: Option<MessagePort>,
    _called: Closure<dyn FnMut()>,
}

impl Soon {
    /// A way to have `driver` go on.
    pub fn new(driver: Weak<Driver>) -> Soon {
        let own = driver.clone();
        let called = Closure::<dyn FnMut()>::new(move || go_on(&own));
        let port = MessageChannel::new().ok().map(|channel| {
            channel.port1().set_onmessage(Some(called.as_ref().unchecked_ref()));
            channel.port2()
        });
        Soon { driver, port, _called: called }
    }

    /// Asks to be called back.
    pub fn ask(&self) {
        let posted = self.port.as_ref().is_some_and(|port| port.post_message(&JsValue::NULL).is_ok());
        if !posted {
            go_on(&self.driver);
        }
    }
}

fn go_on(driver: &Weak<Driver>) {
    if let Some(driver) = driver.upgrade() {
        driver.go_on();
    }
}
