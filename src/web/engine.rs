//! The one exported class.

use crate::pipeline::input::Input;
use crate::views::protocol::{Reply, Request};
use crate::web::driver::Driver;
use crate::web::error;
use crate::web::host::Host;
use crate::web::host::json::{shared, taken};
use js_sys::Promise;
use std::cell::RefCell;
use std::rc::Rc;
use tsify::Ts;
use wasm_bindgen::prelude::*;

/// The pipeline in its worker.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine that has not started. There is one at a time: the shell holds a lock over it.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host) -> Engine {
        HOST.with_borrow_mut(|current| *current = Some(host.clone()));
        Engine { driver: Driver::new(host) }
    }

    /// Reads what was stored before, and goes on from there.
    pub async fn start(&self) -> Result<(), JsError> {
        self.driver.clone().load().await.map_err(|thrown| JsError::new(&error::words(&thrown)))
    }

    /// Does what a page asks, and answers.
    #[wasm_bindgen(unchecked_return_type = "Promise<Reply>")]
    pub fn message(&self, request: Ts<Request>) -> Promise {
        match taken(&request.js_value()) {
            Some(request) => {
                let mut request = Some(request);
                Promise::new(&mut |resolve, _reject| {
                    if let Some(request) = request.take() {
                        self.driver.command(request, resolve);
                    }
                })
            }
            None => Promise::resolve(&JsValue::from(shared(&Reply::NotUnderstood))),
        }
    }

    /// Whatever woke the worker, it is time to look again.
    pub fn wake(&self) {
        self.driver.wake();
    }

    /// How many pages are open that want to hear of news.
    pub fn pages(&self, open: u32) {
        self.driver.happen(Input::PagesOpen(open));
    }

    /// The browser's permissions were extended or reduced.
    #[wasm_bindgen(js_name = permissionsChanged)]
    pub fn permissions_changed(&self) {
        self.driver.permissions_changed();
    }

    /// The browser holds an update of the extension ready.
    pub fn update(&self) {
        self.driver.happen(Input::UpdateAvailable);
    }

    /// The browser found the network, or lost it.
    pub fn online(&self, online: bool) {
        self.driver.happen(Input::OnlineChanged(online));
    }
}

/// Gives the instance up after a crash: the next call from JavaScript gets a fresh one, and whatever of this one is
/// still referred to (callbacks of sockets, requests and timers) is refused from then on.
#[wasm_bindgen]
pub fn abandon() {
    wasm_bindgen::handler::schedule_reinit();
}

thread_local! {
    /// Whom to tell of a crash.
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

#[wasm_bindgen(start)]
fn prepare() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        // Taken, so that what still calls into a dead instance cannot report it twice.
        let host = HOST.try_with(|host| host.try_borrow_mut().ok()?.take());
        if let Ok(Some(host)) = host {
            host.failed(&panic.to_string());
        }
    }));
}
