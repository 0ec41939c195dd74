//! The durable records, and their form.
//!
//! | part | where |
//! | --- | --- |
//! | the keys of records, and the count of open cards | `keys` |
//! | a record's text | [`encode`], [`decode`] |
//! | the record about the journal itself | [`Meta`] |
//! | the entries of the activity log | `entries` |
//! | changes that wait, in groups that stay whole | `queue` |
//! | the commit under way | `writing` |
//!
//! A record is `version:checksum:json`: the version of its shape, the CRC-32 of `version:json` as eight hexadecimal
//! digits, and the JSON itself. This frame stays as it is in every version, so that nobody mistakes a newer record for damage.
//! Records are written in atomic batches, one batch at a time and the oldest changes first. What changes meanwhile waits
//! for the next batches, each of bounded size, so that a burst of triggers neither costs a write each nor makes the first
//! card wait for the last.

mod entries;
mod keys;
mod meta;
mod queue;
mod record;
pub mod turn;
mod writing;

use crate::model::json::ToJson;
use crate::model::sorted::SortedSet;

pub use self::keys::{
    ASIDE_PREFIX, CARD_PREFIX, FIRED_PREFIX, GROUPS_PREFIX, HANDLED_PREFIX, HOLD_PREFIX, META_KEY,
    OLD_SPENT_BY_OTHERS_KEY, OLD_SPENT_KEY, OPEN_KEY, OpenCards, SPENT_PREFIX, TRACKS_PREFIX, history_key,
    history_number,
};
use self::keys::{Key, is_card};
pub use self::meta::{COUNT_LIMIT, Meta};
pub use self::queue::Mark;
use self::queue::{Queue, Taken};
pub use self::record::{RecordFault, VERSION, decode, encode};
pub use self::writing::Stall;
use self::writing::{HISTORY_DELAY, Writing};
use crate::model::ask::{Ask, Change, CommitFailure, CommitId, Store};
use crate::model::diagnosis::Diagnosis;
use crate::model::random::{Random, backoff};
use crate::model::time::Millis;

/// Names a batch; a change is durable once its batch is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Batch(u64);

/// Gathers changes and has them written, batch after batch.
#[derive(Debug, Default)]
pub struct Journal {
    /// Goes into every batch.
    pub meta: Meta,
    queue: Queue,
    revision: u64,
    durable: Batch,
    writing: Option<Writing>,
    /// Refused commits since the last one that was written.
    refusals: u32,
    not_before: Millis,
    make_room: bool,
    marked: bool,
    /// The cards that are stored and may still be sent.
    open: SortedSet<String>,
    counted: Option<OpenCards>,
    /// Somebody looks at a page, so that entries of the history are written at once.
    pub is_watched: bool,
    /// When entries of the history that wait are to be written.
    history_at: Option<Millis>,
    /// How long the newest commit took.
    took: Millis,
    /// The newest commit was refused for another reason than room.
    is_broken: bool,
    /// A person wants everything gone, and what was under way was given up for it.
    reopen: bool,
    /// A restart of the engine has not helped lately.
    no_restart_before: Millis,
}

impl Journal {
    /// A journal that goes on from what was read.
    pub fn new(meta: Meta, marked: bool) -> Journal {
        Journal { meta, marked, ..Journal::default() }
    }

    /// Notes an open card that was read.
    pub fn restore_open(&mut self, key: &str) {
        self.open.insert(key.to_owned());
    }

    /// Asks for no further restart of the engine soon, because one has just been made.
    pub fn keep_engine_after_restart(&mut self, now: Millis) {
        self.no_restart_before = now.plus(writing::RESTART_SPACING);
    }

    /// Writes a record.
    pub fn put(&mut self, key: String, record: &dyn ToJson) -> Batch {
        self.put_text(Store::Journal, key, encode(record))
    }

    /// Writes a card's record.
    pub fn put_card(&mut self, key: String, record: &dyn ToJson, mark: Mark) -> Batch {
        self.set((Store::Journal, key), Some(encode(record)), mark)
    }

    /// Writes a text as it is.
    pub fn put_text(&mut self, store: Store, key: String, text: String) -> Batch {
        self.set((store, key), Some(text), Mark::None)
    }

    /// Removes a record.
    pub fn delete(&mut self, key: String) -> Batch {
        self.set((Store::Journal, key), None, Mark::None)
    }

    /// Removes the record of a card that is settled.
    pub fn settle_card(&mut self, key: String) -> Batch {
        self.set((Store::Journal, key), None, Mark::Settled)
    }

    /// Changes from here on need not be written together with earlier ones.
    pub fn next_group(&mut self) {
        self.queue.next_group();
    }

    /// Removes everything, including what was to be written. A commit that hangs or was refused is not waited for.
    pub fn clear(&mut self) -> Batch {
        self.revision += 1;
        self.reopen = self.writing.take_if(|writing| writing.is_slow() || writing.is_refused()).is_some();
        (self.refusals, self.not_before, self.make_room) = (0, Millis::ZERO, false);
        self.meta = Meta { clock: self.meta.clock, sequence: self.meta.sequence, ..Meta::default() };
        self.queue.clear()
    }

    /// With this batch, everything is durable that has changed so far.
    pub fn newest(&self) -> Batch {
        self.queue.newest()
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
        self.refusals > 0
    }

    /// Whether what changes now may take long to become durable, or never will be: a commit hangs, or was refused again
    /// after the first refusal made room.
    pub fn is_stuck(&self) -> bool {
        self.refusals > 1 || self.writing.as_ref().is_some_and(Writing::is_slow)
    }

    /// Whether nothing is being written and nothing waits to be.
    pub fn is_idle(&self) -> bool {
        self.writing.is_none() && self.queue.is_empty()
    }

    /// How many changes wait for a batch, and their bytes.
    pub fn waiting(&self) -> (usize, usize) {
        self.queue.size()
    }

    /// Cards accepted that no commit has written yet.
    pub fn unsaved(&self) -> u32 {
        self.queue.new_cards() + self.writing.as_ref().map_or(0, Writing::new_cards)
    }

    /// Starts the next batch if there is one, none is under way, and it is time. Says so if one is under way for too long.
    pub fn flush(&mut self, now: Millis, ids: &mut u64, effects: &mut dyn Ask) -> Option<Stall> {
        self.queue.next_group();
        if let Some(writing) = self.writing.take() {
            let (writing, stall) = self.attend(writing, now, ids, effects);
            self.writing = writing;
            if self.writing.is_some() {
                return stall;
            }
        }
        if self.queue.has_history() && self.history_at.is_none() {
            let delay = if self.is_watched { Millis::ZERO } else { HISTORY_DELAY };
            self.history_at = Some(now.plus(delay));
        }
        if now < self.flush_at().unwrap_or(Millis(u64::MAX)) {
            return None;
        }
        if std::mem::take(&mut self.reopen) {
            effects.reopen_storage();
        }
        let make_room = std::mem::take(&mut self.make_room);
        let taken = match make_room {
            true => self.queue.take_removals(self.durable),
            false => {
                let history_is_due = self.history_is_due(now);
                self.history_at = self.history_at.filter(|_| !history_is_due);
                self.queue.take(self.durable, history_is_due)
            }
        };
        let mut writing = Writing::new(taken, make_room, now);
        self.begin(&mut writing, now, ids, effects);
        self.writing = Some(writing);
        None
    }

    /// Looks after the commit under way: one that was refused is tried again in its time, and one that nobody answers is
    /// told, then begun once more over a database opened again. The batch stays the same, and any answer counts.
    fn attend(
        &mut self,
        mut writing: Writing,
        now: Millis,
        ids: &mut u64,
        effects: &mut dyn Ask,
    ) -> (Option<Writing>, Option<Stall>) {
        let due = if writing.is_refused() { self.not_before } else { writing.look_at() };
        if now < due {
            return (Some(writing), None);
        }
        let stall = writing.stall(now, self.took, self.no_restart_before);
        match stall {
            Some(Stall { restart: true, .. }) => self.keep_engine_after_restart(now),
            Some(Stall { begin_again: true, .. }) => effects.reopen_storage(),
            None if self.refusals > 1 => effects.reopen_storage(),
            _ => {}
        }
        if stall.is_some_and(|stall| !stall.begin_again) {
            return (Some(writing), stall);
        }
        if self.queue.is_clearing() {
            return (None, None); // The clear removes this batch's records anyway.
        }
        self.begin(&mut writing, now, ids, effects);
        (Some(writing), stall)
    }

    fn begin(&mut self, writing: &mut Writing, now: Millis, ids: &mut u64, effects: &mut dyn Ask) {
        *ids += 1;
        let id = CommitId(*ids);
        if writing.taken.clear && self.is_broken {
            // All in it is to go, and it cannot be written: a fresh database may do.
            effects.delete_storage();
        }
        self.meta.clock = self.meta.clock.max(now);
        let again = writing.begun(id, now);
        let mut changes = writing.taken.changes();
        if writing.is_removal {
            changes.push(Change::Delete(Store::Journal, OPEN_KEY.to_owned()));
            self.counted = None;
        } else {
            let open = OpenCards { stored: self.open_after(&writing.taken), unsaved: self.queue.new_cards() };
            if self.counted.replace(open) != Some(open) || again || writing.taken.clear {
                changes.push(Change::Put(Store::Journal, OPEN_KEY.to_owned(), encode(&open)));
            }
            changes.push(Change::Put(Store::Journal, META_KEY.to_owned(), encode(&self.meta)));
        }
        effects.commit(id, changes);
    }

    /// How many open cards are stored once a batch is.
    fn open_after(&self, taken: &Taken) -> u32 {
        let before = if taken.clear { 0 } else { self.open.len() };
        let after = taken.puts.iter().fold(before, |open, put| {
            let was = !taken.clear && is_card(&put.key) && self.open.contains(&put.key.1);
            open + usize::from(put.mark.is_open()) - usize::from(was)
        });
        after as u32
    }

    /// The commit is durable. Says whether it is one awaited.
    pub fn committed(&mut self, id: CommitId, now: Millis, effects: &mut dyn Ask) -> bool {
        let Some(writing) = self.writing.take_if(|writing| writing.awaits(id)) else { return false };
        self.took = writing.age(now);
        let is_removal = writing.is_removal;
        let Taken { through, clear, puts, .. } = writing.taken;
        // Room that was made is no success yet: a store that stays full must not be tried ever again at once.
        if !is_removal || through > self.durable {
            self.refusals = 0;
        }
        self.durable = through;
        self.is_broken = false;
        self.not_before = Millis::ZERO;
        if clear {
            self.open.clear();
        }
        for put in puts.into_iter().filter(|put| is_card(&put.key)) {
            match put.mark {
                Mark::None | Mark::Settled => drop(self.open.remove(&put.key.1)),
                Mark::Open | Mark::New => drop(self.open.insert(put.key.1)),
            }
        }
        if !self.marked {
            self.marked = true;
            effects.store_marker();
        }
        true
    }

    /// The commit was refused: its batch waits and is tried again. Says what is wrong, if it was the newest try.
    pub fn failed(
        &mut self,
        id: CommitId,
        failure: &CommitFailure,
        now: Millis,
        random: &mut Random,
    ) -> Option<Diagnosis> {
        if !self.writing.as_mut()?.refused(id) {
            return None;
        }
        self.is_broken = *failure != CommitFailure::QuotaExceeded;
        self.counted = None;
        self.not_before = now.plus(backoff::delay(self.refusals, random));
        self.refusals = self.refusals.saturating_add(1);
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
            Some(writing) if writing.is_refused() => Some(self.not_before),
            Some(writing) => Some(writing.look_at()),
            None => self.flush_at(),
        }
    }

    /// When the next batch may begin, if there is anything to write.
    fn flush_at(&self) -> Option<Millis> {
        let urgent = self.queue.is_urgent() || self.queue.has_much_history();
        let at = if urgent { Some(Millis::ZERO) } else { self.history_at.filter(|_| self.queue.has_history()) };
        at.map(|at| at.max(self.not_before))
    }

    /// Whether the next [`Journal::flush`] begins a batch with more than entries of the history: what may be written
    /// at any time rides on it.
    pub fn is_about_to_write(&self, now: Millis) -> bool {
        self.writing.is_none() && !self.make_room && self.queue.is_urgent() && self.not_before <= now
    }

    /// Whether there is anything to write.
    pub fn has_changes(&self) -> bool {
        !self.queue.is_empty()
    }

    /// History goes first where there is no room: the older half of the stored entries, and all that still wait.
    fn make_room(&mut self) {
        if let Some(writing) = self.writing.take() {
            self.queue.give_back(writing.taken);
        }
        self.queue.drop_history();
        self.remove_history_through(self.meta.older_half());
        self.make_room = true;
    }

    fn set(&mut self, key: Key, text: Option<String>, mark: Mark) -> Batch {
        self.revision += 1;
        self.queue.set(key, text, mark)
    }
}

#[cfg(test)]
mod tests;
