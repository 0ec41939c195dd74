//! Everything the dashboard shows.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::status::{CardView, Status};

/// The dashboard at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    /// What the popup shows too.
    pub status: Status,
    /// The outbox, oldest first: waiting, under way and given up.
    pub outbox: Vec<CardView>,
}
