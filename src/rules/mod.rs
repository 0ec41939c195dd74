//! When a card is due.
//!
//! | part | where |
//! | --- | --- |
//! | what a rule may name, and how it compares | [`Field`], [`Operator`] |
//! | comparisons joined by all, any, not | [`Condition`] |
//! | a condition with hold, hysteresis, cooldown, queues and its card | [`Rule`] |
//! | the two rules that ship | [`Presets`] |
//! | several values of a field, and figures of queues | [`window`] |
//! | rules as a JSON text, and their examples | [`text`] |
//! | a rule read back, as parts for any language and in English | [`sentence`] |
//! | rules over a recording | [`replay`] |
//! | what a recording keeps of fields by pointer | [`replay::legend`] |
//! | what is remembered of an interaction | [`Track`] |
//! | events and time in, firings out | [`Evaluator`] |

mod condition;
mod evaluator;
mod field;
mod firing;
mod operator;
pub mod pattern;
mod presets;
pub mod replay;
mod rule;
pub mod sentence;
pub mod text;
mod track;
pub mod window;

pub use condition::{Comparison, Condition, EVIDENCE_LIMIT};
pub use evaluator::Evaluator;
pub use field::{Field, Holds, Seen};
pub use firing::Firing;
pub use operator::{Arity, Operator};
pub use presets::{LONG_WAIT, NEGATIVE_SENTIMENT, Presets};
pub use rule::{Day, Mode, Once, Queues, Rule, Schedule};
pub use track::Track;

#[cfg(test)]
mod tests;
