//! Figures of several values: of one interaction's field, and of a queue.
//!
//! | part | where |
//! | --- | --- |
//! | the newest values, or those of the last seconds, and a figure of them | [`Window`], [`Figure`] |
//! | the values of one field of one interaction | [`Series`] |
//! | the queue of an event that names none | [`LastQueues`] |
//! | one card for the trouble of a queue | [`Groups`] |
//! | who waits, what was heard and what fired in each queue | [`QueueBook`] |
//! | figures that several rules ask for, drawn once | [`Figures`] |
//! | what a condition is evaluated over | [`Scene`] |

mod figures;
mod group;
mod last_queue;
mod queue;
mod scene;
mod series;

pub use figures::{Figures, Slot};
pub use group::{Group, Groups};
pub use last_queue::LastQueues;
pub use queue::{QueueBook, QueueFigure};
pub use scene::Scene;
pub use series::{SERIES_BYTES, Series, VALUES_LIMIT};

use crate::model::history::evidence::WindowSeen;
use crate::model::json::{FromJson, IntoName, ToJson};
use crate::model::time::Millis;

/// The longest window in seconds.
pub const SECONDS_LIMIT: u32 = 3_600;

/// Several values of a number field of one interaction, and the figure that is drawn from them. Either `values` or
/// `seconds` is given. A window without a value is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// The figure.
    pub figure: Figure,
    /// The newest values: 1 to 64 of them.
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(range(min = 1, max = 64)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<u32>,
    /// The values of the last seconds, 1 to 3 600; of more than 64 the newest 64 count.
    #[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(range(min = 1, max = 3600)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Set as rules are compiled.
    #[serde(skip)]
    pub slot: Slot,
}

/// A figure of several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToJson, FromJson, IntoName)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Figure {
    /// The sum through the count.
    Mean,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// How many.
    Count,
    /// The newest less the oldest; zero where there is one value.
    Change,
    /// How much a minute adds, by least squares; no data where all values are of one instant.
    Slope,
}

impl Figure {
    /// Every figure there is.
    pub const ALL: [Figure; 6] = [Figure::Mean, Figure::Min, Figure::Max, Figure::Count, Figure::Change, Figure::Slope];

    /// The name in a rule.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Window {
    /// How long a value counts; absent where only newer values end it.
    pub fn span(&self) -> Option<Millis> {
        self.seconds.map(|seconds| Millis::from_secs(seconds.into()))
    }

    /// How many values count at most.
    pub fn most(&self) -> usize {
        self.values.map_or(VALUES_LIMIT, |values| values as usize).min(VALUES_LIMIT)
    }

    /// For evidence.
    pub(super) fn seen(self) -> WindowSeen {
        WindowSeen { figure: self.figure.name().to_owned(), values: self.values, seconds: self.seconds }
    }
}

#[cfg(test)]
mod tests;
