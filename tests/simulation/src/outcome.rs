//! How a schedule went.

use std::fmt;

use crate::tally::{Check, Tally};

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub check: Check,
    /// When, in virtual milliseconds.
    pub at: u64,
    /// The observation that broke the check.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (at {}.{:03} s): {}", self.check.name(), self.at / 1_000, self.at % 1_000, self.what)
    }
}

/// How a schedule went.
#[derive(Debug)]
pub struct Outcome {
    /// The hash of every input and effect under the rules that ship.
    pub hash: u64,
    /// The counts.
    pub tally: Tally,
    /// The first check that did not hold.
    pub violation: Option<Violation>,
    /// The trace, where it was asked for.
    pub lines: Vec<String>,
}
