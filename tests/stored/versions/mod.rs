//! Stores and exports of past versions, and records of a newer one.

mod exported;
mod golden;
mod moved;
mod newer;
pub mod past;
mod recorded;
mod shapes;
