//! What one message of the stream says about an interaction, or why it says nothing.

use std::borrow::Cow;

use crate::wire::event::{DISPOSITION, EventMessage, is_number_out_of_range};
use crate::wire::shape::{Object, Text};

/// The largest frame that is read, in bytes.
pub const FRAME_LIMIT: usize = 1024 * 1024;

/// How deep arrays and objects may nest.
pub const DEPTH_LIMIT: usize = 64;

/// The longest interaction id, in UTF-8 bytes.
pub const ID_LIMIT: usize = 1_024;

/// The longest queue name, in UTF-8 bytes; what is longer is cut. Names are kept with cards and counters.
pub const QUEUE_LIMIT: usize = 1_024;

/// One event, borrowed from its frame where the frame holds no escapes. What is absent is no data, never a zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// The interaction: 1 to [`ID_LIMIT`] bytes, and not `.` or `..`.
    pub id: Cow<'a, str>,
    /// The lifecycle step.
    pub kind: Option<Cow<'a, str>>,
    /// −1 … 1.
    pub sentiment_score: Option<f64>,
    /// 0 … 1.
    pub sentiment_confidence: Option<f64>,
    /// Milliseconds, finite and not negative.
    pub queue_wait_ms: Option<f64>,
    /// The queue's name, at most [`QUEUE_LIMIT`] bytes.
    pub queue: Option<Cow<'a, str>>,
    /// Who contacted whom.
    pub direction: Option<Cow<'a, str>>,
}

impl Event<'_> {
    /// Whether this is the last one of its interaction.
    pub fn ends_interaction(&self) -> bool {
        self.kind.as_deref() == Some(DISPOSITION)
    }
}

/// Why a frame is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// Over [`FRAME_LIMIT`] bytes.
    TooLarge,
    /// Nested over [`DEPTH_LIMIT`] deep.
    TooDeep,
    /// Not UTF-8.
    NotUtf8,
    /// Not JSON, or not JSON only.
    NotJson,
    /// JSON, and not an event: another type somewhere, or a key twice.
    WrongShape,
    /// No `id`, or an empty one.
    MissingId,
    /// An `id` over [`ID_LIMIT`] bytes.
    IdTooLong,
    /// An `id` that no path segment can carry: `.` or `..`.
    IdForbidden,
    /// A number that is not finite or not in its range.
    OutOfRange,
}

impl Rejection {
    /// Every reason there is.
    pub const ALL: [Rejection; 9] = [
        Rejection::TooLarge,
        Rejection::TooDeep,
        Rejection::NotUtf8,
        Rejection::NotJson,
        Rejection::WrongShape,
        Rejection::MissingId,
        Rejection::IdTooLong,
        Rejection::IdForbidden,
        Rejection::OutOfRange,
    ];

    /// The stable name it is counted under.
    pub fn name(self) -> &'static str {
        match self {
            Rejection::TooLarge => "tooLarge",
            Rejection::TooDeep => "tooDeep",
            Rejection::NotUtf8 => "notUtf8",
            Rejection::NotJson => "notJson",
            Rejection::WrongShape => "wrongShape",
            Rejection::MissingId => "missingId",
            Rejection::IdTooLong => "idTooLong",
            Rejection::IdForbidden => "idForbidden",
            Rejection::OutOfRange => "outOfRange",
        }
    }
}

/// Reads one frame, text or binary alike.
pub fn parse(bytes: &[u8]) -> Result<Event<'_>, Rejection> {
    if bytes.len() > FRAME_LIMIT {
        return Err(Rejection::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Rejection::NotUtf8)?;
    if nests_deeper_than(bytes, DEPTH_LIMIT) {
        return Err(Rejection::TooDeep);
    }
    let Object(message) = serde_json::from_str::<Object<EventMessage<'_>>>(text).map_err(|error| reason(&error))?;
    meaning(message)
}

fn reason(error: &serde_json::Error) -> Rejection {
    if error.is_data() {
        Rejection::WrongShape
    } else if is_number_out_of_range(error) {
        Rejection::OutOfRange
    } else {
        Rejection::NotJson
    }
}

fn meaning(message: EventMessage<'_>) -> Result<Event<'_>, Rejection> {
    let id = message.id.map(|Text(id)| id).filter(|id| !id.is_empty()).ok_or(Rejection::MissingId)?;
    if id.len() > ID_LIMIT {
        return Err(Rejection::IdTooLong);
    }
    if matches!(&*id, "." | "..") {
        return Err(Rejection::IdForbidden);
    }
    let sentiment = message.sentiment.map(|Object(sentiment)| sentiment);
    let score = sentiment.as_ref().and_then(|sentiment| sentiment.score);
    let confidence = sentiment.as_ref().and_then(|sentiment| sentiment.confidence);
    let (wait, queue) = message.routing.map_or((None, None), |Object(it)| (it.queue_wait_time_ms, it.queue_name));
    Ok(Event {
        id,
        kind: message.kind.map(|Text(kind)| kind),
        sentiment_score: within(score, -1.0, 1.0)?,
        sentiment_confidence: within(confidence, 0.0, 1.0)?,
        queue_wait_ms: within(wait, 0.0, f64::MAX)?,
        queue: queue.map(|Text(queue)| cut(queue, QUEUE_LIMIT)),
        direction: message.participant.and_then(|Object(it)| it.direction).map(|Text(direction)| direction),
    })
}

/// The start of a text, cut between characters.
fn cut(text: Cow<'_, str>, bytes: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..text.floor_char_boundary(bytes)]),
        Cow::Owned(mut text) => {
            text.truncate(text.floor_char_boundary(bytes));
            Cow::Owned(text)
        }
    }
}

fn within(number: Option<f64>, low: f64, high: f64) -> Result<Option<f64>, Rejection> {
    match number {
        Some(number) if !(low..=high).contains(&number) => Err(Rejection::OutOfRange),
        number => Ok(number),
    }
}

/// Whether brackets outside strings nest deeper than `limit`. serde_json stops at 128 where it builds something, and
/// nowhere in fields that it skips.
fn nests_deeper_than(bytes: &[u8], limit: usize) -> bool {
    // Almost every frame has too few brackets to nest so deep; counting them takes a fraction of the walk below.
    if bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count() <= limit {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

#[cfg(test)]
#[path = "event/tests.rs"]
mod tests;
