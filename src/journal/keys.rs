//! Where the journal keeps what.

use crate::model::ask::Store;
use crate::model::json::{FromJson, ToJson};

/// Where a record is.
pub(super) type Key = (Store, String);

/// Key of the record about the journal itself.
pub const META_KEY: &str = "meta";
/// Key of the count of open cards.
pub const OPEN_KEY: &str = "open";
/// Keys of the records of what the queues have spent start with this: by connection.
pub const SPENT_PREFIX: &str = "spent/";
/// Where version 1 kept what the queues have spent, of every connection …
pub const OLD_SPENT_KEY: &str = "spent";
/// … and what all further queues have spent together.
pub const OLD_SPENT_BY_OTHERS_KEY: &str = "spentByOthers";
/// Keys of the records about destinations start with this: waits, pauses and pace, by base address.
pub const HOLD_PREFIX: &str = "hold/";
/// Keys of outbox records start with this.
pub const CARD_PREFIX: &str = "card/";
/// Keys of remembered interactions start with this.
pub const FIRED_PREFIX: &str = "fired/";
/// Keys of what the rules remember of interactions start with this.
pub const TRACKS_PREFIX: &str = "tracks/";
/// Keys of the cards that stand for a queue start with this: by connection.
pub const GROUPS_PREFIX: &str = "groups/";
/// Keys of what a person marked as handled start with this: by interaction.
pub const HANDLED_PREFIX: &str = "handled/";
/// A damaged record moves to its key behind this.
pub const ASIDE_PREFIX: &str = "aside/";

/// How many cards the journal holds, by a record of its own: the loss of a single card's record is noticed by it. A batch
/// that only removes cannot rewrite the count, so it removes the count, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
pub struct OpenCards {
    /// Cards that may still be sent, this batch included.
    pub stored: u32,
    /// Cards that were accepted, and wait for a later batch.
    pub unsaved: u32,
}

/// Whether a change is of a card's record.
pub(super) fn is_card((store, key): &Key) -> bool {
    *store == Store::Journal && key.starts_with(CARD_PREFIX)
}

/// The key of a history entry; keys sort as the numbers do.
pub fn history_key(number: u64) -> String {
    format!("{number:016}")
}

/// The number of the history entry under a key.
pub fn history_number(key: &str) -> Option<u64> {
    key.parse().ok()
}
