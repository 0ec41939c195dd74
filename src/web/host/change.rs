//! Changes to stored records, as JavaScript sees them.
//!
//! The texts go across as they are, and not inside further JSON, because a burst writes thousands of records.

use crate::model::ask::{Change, Store};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const STORED_CHANGE: &str = r#"
/** Which set of records: what the promise rests on, or what happened. */
export type StoreName = 'journal' | 'history';

/** One change to stored records: write a record, remove it, remove every record up to a key, remove all. */
export type StoredChange =
  | { change: 'put'; store: StoreName; key: string; value: string }
  | { change: 'delete'; store: StoreName; key: string }
  | { change: 'deleteThrough'; store: StoreName; key: string }
  | { change: 'clear'; store: StoreName };
"#;

#[wasm_bindgen(module = "/src/web/host/change.js")]
extern "C" {
    /// One change to stored records.
    #[wasm_bindgen(typescript_type = "StoredChange")]
    pub type StoredChange;

    fn put(is_history: bool, key: &str, value: &str) -> StoredChange;

    #[wasm_bindgen(js_name = remove)]
    fn delete(is_history: bool, key: &str) -> StoredChange;

    #[wasm_bindgen(js_name = removeThrough)]
    fn delete_through(is_history: bool, key: &str) -> StoredChange;

    fn clear(is_history: bool) -> StoredChange;
}

/// A change as JavaScript sees it.
pub fn shared(change: &Change) -> StoredChange {
    match change {
        Change::Put(store, key, value) => put(*store == Store::History, key, value),
        Change::Delete(store, key) => delete(*store == Store::History, key),
        Change::DeleteThrough(store, key) => delete_through(*store == Store::History, key),
        Change::Clear(store) => clear(*store == Store::History),
    }
}
