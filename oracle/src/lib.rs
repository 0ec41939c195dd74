//! The rule language once more, by code of its own: which firings and cards a rule set is due. It shares no line with the
//! core, reads the JSON itself, and takes every step at its own instant in the plainest way.
//!
//! | part | where |
//! | --- | --- |
//! | rules, as the JSON says | [`RuleSet`] |
//! | one message of the stream | [`Message`] |
//! | all, any, not over comparisons | `condition` |
//! | days, hours and zones | `schedule` |
//! | who waits in which queue | `queues` |
//! | one interaction: holds, episodes, values | `talk` |
//! | messages and time in, firings out; restarts | [`Evaluator`] |
//! | firings in, cards out | [`Desk`] |

mod condition;
mod desk;
mod evaluator;
mod message;
mod queues;
mod schedule;
mod spec;
mod talk;

pub use desk::{Card, Desk, Durable};
pub use evaluator::{Evaluator, Fired, Records, Turn};
pub use message::Message;
pub use schedule::Zones;
pub use spec::{Once, Rule, RuleSet};

#[cfg(test)]
mod tests;
