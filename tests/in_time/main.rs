//! In time: what a card waits for, and what no card waits for, with nobody at the keyboard.
#![allow(clippy::unwrap_used, reason = "a test that lacks an effect has failed")]

mod backlog;
mod rig;
mod trouble;
