//! The stored values, one by one, because a journal may hold more text than one message should.

use crate::pipeline::input::Start;
use js_sys::Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const STORED: &str = r#"
/** What was stored before this worker started. All values are text that Rust made. */
export interface Stored {
  /** The journal, or why it cannot be read. */
  journal: StoredJournal;
  /** Whether a journal was ever written. */
  marker: boolean;
  /** The settings, as JSON. */
  settings: string | undefined;
  /** The client secret. */
  secret: string | undefined;
  /** The token. */
  token: string | undefined;
  /** What the worker before said last. */
  vitals: string | undefined;
  /** Where sign-in windows end; none where the browser opens none. */
  redirect: string | undefined;
}

/** The journal as it was found: in the order of the keys, or why it cannot be read, in the browser's words. */
export type StoredJournal = { records: StoredRecords } | { unreadable: string };

/** Keys and values. */
export type StoredRecords = [string, string][];
"#;

#[wasm_bindgen]
extern "C" {
    /// The values that were stored before this worker started.
    pub type Stored;

    #[wasm_bindgen(method, getter, structural)]
    fn journal(this: &Stored) -> Journal;

    #[wasm_bindgen(method, getter, structural)]
    fn marker(this: &Stored) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn settings(this: &Stored) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn secret(this: &Stored) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn token(this: &Stored) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn vitals(this: &Stored) -> JsValue;

    #[wasm_bindgen(method, getter, structural, js_name = redirect)]
    fn redirect_of(this: &Stored) -> JsValue;

    type Journal;

    #[wasm_bindgen(method, getter, structural)]
    fn records(this: &Journal) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn unreadable(this: &Journal) -> JsValue;
}

impl Stored {
    /// Where sign-in windows end; none where the browser opens none.
    pub fn redirect(&self) -> Result<Option<String>, JsError> {
        text("redirect", &self.redirect_of())
    }

    /// The start of the pipeline, or which value is no text.
    pub fn into_start(self, seed: u64, local_offset: i32, loopback_allowed: bool) -> Result<Start, JsError> {
        let journal = self.journal();
        Ok(Start {
            journal: match journal.unreadable().as_string() {
                Some(why) => Err(why),
                None => Ok(pairs(&journal.records())?),
            },
            fired_later: true,
            marker: self.marker().is_truthy(),
            settings: text("settings", &self.settings())?,
            secret: text("secret", &self.secret())?,
            token: text("token", &self.token())?,
            vitals: text("vitals", &self.vitals())?,
            seed,
            local_offset,
            loopback_allowed,
        })
    }
}

/// Keys and values, each a text.
pub fn pairs(records: &JsValue) -> Result<Vec<(String, String)>, JsError> {
    let pair = |pair: JsValue| {
        let pair: Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    let read = Array::is_array(records).then(|| Array::from(records).iter().map(pair).collect::<Option<Vec<_>>>());
    read.flatten().ok_or_else(|| JsError::new("stored records are no pairs of texts"))
}

fn text(name: &str, value: &JsValue) -> Result<Option<String>, JsError> {
    match value.as_string() {
        None if !value.is_undefined() && !value.is_null() => Err(JsError::new(&format!("stored {name} is no text"))),
        text => Ok(text),
    }
}
