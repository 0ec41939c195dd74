//! Faults on purpose: how a fault is asked for, which are on, and how often each took effect.

mod board;
pub mod garbage;
mod kind;
mod schedule;

pub use board::{Active, Board};
pub use kind::{Fault, Request, Target, catalogue};
pub use schedule::Scheduled;
