//! Values between Rust and JavaScript, as JSON. Messages and stored records are written and read by the same code,
//! because each further format is one more copy of that code for each type.

use crate::model::json;
use crate::model::json::FromJson;
use crate::model::json::ToJson;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/web/host/json.js")]
extern "C" {
    fn parsed(text: &str) -> JsValue;

    #[wasm_bindgen(catch)]
    fn written(value: &JsValue) -> Result<String, JsValue>;
}

/// A value as JavaScript sees it. The shapes are our own, and all of them can be shown.
pub fn shared<T: Tsify + ToJson>(value: &T) -> Ts<T> {
    Ts::new_unchecked(parsed(&json::write(value)))
}

/// A value that JavaScript made.
pub fn taken<T: FromJson>(value: &JsValue) -> Option<T> {
    json::read(&written(value).ok()?)
}
