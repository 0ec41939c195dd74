//! Maps and sets in the order of their keys, and lists in order, on few machine instructions.
//!
//! The library's trees are faster where millions of keys lie at random. Each pair of types costs the WebAssembly 10 KB of
//! them, and there are forty such pairs. Here entries lie in leaves of at most 64, each a sorted vector. A look-up is two
//! binary searches, an insertion moves at most one leaf, and each pair of types costs about 1 KB.

mod map;
mod order;
mod set;
mod stored;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use map::{Entry, SortedMap};
pub use order::{sort, sort_by};
pub use set::SortedSet;
