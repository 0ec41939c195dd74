//! The event in a message, or the reason why there is none.

pub mod pointer;
pub mod said;

use std::borrow::Cow;

use thiserror::Error;

use self::pointer::Pointer;
use crate::model::history::evidence::Value;
use crate::model::json::{FromJson, IntoName, ToJson};

/// The longest text that is kept of an event's lifecycle step and direction, in bytes.
const KEPT_LIMIT: usize = 1_024;

/// One event, borrowed from its frame where the frame holds no escapes. What is absent is no data, never a zero.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    /// The interaction: 1 to 1 024 bytes, and not `.` or `..`.
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
    /// The customer no longer waits: an agent has the interaction.
    #[serde(default)]
    pub ends_wait: bool,
    /// The interaction is over.
    pub ends_interaction: bool,
    /// The values where rules point, and no others; empty while no rule names a pointer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(Pointer, Value)>,
}

impl Event<'_> {
    /// Score, confidence and wait.
    pub fn numbers(&self) -> [Option<f64>; 3] {
        [self.sentiment_score, self.sentiment_confidence, self.queue_wait_ms]
    }

    /// A copy that outlives the frame, of bounded size: a lifecycle step or a direction over 1 024 bytes is left out.
    pub fn kept(&self) -> Event<'static> {
        let kept = |text: &Option<Cow<'_, str>>| text.as_deref().map(|text| Cow::<str>::Owned(text.to_owned()));
        let short = |text: &Option<Cow<'_, str>>| kept(text).filter(|text| text.len() <= KEPT_LIMIT);
        Event {
            id: Cow::Owned(self.id.clone().into_owned()),
            kind: short(&self.kind),
            queue: kept(&self.queue),
            direction: short(&self.direction),
            extra: self.extra.clone(),
            ..*self
        }
    }

    /// The value at a pointer that a rule names; `None` is no data.
    pub fn extra(&self, pointer: &Pointer) -> Option<&Value> {
        self.extra.iter().find(|(at, _)| at == pointer).map(|(_, value)| value)
    }
}

impl Event<'static> {
    /// Becomes what [`Event::kept`] gives of another event, in the memory that it has.
    pub fn keep(&mut self, event: &Event<'_>) {
        let put = |own: &mut Option<Cow<'static, str>>, text: &Option<Cow<'_, str>>, most: usize| match (
            own,
            text.as_deref().filter(|text| text.len() <= most),
        ) {
            (Some(own), Some(text)) => overwrite(own, text),
            (own, text) => *own = text.map(|text| Cow::Owned(text.to_owned())),
        };
        put(&mut self.kind, &event.kind, KEPT_LIMIT);
        put(&mut self.queue, &event.queue, usize::MAX);
        put(&mut self.direction, &event.direction, KEPT_LIMIT);
        overwrite(&mut self.id, &event.id);
        let Event { sentiment_score, sentiment_confidence, queue_wait_ms, ends_wait, ends_interaction, .. } = *event;
        (self.sentiment_score, self.sentiment_confidence, self.queue_wait_ms) =
            (sentiment_score, sentiment_confidence, queue_wait_ms);
        (self.ends_wait, self.ends_interaction) = (ends_wait, ends_interaction);
        self.extra.clone_from(&event.extra);
    }
}

fn overwrite(own: &mut Cow<'static, str>, text: &str) {
    match own {
        Cow::Owned(own) => {
            own.clear();
            own.push_str(text);
        }
        Cow::Borrowed(_) => *own = Cow::Owned(text.to_owned()),
    }
}

impl<'a> Event<'a> {
    /// An event that says nothing of its interaction.
    pub fn of(id: Cow<'a, str>) -> Event<'a> {
        Event {
            id,
            kind: None,
            sentiment_score: None,
            sentiment_confidence: None,
            queue_wait_ms: None,
            queue: None,
            direction: None,
            ends_wait: false,
            ends_interaction: false,
            extra: Vec::new(),
        }
    }

    /// The event with its numbers (score, confidence, wait) and names (queue, step, direction).
    pub fn with(self, numbers: [Option<f64>; 3], names: [Option<Cow<'a, str>>; 3]) -> Event<'a> {
        let [sentiment_score, sentiment_confidence, queue_wait_ms] = numbers;
        let [queue, kind, direction] = names;
        Event { kind, sentiment_score, sentiment_confidence, queue_wait_ms, queue, direction, ..self }
    }

    /// The same event, in a queue that it does not name itself.
    pub fn in_queue(&'a self, queue: &'a str) -> Event<'a> {
        let borrowed = |text: &'a Option<Cow<'_, str>>| text.as_deref().map(Cow::Borrowed);
        Event {
            id: Cow::Borrowed(&self.id),
            kind: borrowed(&self.kind),
            queue: Some(Cow::Borrowed(queue)),
            direction: borrowed(&self.direction),
            extra: self.extra.clone(),
            ..*self
        }
    }
}

/// A text of an event as it is borrowed. In line, because each event asks for several.
#[inline(always)]
pub fn text<'e>(text: &'e Option<Cow<'_, str>>) -> Option<&'e str> {
    match text {
        None => None,
        Some(Cow::Borrowed(text)) => Some(text),
        Some(Cow::Owned(text)) => Some(text),
    }
}

/// Why a frame is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Error, IntoName)]
#[serde(rename_all = "camelCase")]
pub enum Rejection {
    /// Over [`FRAME_LIMIT`] bytes.
    #[error("over the limit of a frame")]
    TooLarge,
    /// Nested over [`DEPTH_LIMIT`] deep.
    #[error("nested too deep")]
    TooDeep,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Not JSON, or not JSON only.
    #[error("not JSON")]
    NotJson,
    /// JSON, and not an event: another type somewhere, or a key twice.
    #[error("JSON of another shape")]
    WrongShape,
    /// No `id`, or an empty one.
    #[error("no interaction id")]
    MissingId,
    /// An `id` over [`ID_LIMIT`] bytes.
    #[error("the interaction id is too long")]
    IdTooLong,
    /// An `id` that no path segment can carry: `.` or `..`.
    #[error("an interaction id that no path carries")]
    IdForbidden,
    /// A number that is not finite or not in its range.
    #[error("a number out of its range")]
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
        self.into()
    }
}
