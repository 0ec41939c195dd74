//! Reading one message of the interaction stream, strictly.

use std::borrow::Cow;

use super::message::{CONNECT, DISPOSITION, EventMessage, ID_LIMIT, QUEUE_LIMIT, is_number_out_of_range};
use super::scan::scan;
use super::shape::{Object, Text};
use crate::api::FRAME_LIMIT;
use crate::model::event::{Event, Rejection};

/// How deep arrays and objects may nest.
pub const DEPTH_LIMIT: usize = 64;

/// Reads one frame, text or binary alike.
pub fn parse(bytes: &[u8]) -> Result<Event<'_>, Rejection> {
    if bytes.len() <= FRAME_LIMIT
        && let Some(event) = scan(bytes)
    {
        return Ok(event);
    }
    read_strictly(bytes)
}

/// Reads one frame as the contract says, whatever is in it. Apart: in line, the hot path would make room for all of it.
#[inline(never)]
pub(super) fn read_strictly(bytes: &[u8]) -> Result<Event<'_>, Rejection> {
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
        ends_wait: matches!(&message.kind, Some(Text(kind)) if kind == CONNECT),
        ends_interaction: matches!(&message.kind, Some(Text(kind)) if kind == DISPOSITION),
        kind: message.kind.map(|Text(kind)| kind),
        sentiment_score: within(score, -1.0, 1.0)?,
        sentiment_confidence: within(confidence, 0.0, 1.0)?,
        queue_wait_ms: within(wait, 0.0, f64::MAX)?,
        queue: queue.map(|Text(queue)| cut(queue, QUEUE_LIMIT)),
        direction: message.participant.and_then(|Object(it)| it.direction).map(|Text(direction)| direction),
        extra: Vec::new(),
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
