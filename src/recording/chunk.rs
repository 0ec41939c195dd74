//! A piece of a recording, as it is stored.

use super::pack::{Pack, whole};
use crate::model::checksum::crc32;
use crate::model::time::Millis;

/// The version of chunks without further fields.
pub(super) const PLAIN: u8 = 1;

/// The version of chunks whose rows end with fields that rules reach by pointer.
pub(super) const VERSION: u8 = 2;

/// A chunk and its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it is stored.
    pub key: Key,
    /// `version, from, until − from, count, rows, CRC-32`; version 2 has the number and the words of a legend before its
    /// rows.
    pub bytes: Vec<u8>,
}

/// The key of a chunk: `from-bytes`, so that a list of keys tells how old and how large a recording is. Keys sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// When the chunk begins.
    pub from: Millis,
    /// Its size.
    pub bytes: u32,
}

impl Key {
    /// Reads what [`std::fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Key> {
        let (from, bytes) = text.split_once('-')?;
        let key = Key { from: Millis(from.parse().ok()?), bytes: bytes.parse().ok()? };
        (key.to_string() == text).then_some(key)
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:016}-{:08}", self.from.0, self.bytes)
    }
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Chunk").field(&self.key).finish()
    }
}

impl Chunk {
    pub(super) fn seal(pack: &Pack, legend: &[String], from: Millis, until: Millis) -> Chunk {
        let mut bytes = Vec::with_capacity(pack.rows().len() + 32);
        bytes.push(if legend.is_empty() { PLAIN } else { VERSION });
        whole(&mut bytes, from.0);
        whole(&mut bytes, until.since(from).0);
        whole(&mut bytes, u64::from(pack.count()));
        if !legend.is_empty() {
            whole(&mut bytes, legend.len() as u64);
        }
        for word in legend {
            whole(&mut bytes, word.len() as u64);
            bytes.extend(word.as_bytes());
        }
        bytes.extend(pack.rows());
        let sum = crc32([bytes.as_slice()]);
        bytes.extend(sum.to_le_bytes());
        Chunk { key: Key { from, bytes: bytes.len() as u32 }, bytes }
    }
}
