//! The services we speak to, each in one module.

pub mod contract;
pub mod redact;

use crate::model::http::Secret;
use crate::model::time::Millis;

/// A token in use. Which one it is, is told by its generation.
#[derive(Clone)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// Counts tokens, so that a late 401 is held against the token it was sent with.
    pub generation: u64,
    /// When it is no longer used.
    pub usable_until: Millis,
}
