//! Replies to pages, the toolbar button and notifications.

use crate::model::ask::RequestId;
use crate::model::http::Secret;
use crate::pipeline::effect::CommandId;
use crate::pipeline::input::Input;
use crate::shell::ports::Pages;
use crate::views::protocol::{Badge, Notice, Reply};
use crate::web::driver::Driver;
use crate::web::error;
use crate::web::host::json::shared;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

impl Pages for &Driver {
    fn reply(&mut self, id: CommandId, reply: Reply) {
        let Some(answer) = self.commands.borrow_mut().remove(&id) else { return };
        // Resolving a promise throws nothing.
        let _ = answer.call1(&JsValue::UNDEFINED, &shared(&reply).into());
    }

    fn publish(&mut self) {
        self.host.publish();
    }

    fn open_window(&mut self, id: RequestId, address: Secret) {
        let window = JsFuture::from(self.host.sign_in(&address.0));
        self.after(window, move |driver, ended| {
            let ended = ended
                .map(|address| Secret(address.as_string().unwrap_or_default()))
                .map_err(|thrown| error::words(&thrown));
            driver.happen(Input::WindowEnded(id, ended));
        });
    }

    fn show_badge(&mut self, badge: Badge) {
        self.host.show_badge(shared(&badge));
    }

    fn notify(&mut self, notice: Notice) {
        self.host.notify(shared(&notice));
    }
}
