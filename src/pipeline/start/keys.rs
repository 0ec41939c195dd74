//! The subjects that the keys of records name.

use crate::delivery::memory;
use crate::journal::{CARD_PREFIX, FIRED_PREFIX, TRACKS_PREFIX};
use crate::model::fingerprint::{Fingerprint, Subject};

/// The journal key of what the rules remember of an interaction.
pub(in crate::pipeline) fn tracks_key(subject: Subject) -> String {
    format!("{TRACKS_PREFIX}{subject}")
}

pub(in crate::pipeline) fn subject_of(key: &str) -> Option<Subject> {
    Subject::parse(key.strip_prefix(TRACKS_PREFIX)?)
}

/// The subject of a key of the memory.
pub(super) enum Fired {
    /// An interaction of one connection.
    Of(Subject),
    /// An interaction that version 1 stored: of any connection.
    Old(Fingerprint),
    /// All interactions of a bucket.
    Many(memory::Place),
}

pub(super) fn fired_of(key: &str) -> Option<Fired> {
    let rest = key.strip_prefix(FIRED_PREFIX)?;
    let of_one = Subject::parse(rest).map(Fired::Of).or_else(|| Fingerprint::parse(rest).map(Fired::Old));
    of_one.or_else(|| memory::Place::parse(key).map(Fired::Many))
}

/// The interaction and the occurrence that the key of a card names; a key of version 1 names no connection.
pub(super) fn card_of(key: &str) -> Option<(Subject, String)> {
    let rest = key.strip_prefix(CARD_PREFIX)?;
    let (first, after) = rest.split_once('/')?;
    let first = Fingerprint::parse(first)?;
    let of_connection = after.split_once('/').and_then(|(interaction, occurrence)| {
        Some((Subject { connection: first, interaction: Fingerprint::parse(interaction)? }, occurrence))
    });
    let (subject, occurrence) = of_connection.unwrap_or((Subject::anywhere(first), after));
    Some((subject, occurrence.to_owned()))
}
