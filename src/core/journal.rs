//! What is made durable, and in which form.
//!
//! A record is `version:checksum:json`: the version of its shape, the CRC-32 of `version:json` as eight hexadecimal
//! digits, and the JSON itself. This frame stays as it is in every version, so that a newer record is told from damage. Records are written in atomic batches, one batch at a time; what changes meanwhile gathers in the
//! next one, so that a burst of triggers costs two writes, not one each.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::backoff;
use super::diagnosis::Diagnosis;
use super::effect::{Change, CommitId, Effect, Effects, Store};
use super::input::CommitFailure;
use super::random::Random;
use super::time::Millis;

/// The version of the records this build writes.
pub const VERSION: u32 = 1;

/// A commit that has not been answered by then is written once more: the batch is idempotent.
const COMMIT_TIMEOUT: Millis = Millis::from_secs(30);

/// No count and no instant of ours comes to this.
pub const COUNT_LIMIT: u64 = 1 << 53;

/// How far apart the marks of the history's age are, at least: they are in every batch.
const MARK_INTERVAL: Millis = Millis::from_mins(6 * 60);

/// Key of the record about the journal itself.
pub const META_KEY: &str = "meta";
/// Keys of the records about destinations start with this: waits, pauses and pace, by base address.
pub const HOLD_PREFIX: &str = "hold/";
/// Keys of outbox records start with this.
pub const CARD_PREFIX: &str = "card/";
/// Keys of remembered interactions start with this.
pub const FIRED_PREFIX: &str = "fired/";
/// A damaged record moves to its key behind this.
pub const ASIDE_PREFIX: &str = "aside/";

/// The record about the journal itself, in every batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// Time at the newest batch.
    pub clock: Millis,
    /// The last sequence number given to a card.
    pub sequence: u64,
    /// The last sequence number given to a history entry.
    pub history: u64,
    /// The history entries up to this one are removed.
    pub history_removed: u64,
    /// Every six hours or so, the number that the history had come to, and when: finds what is too old.
    pub history_marks: Vec<(u64, Millis)>,
    /// Triggers accepted, ever.
    pub triggers: u64,
    /// Cards delivered, ever.
    pub delivered: u64,
}

impl Meta {
    /// Whether counting from 1, at any pace, can have come to this.
    pub fn is_plausible(&self) -> bool {
        let counts = [self.clock.0, self.sequence, self.history, self.triggers, self.delivered];
        counts.iter().all(|count| *count < COUNT_LIMIT)
            && self.history_removed <= self.history
            && self.history_marks.iter().all(|(number, at)| *number <= self.history && *at <= self.clock)
    }
}

/// Why a record cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFault {
    /// Not written by any version of ours, or changed since.
    Damaged,
    /// Written by a newer version.
    Newer(u32),
}

/// Writes a record's text.
pub fn encode<T: Serialize>(record: &T) -> String {
    // Every record is a plain struct of strings and numbers, which serde_json cannot refuse.
    let json = serde_json::to_string(record).unwrap_or_default();
    format!("{VERSION}:{:08x}:{json}", checksum(&VERSION.to_string(), &json))
}

/// Reads a record's text. That a newer version wrote it is believed only where its checksum is right: a version that was
/// damaged must not stop everything.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, RecordFault> {
    let (version, rest) = text.split_once(':').ok_or(RecordFault::Damaged)?;
    let (sum, json) = rest.split_once(':').ok_or(RecordFault::Damaged)?;
    if sum != format!("{:08x}", checksum(version, json)) {
        return Err(RecordFault::Damaged);
    }
    match version.parse() {
        Ok(VERSION) => serde_json::from_str(json).map_err(|_| RecordFault::Damaged),
        Ok(newer) if newer > VERSION => Err(RecordFault::Newer(newer)),
        _ => Err(RecordFault::Damaged),
    }
}

/// CRC-32 of the record but for the checksum itself.
fn checksum(version: &str, json: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [version, ":", json] {
        hasher.update(part.as_bytes());
    }
    hasher.finalize()
}

/// Names a batch; a change is durable once its batch is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Batch(u64);

/// Gathers changes and has them written, batch after batch.
#[derive(Debug, Default)]
pub struct Journal {
    /// Goes into every batch.
    pub meta: Meta,
    clear: bool,
    remove_history_through: Option<u64>,
    puts: BTreeMap<(Store, String), Option<String>>,
    revision: u64,
    gathering: Batch,
    durable: Batch,
    writing: Option<Writing>,
    attempt: u32,
    not_before: Millis,
    make_room: bool,
    marked: bool,
}

#[derive(Debug)]
struct Writing {
    id: CommitId,
    batch: Batch,
    clear: bool,
    remove_history_through: Option<u64>,
    puts: BTreeMap<(Store, String), Option<String>>,
    deadline: Millis,
}

impl Journal {
    /// A journal that goes on from what was read.
    pub fn new(meta: Meta, marked: bool) -> Journal {
        Journal { meta, marked, gathering: Batch(1), ..Journal::default() }
    }

    /// Writes a record with the next batch.
    pub fn put<T: Serialize>(&mut self, key: String, record: &T) -> Batch {
        self.put_text(Store::Journal, key, encode(record))
    }

    /// Writes a text as it is.
    pub fn put_text(&mut self, store: Store, key: String, text: String) -> Batch {
        self.set(store, key, Some(text))
    }

    /// Removes a record with the next batch.
    pub fn delete(&mut self, key: String) -> Batch {
        self.set(Store::Journal, key, None)
    }

    /// Adds an entry to the history and says under which number.
    pub fn log<T: Serialize>(&mut self, entry: &T) -> u64 {
        self.meta.history += 1;
        self.relog(self.meta.history, entry);
        self.meta.history
    }

    /// Writes an entry of the history anew, unless it was removed.
    pub fn relog<T: Serialize>(&mut self, number: u64, entry: &T) {
        if number > self.meta.history_removed {
            self.set(Store::History, history_key(number), serde_json::to_string(entry).ok());
        }
    }

    /// Removes all history entries up to this one.
    pub fn remove_history_through(&mut self, number: u64) {
        if number > self.meta.history_removed {
            self.meta.history_removed = number;
            self.remove_history_through = Some(number);
        }
    }

    /// Removes the history entries beyond `entries` and those older than `span`, to within six hours. Their age is told
    /// by time that only goes forward: a wall clock that was wrong for a while must neither keep them nor end them.
    pub fn trim_history(&mut self, entries: u64, now: Millis, span: Millis) {
        let last = self.meta.history;
        let marks = &mut self.meta.history_marks;
        if marks.last().is_none_or(|(_, at)| at.plus(MARK_INTERVAL) <= now) && last > self.meta.history_removed {
            marks.push((last, now));
        }
        let old = marks.iter().take_while(|(_, at)| at.plus(span) <= now).count();
        let aged = marks.drain(..old).next_back().map_or(0, |(number, _)| number);
        // A tenth more than needed, so that a full log is not trimmed at every entry.
        let kept = last.saturating_sub(self.meta.history_removed);
        let excess = if kept > entries { last - (entries - entries / 10) } else { 0 };
        self.remove_history_through(aged.max(excess));
    }

    /// Removes everything, including what was to be written.
    pub fn clear(&mut self) -> Batch {
        self.puts.clear();
        self.clear = true;
        self.meta = Meta { clock: self.meta.clock, sequence: self.meta.sequence, ..Meta::default() };
        self.gathering
    }

    /// Whether everything up to this batch is durable.
    pub fn is_durable(&self, batch: Batch) -> bool {
        batch <= self.durable
    }

    /// Grows with every change: tells whether there was one.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether the journal has refused to write since it last succeeded.
    pub fn is_failing(&self) -> bool {
        self.attempt > 0
    }

    /// Starts the next batch if there is one, none is under way, and it is time.
    pub fn flush(&mut self, now: Millis, ids: &mut u64, effects: &mut Effects) {
        if self.writing.as_ref().is_some_and(|writing| writing.deadline <= now) {
            self.take_back();
        }
        if self.writing.is_some() || !self.has_changes() || now < self.not_before {
            return;
        }
        *ids += 1;
        self.meta.clock = self.meta.clock.max(now);
        if std::mem::take(&mut self.make_room) {
            let writing = self.removals(CommitId(*ids), now.plus(COMMIT_TIMEOUT));
            effects.push(Effect::Commit { id: writing.id, changes: writing.changes(None) });
            self.writing = Some(writing);
            return;
        }
        let writing = Writing {
            id: CommitId(*ids),
            batch: self.gathering,
            clear: std::mem::take(&mut self.clear),
            remove_history_through: self.remove_history_through.take(),
            puts: std::mem::take(&mut self.puts),
            deadline: now.plus(COMMIT_TIMEOUT),
        };
        effects.push(Effect::Commit { id: writing.id, changes: writing.changes(Some(&self.meta)) });
        self.gathering.0 += 1;
        self.writing = Some(writing);
    }

    /// The commit is durable. Says whether it is the one awaited.
    pub fn committed(&mut self, id: CommitId, effects: &mut Effects) -> bool {
        let Some(writing) = self.writing.take_if(|writing| writing.id == id) else { return false };
        // Room that was made is no success yet: a store that stays full must not be tried ever again at once.
        if writing.batch > self.durable {
            self.attempt = 0;
        }
        self.durable = writing.batch;
        self.not_before = Millis::ZERO;
        if !self.marked {
            self.marked = true;
            effects.push(Effect::StoreMarker);
        }
        true
    }

    /// The commit was refused: its changes join the next batch, which waits. Says what is wrong, if it was the one awaited.
    pub fn failed(
        &mut self,
        id: CommitId,
        failure: &CommitFailure,
        now: Millis,
        random: &mut Random,
    ) -> Option<Diagnosis> {
        self.writing.as_ref().filter(|writing| writing.id == id)?;
        self.take_back();
        self.not_before = now.plus(backoff::delay(self.attempt, random));
        self.attempt = self.attempt.saturating_add(1);
        Some(match failure {
            CommitFailure::QuotaExceeded => {
                self.make_room();
                Diagnosis::StorageFull
            }
            CommitFailure::Other(why) => Diagnosis::StorageFailing { why: why.clone() },
        })
    }

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        match &self.writing {
            Some(writing) => Some(writing.deadline),
            None => self.has_changes().then_some(self.not_before),
        }
    }

    /// Whether there is anything to write.
    pub fn has_changes(&self) -> bool {
        self.clear || self.remove_history_through.is_some() || !self.puts.is_empty()
    }

    /// History goes first where there is no room: the older half of what is stored, and all that is yet to be.
    fn make_room(&mut self) {
        self.puts.retain(|(store, _), _| *store == Store::Journal);
        let (removed, last) = (self.meta.history_removed, self.meta.history);
        self.remove_history_through(removed + last.saturating_sub(removed).div_ceil(2));
        self.make_room = true;
    }

    /// A batch of what is to be removed and nothing else: a full store refuses a batch that also writes.
    fn removals(&mut self, id: CommitId, deadline: Millis) -> Writing {
        let (removals, puts) = std::mem::take(&mut self.puts).into_iter().partition(|(_, text)| text.is_none());
        self.puts = puts;
        let mut batch = self.durable;
        if self.puts.is_empty() {
            // Nothing is left for a batch after it: this is the whole one.
            batch = self.gathering;
            self.gathering.0 += 1;
        }
        Writing {
            id,
            batch,
            clear: std::mem::take(&mut self.clear),
            remove_history_through: self.remove_history_through.take(),
            puts: removals,
            deadline,
        }
    }

    fn set(&mut self, store: Store, key: String, text: Option<String>) -> Batch {
        self.revision += 1;
        self.puts.insert((store, key), text);
        self.gathering
    }

    fn take_back(&mut self) {
        let Some(writing) = self.writing.take() else { return };
        if self.clear {
            return; // Everything older than a clear is gone with it.
        }
        self.clear = writing.clear;
        self.remove_history_through = self.remove_history_through.max(writing.remove_history_through);
        for (key, text) in writing.puts {
            self.puts.entry(key).or_insert(text);
        }
    }
}

impl Writing {
    fn changes(&self, meta: Option<&Meta>) -> Vec<Change> {
        let mut changes = Vec::with_capacity(self.puts.len() + 2);
        if self.clear {
            changes.extend([Change::Clear(Store::Journal), Change::Clear(Store::History)]);
        }
        if let Some(number) = self.remove_history_through {
            changes.push(Change::DeleteThrough(Store::History, history_key(number)));
        }
        changes.extend(self.puts.iter().map(|((store, key), text)| match text {
            Some(text) => Change::Put(*store, key.clone(), text.clone()),
            None => Change::Delete(*store, key.clone()),
        }));
        changes.extend(meta.map(|meta| Change::Put(Store::Journal, META_KEY.to_owned(), encode(meta))));
        changes
    }
}

/// The key of a history entry; keys sort as the numbers do.
pub fn history_key(number: u64) -> String {
    format!("{number:016}")
}
