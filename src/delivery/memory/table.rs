//! Remembered interactions in few bytes each: 28, and an eighth of that at most for growth.
//!
//! Each event of the stream asks here, so a look-up is one binary search among about a thousand neighbours. A connection
//! has 256 sorted shelves, one for each first byte of an interaction. A set of marks that many share is kept once.

use crate::model::sorted::SortedMap;

use super::bucket::Place;
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

type Shelves = [Shelf; 256];

/// The interactions of a connection that begin with the same byte, in order.
#[derive(Debug, Default)]
struct Shelf {
    entries: Vec<Entry>,
    /// How many of them have a record of their own.
    loose: u32,
}

/// All remembered interactions.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Few: a person changes the base address seldom.
    connections: Vec<(Fingerprint, Box<Shelves>)>,
    states: Vec<State>,
    numbers: SortedMap<State, u32>,
    base: Option<Millis>,
    len: usize,
}

impl Table {
    pub fn len(&self) -> usize {
        self.len
    }

    /// The state of an interaction.
    pub fn get(&self, subject: Subject) -> Option<(&State, Seen)> {
        let entry = self.find(subject)?;
        Some((&self.states[entry.state as usize], self.seen_of(entry)))
    }

    /// Notes that an interaction was seen, and nothing else.
    pub fn touch(&mut self, subject: Subject, seen: Millis) {
        let seen = self.short(seen);
        if let Some((shelf, Ok(at))) = self.place(subject) {
            shelf.entries[at].seen = seen;
        }
    }

    pub fn set(&mut self, subject: Subject, state: State, seen: Seen) {
        // The later instant first, because the base may move for it.
        let (state, seen, stored) = (self.number(state), self.short(seen.seen), self.short(seen.stored));
        let entry = Entry { interaction: subject.interaction.bytes(), seen, stored, state };
        let before = self.find(subject).map_or(0, |entry| self.looseness(entry.state));
        let after = self.looseness(state);
        self.keep_shelves(subject.connection);
        let Some((shelf, at)) = self.place(subject) else { return };
        shelf.loose = shelf.loose + after - before;
        match at {
            Ok(at) => shelf.entries[at] = entry,
            Err(at) => {
                if shelf.entries.len() == shelf.entries.capacity() {
                    // By an eighth; doubling would leave half of the bytes unused.
                    shelf.entries.reserve_exact((shelf.entries.len() / 8).max(4));
                }
                shelf.entries.insert(at, entry);
                self.len += 1;
            }
        }
    }

    fn keep_shelves(&mut self, connection: Fingerprint) {
        if !self.connections.iter().any(|(known, _)| *known == connection) {
            self.connections.push((connection, Box::new(std::array::from_fn(|_| Shelf::default()))));
        }
    }

    /// Whether a state says that an interaction has a record of its own.
    fn looseness(&self, state: u32) -> u32 {
        self.states.get(state as usize).map_or(0, |state| u32::from(state.is_loose()))
    }

    /// Fills an empty shelf with interactions in order, each with its place among the states. Says whether it was empty.
    pub fn fill(&mut self, place: Place, states: &[State], lines: &[(Fingerprint, usize, Seen)]) -> bool {
        self.keep_shelves(place.connection);
        let is_empty = |(connection, shelves): &(Fingerprint, Box<Shelves>)| {
            *connection == place.connection && shelves[usize::from(place.first)].entries.is_empty()
        };
        let Some(at) = self.connections.iter().position(is_empty) else { return false };
        let numbers: Vec<u32> = states.iter().map(|state| self.number(state.clone())).collect();
        let mut entries = Vec::with_capacity(lines.len() + lines.len() / 8);
        // The latest instant first, because the base may move for it.
        if let Some(latest) = lines.iter().map(|(.., at)| at.seen).max() {
            self.short(latest);
        }
        for (interaction, state, at) in lines {
            let (seen, stored) = (self.short(at.seen), self.short(at.stored));
            entries.push(Entry { interaction: interaction.bytes(), seen, stored, state: numbers[*state] });
        }
        // The lines were written in order, but only a sorted shelf can be searched.
        entries.sort_unstable_by_key(|entry| entry.interaction);
        entries.dedup_by_key(|entry| entry.interaction);
        let loose = entries.iter().map(|entry| self.looseness(entry.state)).sum();
        self.len += entries.len();
        self.connections[at].1[usize::from(place.first)] = Shelf { entries, loose };
        true
    }

    /// The bucket with the most records of single interactions, with their number and that of all its interactions.
    pub fn loosest(&self) -> Option<(Place, usize, usize)> {
        let all = self.connections.iter().flat_map(|(connection, shelves)| {
            let places = (0..=u8::MAX).map(|first| Place { connection: *connection, first });
            places.zip(shelves.iter())
        });
        let (place, shelf) = all.max_by_key(|(_, shelf)| shelf.loose)?;
        Some((place, shelf.loose as usize, shelf.entries.len()))
    }

    /// How many interactions have a record of their own.
    pub fn loose(&self) -> usize {
        self.shelves().map(|shelf| shelf.loose as usize).sum()
    }

    /// The interactions of one bucket.
    pub fn shelf(&self, place: Place) -> Vec<(Fingerprint, State, Seen)> {
        let shelves = self.connections.iter().find(|(connection, _)| *connection == place.connection);
        let entries = shelves.map(|(_, shelves)| &shelves[usize::from(place.first)].entries);
        let told = |entry: &Entry| {
            let interaction = Fingerprint::from_bytes(entry.interaction);
            (interaction, self.states[entry.state as usize].clone(), self.seen_of(entry))
        };
        entries.into_iter().flatten().map(told).collect()
    }

    fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.connections.iter().flat_map(|(_, shelves)| shelves.iter())
    }

    fn shelves_mut(&mut self) -> impl Iterator<Item = &mut Shelf> {
        self.connections.iter_mut().flat_map(|(_, shelves)| shelves.iter_mut())
    }

    pub fn remove(&mut self, subject: Subject) -> Option<State> {
        let loose = self.looseness(self.find(subject)?.state);
        let (shelf, Ok(at)) = self.place(subject)? else { return None };
        let entry = shelf.entries.remove(at);
        shelf.loose -= loose;
        self.len -= 1;
        self.states.get(entry.state as usize).cloned()
    }

    /// Every interaction with its state, and when it was last seen.
    pub fn iter(&self) -> impl Iterator<Item = (Subject, &State, Seen)> {
        self.connections.iter().flat_map(move |(connection, shelves)| {
            shelves.iter().flat_map(|shelf| &shelf.entries).map(move |entry| {
                let interaction = Fingerprint::from_bytes(entry.interaction);
                let subject = Subject { connection: *connection, interaction };
                (subject, &self.states[entry.state as usize], self.seen_of(entry))
            })
        })
    }

    /// Changes every state, and forgets the interactions of those that are `None` then.
    pub fn change_states(&mut self, change: impl Fn(&State) -> Option<State>) {
        let before = std::mem::take(&mut self.states);
        self.numbers.clear();
        let after: Vec<Option<u32>> = before.iter().map(|state| Some(self.number(change(state)?))).collect();
        let loose: Vec<bool> = self.states.iter().map(State::is_loose).collect();
        for shelf in self.shelves_mut() {
            shelf.entries.retain_mut(|entry| {
                let state = after[entry.state as usize];
                entry.state = state.unwrap_or_default();
                state.is_some()
            });
            shelf.loose = shelf.entries.iter().filter(|entry| loose[entry.state as usize]).count() as u32;
        }
        self.len = self.shelves().map(|shelf| shelf.entries.len()).sum();
    }

    /// Gives back what forgotten interactions leave unused.
    pub fn tidy(&mut self) {
        for Shelf { entries, .. } in self.shelves_mut() {
            if entries.capacity() > 2 * entries.len() + 8 {
                entries.shrink_to(entries.len() + entries.len() / 8);
            }
        }
        self.connections.retain(|(_, shelves)| shelves.iter().any(|shelf| !shelf.entries.is_empty()));
        if self.states.len() > MANY_STATES {
            let mut used = vec![false; self.states.len()];
            for entry in self.shelves().flat_map(|shelf| &shelf.entries) {
                used[entry.state as usize] = true;
            }
            let unused: Vec<&State> =
                self.states.iter().zip(&used).filter(|(_, used)| !**used).map(|(one, _)| one).collect();
            if unused.len() > self.states.len() / 2 {
                let unused: crate::model::sorted::SortedSet<State> = unused.into_iter().cloned().collect();
                self.change_states(|state| (!unused.contains(state)).then(|| state.clone()));
            }
        }
    }

    /// Bytes that interactions take.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        let entries: usize = self.shelves().map(|shelf| shelf.entries.capacity() * size_of::<Entry>()).sum();
        entries + self.connections.len() * size_of::<Shelves>() + 2 * self.states.len() * size_of::<State>()
    }

    fn find(&self, subject: Subject) -> Option<&Entry> {
        let (_, shelves) = self.connections.iter().find(|(connection, _)| *connection == subject.connection)?;
        let interaction = subject.interaction.bytes();
        let shelf = &shelves[usize::from(interaction[0])].entries;
        shelf.binary_search_by_key(&interaction, |entry| entry.interaction).ok().map(|at| &shelf[at])
    }

    /// The shelf of an interaction, and its place there.
    fn place(&mut self, subject: Subject) -> Option<(&mut Shelf, Result<usize, usize>)> {
        let (_, shelves) = self.connections.iter_mut().find(|(connection, _)| *connection == subject.connection)?;
        let interaction = subject.interaction.bytes();
        let shelf = &mut shelves[usize::from(interaction[0])];
        // Records are read in the order of their keys.
        let is_last = shelf.entries.last().is_none_or(|last| last.interaction < interaction);
        let at = match is_last {
            true => Err(shelf.entries.len()),
            false => shelf.entries.binary_search_by_key(&interaction, |entry| entry.interaction),
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
        for entry in self.shelves_mut().flat_map(|shelf| &mut shelf.entries) {
            entry.seen = entry.seen.saturating_sub(step);
            entry.stored = entry.stored.saturating_sub(step);
        }
    }
}

#[cfg(test)]
#[path = "table/tests.rs"]
mod tests;
