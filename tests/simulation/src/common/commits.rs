//! The commits that workers asked for, each with its place.

use cuewire::model::ask::{Change, CommitId};

#[derive(Debug)]
pub struct Commits<K>(Vec<Commit<K>>);

#[derive(Debug)]
struct Commit<K> {
    id: CommitId,
    life: u32,
    /// Empty once the changes are durable or lost.
    changes: Vec<Change>,
    /// The world's knowledge as the commit began.
    known: K,
}

impl<K> Default for Commits<K> {
    fn default() -> Commits<K> {
        Commits(Vec::new())
    }
}

impl<K> Commits<K> {
    /// Returns the place of the commit.
    pub fn begin(&mut self, id: CommitId, life: u32, changes: Vec<Change>, known: K) -> usize {
        self.0.push(Commit { id, life, changes, known });
        self.0.len() - 1
    }

    /// The commit, and the life of the worker that asked for it.
    pub fn asked(&self, place: usize) -> (CommitId, u32) {
        (self.0[place].id, self.0[place].life)
    }

    /// The changes as they become durable; nothing where they are durable or lost already.
    pub fn take(&mut self, place: usize) -> Option<(Vec<Change>, &K)> {
        let Commit { changes, known, .. } = &mut self.0[place];
        (!changes.is_empty()).then(|| (std::mem::take(changes), &*known))
    }

    /// The places of commits that are neither durable nor lost as the worker of this life ends.
    pub fn under_way(&self, life: u32) -> Vec<usize> {
        let is_under_way = |place: &usize| self.0[*place].life == life && !self.0[*place].changes.is_empty();
        (0..self.0.len()).filter(is_under_way).collect()
    }

    /// The commits of this life that are not durable are lost.
    pub fn lose(&mut self, life: u32) {
        self.0.iter_mut().filter(|commit| commit.life == life).for_each(|commit| commit.changes.clear());
    }
}
