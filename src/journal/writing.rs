//! The commit under way: one batch, begun once or more often, and how long nobody has answered.

use super::queue::{Mark, Taken};
use crate::model::ask::CommitId;
use crate::model::time::Millis;

/// A commit unanswered for this long is shown as slow.
const SLOW: Millis = Millis::from_secs(10);

/// … and for this long is begun once more, over a database opened again.
const BEGIN_AGAIN: Millis = Millis::from_secs(20);

/// … or, where the commit before took long, for twice as long, up to this: a clock that was set forward makes any seem so.
const LONGEST_PATIENCE: Millis = Millis::from_secs(120);

/// A batch is begun this often. What hangs is not helped by more of the same: after these, a fresh engine may.
const MOST_ATTEMPTS: usize = 4;

/// How far apart restarts are: each forgets what is not durable.
pub(super) const RESTART_SPACING: Millis = Millis::from_mins(10);

/// Entries of the history wait this long, so that those of one moment share a commit and no card waits for one.
pub(super) const HISTORY_DELAY: Millis = Millis::from_secs(1);

/// Where commits follow each other without a pause, entries of the history wait this much longer at most.
pub(super) const HISTORY_PATIENCE: Millis = Millis::from_secs(4);

/// The time without an answer is shown again at least this often.
const TELL_AGAIN: Millis = Millis::from_secs(60);

/// Nobody has answered a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// For how long.
    pub unanswered: Millis,
    /// The engine should be restarted.
    pub restart: bool,
    /// The batch is to be begun again, over a database opened again.
    pub(super) begin_again: bool,
}

/// A batch under way.
#[derive(Debug)]
pub(super) struct Writing {
    pub taken: Taken,
    /// The batch only removes, to make room.
    pub is_removal: bool,
    /// All that may still be answered, oldest first. Storage keeps them in order, so that the answer of any counts.
    attempts: Vec<CommitId>,
    since: Millis,
    look_at: Millis,
    is_slow: bool,
    is_refused: bool,
}

impl Writing {
    pub fn new(taken: Taken, is_removal: bool, now: Millis) -> Writing {
        Writing {
            taken,
            is_removal,
            attempts: Vec::new(),
            since: now,
            look_at: now.plus(SLOW),
            is_slow: false,
            is_refused: false,
        }
    }

    /// Notes a try. Says whether there was an earlier one, because nobody knows whether that was written.
    pub fn begun(&mut self, id: CommitId, now: Millis) -> bool {
        let again = self.is_refused || !self.attempts.is_empty();
        if std::mem::take(&mut self.is_refused) {
            (self.since, self.look_at, self.is_slow) = (now, now.plus(SLOW), false);
        }
        self.attempts.push(id);
        again
    }

    pub fn awaits(&self, id: CommitId) -> bool {
        self.attempts.contains(&id)
    }

    /// For how long it has been under way.
    pub fn age(&self, now: Millis) -> Millis {
        now.since(self.since)
    }

    pub fn is_slow(&self) -> bool {
        self.is_slow
    }

    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// When it is looked at next, while nobody answers.
    pub fn look_at(&self) -> Millis {
        self.look_at
    }

    pub fn new_cards(&self) -> u32 {
        self.taken.puts.iter().filter(|put| put.mark == Mark::New).count() as u32
    }

    /// Notes a refused try. Says whether it was the newest; an older one says nothing about the newest.
    pub fn refused(&mut self, id: CommitId) -> bool {
        let newest = self.attempts.last() == Some(&id);
        self.attempts.retain(|other| *other != id);
        self.is_refused |= newest;
        newest
    }

    /// The stall to report now; none where the newest try was refused. A storage that `took` long for
    /// the commit before gets time for this one, because every further try adds to what it has to do.
    pub fn stall(&mut self, now: Millis, took: Millis, no_restart_before: Millis) -> Option<Stall> {
        if self.is_refused {
            return None;
        }
        let unanswered = self.age(now);
        let told = std::mem::replace(&mut self.is_slow, true);
        let used_up = self.attempts.len() >= MOST_ATTEMPTS;
        let restart = used_up && no_restart_before <= now;
        self.look_at = if !told {
            let patience = took.plus(took).clamp(BEGIN_AGAIN, LONGEST_PATIENCE);
            self.since.plus(patience).max(now.plus(SLOW))
        } else if used_up {
            now.plus(TELL_AGAIN)
        } else {
            now.plus(unanswered.min(LONGEST_PATIENCE))
        };
        Some(Stall { unanswered, restart, begin_again: told && !used_up })
    }
}
