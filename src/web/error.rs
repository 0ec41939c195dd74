//! Exceptions of JavaScript, in words and in kind.

use crate::model::ask::CommitFailure;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Anything thrown that has a name and a message: `Error` and `DOMException` alike.
    type Thrown;

    #[wasm_bindgen(method, getter, structural)]
    fn name(this: &Thrown) -> JsValue;

    #[wasm_bindgen(method, getter, structural)]
    fn message(this: &Thrown) -> JsValue;
}

/// The words of something thrown: `Name: message`, or the value itself if it is text. The plain name *Error* says nothing.
pub fn words(thrown: &JsValue) -> String {
    if let Some(text) = thrown.as_string() {
        return text;
    }
    if !thrown.is_object() {
        return "unknown error".to_owned();
    }
    let error: &Thrown = thrown.unchecked_ref();
    match (error.name().as_string(), error.message().as_string()) {
        (Some(name), Some(message)) if name == "Error" && !message.is_empty() => message,
        (Some(name), Some(message)) => format!("{name}: {message}"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => "unknown error".to_owned(),
    }
}

/// Why a write was refused.
pub fn commit_failure(thrown: &JsValue) -> CommitFailure {
    let name = thrown.is_object().then(|| thrown.unchecked_ref::<Thrown>().name().as_string()).flatten();
    match name.as_deref() {
        Some("QuotaExceededError") => CommitFailure::QuotaExceeded,
        _ => CommitFailure::Other(words(thrown)),
    }
}
