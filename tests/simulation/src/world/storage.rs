//! The stores of the browser: a journal written in transactions, one after another, and the small stores beside it.

use std::collections::{BTreeMap, VecDeque};

use cuewire::model::ask::{Change, CommitFailure, CommitId, Store};
use cuewire::pipeline::effect::{RecallId, SecretChange};

use crate::plan::Setup;
use crate::trace::Trace;

/// The stores of the browser.
#[derive(Debug, Default)]
pub struct Storage {
    /// Chunks of what was heard.
    pub recording: BTreeMap<cuewire::recording::Key, Vec<u8>>,
    pub journal: BTreeMap<String, String>,
    /// The length of each entry, and a hash of its text.
    pub history: BTreeMap<String, (usize, u64)>,
    /// Bytes of both.
    pub used: usize,
    /// Bytes there is room for.
    pub capacity: Option<usize>,
    pub marker: bool,
    /// The settings, and which of the setups they are.
    pub settings: Option<(usize, String)>,
    pub device_secret: Option<String>,
    pub session_secret: Option<String>,
    pub token: Option<String>,
    pub vitals: Option<String>,
    pub unreadable_until: u64,
    /// Until then nothing that was begun ends.
    pub hung_until: u64,
    /// Whether a database that is opened once more answers.
    pub hung_connection: bool,
    /// The record about the journal before a newer version wrote it.
    pub ours: Option<Option<String>>,
    pub recalls: Vec<Recall>,
    pub pending: VecDeque<Commit>,
    pub answers: Vec<Commit>,
    pub serial: u64,
    /// Transactions end in the order they began in.
    pub free_at: u64,
    /// Settings on their way to the store.
    pub orders: Vec<SettingsOrder>,
    /// Records that were damaged and not written since.
    pub damaged: Vec<String>,
    /// Whether the present worker has written.
    pub written: bool,
}

#[derive(Debug)]
pub struct Commit {
    pub serial: u64,
    pub life: u32,
    pub id: CommitId,
    pub changes: Vec<Change>,
    pub fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Applied; answered after so long, if at all.
    Applied(Option<u64>),
    Refused(CommitFailure),
    Vanished,
}

/// A read of what fired.
#[derive(Debug)]
pub struct Recall {
    pub life: u32,
    pub id: RecallId,
    pub after: String,
    pub limit: usize,
    /// As the worker counts time.
    pub asked_at: u64,
}

/// The text of a history entry, as far as the checks compare it.
pub fn mark_of(text: &str) -> (usize, u64) {
    let mut hash = Trace::new(false);
    hash.bytes(text.as_bytes());
    (text.len(), hash.hash())
}

impl Storage {
    /// Settings that were stored before the schedule began.
    pub fn save(&mut self, at: usize, setup: &Setup) {
        self.settings = Some((at, setup.text(false)));
        match setup.session_only {
            true => self.session_secret = Some(setup.secret.clone()),
            false => self.device_secret = Some(setup.secret.clone()),
        }
    }

    /// Applies what a transaction holds.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Put(Store::Journal, key, text) => {
                    self.damaged.retain(|other| other != key);
                    let before = self.journal.insert(key.clone(), text.clone()).map_or(0, |old| old.len());
                    self.used = self.used + text.len() - before;
                }
                Change::Put(Store::History, key, text) => {
                    let before = self.history.insert(key.clone(), mark_of(text)).map_or(0, |(old, _)| old);
                    self.used = self.used + text.len() - before;
                }
                Change::Delete(Store::Journal, key) => {
                    self.used -= self.journal.remove(key).map_or(0, |old| old.len());
                }
                Change::Delete(Store::History, key) => self.used -= self.history.remove(key).map_or(0, |(old, _)| old),
                Change::DeleteThrough(Store::Journal, key) => {
                    self.journal.retain(|other, _| other > key);
                    self.count();
                }
                Change::DeleteThrough(Store::History, key) => {
                    self.history.retain(|other, _| other > key);
                    self.count();
                }
                Change::Clear(Store::Journal) => {
                    self.journal.clear();
                    self.count();
                }
                Change::Clear(Store::History) => {
                    self.history.clear();
                    self.count();
                }
            }
        }
    }

    pub fn count(&mut self) {
        self.used = self.journal.values().map(String::len).sum::<usize>()
            + self.history.values().map(|(length, _)| length).sum::<usize>();
    }

    /// Leaves room for so many bytes more.
    pub fn fill_up(&mut self, room: usize) {
        self.capacity = Some(self.used + room);
    }

    pub fn has_no_room_for(&self, changes: &[Change]) -> bool {
        let Some(capacity) = self.capacity else { return false };
        let more: usize = (changes.iter())
            .map(|change| match change {
                Change::Put(Store::Journal, key, text) => {
                    text.len().saturating_sub(self.journal.get(key).map_or(0, String::len))
                }
                Change::Put(Store::History, key, text) => {
                    text.len().saturating_sub(self.history.get(key).map_or(0, |(old, _)| *old))
                }
                _ => 0,
            })
            .sum();
        more > 0 && self.used + more > capacity
    }

    /// The newer version is gone again.
    pub fn become_ours(&mut self) {
        match self.ours.take() {
            Some(Some(meta)) => drop(self.journal.insert("meta".to_owned(), meta)),
            Some(None) => drop(self.journal.remove("meta")),
            None => {}
        }
        self.count();
    }

    /// Whether anything is being written.
    pub fn is_writing(&self) -> bool {
        !self.pending.is_empty()
    }
}

/// Settings on their way to the store.
#[derive(Debug)]
pub struct SettingsOrder {
    pub life: u32,
    pub command: u64,
    pub setup: Option<(usize, String)>,
    pub secret: SecretChange,
    pub done: bool,
    /// The browser ended before it was written.
    pub lost: bool,
}
