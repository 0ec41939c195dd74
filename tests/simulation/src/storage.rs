//! The stores of the browser: a journal written in transactions, one after another, and the small stores beside it.

use std::collections::{BTreeMap, VecDeque};

use cuewire::model::ask::{Change, CommitFailure, CommitId, Store};
use cuewire::pipeline::effect::RecallId;
use cuewire::pipeline::input::Input;

use crate::person::Wish;
use crate::plan::Setup;
use crate::saving::SettingsOrder;
use crate::tally::{Check, Fault};
use crate::trace::Trace;
use crate::world::{Event, World};

/// The stores of the browser.
#[derive(Debug, Default)]
pub struct Storage {
    /// Chunks of what was heard.
    pub recording: BTreeMap<cuewire::recording::Key, Vec<u8>>,
    pub journal: BTreeMap<String, String>,
    /// The length of each entry, and a hash of its text.
    pub history: BTreeMap<String, (usize, u64)>,
    /// Bytes of both.
    used: usize,
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
    pending: VecDeque<Commit>,
    answers: Vec<Commit>,
    serial: u64,
    /// Transactions end in the order they began in.
    free_at: u64,
    /// Settings on their way to the store.
    pub orders: Vec<SettingsOrder>,
    /// Records that were damaged and not written since.
    pub damaged: Vec<String>,
    /// Whether the present worker has written.
    written: bool,
}

/// The most commits of one worker that are unanswered at once.
const UNANSWERED: usize = 4;

#[derive(Debug)]
struct Commit {
    serial: u64,
    life: u32,
    id: CommitId,
    changes: Vec<Change>,
    fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
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
    fn apply(&mut self, changes: &[Change]) {
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

    fn has_no_room_for(&self, changes: &[Change]) -> bool {
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

impl World {
    /// A transaction begins.
    pub(crate) fn begin_commit(&mut self, id: CommitId, changes: Vec<Change>) {
        // A person may want it gone, whoever wrote it.
        let allowed = self.storage.ours.is_none() || self.ledger.clearing;
        self.check(Check::NewerUntouched, allowed, || "a commit to a newer journal".to_owned());
        self.storage.serial += 1;
        let serial = self.storage.serial;
        self.ledger.last_commit = id.0;
        self.ledger.commits.push((id.0, self.now));
        let unanswered = self.ledger.commits.len();
        self.check(Check::CommitSize, unanswered <= UNANSWERED, || format!("{unanswered} commits unanswered"));
        self.ledger.awaiting = true;
        self.judge_commit(serial, &changes);
        let mut delay = self.dice.between(1, 12);
        let mut answer = Some(self.dice.below(4));
        let fate = if self.strikes(Fault::CommitRefused) {
            Fate::Refused(CommitFailure::Other("the disk is on fire".to_owned()))
        } else if self.strikes(Fault::CommitVanished) {
            Fate::Vanished
        } else {
            if self.strikes(Fault::CommitUnanswered) {
                answer = None;
            } else if self.strikes(Fault::CommitLate) {
                match self.dice.chance(500) {
                    true => delay += self.dice.between(30_001, 50_000),
                    false => answer = Some(self.dice.between(30_001, 50_000)),
                }
            } else if self.strikes(Fault::CommitSlow) {
                delay += self.dice.between(100, 6_000);
            }
            Fate::Applied(answer)
        };
        let life = self.worker.life;
        self.storage.free_at = self.storage.free_at.max(self.now + delay);
        let at = self.storage.free_at;
        self.storage.pending.push_back(Commit { serial, life, id, changes, fate });
        self.at(at, Event::Durable(serial));
    }

    /// The storage comes to a transaction.
    pub(crate) fn come_to(&mut self, serial: u64) {
        let Some(at) = self.storage.pending.iter().position(|commit| commit.serial == serial) else { return };
        if self.now < self.storage.hung_until {
            return self.at(self.storage.hung_until, Event::Durable(serial));
        }
        if at > 0 {
            return self.after(1, Event::Durable(serial)); // Earlier transactions end first.
        }
        let Some(mut commit) = self.storage.pending.remove(at) else { return };
        let answer = match commit.fate {
            Fate::Vanished => return,
            Fate::Refused(_) => Some(1),
            Fate::Applied(_) if self.storage.has_no_room_for(&commit.changes) => {
                self.happened(Fault::QuotaFull);
                commit.fate = Fate::Refused(CommitFailure::QuotaExceeded);
                Some(1)
            }
            Fate::Applied(answer) => {
                self.make_durable(serial, &commit.changes);
                answer
            }
        };
        if let Some(answer) = answer {
            self.storage.answers.push(commit);
            self.after(answer, Event::CommitAnswer(serial));
        }
    }

    /// The database goes with all that is in it, and with what was still to be written.
    pub(crate) fn delete_database(&mut self) {
        self.storage.pending.clear();
        self.storage.journal.clear();
        self.storage.history.clear();
        self.storage.ours = None;
        self.storage.count();
        self.note_cleared();
    }

    fn make_durable(&mut self, serial: u64, changes: &[Change]) {
        let unfolded = self.storage.unfold(changes);
        self.storage.apply(changes);
        self.storage.written = true;
        self.note_durable(serial, &unfolded);
    }

    /// The worker hears what became of a transaction.
    pub(crate) fn commit_answered(&mut self, serial: u64) {
        let Some(at) = self.storage.answers.iter().position(|commit| commit.serial == serial) else { return };
        let commit = self.storage.answers.swap_remove(at);
        if !self.is_alive(commit.life) {
            return;
        }
        self.ledger.commits.retain(|(id, _)| *id > commit.id.0);
        match commit.fate {
            Fate::Refused(failure) => {
                self.note_refused(serial);
                self.feed(Input::CommitFailed(commit.id, failure));
            }
            _ => {
                let clears = commit.changes.iter().any(|change| matches!(change, Change::Clear(_)));
                // Any of the times that a batch was asked for makes it durable.
                let last = commit.id.0 >= self.ledger.batch_from;
                self.ledger.asked.take_if(|_| last);
                if last {
                    self.ledger.commits.clear();
                }
                self.feed(Input::Committed(commit.id));
                let more = self.worker.unanswered.iter().any(|(_, wish)| *wish == Wish::Clear);
                self.ledger.clearing &= !clears || !last || more;
            }
        }
    }

    /// The storage answers again: what it was asked ends now, in order.
    pub(crate) fn thaw(&mut self) {
        self.storage.hung_until = 0;
        for at in 0..self.storage.pending.len() {
            let serial = self.storage.pending[at].serial;
            self.at(self.now, Event::Durable(serial));
        }
    }

    /// The database is opened once more.
    pub(crate) fn reopen_database(&mut self) {
        if std::mem::take(&mut self.storage.hung_connection) {
            self.thaw();
        }
    }

    /// The worker is gone: some of what it was writing is durable all the same, in order.
    pub(crate) fn abandon_commits(&mut self, survives: Option<bool>) {
        let pending = std::mem::take(&mut self.storage.pending);
        let whole: Vec<Commit> = pending.into_iter().filter(|commit| matches!(commit.fate, Fate::Applied(_))).collect();
        let kept = match survives {
            Some(true) => whole.len(),
            Some(false) => 0,
            None if self.dice.chance(500) => self.dice.between(0, whole.len() as u64) as usize,
            None => 0,
        };
        for (at, commit) in whole.iter().enumerate() {
            if at < kept && !self.storage.has_no_room_for(&commit.changes) {
                self.happened(Fault::CommitOutlived);
                self.make_durable(commit.serial, &commit.changes);
            } else {
                self.happened(Fault::CommitLost);
                if self.storage.written {
                    self.happened(Fault::CommitsTorn);
                }
                break;
            }
        }
        self.storage.answers.clear();
        self.storage.hung_until = 0;
        self.storage.free_at = self.now;
        self.storage.written = false;
    }
}
