//! Which origins the browser lets the extension reach: asked once each, and again when the browser's permissions change.

use crate::model::address::origin_of;
use crate::model::sorted::SortedMap;
use crate::web::host::Host;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::JsFuture;

/// The browser's answers so far.
pub struct Permissions {
    host: Host,
    known: RefCell<SortedMap<String, bool>>,
    /// How often permissions have changed: an answer to an earlier question no longer counts.
    changes: Cell<u64>,
}

impl Permissions {
    /// Of which nothing is known yet.
    pub fn new(host: Host) -> Permissions {
        Permissions { host, known: RefCell::default(), changes: Cell::new(0) }
    }

    /// Whether the browser allows an address. Answers without a pause where that is known, because the question costs
    /// more than a millisecond. What cannot be asked is not allowed.
    pub async fn allows(&self, url: &str) -> bool {
        let origin = http_origin(url);
        loop {
            if let Some(known) = self.known.borrow().get(&*origin) {
                return *known;
            }
            let changes = self.changes.get();
            let answer = JsFuture::from(self.host.permitted(&origin)).await;
            if changes != self.changes.get() {
                continue;
            }
            let Ok(answer) = answer else { return false };
            self.known.borrow_mut().insert(origin.clone().into_owned(), answer.is_truthy());
        }
    }

    /// Permissions have changed: nothing is known any more. Gives what was.
    pub fn forget(&self) -> SortedMap<String, bool> {
        self.changes.set(self.changes.get() + 1);
        self.known.take()
    }
}

/// The origin that requests to an address have. A socket needs the same permission.
pub fn http_origin(url: &str) -> Cow<'_, str> {
    let origin = origin_of(url);
    match origin.strip_prefix("ws") {
        Some(rest) => Cow::Owned(format!("http{rest}")),
        None => Cow::Borrowed(origin),
    }
}
