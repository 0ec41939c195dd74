//! Back-test: the firings that rules would have had on a recording.
//!
//! | part | where |
//! | --- | --- |
//! | the events of a recording, by interaction, with its gaps | [`Tape`] |
//! | interactions, and events of one, that a rule cannot fire for | `possible` |
//! | rules over a tape, in slices | [`Trial`], `pass` |
//! | whether a rule looks at other interactions | `needs` |
//! | fields that rules reach by pointer, and what a recording knows of them | [`Lack`], `said`, `lens` |
//! | what fired, counted, and two versions side by side | [`Outcome`], [`compare`] |
//!
//! **A back-test evaluates by the very [`crate::rules::Evaluator`] that runs**, but for one loop in `pass`: where a rule
//! without windows and hours fires by itself for the first time. A property test holds that loop to the evaluator. A
//! back-test is quick because most interactions are no candidates of any rule, and because what a rule that did not
//! change did is remembered.

mod lens;
mod needs;
mod outcome;
mod pass;
mod possible;
mod said;
mod tape;
mod trial;

pub use self::outcome::{Compared, Count, Fired, Outcome, Sides, compare, sides};
pub use self::said::Lack;
pub use self::tape::Tape;
pub use self::trial::Trial;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
