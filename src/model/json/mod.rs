//! The one way from our values to text and back, for storage and for messages alike.
//!
//! serde makes code of each type for each format. Our derive (`json-derive/`) makes tables of names instead, and one
//! interpreter reads and writes all types: 440 KB of the engine became 140. serde_json only reads a text into a tree.

pub mod bridge;
mod indent;
mod read;
mod shape;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod tree;
mod write;

pub use cuewire_json_derive::{FromJson, IntoName, ToJson};
pub use indent::indented;
pub use read::FromJson;
pub use shape::Shape;
pub use tree::Json;
pub use write::{ToJson, With, Writer};

/// A value as text. All our values are plain: none is refused.
pub fn write(value: &dyn ToJson) -> String {
    let mut json = Writer::default();
    value.to_json(&mut json);
    json.finish()
}

/// The value of a text of the expected shape, with nothing after it.
pub fn read<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&Json::parse(text).ok()?)
}
