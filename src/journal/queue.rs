//! Changes that wait to be written, oldest first, in groups that are written whole.
//!
//! A group holds what one step of the core changed together: a card, that its rule fired, its entry in the history.
//! Each key waits once. A change to a key that waits already joins the two groups at the older one's place, because
//! neither may be split and nothing may be written later than its batch number says.

use crate::model::sorted::{SortedMap, SortedSet};

use super::Batch;
use super::keys::{HOLD_PREFIX, Key, SPENT_PREFIX, history_key};
use crate::model::ask::{Change, Store};

/// A batch takes whole groups up to this many records …
const MOST_RECORDS: usize = 256;
/// … and this many bytes, so that no card waits behind thousands of others. The first group is taken whatever its size.
const MOST_BYTES: usize = 256 * 1024;

/// While a batch leaves groups behind, the next takes twice as much, up to this often: what waits in a burst is not
/// durable, and each commit costs the browser several milliseconds whatever its size.
const MOST_DOUBLINGS: u32 = 2;

/// The group number of changes that belong to no group.
const LATER: u64 = 0;

/// The state of a card, by its record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mark {
    /// The record is of no card that may still be sent.
    #[default]
    None,
    /// A card that may still be sent.
    Open,
    /// The first record of such a card.
    New,
    /// A card that is settled, so that its record goes.
    Settled,
}

impl Mark {
    /// Whether the record is of a card that may still be sent.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Mark::Open | Mark::New)
    }
}

/// A change to one record; `text` is absent where the record goes.
#[derive(Debug)]
pub(super) struct Put {
    pub key: Key,
    pub text: Option<String>,
    pub mark: Mark,
    /// The group it belongs to.
    group: u64,
}

/// The changes of one batch.
#[derive(Debug)]
pub(super) struct Taken {
    /// Durable with this batch.
    pub through: Batch,
    pub clear: bool,
    pub remove_history_through: Option<u64>,
    pub puts: Vec<Put>,
}

/// Changes that wait.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: SortedMap<Key, Put>,
    groups: SortedMap<u64, Group>,
    /// Entries of the history about cards wait apart: they are for people, and no card waits for them.
    history: SortedMap<String, Put>,
    /// The state of things that many groups touch. A newer state is right beside older groups, so it joins none.
    states: SortedMap<Key, String>,
    /// The newest group.
    newest: u64,
    /// The group that changes join: the newest, or an older one that it was joined with.
    joins: u64,
    touched: bool,
    clear: bool,
    remove_history_through: Option<u64>,
    /// Cards among what waits that were never written.
    new_cards: u32,
    /// How often the size of a batch has doubled.
    doublings: u32,
}

#[derive(Debug, Default)]
struct Group {
    keys: Vec<Key>,
    bytes: usize,
}

impl Default for Queue {
    fn default() -> Queue {
        Queue {
            waiting: SortedMap::new(),
            groups: SortedMap::new(),
            history: SortedMap::new(),
            states: SortedMap::new(),
            newest: 1,
            joins: 1,
            touched: false,
            clear: false,
            remove_history_through: None,
            new_cards: 0,
            doublings: 0,
        }
    }
}

impl Queue {
    /// Changes from here on may be written later than earlier ones.
    pub fn next_group(&mut self) {
        if self.touched {
            self.newest += 1;
            self.joins = self.newest;
            self.touched = false;
        }
    }

    /// Adds a change, in place of an older one of the same record.
    pub fn set(&mut self, key: Key, text: Option<String>, mark: Mark) -> Batch {
        self.touched = true;
        match text {
            Some(text) if is_state(&key) => {
                // A removal that waits is older, and must not follow what is written now.
                self.waiting.remove(&key);
                self.states.insert(key, text);
            }
            text => {
                self.states.remove(&key);
                self.join(key, text, mark);
            }
        }
        Batch(self.newest)
    }

    /// Adds an entry of the history that may be written later than all else.
    pub fn set_history(&mut self, key: String, text: Option<String>) {
        let put = Put { key: (Store::History, key.clone()), text, mark: Mark::None, group: LATER };
        self.history.insert(key, put);
    }

    fn join(&mut self, key: Key, text: Option<String>, mark: Mark) {
        let bytes = key.1.len() + text.as_ref().map_or(0, String::len);
        let mut group = self.joins;
        if let Some(put) = self.waiting.get_mut(&key) {
            // A card that was changed before it was ever written is still to be written for the first time.
            let mark = if (put.mark, mark) == (Mark::New, Mark::Open) { Mark::New } else { mark };
            self.new_cards -= u32::from(put.mark == Mark::New);
            self.new_cards += u32::from(mark == Mark::New);
            (put.text, put.mark) = (text, mark);
            let other = put.group;
            group = self.merge(group, other);
        } else {
            self.new_cards += u32::from(mark == Mark::New);
            self.groups.entry(group).or_default().keys.push(key.clone());
            self.waiting.insert(key.clone(), Put { key, text, mark, group });
        }
        self.groups.entry(group).or_default().bytes += bytes;
    }

    /// Joins two groups at the older one's place, and says which that is.
    fn merge(&mut self, one: u64, other: u64) -> u64 {
        let (older, newer) = (one.min(other), one.max(other));
        if older == newer {
            return older;
        }
        if let Some(moved) = self.groups.remove(&newer) {
            for key in &moved.keys {
                if let Some(put) = self.waiting.get_mut(key) {
                    put.group = older;
                }
            }
            let group = self.groups.entry(older).or_default();
            group.keys.extend(moved.keys);
            group.bytes += moved.bytes;
        }
        if self.joins == newer {
            self.joins = older;
        }
        older
    }

    /// Removes history entries up to this one, those that wait included.
    pub fn remove_history_through(&mut self, number: u64) {
        self.remove_history_through = self.remove_history_through.max(Some(number));
        let (first, last) = ((Store::History, String::new()), (Store::History, history_key(number)));
        let gone: Vec<Key> =
            self.waiting.range(first..).map(|(key, _)| key).take_while(|key| **key <= last).cloned().collect();
        for key in gone {
            self.waiting.remove(&key);
        }
        self.history = self.history.split_off(&history_key(number.saturating_add(1)));
    }

    /// Removes everything stored, and what was to be written.
    pub fn clear(&mut self) -> Batch {
        self.next_group();
        self.waiting.clear();
        self.groups.clear();
        self.history.clear();
        self.states.clear();
        (self.touched, self.clear, self.remove_history_through, self.new_cards) = (true, true, None, 0);
        Batch(self.newest)
    }

    /// The batch of the newest change but for those of the history.
    pub fn newest(&self) -> Batch {
        Batch(if self.touched { self.newest } else { self.newest - 1 })
    }

    /// Whether everything stored is to go.
    pub fn is_clearing(&self) -> bool {
        self.clear
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        !self.is_urgent() && self.history.is_empty()
    }

    /// Whether anything but entries of the history is to be written.
    pub fn is_urgent(&self) -> bool {
        self.clear || self.remove_history_through.is_some() || !self.waiting.is_empty() || !self.states.is_empty()
    }

    /// Whether entries of the history fill a batch.
    pub fn has_much_history(&self) -> bool {
        self.history.len() >= MOST_RECORDS
    }

    /// Whether entries of the history wait.
    pub fn has_history(&self) -> bool {
        !self.history.is_empty()
    }

    /// Cards that wait to be written for the first time.
    pub fn new_cards(&self) -> u32 {
        self.new_cards
    }

    /// How many changes wait, and their bytes.
    pub fn size(&self) -> (usize, usize) {
        let waiting =
            self.waiting.values().chain(self.history.values()).map(|put| put.text.as_ref().map_or(0, String::len));
        let bytes = waiting.chain(self.states.values().map(String::len)).sum();
        (self.waiting.len() + self.history.len() + self.states.len(), bytes)
    }

    /// Takes the oldest groups out, as many as fit into one batch, and entries of the history if they are due. `durable`
    /// is what was durable before.
    pub fn take(&mut self, durable: Batch, history_is_due: bool) -> Taken {
        let urgent = self.is_urgent();
        let mut puts: Vec<Put> = std::mem::take(&mut self.states)
            .into_iter()
            .map(|(key, text)| Put { key, text: Some(text), mark: Mark::None, group: self.newest })
            .collect();
        let (mut records, mut bytes) = (0, 0);
        let (most_records, most_bytes) = (MOST_RECORDS << self.doublings, MOST_BYTES << self.doublings);
        while let Some((&number, oldest)) = self.groups.first_key_value() {
            // A removal that went ahead leaves its key behind, and fills no place.
            let is_here = |key: &&Key| self.waiting.get(*key).is_some_and(|put| put.group == number);
            let here = oldest.keys.iter().filter(is_here).count();
            let (more, heavier) = (records + here, bytes + oldest.bytes);
            if records > 0 && (more > most_records || heavier > most_bytes) {
                break;
            }
            (records, bytes) = (more, heavier);
            for key in self.groups.pop_first().into_iter().flat_map(|(_, group)| group.keys) {
                // A removal that went ahead, or a record changed since, is no longer of this group.
                if self.waiting.get(&key).is_some_and(|put| put.group == number) {
                    puts.extend(self.waiting.remove(&key));
                }
            }
        }
        self.doublings = if self.groups.is_empty() { 0 } else { MOST_DOUBLINGS.min(self.doublings + 1) };
        self.new_cards -= puts.iter().filter(|put| put.mark == Mark::New).count() as u32;
        while history_is_due && records < MOST_RECORDS && bytes < MOST_BYTES {
            let Some((_, put)) = self.history.pop_first() else { break };
            (records, bytes) = (records + 1, bytes + put.text.as_ref().map_or(0, String::len));
            puts.push(put);
        }
        let through = match self.groups.first_key_value() {
            Some((next, _)) => Batch(next - 1),
            None if urgent => self.end_group(),
            None => durable,
        };
        let (clear, remove_history_through) = (std::mem::take(&mut self.clear), self.remove_history_through.take());
        Taken { through, clear, remove_history_through, puts }
    }

    /// Forgets what waits for the history.
    pub fn drop_history(&mut self) {
        self.waiting.retain(|(store, _), _| *store == Store::Journal);
        self.history.clear();
    }

    /// Takes out removals and nothing else: a full store refuses a batch that also writes. `durable` is what
    /// was durable before.
    ///
    /// A removal waits for what its group writes, because that takes the record's place. The record of a settled card
    /// goes ahead: while the store is full, no further card of its rule can be accepted, but the card would be sent again.
    pub fn take_removals(&mut self, durable: Batch) -> Taken {
        let writing: SortedSet<u64> =
            self.waiting.values().filter(|put| put.text.is_some()).map(|put| put.group).collect();
        let goes = |put: &Put| put.text.is_none() && (put.mark == Mark::Settled || !writing.contains(&put.group));
        let puts: Vec<Put> = self.waiting.extract(goes).into_iter().map(|(_, put)| put).collect();
        let whole = self.waiting.is_empty() && self.states.is_empty();
        if whole {
            self.groups.clear();
        }
        let through = if whole { self.end_group() } else { durable };
        let (clear, remove_history_through) = (std::mem::take(&mut self.clear), self.remove_history_through.take());
        Taken { through, clear, remove_history_through, puts }
    }

    /// Puts back what could not be written, under what changed meanwhile.
    pub fn give_back(&mut self, taken: Taken) {
        if self.clear {
            return; // Everything older than a clear is gone with it.
        }
        self.clear = taken.clear;
        self.remove_history_through = self.remove_history_through.max(taken.remove_history_through);
        for put in taken.puts {
            if put.group == LATER {
                self.history.entry(put.key.1.clone()).or_insert(put);
            } else if is_state(&put.key) && put.text.is_some() {
                self.states.entry(put.key).or_insert(put.text.unwrap_or_default());
            } else if let Some(newer) = self.waiting.get_mut(&put.key) {
                if (put.mark, newer.mark) == (Mark::New, Mark::Open) {
                    newer.mark = Mark::New;
                    self.new_cards += 1;
                }
                let group = newer.group;
                self.merge(put.group, group);
            } else {
                self.new_cards += u32::from(put.mark == Mark::New);
                self.groups.entry(put.group).or_default().keys.push(put.key.clone());
                self.waiting.insert(put.key.clone(), put);
            }
        }
    }

    /// Everything so far is in one batch; what follows is in a later one.
    fn end_group(&mut self) -> Batch {
        let through = Batch(self.newest);
        self.touched = true;
        self.next_group();
        through
    }
}

impl Taken {
    /// The changes to be written, in order.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::with_capacity(self.puts.len() + 4);
        if self.clear {
            changes.extend([Change::Clear(Store::Journal), Change::Clear(Store::History)]);
        }
        if let Some(number) = self.remove_history_through {
            changes.push(Change::DeleteThrough(Store::History, history_key(number)));
        }
        changes.extend(self.puts.iter().map(|Put { key: (store, key), text, .. }| match text {
            Some(text) => Change::Put(*store, key.clone(), text.clone()),
            None => Change::Delete(*store, key.clone()),
        }));
        changes
    }
}

fn is_state((store, key): &Key) -> bool {
    *store == Store::Journal && (key.starts_with(HOLD_PREFIX) || key.starts_with(SPENT_PREFIX))
}

#[cfg(test)]
#[path = "queue/tests.rs"]
mod tests;
