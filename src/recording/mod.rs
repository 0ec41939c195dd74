//! Events that were heard, packed and without texts of people, so that a rule can be tried on it.
//!
//! | part | where |
//! | --- | --- |
//! | numbers and names as bytes | [`mod@pack`], `unpack` |
//! | a piece of a recording, as it is stored | [`Chunk`] |
//! | from events to chunks, and how long they stay | [`Recorder`] |
//!
//! A recording is a row of chunks. Each covers a span in which the stream was heard, from `from` until `until`; a time
//! that no chunk covers is a gap, and never silence. An interaction is 64 bits of its fingerprint: a recording tells
//! events of one interaction from those of another and names none.

mod chunk;
mod pack;
mod recorder;
mod unpack;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use self::chunk::{Chunk, Key};
pub use self::recorder::{Keep, Recorder};
pub use self::unpack::{Fault, Sample, Samples, read};
