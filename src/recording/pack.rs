//! Numbers and names as bytes.
//!
//! A whole number is a base-128 varint, low digits first (Protocol Buffers, *Base 128 Varints*). A fraction with no, two or
//! four decimal places is a varint of its last place; any other number is a mark and its eight bytes. So every number
//! reads back to the last bit, and the usual ones take two or three bytes.
//!
//! A row of version 2 ends with the fields that rules reach by pointer: a varint with one bit for each field that has a
//! value, and then each value. A value is a varint: what it is, or the number of a text's mark. A number follows as
//! such, and a new mark in eight bytes.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::model::event::Event;
use crate::model::event::said::Said;
use crate::model::fingerprint::Digest;
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

/// The row under way, in a place of its own: a byte that is added to a vector costs a call.
#[derive(Debug)]
struct Row {
    bytes: [u8; ROW],
    length: usize,
}

/// Each digest with its number.
type Numbers = HashMap<u64, u32, BuildHasherDefault<Digest>>;

/// The rows of one chunk.
#[derive(Debug)]
pub(super) struct Pack {
    rows: Vec<u8>,
    row: Row,
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
            rows: Vec::with_capacity(bytes),
            row: Row { bytes: [0; ROW], length: 0 },
            count: 0,
            at: Millis::ZERO,
            interactions: HashMap::with_capacity_and_hasher(events, BuildHasherDefault::default()),
            marks: HashMap::default(),
            names: Names::with_capacity(64),
            newest: [0; 3],
        }
    }

    /// Begins again at this instant.
    pub fn begin(&mut self, at: Millis) {
        self.rows.clear();
        self.interactions.clear();
        self.marks.clear();
        self.names.clear();
        (self.count, self.at, self.newest) = (0, at, [0; 3]);
    }

    /// Adds an event, with the values of further fields where the chunk has any.
    pub fn push(&mut self, at: Millis, interaction: u64, event: &Event<'_>, said: Option<&[(usize, Said)]>) {
        let has = |bit: u8, is_there: bool| if is_there { bit } else { 0 };
        self.row.push(
            has(holds::SCORE, event.sentiment_score.is_some())
                | has(holds::CONFIDENCE, event.sentiment_confidence.is_some())
                | has(holds::WAIT, event.queue_wait_ms.is_some())
                | has(holds::QUEUE, event.queue.is_some())
                | has(holds::KIND, event.kind.is_some())
                | has(holds::DIRECTION, event.direction.is_some())
                | has(holds::ENDS, event.ends_interaction)
                | has(holds::ENDS_WAIT, event.ends_wait),
        );
        self.row.whole(at.since(self.at).0);
        self.at = self.at.max(at);
        self.interaction(interaction);
        for number in event.numbers().into_iter().flatten() {
            self.row.fraction(number);
        }
        for (column, name) in [&event.queue, &event.kind, &event.direction].into_iter().enumerate() {
            if let Some(name) = name {
                self.name(column, name);
            }
        }
        if let Some(said) = said {
            self.row.whole(said.iter().fold(0, |bits, (at, _)| bits | 1 << at));
            said.iter().for_each(|(_, said)| self.said(*said));
        }
        self.flush();
        self.count += 1;
    }

    fn said(&mut self, said: Said) {
        match said {
            Said::Flag(flag) => self.row.whole(if flag { said::TRUE } else { said::FALSE }),
            Said::Structure => self.row.whole(said::STRUCTURE),
            Said::Number(number) => {
                self.row.whole(said::NUMBER);
                self.row.fraction(number);
            }
            Said::Text(mark) => {
                let next = self.marks.len() as u32;
                match self.marks.get(&mark) {
                    Some(number) => self.row.whole(said::KNOWN + u64::from(*number)),
                    None => {
                        self.marks.insert(mark, next);
                        self.row.whole(said::NEW);
                        mark.to_le_bytes().into_iter().for_each(|byte| self.row.push(byte));
                    }
                }
            }
        }
    }

    /// The events so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The rows so far.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }

    fn interaction(&mut self, interaction: u64) {
        let next = self.interactions.len() as u32 + 1;
        match self.interactions.get(&interaction) {
            Some(number) => self.row.whole(u64::from(*number)),
            None => {
                self.interactions.insert(interaction, next);
                self.row.push(0);
                self.flush();
                // As text, so that who reads a chunk borrows the id from it.
                self.rows.extend(format!("{interaction:016x}").as_bytes());
            }
        }
    }

    fn name(&mut self, column: usize, name: &str) {
        let newest = self.newest[column].checked_sub(1).filter(|newest| self.names.is(*newest as usize, name));
        match newest.or_else(|| self.names.find(name).map(|number| number as u32)) {
            Some(number) => {
                self.newest[column] = number + 1;
                self.row.whole(u64::from(number) + 1);
            }
            None => {
                self.newest[column] = self.names.add(name) as u32 + 1;
                self.row.push(0);
                self.row.whole(name.len() as u64);
                self.flush();
                self.rows.extend(name.as_bytes());
            }
        }
    }

    fn flush(&mut self) {
        self.rows.extend_from_slice(&self.row.bytes[..self.row.length]);
        self.row.length = 0;
    }
}

impl Row {
    #[inline(always)]
    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    #[inline(always)]
    fn whole(&mut self, number: u64) {
        varint(number, |byte| self.push(byte));
    }

    fn fraction(&mut self, number: f64) {
        for (mark, scale) in (0..).zip(SCALES) {
            let product = number * scale;
            // Half away from zero, as `round` does, which WebAssembly has no instruction for.
            let scaled = (product + 0.5_f64.copysign(product)) as i64;
            #[expect(clippy::cast_precision_loss, reason = "exact up to `MOST`")]
            let units = scaled as f64;
            let read_back = if mark == 0 { units } else { units / scale };
            let is_exact = scaled.unsigned_abs() <= MOST && read_back.to_bits() == number.to_bits();
            if is_exact {
                // Zigzag: small negative numbers stay short.
                let zigzag = ((scaled << 1) ^ (scaled >> 63)) as u64;
                return self.whole(zigzag << 2 | mark);
            }
        }
        self.push(RAW);
        number.to_le_bytes().into_iter().for_each(|byte| self.push(byte));
    }
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
