//! The part of the alerting that a person acts on.

use crate::model::json::{FromJson, ToJson};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

/// The scope of a pause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, ToJson, FromJson)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(tag = "by", content = "name", rename_all = "camelCase")]
pub enum Scope {
    /// One queue, by its name.
    Queue(String),
    /// One rule, by its id.
    Rule(String),
}
