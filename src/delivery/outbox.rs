//! Cards accepted and not yet settled, and those given up.
//!
//! | part | where |
//! | --- | --- |
//! | a card's record in the journal | [`StoredCard`] |
//! | one card on its way | [`Entry`] |
//! | the requests in flight | [`Flights`] |
//! | signals to scripts of contacts | [`Signals`] |
//! | all cards, and which is next | [`Outbox`] |
//!
//! **Cards that were never tried go first, in the order accepted; then those with the fewest tries.** So no card waits
//! for another card's trouble. After trouble, dispatch asks for the newest and the oldest in turn. Every lookup is by an
//! index: a backlog of thousands costs each card the same.

mod entry;
mod flights;
mod signals;
mod stored;
mod view;

pub use entry::{Delivery, Entry, Sending, Step};
pub use flights::Flights;
pub use signals::Signals;
pub use stored::{StoredCard, key};
pub use view::{CardName, CardState, CardView};

use crate::model::sorted::{SortedMap, SortedSet};

use crate::delivery::memory::Memory;
use crate::journal::{Batch, Journal};
use crate::model::ask::RequestId;
use crate::model::fingerprint::Subject;
use crate::model::time::Millis;

/// Cards that may wait at once. Beyond, a trigger is not accepted: it stays free to fire at the interaction's next event.
pub const LIMIT: usize = 10_000;

/// Given-up cards kept for a person; beyond, the oldest go.
pub const GIVEN_UP_LIMIT: usize = 1_000;

/// Records of version 1 that move with one batch.
const MOVED_AT_ONCE: usize = 64;

/// The entries by sequence, which is the order they were accepted in, and the indexes over them.
#[derive(Debug, Default)]
pub struct Outbox {
    entries: SortedMap<u64, Entry>,
    /// The requests in flight.
    pub flights: Flights,
    /// Signals to scripts of contacts whose cards have left.
    pub signals: Signals,
    lanes: SortedMap<String, Lane>,
    /// Cards that are not durable yet, by the batch that persists them.
    accepting: SortedSet<(Batch, u64)>,
    /// Settled cards, by the batch that removes their records.
    leaving: SortedSet<(Batch, u64)>,
    /// Queued cards by the end of their time to live.
    expiry: SortedSet<(Millis, u64)>,
    by_subject: SortedMap<Subject, Vec<u64>>,
    given_up: SortedSet<u64>,
    /// Entries whose records are still where version 1 kept them.
    old: SortedSet<u64>,
    /// Cards that nobody can read yet.
    aside: SortedSet<u64>,
    open: usize,
}

/// The next card to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Which.
    pub sequence: u64,
    /// Whether it was never tried.
    pub never_tried: bool,
    /// Whether it made way after refusals and has its turn.
    pub made_way: bool,
    /// Whether it waited for us, or others wait behind it.
    pub pressed: bool,
}

/// An end of the cards that were never tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// In the order accepted.
    Oldest,
    /// The card of the latest event.
    Newest,
    /// The first card that only made way after refusals.
    MadeWay,
}

/// The queue of one service.
#[derive(Debug, Default)]
struct Lane {
    /// By rank and sequence; since when each could be sent.
    ready: SortedMap<(u32, u64), Millis>,
    /// By the instant from which each may be sent.
    later: SortedSet<(Millis, u64)>,
}

impl Outbox {
    /// Takes an entry in, in place of a given-up one of the same interaction and rule: they share a record.
    pub fn insert(&mut self, entry: Entry) {
        let key = entry.key();
        let same =
            |sequence: &&u64| self.entries.get(sequence).is_some_and(|other| other.is_given_up() && other.key() == key);
        let replaced = self.by_subject.get(&entry.subject()).and_then(|all| all.iter().find(same).copied());
        if let Some(sequence) = replaced {
            self.remove(sequence);
        }
        self.by_subject.entry(entry.subject()).or_default().push(entry.sequence());
        self.put(entry);
    }

    /// Takes an entry in that was read back.
    ///
    /// Says what its place in the order is: of two with the same, neither may be lost for it.
    pub fn restore(&mut self, stored: StoredCard, now: Millis) -> u64 {
        let mut stored = stored.taken_up(now);
        if self.entries.contains_key(&stored.sequence) {
            stored.sequence = self.entries.last_key_value().map_or(0, |(last, _)| last + 1);
        }
        let entry = Entry::restore(stored);
        let sequence = entry.sequence();
        self.by_subject.entry(entry.subject()).or_default().push(sequence);
        self.put(entry);
        sequence
    }

    /// Notes that version 1 keeps an entry's record.
    pub fn keep_old(&mut self, sequence: u64) {
        self.edit(sequence, Entry::keep_old);
        self.old.insert(sequence);
    }

    /// Moves records from where version 1 kept them: a few at once, so that no card waits for them.
    pub fn move_old(&mut self, journal: &mut Journal) {
        for _ in 0..MOVED_AT_ONCE {
            let Some(sequence) = self.old.pop_first() else { return };
            self.edit(sequence, |entry| entry.move_old(journal));
        }
    }

    /// Whether a card of this interaction and this episode of a rule is on its way.
    pub fn holds(&self, subject: Subject, occurrence: &str) -> bool {
        self.of(subject).any(|entry| entry.is_open() && entry.card().occurrence() == occurrence)
    }

    /// Whether such a card is given up, and still kept for a person to see.
    pub fn has_given_up(&self, subject: Subject, occurrence: &str) -> bool {
        self.of(subject).any(|entry| entry.is_given_up() && entry.card().occurrence() == occurrence)
    }

    /// Whether no further card can be accepted.
    pub fn is_full(&self) -> bool {
        self.entries.len() >= LIMIT + GIVEN_UP_LIMIT || self.open >= LIMIT
    }

    /// All entries, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The sequences of all entries, oldest first.
    pub fn sequences(&self) -> Vec<u64> {
        self.entries.keys().copied().collect()
    }

    /// Cards on their way.
    pub fn open(&self) -> usize {
        self.open
    }

    /// Cards on their way that nobody can read yet.
    pub fn aside(&self) -> usize {
        self.aside.len()
    }

    /// Cards that are not durable yet.
    pub fn accepting(&self) -> usize {
        self.accepting.len()
    }

    /// Cards given up.
    pub fn given_up(&self) -> usize {
        self.given_up.len()
    }

    /// Takes an entry out to change it; [`Outbox::put`] takes it back.
    pub fn take(&mut self, sequence: u64) -> Option<Entry> {
        let entry = self.entries.remove(&sequence)?;
        self.open -= usize::from(entry.is_open());
        self.given_up.remove(&sequence);
        self.aside.remove(&sequence);
        if entry.is_waiting() {
            self.expiry.remove(&(entry.expires_at(), sequence));
            if let Some(lane) = self.lanes.get_mut(entry.service()) {
                lane.ready.remove(&(entry.rank(), sequence));
                lane.later.remove(&(entry.not_before(), sequence));
            }
        }
        if let Some(batch) = entry.accepting_with() {
            self.accepting.remove(&(batch, sequence));
        }
        if let Some(batch) = entry.leaving_with() {
            self.leaving.remove(&(batch, sequence));
        }
        Some(entry)
    }

    /// Takes an entry back.
    pub fn put(&mut self, entry: Entry) {
        let sequence = entry.sequence();
        self.open += usize::from(entry.is_open());
        if entry.is_given_up() {
            self.given_up.insert(sequence);
        }
        if entry.is_waiting() {
            self.expiry.insert((entry.expires_at(), sequence));
        }
        if let Some(batch) = entry.accepting_with() {
            self.accepting.insert((batch, sequence));
        } else if entry.is_aside() {
            self.aside.insert(sequence);
        } else if entry.is_waiting() {
            if !self.lanes.contains_key(entry.service()) {
                self.lanes.insert(entry.service().to_owned(), Lane::default());
            }
            if let Some(lane) = self.lanes.get_mut(entry.service()) {
                lane.later.insert((entry.not_before(), sequence));
            }
        }
        if let Some(batch) = entry.leaving_with() {
            self.leaving.insert((batch, sequence));
        }
        self.entries.insert(sequence, entry);
    }

    /// Changes one entry.
    pub fn edit<R>(&mut self, sequence: u64, change: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        let mut entry = self.take(sequence)?;
        let result = change(&mut entry);
        self.put(entry);
        Some(result)
    }

    /// Forgets everything and says which requests were in flight.
    pub fn clear(&mut self) -> Vec<RequestId> {
        let requests = self.flights.ids();
        *self = Outbox::default();
        requests
    }

    /// Marks the cards of a service as ready once their backoff is over.
    pub fn release(&mut self, service: &str, now: Millis) {
        let Some(lane) = self.lanes.get_mut(service) else { return };
        while let Some((at, sequence)) = lane.later.first().copied().filter(|(at, _)| *at <= now) {
            lane.later.remove(&(at, sequence));
            if let Some(entry) = self.entries.get(&sequence) {
                lane.ready.insert((entry.rank(), sequence), now);
            }
        }
    }

    /// Somebody may talk to the customers of cards that were set aside.
    pub fn recall(&mut self) {
        for sequence in std::mem::take(&mut self.aside) {
            self.edit(sequence, |entry| entry.set_aside(false));
        }
    }

    /// The next card of a service to send, from this end of those that were never tried. Call [`Outbox::release`]
    /// first, and [`Outbox::take`] to have it.
    pub fn next(&self, service: &str, end: End, now: Millis) -> Option<Next> {
        let lane = self.lanes.get(service)?;
        let first = match end {
            End::Oldest => None,
            End::Newest => lane.ready.last_before(&(1, 0)),
            End::MadeWay => lane.ready.range((1, 0)..).find(|((_, sequence), _)| self.made_way(*sequence)),
        };
        let ((rank, sequence), since) = first.or_else(|| lane.ready.first_key_value())?;
        let pressed = *since < now || lane.ready.len() > 1;
        let made_way = self.made_way(*sequence);
        Some(Next { sequence: *sequence, never_tried: *rank == 0 || made_way, made_way, pressed })
    }

    /// The open cards of an interaction.
    pub fn open_cards_of(&self, subject: Subject) -> Vec<u64> {
        self.of(subject).filter(|entry| entry.is_open()).map(Entry::sequence).collect()
    }

    /// A card in the queue whose time to live is over.
    pub fn stale(&self, now: Millis) -> Option<u64> {
        self.expiry.first().filter(|(at, _)| *at <= now).map(|(_, sequence)| *sequence)
    }

    /// Notes what has become durable and says how long each took.
    pub fn note_durable(&mut self, now: Millis, wall: Millis, journal: &Journal) -> Vec<Millis> {
        let mut spans = Vec::new();
        for sequence in durable(&self.accepting, journal) {
            spans.extend(self.edit(sequence, |entry| entry.note_durable(now, wall)).flatten());
        }
        spans
    }

    /// Removes what has left durably. Only then a signal may follow.
    pub fn remove_closed(&mut self, journal: &Journal) {
        for sequence in durable(&self.leaving, journal) {
            if let Some(entry) = self.remove(sequence) {
                self.signals.take(entry);
            }
        }
    }

    /// Removes given-up cards beyond `limit`, oldest first.
    pub fn shed_given_up(&mut self, limit: usize, memory: &mut Memory, now: Millis, journal: &mut Journal) {
        while self.given_up.len() > limit
            && let Some(oldest) = self.given_up.first().copied()
            && let Some(entry) = self.remove(oldest)
        {
            journal.next_group();
            entry.remove(memory, now, journal);
        }
    }

    /// When the next card of this service could be sent, as far as the cards go, and whether it was never tried.
    pub fn next_due(&self, service: &str) -> Option<(Millis, bool)> {
        let lane = self.lanes.get(service)?;
        if let Some(((rank, _), _)) = lane.ready.first_key_value() {
            return Some((Millis::ZERO, *rank == 0));
        }
        let (at, sequence) = lane.later.first()?;
        Some((*at, self.entries.get(sequence).is_some_and(|entry| entry.rank() == 0)))
    }

    /// When the next card expires.
    pub fn next_expiry(&self) -> Option<Millis> {
        self.expiry.first().map(|(at, _)| *at)
    }

    fn made_way(&self, sequence: u64) -> bool {
        self.entries.get(&sequence).is_some_and(Entry::has_made_way)
    }

    fn of(&self, subject: Subject) -> impl Iterator<Item = &Entry> {
        self.by_subject.get(&subject).into_iter().flatten().filter_map(|sequence| self.entries.get(sequence))
    }

    fn remove(&mut self, sequence: u64) -> Option<Entry> {
        let entry = self.take(sequence)?;
        if let Some(others) = self.by_subject.get_mut(&entry.subject()) {
            others.retain(|other| *other != sequence);
            if others.is_empty() {
                self.by_subject.remove(&entry.subject());
            }
        }
        Some(entry)
    }
}

/// The sequences whose batch is durable.
fn durable(waiting: &SortedSet<(Batch, u64)>, journal: &Journal) -> Vec<u64> {
    waiting.iter().take_while(|(batch, _)| journal.is_durable(*batch)).map(|(_, sequence)| *sequence).collect()
}

#[cfg(test)]
#[path = "outbox/tests.rs"]
mod tests;
