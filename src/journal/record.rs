//! The frame of a record: `version:checksum:json`.

use crate::model::checksum::crc32;
use crate::model::json;
use crate::model::json::FromJson;
use crate::model::json::ToJson;

/// The version of the records this build writes.
pub const VERSION: u32 = 2;

/// Why a record cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// Not written by any version of ours, or changed since.
    #[error("damaged")]
    Damaged,
    /// Written by a newer version.
    #[error("written by a newer version ({0})")]
    Newer(u32),
}

/// Writes a record's text.
pub fn encode(record: &dyn ToJson) -> String {
    let json = json::write(record);
    format!("{VERSION}:{:08x}:{json}", checksum(&VERSION.to_string(), &json))
}

/// Reads a record's text. That a newer version wrote it is believed only where its checksum is right: a version that was
/// damaged must not stop everything.
pub fn decode<T: FromJson>(text: &str) -> Result<T, RecordFault> {
    let (version, rest) = text.split_once(':').ok_or(RecordFault::Damaged)?;
    let (sum, json) = rest.split_once(':').ok_or(RecordFault::Damaged)?;
    if sum != format!("{:08x}", checksum(version, json)) {
        return Err(RecordFault::Damaged);
    }
    match version.parse() {
        // The records of version 1 differ from those of version 2 in their keys alone.
        Ok(1..=VERSION) => json::read(json).ok_or(RecordFault::Damaged),
        Ok(newer) if newer > VERSION => Err(RecordFault::Newer(newer)),
        _ => Err(RecordFault::Damaged),
    }
}

/// CRC-32 of the record but for the checksum itself.
fn checksum(version: &str, json: &str) -> u32 {
    crc32([version, ":", json].map(str::as_bytes))
}
