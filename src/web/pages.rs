//! Replies to pages, the toolbar button and notifications.

use crate::pipeline::effect::CommandId;
use crate::shell::ports::Pages;
use crate::views::protocol::{Badge, Notice, Reply};
use crate::web::driver::{Driver, shared};
use wasm_bindgen::prelude::*;

impl Pages for &Driver {
    fn reply(&mut self, id: CommandId, reply: Reply) {
        let Some(answer) = self.commands.borrow_mut().remove(&id) else { return };
        // Resolving a promise throws nothing.
        let _ = answer.call1(&JsValue::UNDEFINED, &shared(&reply).map_or(JsValue::NULL, JsValue::from));
    }

    fn publish(&mut self) {
        self.host.publish();
    }

    fn show_badge(&mut self, badge: Badge) {
        if let Some(badge) = shared(&badge) {
            self.host.show_badge(badge);
        }
    }

    fn notify(&mut self, notice: Notice) {
        if let Some(notice) = shared(&notice) {
            self.host.notify(notice);
        }
    }
}
