//! The fast way to read one message of the interaction stream: one pass that reads only the fields an event has and skips
//! the rest, without an allocation.
//!
//! [`scan`] answers only where it is sure: each event it yields is the one that the strict reader yields. Whatever is
//! unusual (an error, an escape in a value that is wanted, a field twice, a number with an exponent) is `None`, and the
//! strict reader judges it. `scan/tests.rs` and the fuzz target `frame` hold the two against each other.

mod key;
mod skip;
mod stop;

use std::borrow::Cow;

use self::key::{Name, Start};
use self::stop::{Joined, Marks, stop};
use super::message::{CONNECT, DISPOSITION, ID_LIMIT, QUEUE_LIMIT};
use crate::model::event::Event;
use crate::model::names::same;

/// One division finds the nearest `f64` of a number with at most 15 digits. The strict reader takes longer numbers.
const EXACT_DIGITS: usize = 15;

const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A field that is wanted: not met, or met with this value; `null` is `Some(None)`.
type Met<T> = Option<Option<T>>;

const ID: Name = Name::of("id");
const KIND: Name = Name::of("type");
const SENTIMENT: Name = Name::of("sentiment");
const ROUTING: Name = Name::of("routing");
const PARTICIPANT: Name = Name::of("participant");
const SCORE: Name = Name::of("score");
const CONFIDENCE: Name = Name::of("confidence");
const WAIT: Name = Name::of("queueWaitTimeMs");
const QUEUE: Name = Name::of("queueName");
const DIRECTION: Name = Name::of("direction");

/// The fields of an event, as far as they were read. Texts are bytes until the whole message is known to be UTF-8.
#[derive(Default)]
struct Fields<'a> {
    id: Met<&'a [u8]>,
    kind: Met<&'a [u8]>,
    score: Met<f64>,
    confidence: Met<f64>,
    wait: Met<f64>,
    queue: Met<&'a [u8]>,
    direction: Met<&'a [u8]>,
    /// The parts met, as bits of [`Part`].
    parts: u8,
}

/// The objects inside a message that hold wanted fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Sentiment = 1,
    Routing = 2,
    Participant = 4,
}

/// What a key of a message names.
#[derive(Clone, Copy)]
enum Member {
    Id,
    Kind,
    Part(Part),
    Other,
}

impl Member {
    #[inline(always)]
    fn of(start: Start) -> (usize, Member) {
        match start {
            start if start.is(ID) => (ID.length, Member::Id),
            start if start.is(KIND) => (KIND.length, Member::Kind),
            start if start.is(SENTIMENT) => (SENTIMENT.length, Member::Part(Part::Sentiment)),
            start if start.is(ROUTING) => (ROUTING.length, Member::Part(Part::Routing)),
            start if start.is(PARTICIPANT) => (PARTICIPANT.length, Member::Part(Part::Participant)),
            _ => (0, Member::Other),
        }
    }
}

/// What a key of a part names.
#[derive(Clone, Copy)]
enum Detail {
    Score,
    Confidence,
    Wait,
    Queue,
    Direction,
    Other,
}

impl Detail {
    #[inline(always)]
    fn of(part: Part, start: Start) -> (usize, Detail) {
        match part {
            Part::Sentiment if start.is(SCORE) => (SCORE.length, Detail::Score),
            Part::Sentiment if start.is(CONFIDENCE) => (CONFIDENCE.length, Detail::Confidence),
            Part::Routing if start.is(WAIT) => (WAIT.length, Detail::Wait),
            Part::Routing if start.is(QUEUE) => (QUEUE.length, Detail::Queue),
            Part::Participant if start.is(DIRECTION) => (DIRECTION.length, Detail::Direction),
            _ => (0, Detail::Other),
        }
    }
}

/// The event of a frame, or `None` where the strict reader has to judge.
pub fn scan(bytes: &[u8]) -> Option<Event<'_>> {
    let seen = Joined::last(bytes)?;
    let mut cursor = Cursor { bytes, at: 0, seen, marks: Marks::get() };
    let mut fields = Fields::default();
    cursor.message(&mut fields)?;
    if cursor.seen.is_not_ascii() {
        std::str::from_utf8(bytes).ok()?;
    }
    // SAFETY: the message is UTF-8. Outside of strings the cursor passes ASCII only, and it joins each byte inside of
    // strings to `seen`: either all of them are ASCII, or the whole message was checked.
    unsafe { fields.event() }
}

impl<'a> Fields<'a> {
    /// The event of a message that is UTF-8.
    ///
    /// # Safety
    ///
    /// The message must be UTF-8.
    unsafe fn event(self) -> Option<Event<'a>> {
        // SAFETY: each text lies between two quotes, so it begins and ends where a character does.
        let text = |met: Met<&'a [u8]>| Some(unsafe { std::str::from_utf8_unchecked(met.flatten()?) });
        let (id, kind) = (text(self.id)?, text(self.kind));
        if id.len() <= 2 && id.bytes().all(|byte| byte == b'.') || id.len() > ID_LIMIT {
            return None;
        }
        let mut queue = text(self.queue);
        if let Some(long) = queue.filter(|queue| queue.len() > QUEUE_LIMIT) {
            queue = long.get(..long.floor_char_boundary(QUEUE_LIMIT));
        }
        let within = |number: Option<f64>, low: f64, high: f64| number.is_none_or(|it| (low..=high).contains(&it));
        let (score, confidence, wait) = (self.score.flatten(), self.confidence.flatten(), self.wait.flatten());
        let valid = within(score, -1.0, 1.0) && within(confidence, 0.0, 1.0) && within(wait, 0.0, f64::MAX);
        valid.then(|| Event {
            id: Cow::Borrowed(id),
            ends_wait: kind.is_some_and(|kind| same(kind, CONNECT)),
            ends_interaction: kind.is_some_and(|kind| same(kind, DISPOSITION)),
            kind: kind.map(Cow::Borrowed),
            sentiment_score: score,
            sentiment_confidence: confidence,
            queue_wait_ms: wait,
            queue: queue.map(Cow::Borrowed),
            direction: text(self.direction).map(Cow::Borrowed),
            extra: Vec::new(),
        })
    }
}

/// A place in a message. It goes from function to function by value: behind a reference each step would wait until the
/// step before has reached the memory.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// All bytes of strings, and the last block: shows whether one of them is not ASCII.
    seen: Joined,
    marks: &'static Marks,
}

impl<'a> Cursor<'a> {
    #[inline(always)]
    fn message(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        self.members(Member::of, |cursor, member| {
            match member {
                Member::Id => return cursor.text_into(&mut fields.id),
                Member::Kind => return cursor.text_into(&mut fields.kind),
                Member::Part(part) => *cursor = cursor.part(part, fields)?,
                Member::Other => return cursor.pass(1),
            }
            Some(())
        })?;
        self.space();
        (self.at == self.bytes.len()).then_some(())
    }

    /// Reads a part of a message. Gives the place behind it.
    fn part(mut self, part: Part, fields: &mut Fields<'a>) -> Option<Cursor<'a>> {
        if fields.parts & part as u8 != 0 {
            return None;
        }
        fields.parts |= part as u8;
        if self.peek()? == b'n' {
            self.word(b"null")?;
            return Some(self);
        }
        self.members(
            |start| Detail::of(part, start),
            |cursor, detail| {
                let number = match detail {
                    Detail::Score => &mut fields.score,
                    Detail::Confidence => &mut fields.confidence,
                    Detail::Wait => &mut fields.wait,
                    Detail::Queue => return cursor.text_into(&mut fields.queue),
                    Detail::Direction => return cursor.text_into(&mut fields.direction),
                    Detail::Other => return cursor.pass(2),
                };
                cursor.number_into(number)
            },
        )?;
        Some(self)
    }

    /// Passes over a value that nobody wants, inside `outer` open objects.
    #[inline(always)]
    fn pass(&mut self, outer: u32) -> Option<()> {
        *self = self.skip(outer)?;
        Some(())
    }

    /// Reads an object: `name` says what each key names, and in how many bytes if it is wanted; `member` reads its value.
    #[inline(always)]
    fn members<K: Copy>(
        &mut self,
        name: impl Fn(Start) -> (usize, K) + Copy,
        mut member: impl FnMut(&mut Self, K) -> Option<()>,
    ) -> Option<()> {
        self.token(b'{')?;
        if self.first()? == b'}' {
            return Some(());
        }
        self.at -= 1;
        loop {
            let key = self.key(name)?;
            self.space();
            member(self, key)?;
            match self.first()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A key that is spelled without escapes, and its colon.
    #[inline(always)]
    fn key<K: Copy>(&mut self, name: impl Fn(Start) -> (usize, K)) -> Option<K> {
        self.token(b'"')?;
        let (length, key) = name(Start::at(self.bytes, self.at)?);
        match length {
            0 => drop(self.plain()?),
            length => self.at += length,
        }
        self.token(b':')?;
        Some(key)
    }

    #[inline(always)]
    fn text_into(&mut self, field: &mut Met<&'a [u8]>) -> Option<()> {
        if field.is_some() {
            return None;
        }
        *field = Some(match self.next()? {
            b'"' => Some(self.plain()?),
            b'n' => {
                self.at -= 1;
                self.word(b"null")?;
                None
            }
            _ => return None,
        });
        Some(())
    }

    #[inline(always)]
    fn number_into(&mut self, field: &mut Met<f64>) -> Option<()> {
        if field.is_some() {
            return None;
        }
        *field = Some(if self.peek()? == b'n' {
            self.word(b"null")?;
            None
        } else {
            Some(self.number()?)
        });
        Some(())
    }

    /// A number that needs no rounding but that of one division.
    #[inline(always)]
    fn number(&mut self) -> Option<f64> {
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let (mut value, mut digits) = (0_u64, 0);
        let first = self.at;
        self.digits(&mut value, &mut digits)?;
        if digits > 1 && self.bytes[first] == b'0' {
            return None;
        }
        let mut decimals = 0;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits(&mut value, &mut decimals)?;
        }
        if digits + decimals > EXACT_DIGITS || matches!(self.peek(), Some(b'e' | b'E')) {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "fifteen digits are below 2⁵³")]
        let number = value as f64 / POWERS[decimals];
        Some(if negative { -number } else { number })
    }

    /// At least one digit.
    #[inline(always)]
    fn digits(&mut self, value: &mut u64, count: &mut usize) -> Option<()> {
        let first = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        *count = self.at - first;
        (*count > 0).then_some(())
    }

    /// The rest of a string without escapes.
    #[inline(always)]
    fn plain(&mut self) -> Option<&'a [u8]> {
        let first = self.at;
        self.at = stop(self.bytes, first, self.marks, &mut self.seen);
        let text = self.bytes.get(first..self.at)?;
        self.expect(b'"')?;
        Some(text)
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8]) -> Option<()> {
        let end = self.at + word.len();
        (self.bytes.get(self.at..end)? == word).then(|| self.at = end)
    }

    /// The next byte that is no space.
    #[inline(always)]
    fn first(&mut self) -> Option<u8> {
        let byte = self.next()?;
        if byte > b' ' {
            return Some(byte); // Most messages are written without a space.
        }
        self.at -= 1;
        self.space();
        self.next()
    }

    /// Takes this byte, perhaps after spaces.
    #[inline(always)]
    fn token(&mut self, byte: u8) -> Option<()> {
        (self.first()? == byte).then_some(())
    }

    #[inline(always)]
    fn space(&mut self) {
        if self.peek().is_some_and(|byte| byte > b' ') {
            return;
        }
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}

// Property tests run natively; the web suite runs the scan itself.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "scan/tests.rs"]
mod tests;
