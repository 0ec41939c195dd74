//! Cards accepted and not yet settled, and those given up.
//!
//! | part | where |
//! | --- | --- |
//! | a card's record in the journal | [`StoredCard`] |
//! | one card on its way | [`Entry`] |
//! | all of them, and which is next | [`Outbox`] |

mod entry;
mod stored;

pub use entry::{Delivery, Entry, Sending};
pub use stored::{StoredCard, key};

use std::collections::BTreeMap;

use super::effect::RequestId;
use super::journal::Journal;
use super::time::Millis;

/// Cards that may wait at once. Beyond, a trigger is not accepted: it stays free to fire at the interaction's next event.
pub const LIMIT: usize = 10_000;

/// Given-up cards kept for a person; beyond, the oldest go.
pub const GIVEN_UP_LIMIT: usize = 1_000;

/// An ended interaction's card yields to a live one's, unless it is this close to its end and the other is not.
const URGENT: Millis = Millis::from_secs(30);

/// The entries, in the order they were accepted in.
#[derive(Debug, Default)]
pub struct Outbox {
    entries: BTreeMap<u64, Entry>,
    requests: BTreeMap<RequestId, u64>,
}

impl Outbox {
    /// Takes an entry in, in place of a given-up one of the same interaction and rule: they share a record.
    pub fn insert(&mut self, entry: Entry) {
        let card = entry.card();
        self.entries.retain(|_, other| !other.is_given_up() || !other.is_for(&card.interaction, &card.rule));
        self.entries.insert(entry.sequence(), entry);
    }

    /// Takes an entry in that was read back.
    ///
    /// Says what its place in the order is: of two with the same, neither may be lost for it.
    pub fn restore(&mut self, stored: StoredCard, now: Millis) -> u64 {
        let mut stored = stored.taken_up(now);
        if self.entries.contains_key(&stored.sequence) {
            stored.sequence = self.entries.last_key_value().map_or(0, |(last, _)| last + 1);
        }
        let sequence = stored.sequence;
        self.entries.insert(sequence, Entry::restore(stored));
        sequence
    }

    /// Whether a card of this interaction and rule is on its way.
    pub fn holds(&self, interaction: &str, rule: &str) -> bool {
        self.entries.values().any(|entry| entry.is_open() && entry.is_for(interaction, rule))
    }

    /// Whether no further card can be accepted.
    pub fn is_full(&self) -> bool {
        self.entries.len() >= LIMIT + GIVEN_UP_LIMIT || self.count(Entry::is_open) >= LIMIT
    }

    /// All entries, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// All entries, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.values_mut()
    }

    /// How many entries satisfy a condition.
    pub fn count(&self, condition: impl Fn(&Entry) -> bool) -> usize {
        self.entries.values().filter(|entry| condition(entry)).count()
    }

    /// Cards given up.
    pub fn given_up(&self) -> usize {
        self.count(Entry::is_given_up)
    }

    /// Requests under way.
    pub fn in_flight(&self) -> u32 {
        self.requests.len() as u32
    }

    /// Forgets everything and says which requests were under way.
    pub fn clear(&mut self) -> Vec<RequestId> {
        self.entries.clear();
        std::mem::take(&mut self.requests).into_keys().collect()
    }

    /// The next card to send: of live interactions first, then of ended ones, each in the order accepted; but an ended
    /// one's goes first when it would otherwise expire unserved and the live one can still make it afterwards.
    pub fn pick(&mut self, service: &str, now: Millis, journal: &Journal) -> Option<&mut Entry> {
        let ready = |entry: &&Entry| {
            entry.sendable_from(service, journal).is_some_and(|from| from <= now) && !entry.is_expired(now)
        };
        let live = self.entries.values().filter(ready).find(|entry| !entry.has_ended());
        let ended = self.entries.values().filter(ready).find(|entry| entry.has_ended());
        let left = |entry: &Entry| entry.expires_at().since(now);
        let chosen = match (live, ended) {
            (Some(live), Some(ended)) if left(ended) < URGENT && left(live) >= URGENT.plus(URGENT) => ended,
            (Some(live), _) => live,
            (None, Some(ended)) => ended,
            (None, None) => return None,
        };
        let sequence = chosen.sequence();
        self.entries.get_mut(&sequence)
    }

    /// Notes which request carries a card.
    pub fn register(&mut self, id: RequestId, sequence: u64) {
        self.requests.insert(id, sequence);
    }

    /// The entry whose request this is; the request is over with that.
    pub fn take_request(&mut self, id: RequestId) -> Option<&mut Entry> {
        let sequence = self.requests.remove(&id)?;
        self.entries.get_mut(&sequence)
    }

    /// The open cards of an interaction.
    pub fn open_cards_of(&mut self, interaction: &str) -> impl Iterator<Item = &mut Entry> {
        let concerned = move |entry: &&mut Entry| entry.is_open() && entry.card().interaction == interaction;
        self.entries.values_mut().filter(concerned)
    }

    /// Cards whose time to live is over, and that no request carries.
    pub fn stale(&mut self, now: Millis) -> impl Iterator<Item = &mut Entry> {
        self.entries.values_mut().filter(move |entry| entry.is_stale(now))
    }

    /// Notes what has become durable and says how long each took.
    pub fn note_durable(&mut self, now: Millis, wall: Millis, journal: &Journal) -> impl Iterator<Item = Millis> {
        self.entries.values_mut().filter_map(move |entry| entry.note_durable(now, wall, journal))
    }

    /// Removes what has left durably.
    pub fn remove_closed(&mut self, journal: &Journal) {
        self.entries.retain(|_, entry| !entry.has_left(journal));
    }

    /// Removes given-up cards beyond `limit`, oldest first.
    pub fn shed_given_up(&mut self, limit: usize, journal: &mut Journal) {
        let excess = self.given_up().saturating_sub(limit);
        let oldest: Vec<u64> = (self.entries.iter())
            .filter(|(_, entry)| entry.is_given_up())
            .map(|(sequence, _)| *sequence)
            .take(excess)
            .collect();
        for entry in oldest.iter().filter_map(|sequence| self.entries.remove(sequence)) {
            journal.delete(entry.key());
        }
    }

    /// When the next card of this service could be sent, as far as the cards go, and when the next one expires.
    pub fn next_instants(&self, service: &str, journal: &Journal) -> (Option<Millis>, Option<Millis>) {
        let send = self.entries.values().filter_map(|entry| entry.sendable_from(service, journal)).min();
        let waiting = self.entries.values().filter(|entry| entry.is_waiting());
        (send, waiting.map(Entry::expires_at).min())
    }

    /// The requests under way.
    pub fn requests(&self) -> impl Iterator<Item = Sending> {
        self.requests.values().filter_map(|sequence| self.entries.get(sequence)?.sending())
    }
}
