//! Where events come from (made up, or replayed), how far they are, and how they are recorded.

mod day;
mod generator;
mod interaction;
mod progress;
mod record;
mod replay;
mod upcoming;

pub use day::Day;
pub use generator::{Generator, queue_names};
pub use progress::{Phase, Traffic};
pub use record::Recorder;
pub use replay::replay;

use crate::clock::Micros;

/// One event of a source: when it is due on the source's own clock, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    /// Microseconds since the first.
    pub at: Micros,
    /// The event as JSON.
    pub bytes: Vec<u8>,
    /// To go in a binary frame.
    pub binary: bool,
}

/// Anything that gives events in order of time. `Err` is the reason why a recording cannot be read further.
pub type Source = Box<dyn Iterator<Item = Result<Timed, String>> + Send>;
