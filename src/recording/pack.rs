//! Numbers and names as bytes.
//!
//! A whole number is a base-128 varint, low digits first (Protocol Buffers, *Base 128 Varints*). A fraction with no, two or
//! four decimal places is a varint of its last place; any other number is a mark and its eight bytes. So every number
//! reads back to the last bit, and the usual ones take two or three bytes.
//!
//! A row of version 2 ends with the fields that rules reach by pointer: a varint with one bit for each field that has a
//! value, and then each value. A value is a varint: what it is, or the number of a text's mark. A number follows as
//! such, and a new mark in eight bytes.

use crate::model::event::said::Said;
use crate::model::event::{Event, text};
use crate::model::fingerprint::table::Table;
use crate::model::names::Names;
use crate::model::time::Millis;

/// Numbers that are whole in one of these units pack into a varint, whose two low bits say which.
pub(super) const SCALES: [f64; 3] = [1.0, 100.0, 10_000.0];

/// The two low bits of a number that follows in eight bytes.
pub(super) const RAW: u8 = 3;

/// The largest number that packs: all up to here are exact in a double.
const MOST: u64 = 1_000_000_000_000;

/// The fields of a row, one bit each.
pub(super) mod holds {
    pub const SCORE: u8 = 1;
    pub const CONFIDENCE: u8 = 1 << 1;
    pub const WAIT: u8 = 1 << 2;
    pub const QUEUE: u8 = 1 << 3;
    pub const KIND: u8 = 1 << 4;
    pub const DIRECTION: u8 = 1 << 5;
    pub const ENDS: u8 = 1 << 6;
    pub const ENDS_WAIT: u8 = 1 << 7;
}

/// The kinds of a value at a pointer. A known mark is its number, counted on from [`said::KNOWN`].
pub(super) mod said {
    pub const FALSE: u64 = 0;
    pub const TRUE: u64 = 1;
    pub const STRUCTURE: u64 = 2;
    pub const NUMBER: u64 = 3;
    pub const NEW: u64 = 4;
    pub const KNOWN: u64 = 5;
}

/// More than a row takes without new names: its marks, eight numbers of ten bytes at most, and 16 values of eleven.
const ROW: usize = 320;

/// The rows, and room after them: a byte that is added to a vector costs a call.
#[derive(Debug)]
struct Rows {
    bytes: Vec<u8>,
    length: usize,
}

/// Each digest with its number.
type Numbers = Table<u64, u32>;

/// The rows of one chunk.
#[derive(Debug)]
pub(super) struct Pack {
    rows: Rows,
    count: u32,
    at: Millis,
    interactions: Numbers,
    /// The marks of texts.
    marks: Numbers,
    /// In the order of their numbers, which begin at 1.
    names: Names,
    /// The newest name's number in each column: most often the next one's, too.
    newest: [u32; 3],
}

impl Pack {
    /// An empty pack with room for `bytes` of rows.
    pub fn with_capacity(bytes: usize, events: usize) -> Pack {
        Pack {
            rows: Rows { bytes: vec![0; bytes], length: 0 },
            count: 0,
            at: Millis::ZERO,
            interactions: Table::with_capacity(events),
            marks: Table::default(),
            names: Names::with_capacity(64),
            newest: [0; 3],
        }
    }

    /// Begins again at this instant.
    pub fn begin(&mut self, at: Millis) {
        self.rows.length = 0;
        self.interactions.clear();
        self.marks.clear();
        self.names.clear();
        (self.count, self.at, self.newest) = (0, at, [0; 3]);
    }

    /// Adds an event, with the values of further fields where the chunk has any.
    pub fn push(&mut self, at: Millis, interaction: u64, event: &Event<'_>, said: Option<&[(usize, Said)]>) {
        let has = |bit: u8, is_there: bool| if is_there { bit } else { 0 };
        self.rows.make_room(ROW);
        self.rows.push(
            has(holds::SCORE, event.sentiment_score.is_some())
                | has(holds::CONFIDENCE, event.sentiment_confidence.is_some())
                | has(holds::WAIT, event.queue_wait_ms.is_some())
                | has(holds::QUEUE, event.queue.is_some())
                | has(holds::KIND, event.kind.is_some())
                | has(holds::DIRECTION, event.direction.is_some())
                | has(holds::ENDS, event.ends_interaction)
                | has(holds::ENDS_WAIT, event.ends_wait),
        );
        self.rows.whole(at.since(self.at).0);
        self.at = self.at.max(at);
        self.interaction(interaction);
        self.number(event.sentiment_score);
        self.number(event.sentiment_confidence);
        self.number(event.queue_wait_ms);
        self.name(0, text(&event.queue));
        self.name(1, text(&event.kind));
        self.name(2, text(&event.direction));
        if let Some(said) = said {
            self.rows.whole(said.iter().fold(0, |bits, (at, _)| bits | 1 << at));
            said.iter().for_each(|(_, said)| self.said(*said));
        }
        self.count += 1;
    }

    fn said(&mut self, said: Said) {
        match said {
            Said::Flag(flag) => self.rows.whole(if flag { said::TRUE } else { said::FALSE }),
            Said::Structure => self.rows.whole(said::STRUCTURE),
            Said::Number(number) => {
                self.rows.whole(said::NUMBER);
                self.number(Some(number));
            }
            Said::Text(mark) => {
                let next = self.marks.len() as u32;
                match self.marks.get(mark) {
                    Some(number) => self.rows.whole(said::KNOWN + u64::from(*number)),
                    None => {
                        self.marks.insert(mark, next);
                        self.rows.whole(said::NEW);
                        self.rows.extend(&mark.to_le_bytes());
                    }
                }
            }
        }
    }

    /// The events so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The bytes of the rows so far.
    #[inline(always)]
    pub fn bytes(&self) -> usize {
        self.rows.length
    }

    /// The rows so far.
    pub fn rows(&self) -> &[u8] {
        &self.rows.bytes[..self.rows.length]
    }

    #[inline(always)]
    fn interaction(&mut self, interaction: u64) {
        match self.interactions.get(interaction) {
            Some(number) => self.rows.whole(u64::from(*number)),
            None => self.new_interaction(interaction),
        }
    }

    #[inline(never)]
    fn new_interaction(&mut self, interaction: u64) {
        self.interactions.insert(interaction, self.interactions.len() as u32 + 1);
        self.rows.push(0);
        // As text, so that who reads a chunk borrows the id from it.
        self.rows.extend(format!("{interaction:016x}").as_bytes());
    }

    /// A number where there is one.
    fn number(&mut self, number: Option<f64>) {
        let Some(number) = number else { return };
        match packed(number) {
            Some(packed) => self.rows.whole(packed),
            None => {
                self.rows.push(RAW);
                self.rows.extend(&number.to_le_bytes());
            }
        }
    }

    /// A name where there is one.
    fn name(&mut self, column: usize, name: Option<&str>) {
        let Some(name) = name else { return };
        let newest = self.newest[column];
        if newest > 0 && self.names.is(newest as usize - 1, name) {
            return self.rows.whole(u64::from(newest));
        }
        match self.names.find(name) {
            Some(number) => {
                self.newest[column] = number as u32 + 1;
                self.rows.whole(number as u64 + 1);
            }
            None => self.new_name(column, name),
        }
    }

    #[inline(never)]
    fn new_name(&mut self, column: usize, name: &str) {
        self.newest[column] = self.names.add(name) as u32 + 1;
        self.rows.push(0);
        self.rows.whole(name.len() as u64);
        self.rows.extend(name.as_bytes());
    }
}

impl Rows {
    /// Makes room for a number of bytes.
    #[inline(always)]
    fn make_room(&mut self, bytes: usize) {
        if self.bytes.len() - self.length < bytes {
            self.grow(bytes);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, bytes: usize) {
        self.bytes.resize(self.length + bytes, 0);
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) {
        let bytes = &mut *self.bytes; // A slice, because looking into a vector is a call.
        bytes[self.length] = byte;
        self.length += 1;
    }

    /// Adds bytes of any number, and keeps the room of a row after them.
    fn extend(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len() + ROW);
        self.bytes[self.length..][..bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    /// Nearly every number takes one byte or two.
    #[inline(always)]
    fn whole(&mut self, number: u64) {
        if number < 0x80 {
            self.push(number as u8);
        } else {
            self.long(number);
        }
    }

    fn long(&mut self, number: u64) {
        varint(number, |byte| self.push(byte));
    }
}

/// A number as a varint with its scale, if that reads back to the last bit.
fn packed(number: f64) -> Option<u64> {
    let mut mark = 0;
    while let Some(scale) = SCALES.get(mark) {
        let product = number * scale;
        // Half away from zero, as `round` does, which WebAssembly has no instruction for.
        let scaled = (product + 0.5_f64.copysign(product)) as i64;
        #[expect(clippy::cast_precision_loss, reason = "exact up to `MOST`")]
        let units = scaled as f64;
        let read_back = if mark == 0 { units } else { units / scale };
        if read_back.to_bits() == number.to_bits() && scaled.unsigned_abs() <= MOST {
            // Zigzag: small negative numbers stay short.
            let zigzag = ((scaled << 1) ^ (scaled >> 63)) as u64;
            return Some(zigzag << 2 | mark as u64);
        }
        mark += 1;
    }
    None
}

/// Writes a whole number.
pub(super) fn whole(bytes: &mut Vec<u8>, number: u64) {
    varint(number, |byte| bytes.push(byte));
}

#[inline(always)]
fn varint(mut number: u64, mut put: impl FnMut(u8)) {
    while number >= 0x80 {
        put(number as u8 | 0x80);
        number >>= 7;
    }
    put(number as u8);
}
