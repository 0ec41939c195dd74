//! The stores of the browser: a journal written in transactions, one after another, and the small stores beside it.

use cuewire::model::ask::{Change, CommitFailure, CommitId};
use cuewire::pipeline::input::Input;

use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::storage::{Commit, Fate};
use crate::world::wish::Wish;

/// The most commits of one worker that are unanswered at once.
const UNANSWERED: usize = 4;

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
