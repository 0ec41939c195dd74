//! The fast way to read one message of the interaction stream: one pass that reads only the fields an event has and skips
//! the rest, without an allocation.
//!
//! [`scan`] answers only where it is sure: each event it yields is the one that the strict reader yields. Whatever is
//! unusual (an error, an escape in a value that is wanted, a field twice, a number with an exponent) is `None`, and the
//! strict reader judges it. `scan/tests.rs` and the fuzz target `frame` hold the two against each other.

mod stop;

use std::borrow::Cow;

use self::stop::stop;
use super::event::{DEPTH_LIMIT, ID_LIMIT, QUEUE_LIMIT};
use super::message::{CONNECT, DISPOSITION};
use crate::model::event::Event;

/// Numbers of so many digits have one nearest `f64`, which one division finds; longer ones are left to the strict reader.
const EXACT_DIGITS: usize = 15;

const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A field that is wanted: not met, or met with this value; `null` is `Some(None)`.
type Met<T> = Option<Option<T>>;

/// What was read of the fields of an event.
#[derive(Default)]
struct Fields<'a> {
    id: Met<&'a str>,
    kind: Met<&'a str>,
    score: Met<f64>,
    confidence: Met<f64>,
    wait: Met<f64>,
    queue: Met<&'a str>,
    direction: Met<&'a str>,
    /// The parts met, as bits of [`Part`].
    parts: u8,
}

/// The objects inside a message that hold wanted fields.
#[derive(Clone, Copy)]
enum Part {
    Sentiment = 1,
    Routing = 2,
    Participant = 4,
}

/// The event of a frame, or `None` where the strict reader has to judge.
pub fn scan(bytes: &[u8]) -> Option<Event<'_>> {
    let mut cursor = Cursor { bytes, at: 0, seen: 0 };
    let mut fields = Fields::default();
    cursor.message(&mut fields)?;
    if cursor.seen & NOT_ASCII != 0 {
        std::str::from_utf8(bytes).ok()?;
    }
    fields.event()
}

const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

impl<'a> Fields<'a> {
    fn event(self) -> Option<Event<'a>> {
        let text = |met: Met<&'a str>| met.flatten().map(Cow::Borrowed);
        let id = self.id.flatten().filter(|id| !matches!(*id, "" | "." | "..") && id.len() <= ID_LIMIT)?;
        let queue = self.queue.flatten().map(|queue| &queue[..queue.floor_char_boundary(QUEUE_LIMIT)]);
        let within = |number: Option<f64>, low: f64, high: f64| number.is_none_or(|it| (low..=high).contains(&it));
        let (score, confidence, wait) = (self.score.flatten(), self.confidence.flatten(), self.wait.flatten());
        let valid = within(score, -1.0, 1.0) && within(confidence, 0.0, 1.0) && within(wait, 0.0, f64::MAX);
        valid.then(|| Event {
            id: Cow::Borrowed(id),
            ends_wait: self.kind == Some(Some(CONNECT)),
            ends_interaction: self.kind == Some(Some(DISPOSITION)),
            kind: text(self.kind),
            sentiment_score: score,
            sentiment_confidence: confidence,
            queue_wait_ms: wait,
            queue: queue.map(Cow::Borrowed),
            direction: text(self.direction),
            extra: Vec::new(),
        })
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// All bytes of strings, joined by *or*: shows whether one of them is not ASCII.
    seen: u64,
}

impl<'a> Cursor<'a> {
    fn message(&mut self, fields: &mut Fields<'a>) -> Option<()> {
        self.members(|cursor, key| match key {
            b"id" => cursor.text_into(&mut fields.id),
            b"type" => cursor.text_into(&mut fields.kind),
            b"sentiment" => cursor.part(Part::Sentiment, fields),
            b"routing" => cursor.part(Part::Routing, fields),
            b"participant" => cursor.part(Part::Participant, fields),
            _ => cursor.skip(1),
        })?;
        self.space();
        (self.at == self.bytes.len()).then_some(())
    }

    fn part(&mut self, part: Part, fields: &mut Fields<'a>) -> Option<()> {
        if fields.parts & part as u8 != 0 {
            return None;
        }
        fields.parts |= part as u8;
        if self.peek()? == b'n' {
            return self.word(b"null");
        }
        self.members(|cursor, key| match (part, key) {
            (Part::Sentiment, b"score") => cursor.number_into(&mut fields.score),
            (Part::Sentiment, b"confidence") => cursor.number_into(&mut fields.confidence),
            (Part::Routing, b"queueWaitTimeMs") => cursor.number_into(&mut fields.wait),
            (Part::Routing, b"queueName") => cursor.text_into(&mut fields.queue),
            (Part::Participant, b"direction") => cursor.text_into(&mut fields.direction),
            _ => cursor.skip(2),
        })
    }

    /// Reads an object; `member` reads the value of each key.
    #[inline]
    fn members(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Option<()>) -> Option<()> {
        self.space();
        self.expect(b'{')?;
        self.space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        loop {
            let key = self.key()?;
            self.space();
            member(self, key)?;
            self.space();
            match self.next()? {
                b',' => self.space(),
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A key that is spelled without escapes, and its colon.
    #[inline]
    fn key(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let key = self.plain()?;
        self.space();
        self.expect(b':')?;
        Some(key)
    }

    fn text_into(&mut self, field: &mut Met<&'a str>) -> Option<()> {
        if field.is_some() {
            return None;
        }
        *field = Some(match self.next()? {
            b'"' => Some(std::str::from_utf8(self.plain()?).ok()?),
            b'n' => {
                self.at -= 1;
                self.word(b"null")?;
                None
            }
            _ => return None,
        });
        Some(())
    }

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
    #[inline]
    fn digits(&mut self, value: &mut u64, count: &mut usize) -> Option<()> {
        let first = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        *count = self.at - first;
        (*count > 0).then_some(())
    }

    /// Skips a value inside `outer` open objects. It is checked as strictly as the fields that are read.
    fn skip(&mut self, outer: u32) -> Option<()> {
        // The open containers, innermost in the lowest bit; 1 is an object.
        let (mut objects, mut depth) = (0_u64, outer);
        loop {
            self.space();
            match self.next()? {
                b'"' => self.skip_text()?,
                open @ (b'{' | b'[') => {
                    depth += 1;
                    if depth as usize > DEPTH_LIMIT {
                        return None;
                    }
                    let is_object = open == b'{';
                    objects = objects << 1 | u64::from(is_object);
                    self.space();
                    if self.peek()? != if is_object { b'}' } else { b']' } {
                        if is_object {
                            self.skip_key()?;
                        }
                        continue;
                    }
                }
                first => {
                    self.at -= 1;
                    self.skip_scalar(first)?;
                }
            }
            loop {
                if depth == outer {
                    return Some(());
                }
                self.space();
                match (self.next()?, objects & 1) {
                    (b',', 0) => break,
                    (b',', _) => {
                        self.space();
                        self.skip_key()?;
                        break;
                    }
                    (b']', 0) | (b'}', 1) => {
                        objects >>= 1;
                        depth -= 1;
                    }
                    _ => return None,
                }
            }
        }
    }

    fn skip_key(&mut self) -> Option<()> {
        self.expect(b'"')?;
        self.skip_text()?;
        self.space();
        self.expect(b':')
    }

    /// Skips the rest of a string, escapes included.
    #[inline]
    fn skip_text(&mut self) -> Option<()> {
        loop {
            self.at = stop(self.bytes, self.at, &mut self.seen);
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let hex = self.bytes.get(self.at..self.at + 4)?;
                        if !hex.iter().all(u8::is_ascii_hexdigit) {
                            return None;
                        }
                        self.at += 4;
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    fn skip_scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.skip_number(),
        }
    }

    fn skip_number(&mut self) -> Option<()> {
        self.at += usize::from(self.peek()? == b'-');
        let first = self.at;
        self.skip_digits()?;
        if self.bytes[first] == b'0' && self.at > first + 1 {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek()?, b'+' | b'-'));
            self.skip_digits()?;
        }
        Some(())
    }

    fn skip_digits(&mut self) -> Option<()> {
        let first = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > first).then_some(())
    }

    /// The rest of a string without escapes.
    #[inline]
    fn plain(&mut self) -> Option<&'a [u8]> {
        let first = self.at;
        self.at = stop(self.bytes, first, &mut self.seen);
        let text = self.bytes.get(first..self.at)?;
        self.expect(b'"')?;
        Some(text)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let end = self.at + word.len();
        (self.bytes.get(self.at..end)? == word).then(|| self.at = end)
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
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
