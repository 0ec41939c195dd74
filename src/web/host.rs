//! The JavaScript shell as Rust sees it: storage, the toolbar, permissions.
//!
//! A promise that rejects is a failure with a reason; a function that returns nothing reports its own troubles.

pub mod change;
pub mod json;
pub mod stored;

use crate::model::json::ToJson;
use crate::pipeline::effect::SecretChange;
use crate::shell::ports::Guard;
use crate::views::protocol::{Badge, Notice};
use crate::web::host::change::StoredChange;
use js_sys::Promise;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

#[wasm_bindgen(typescript_custom_section)]
const HOST: &str = r#"
/** Wall-clock milliseconds since 1970, or a span of milliseconds. */
export type Millis = number;

/** What the engine needs of the shell. `lib/engine.js` has the one implementation. */
export interface Host {
  /** Reads everything that was stored before, but for records whose keys begin like this: they are recalled. */
  load(later: string): Promise<Stored>;
  /** Reads at most so many records of those, in the order of their keys: the ones after this key. */
  recall(prefix: string, after: string, limit: number): Promise<StoredRecords>;
  /** Writes all changes durably, in order, or none. Rejects with the browser's own error. */
  commit(changes: StoredChange[]): Promise<void>;
  /** Stores a piece of the recording, in a database of its own. */
  record(key: string, bytes: Uint8Array): Promise<void>;
  /** Removes the recording up to this key; all of it if absent. */
  forgetRecording(through: string | undefined): void;
  /** The keys of the recording, sorted. */
  listRecording(): Promise<string[]>;
  /** Reads so many entries of the activity log, newest first: those before a key, or the newest. */
  readHistory(before: string | undefined, limit: number): Promise<StoredRecords>;
  /** Closes the database; it is opened again for the next commit. A commit that has not begun by now is refused. */
  reopenStorage(): void;
  /** Closes and deletes the database; the next commit waits for that and is refused if it fails. */
  deleteStorage(): void;
  /** Replaces this engine by a fresh one, which reads everything stored. */
  restart(): void;
  /** Has the browser load the extension again, and with it the update that it holds ready. */
  reload(): void;
  /** Remembers, outside the journal, that there is one. */
  storeMarker(): void;
  /** Stores settings (none: removes them) and secret together. */
  storeSettings(settings: string | undefined, secret: SecretOrder): Promise<void>;
  /** Keeps the token for this browser session, or forgets it. */
  storeToken(token: string | undefined): void;
  /** An extension API call that stores the vitals for this browser session. */
  keepAlive(vitals: string): void;
  /** Opens the window in which a person signs in. Gives the address at which the window ended. */
  signIn(address: string): Promise<string>;
  showBadge(badge: Badge): void;
  notify(notice: Notice): void;
  /** Tells open pages that there is something new to ask for. */
  publish(): void;
  /** Says what must bring a dead worker back: nothing, the alarm, or alarm and watch page. */
  guard(level: Guard): void;
  /** Opens a socket, and keeps hold of it so that a crashed engine leaves none behind. Throws if it is not even tried. */
  openStream(url: string): WebSocket;
  /** Minutes that an IANA zone is ahead of UTC now; none where the browser does not know the zone. */
  zoneOffset(zone: string): number | undefined;
  /** Whether the extension may reach this origin, `http:` or `https:`. */
  permitted(origin: string): Promise<boolean>;
  /** The engine cannot go on: what it stored must be read once more by a fresh one. After a crash its promises never settle. */
  failed(why: string): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The shell.
    #[wasm_bindgen(typescript_type = "Host")]
    #[derive(Clone)]
    pub type Host;

    /// Reads everything that was stored before, but for records with this prefix; gives
    /// [`Stored`](crate::web::host::stored::Stored).
    #[wasm_bindgen(method)]
    pub fn load(this: &Host, later: &str) -> Promise;

    /// Reads records with a prefix, those after a key; gives [`StoredRecords`].
    #[wasm_bindgen(method)]
    pub fn recall(this: &Host, prefix: &str, after: &str, limit: u32) -> Promise;

    /// Writes all changes durably, in order, or none.
    #[wasm_bindgen(method)]
    pub fn commit(this: &Host, changes: Vec<StoredChange>) -> Promise;

    /// Stores a piece of the recording.
    #[wasm_bindgen(method)]
    pub fn record(this: &Host, key: &str, bytes: &[u8]) -> Promise;

    /// Removes the recording up to a key, or all of it.
    #[wasm_bindgen(method, js_name = forgetRecording)]
    pub fn forget_recording(this: &Host, through: Option<String>);

    /// The keys of the recording.
    #[wasm_bindgen(method, js_name = listRecording)]
    pub fn list_recording(this: &Host) -> Promise;

    /// Reads entries of the activity log; gives what [`pairs`](crate::web::host::stored::pairs) reads.
    #[wasm_bindgen(method, js_name = readHistory)]
    pub fn read_history(this: &Host, before: Option<String>, limit: u32) -> Promise;

    /// Closes the database; it is opened again for the next commit.
    #[wasm_bindgen(method, js_name = reopenStorage)]
    pub fn reopen_storage(this: &Host);

    /// Closes and deletes the database.
    #[wasm_bindgen(method, js_name = deleteStorage)]
    pub fn delete_storage(this: &Host);

    /// Replaces this engine by a fresh one.
    #[wasm_bindgen(method)]
    pub fn restart(this: &Host);

    /// Loads the extension again.
    #[wasm_bindgen(method)]
    pub fn reload(this: &Host);

    /// Remembers, outside the journal, that there is one.
    #[wasm_bindgen(method, js_name = storeMarker)]
    pub fn store_marker(this: &Host);

    /// Stores settings and secret together.
    #[wasm_bindgen(method, js_name = storeSettings)]
    pub fn store_settings(this: &Host, settings: Option<String>, secret: Ts<SecretOrder>) -> Promise;

    /// Keeps the token for this browser session, or forgets it.
    #[wasm_bindgen(method, js_name = storeToken)]
    pub fn store_token(this: &Host, token: Option<String>);

    /// An extension API call that stores the vitals.
    #[wasm_bindgen(method, js_name = keepAlive)]
    pub fn keep_alive(this: &Host, vitals: &str);

    /// Opens the sign-in window; gives the address at which the window ended.
    #[wasm_bindgen(method, js_name = signIn)]
    pub fn sign_in(this: &Host, address: &str) -> Promise;

    /// Shows the badge.
    #[wasm_bindgen(method, js_name = showBadge)]
    pub fn show_badge(this: &Host, badge: Ts<Badge>);

    /// Shows a notification.
    #[wasm_bindgen(method)]
    pub fn notify(this: &Host, notice: Ts<Notice>);

    /// Tells open pages.
    #[wasm_bindgen(method)]
    pub fn publish(this: &Host);

    /// Says what must bring a dead worker back.
    #[wasm_bindgen(method)]
    pub fn guard(this: &Host, level: Ts<Guard>);

    /// Opens a socket.
    #[wasm_bindgen(method, catch, js_name = openStream)]
    pub fn open_stream(this: &Host, url: &str) -> Result<WebSocket, JsValue>;

    /// Minutes that an IANA zone is ahead of UTC now.
    #[wasm_bindgen(method, js_name = zoneOffset)]
    pub fn zone_offset(this: &Host, zone: &str) -> Option<i32>;

    /// Whether the extension may reach this origin.
    #[wasm_bindgen(method)]
    pub fn permitted(this: &Host, origin: &str) -> Promise;

    /// The engine cannot continue.
    #[wasm_bindgen(method)]
    pub fn failed(this: &Host, why: &str);
}

/// The order for the stored secret.
#[derive(ToJson, Tsify)]
#[serde(tag = "do", content = "secret", rename_all = "camelCase")]
pub enum SecretOrder {
    /// Leave it.
    Keep,
    /// On this device.
    OnDevice(String),
    /// Until the browser closes.
    InSession(String),
    /// Remove it everywhere.
    Forget,
}

impl From<SecretChange> for SecretOrder {
    fn from(change: SecretChange) -> SecretOrder {
        match change {
            SecretChange::Keep => SecretOrder::Keep,
            SecretChange::OnDevice(secret) => SecretOrder::OnDevice(secret.0),
            SecretChange::InSession(secret) => SecretOrder::InSession(secret.0),
            SecretChange::Forget => SecretOrder::Forget,
        }
    }
}
