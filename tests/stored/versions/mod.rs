//! What past versions stored and exported, and what a newer one wrote.

mod exported;
mod golden;
mod moved;
mod newer;
pub mod past;
mod recorded;
mod shapes;
