//! One message of the interaction stream, as sent. Every field may be missing or null; unknown ones are ignored.

use serde::Deserialize;

use super::shape::{Object, Text};

/// The longest interaction id, in UTF-8 bytes.
pub const ID_LIMIT: usize = 1_024;

/// The longest queue name, in UTF-8 bytes; a longer one is cut. Names are kept with cards and counters.
pub const QUEUE_LIMIT: usize = 1_024;

/// The message.
#[derive(Debug, Deserialize)]
pub struct EventMessage<'a> {
    /// The interaction.
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    /// Lifecycle step.
    #[serde(borrow, default, rename = "type")]
    pub kind: Option<Text<'a>>,
    /// The sentiment model's words.
    #[serde(default)]
    pub sentiment: Option<Object<SentimentPart>>,
    /// Where it waits.
    #[serde(borrow, default)]
    pub routing: Option<Object<RoutingPart<'a>>>,
    /// Who is in it.
    #[serde(borrow, default)]
    pub participant: Option<Object<ParticipantPart<'a>>>,
}

/// `sentiment`.
#[derive(Debug, Deserialize)]
pub struct SentimentPart {
    /// −1 … 1.
    #[serde(default)]
    pub score: Option<f64>,
    /// 0 … 1.
    #[serde(default)]
    pub confidence: Option<f64>,
}

/// `routing`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingPart<'a> {
    /// Milliseconds.
    #[serde(default)]
    pub queue_wait_time_ms: Option<f64>,
    /// As people named it.
    #[serde(borrow, default)]
    pub queue_name: Option<Text<'a>>,
}

/// `participant`.
#[derive(Debug, Deserialize)]
pub struct ParticipantPart<'a> {
    /// Who called whom.
    #[serde(borrow, default)]
    pub direction: Option<Text<'a>>,
}

/// The step that gives an interaction to an agent.
pub const CONNECT: &str = "connect";

/// The step that ends an interaction.
pub const DISPOSITION: &str = "disposition";

/// Whether serde_json refused a number that JSON can write and `f64` cannot hold, such as `1e999`. It has no category
/// of its own for that, only this message (the tests of `event` hold it to it).
pub fn is_number_out_of_range(error: &serde_json::Error) -> bool {
    error.is_syntax() && error.to_string().starts_with("number out of range")
}
