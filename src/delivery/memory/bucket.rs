//! A bucket: what fired among the interactions of a connection that begin with the same byte, in one record.
//!
//! Its lines are all of the same length and one text without escapes, so a thousand of them are read in no time. Where
//! the record as a whole is damaged, each line still tells by its own checksum whether it is right.

use crate::journal::{FIRED_PREFIX, decode, encode};
use crate::model::checksum::crc32;
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::json;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// The digits of a line: the interaction but for its first byte, when it was seen, its state, and their checksum.
const PARTS: [usize; 4] = [30, 11, 4, 4];
const LINE: usize = PARTS[0] + PARTS[1] + PARTS[2] + PARTS[3];
const SEEN_LIMIT: u64 = 1 << 44;

/// The head of a record.
const LINES: &str = r#""lines":""#;
const STATES: &str = r#"{"states":"#;
const SUM: &str = r#","sum":""#;

/// A bucket's place: the connection, and the first byte of its interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The base address, or none for what version 1 stored.
    pub connection: Fingerprint,
    /// Of the interactions.
    pub first: u8,
}

/// Which rules fired, as a state that lines share.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, ToJson, FromJson)]
pub(super) struct StoredState {
    pub rules: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

/// One interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub interaction: Fingerprint,
    pub seen: Millis,
    /// Its place among the states.
    pub state: usize,
}

/// The stored form.
#[derive(Debug, Clone, Default, ToJson, FromJson)]
struct StoredBucket {
    states: Vec<StoredState>,
    /// Of the states alone.
    sum: String,
    lines: String,
}

/// The facts that a damaged bucket still tells.
#[derive(Debug, Default)]
pub(super) struct Salvage {
    pub states: Vec<StoredState>,
    pub lines: Vec<Line>,
    /// Interactions whose lines are damaged: nobody knows which rules fired.
    pub unknown: Vec<Fingerprint>,
}

impl Place {
    /// The bucket of an interaction.
    pub fn of(subject: Subject) -> Place {
        Place { connection: subject.connection, first: subject.interaction.bytes()[0] }
    }

    /// The journal key.
    pub fn key(self) -> String {
        // As a subject is written, but for all bytes after the first.
        let mut key = format!("{FIRED_PREFIX}{}", self.subject(Fingerprint::from_bytes([self.first; 16])));
        key.truncate(key.len() - PARTS[0]);
        key
    }

    /// The bucket that a journal key names.
    pub fn parse(key: &str) -> Option<Place> {
        let rest = key.strip_prefix(FIRED_PREFIX)?;
        let (_, first) = rest.split_once('/')?;
        let whole = format!("{rest}{}", "0".repeat(PARTS[0]));
        Subject::parse(&whole).filter(|_| first.len() == 2).map(Place::of)
    }

    /// An interaction of this bucket's connection.
    pub fn subject(self, interaction: Fingerprint) -> Subject {
        Subject { connection: self.connection, interaction }
    }
}

/// Writes a bucket's text.
pub(super) fn write(states: Vec<StoredState>, lines: &[Line]) -> String {
    let mut text = String::with_capacity(lines.len() * LINE);
    for line in lines {
        let start = text.len();
        let digits = format!("{}", line.interaction);
        let seen = line.seen.0.min(SEEN_LIMIT - 1);
        text.push_str(&digits[2..]);
        text.push_str(&format!("{seen:011x}{:04x}", line.state));
        let check = check_of(&text[start..]);
        text.push_str(&check);
    }
    let sum = sum_of(&json::write(&states));
    encode(&StoredBucket { states, sum, lines: text })
}

/// Reads a bucket's text.
pub(super) fn read(text: &str, first: u8) -> Result<(Vec<StoredState>, Vec<Line>), crate::journal::RecordFault> {
    let StoredBucket { states, lines, .. } = decode(text)?;
    let read: Option<Vec<Line>> = lines.as_bytes().chunks(LINE).map(|line| line_of(line, first)).collect();
    let lines = read.filter(|lines| lines.iter().all(|line| line.state < states.len()));
    Ok((states, lines.ok_or(crate::journal::RecordFault::Damaged)?))
}

/// The newest instant of a bucket.
pub fn newest_of(text: &str) -> Option<Millis> {
    let (_, lines) = read(text, 0).ok()?;
    lines.iter().map(|line| line.seen).max()
}

/// Reads what can be read of a damaged bucket.
pub(super) fn salvage(text: &str, first: u8) -> Salvage {
    // The lines end the record. Where their beginning is damaged, they are counted from there.
    let end = text.len().saturating_sub(2);
    let start = text.find(LINES).map_or(end % LINE, |at| at + LINES.len());
    let states = states_of(text);
    let mut salvage = Salvage { states: states.clone().unwrap_or_default(), ..Salvage::default() };
    for chunk in text.as_bytes().get(start..end).unwrap_or_default().chunks_exact(LINE) {
        let is_right = chunk[LINE - PARTS[3]..] == *check_of_bytes(&chunk[..LINE - PARTS[3]]).as_bytes();
        match line_of(chunk, first) {
            Some(line) if is_right && line.state < salvage.states.len() => salvage.lines.push(line),
            _ => salvage.unknown.extend(interaction_of(chunk, first)),
        }
    }
    salvage
}

/// The states of a damaged bucket, where they are right.
fn states_of(text: &str) -> Option<Vec<StoredState>> {
    let (_, rest) = text.split_once(STATES)?;
    let (states, rest) = rest.rsplit_once(SUM)?;
    let sum = sum_of(states);
    rest.starts_with(&*sum).then(|| json::read(states)).flatten()
}

fn line_of(line: &[u8], first: u8) -> Option<Line> {
    let (interaction, rest) = (interaction_of(line, first)?, line.get(PARTS[0]..LINE)?);
    let seen = Millis(number_of(&rest[..PARTS[1]])?);
    let state = number_of(&rest[PARTS[1]..PARTS[1] + PARTS[2]])? as usize;
    Some(Line { interaction, seen, state })
}

fn interaction_of(line: &[u8], first: u8) -> Option<Fingerprint> {
    let mut bytes = [first; 16];
    for (byte, digits) in bytes[1..].iter_mut().zip(line.get(..PARTS[0])?.chunks(2)) {
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    Some(Fingerprint::from_bytes(bytes))
}

fn number_of(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, one| Some(number << 4 | u64::from(digit(*one)?)))
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn check_of(line: &str) -> String {
    check_of_bytes(line.as_bytes())
}

fn check_of_bytes(line: &[u8]) -> String {
    format!("{:04x}", crc32([line]) & 0xffff)
}

fn sum_of(states: &str) -> String {
    format!("{:08x}", crc32([states.as_bytes()]))
}

#[cfg(test)]
#[path = "bucket/tests.rs"]
mod tests;
