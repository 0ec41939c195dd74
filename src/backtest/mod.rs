//! What rules would have done on a recording.
//!
//! | part | where |
//! | --- | --- |
//! | the events of a recording, by interaction, with its gaps | [`Tape`] |
//! | interactions that a rule cannot fire for, whatever the order of their events | `possible` |
//! | rules over a tape, in slices | [`Trial`] |
//! | what fired, counted, and two versions side by side | [`Outcome`], [`compare`] |
//!
//! **A back-test evaluates by the very [`crate::rules::Evaluator`] that runs**: it decides nothing by itself. It is
//! quick because most interactions are no candidates of any rule, and because what a rule that did not change did is
//! remembered.

mod outcome;
mod possible;
mod tape;
mod trial;

pub use self::outcome::{Compared, Count, Fired, Outcome, Sides, compare, sides};
pub use self::tape::Tape;
pub use self::trial::Trial;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
