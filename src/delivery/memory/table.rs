//! Remembered interactions in few bytes each: 28, and an eighth of that at most for growth.
//!
//! Each event of the stream asks here, so a look-up is one binary search among about a thousand neighbours. A connection
//! has 256 sorted shelves, one for each first byte of an interaction. A set of marks that many share is kept once.

use std::collections::BTreeMap;

use super::state::State;
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::time::Millis;

/// Instants are kept as milliseconds after a base. The base lies this far in the past, beyond the longest memory with
/// its slack: whatever is older has lapsed.
const REACH: Millis = Millis::from_mins(34 * 24 * 60);

/// Sets of marks beyond which a sweep looks for those that nothing uses any more.
const MANY_STATES: usize = 4_096;

/// One remembered interaction.
#[derive(Debug, Clone, Copy)]
struct Entry {
    interaction: [u8; 16],
    seen: u32,
    stored: u32,
    state: u32,
}

/// When an interaction was last seen, and what of that is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub seen: Millis,
    pub stored: Millis,
}

type Shelves = [Vec<Entry>; 256];

/// All remembered interactions.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Few: a person changes the base address seldom.
    connections: Vec<(Fingerprint, Box<Shelves>)>,
    states: Vec<State>,
    numbers: BTreeMap<State, u32>,
    base: Option<Millis>,
    len: usize,
}

impl Table {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn clear(&mut self) {
        *self = Table::default();
    }

    /// What is known of an interaction.
    pub fn get(&self, subject: Subject) -> Option<(&State, Seen)> {
        let entry = self.find(subject)?;
        Some((&self.states[entry.state as usize], self.seen_of(entry)))
    }

    /// Notes that an interaction was seen, and nothing else.
    pub fn touch(&mut self, subject: Subject, seen: Millis) {
        let seen = self.short(seen);
        if let Some((shelf, Ok(at))) = self.place(subject) {
            shelf[at].seen = seen;
        }
    }

    pub fn set(&mut self, subject: Subject, state: State, seen: Seen) {
        // The later instant first, because the base may move for it.
        let (state, seen, stored) = (self.number(state), self.short(seen.seen), self.short(seen.stored));
        let entry = Entry { interaction: subject.interaction.bytes(), seen, stored, state };
        if !self.connections.iter().any(|(connection, _)| *connection == subject.connection) {
            let shelves = Box::new(std::array::from_fn(|_| Vec::new()));
            self.connections.push((subject.connection, shelves));
        }
        match self.place(subject) {
            Some((shelf, Ok(at))) => shelf[at] = entry,
            Some((shelf, Err(at))) => {
                if shelf.len() == shelf.capacity() {
                    // By an eighth; doubling would leave half of the bytes unused.
                    shelf.reserve_exact((shelf.len() / 8).max(4));
                }
                shelf.insert(at, entry);
                self.len += 1;
            }
            None => {}
        }
    }

    pub fn remove(&mut self, subject: Subject) -> Option<State> {
        let (shelf, Ok(at)) = self.place(subject)? else { return None };
        let entry = shelf.remove(at);
        self.len -= 1;
        self.states.get(entry.state as usize).cloned()
    }

    /// Every interaction, and when it was last seen.
    pub fn iter(&self) -> impl Iterator<Item = (Subject, Seen)> {
        self.connections.iter().flat_map(move |(connection, shelves)| {
            shelves.iter().flatten().map(move |entry| {
                let interaction = Fingerprint::from_bytes(entry.interaction);
                (Subject { connection: *connection, interaction }, self.seen_of(entry))
            })
        })
    }

    /// Changes every state, and forgets the interactions of those that are `None` then.
    pub fn change_states(&mut self, change: impl Fn(&State) -> Option<State>) {
        let before = std::mem::take(&mut self.states);
        self.numbers.clear();
        let after: Vec<Option<u32>> = before.iter().map(|state| Some(self.number(change(state)?))).collect();
        for shelf in self.connections.iter_mut().flat_map(|(_, shelves)| shelves.iter_mut()) {
            shelf.retain_mut(|entry| {
                let state = after[entry.state as usize];
                entry.state = state.unwrap_or_default();
                state.is_some()
            });
        }
        self.count();
    }

    /// Gives back what forgotten interactions leave unused.
    pub fn tidy(&mut self) {
        for shelf in self.connections.iter_mut().flat_map(|(_, shelves)| shelves.iter_mut()) {
            if shelf.capacity() > 2 * shelf.len() + 8 {
                shelf.shrink_to(shelf.len() + shelf.len() / 8);
            }
        }
        self.connections.retain(|(_, shelves)| shelves.iter().any(|shelf| !shelf.is_empty()));
        if self.states.len() > MANY_STATES {
            let mut used = vec![false; self.states.len()];
            for entry in self.connections.iter().flat_map(|(_, shelves)| shelves.iter().flatten()) {
                used[entry.state as usize] = true;
            }
            let unused: Vec<&State> =
                self.states.iter().zip(&used).filter(|(_, used)| !**used).map(|(one, _)| one).collect();
            if unused.len() > self.states.len() / 2 {
                let unused: std::collections::BTreeSet<State> = unused.into_iter().cloned().collect();
                self.change_states(|state| (!unused.contains(state)).then(|| state.clone()));
            }
        }
    }

    /// Bytes that interactions take.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let shelves = self.connections.iter().flat_map(|(_, shelves)| shelves.iter());
        let entries: usize = shelves.map(|shelf| shelf.capacity() * size_of::<Entry>()).sum();
        entries + self.connections.len() * size_of::<Shelves>() + 2 * self.states.len() * size_of::<State>()
    }

    fn find(&self, subject: Subject) -> Option<&Entry> {
        let (_, shelves) = self.connections.iter().find(|(connection, _)| *connection == subject.connection)?;
        let interaction = subject.interaction.bytes();
        let shelf = &shelves[usize::from(interaction[0])];
        shelf.binary_search_by_key(&interaction, |entry| entry.interaction).ok().map(|at| &shelf[at])
    }

    /// The shelf of an interaction, and its place there.
    fn place(&mut self, subject: Subject) -> Option<(&mut Vec<Entry>, Result<usize, usize>)> {
        let (_, shelves) = self.connections.iter_mut().find(|(connection, _)| *connection == subject.connection)?;
        let interaction = subject.interaction.bytes();
        let shelf = &mut shelves[usize::from(interaction[0])];
        // What is read back comes in order.
        let is_last = shelf.last().is_none_or(|last| last.interaction < interaction);
        let at = match is_last {
            true => Err(shelf.len()),
            false => shelf.binary_search_by_key(&interaction, |entry| entry.interaction),
        };
        Some((shelf, at))
    }

    fn number(&mut self, state: State) -> u32 {
        if let Some(number) = self.numbers.get(&state) {
            return *number;
        }
        let number = self.states.len() as u32;
        self.states.push(state.clone());
        self.numbers.insert(state, number);
        number
    }

    fn seen_of(&self, entry: &Entry) -> Seen {
        let base = self.base.unwrap_or_default();
        let long = |at: u32| if at == 0 { Millis::ZERO } else { base.plus(Millis(u64::from(at))) };
        Seen { seen: long(entry.seen), stored: long(entry.stored) }
    }

    /// An instant after the base. Zero is never, or too long ago.
    fn short(&mut self, at: Millis) -> u32 {
        let base = *self.base.get_or_insert(Millis(at.0.saturating_sub(REACH.0)));
        u32::try_from(at.since(base).0).unwrap_or_else(|_| {
            self.rebase(Millis(at.0 - REACH.0));
            REACH.0 as u32
        })
    }

    fn rebase(&mut self, base: Millis) {
        let before = self.base.replace(base).unwrap_or_default();
        let step = u32::try_from(base.since(before).0).unwrap_or(u32::MAX);
        for entry in self.connections.iter_mut().flat_map(|(_, shelves)| shelves.iter_mut().flatten()) {
            entry.seen = entry.seen.saturating_sub(step);
            entry.stored = entry.stored.saturating_sub(step);
        }
    }

    fn count(&mut self) {
        self.len = self.connections.iter().flat_map(|(_, shelves)| shelves.iter()).map(Vec::len).sum();
    }
}

#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
