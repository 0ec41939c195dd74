//! What must be true: each file keeps one part of what the simulation knows, and fails where the core disagrees.
//!
//! `notes` keeps the ledger from answers and wishes. `commits`, `durable` and `settling` read what is written.
//! `hearing`, `posts`, `losses` and `noise` judge frames, requests, losses and silence. `limits` counts, and `in_time`
//! looks at the clock. A check changes nothing but the ledger and the violation.

mod commits;
mod durable;
mod hearing;
pub(crate) mod in_time;
mod limits;
mod losses;
mod noise;
mod notes;
mod posts;
mod settling;
