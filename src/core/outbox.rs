//! Cards accepted and not yet settled, and those given up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::card::Card;
use super::effect::RequestId;
use super::fingerprint::Fingerprint;
use super::history::{self, End, Trigger};
use super::journal::{Batch, CARD_PREFIX, COUNT_LIMIT, Journal};
use super::status::{CardState, CardView, GivenUp};
use super::time::Millis;
use crate::wire::retry_after::CAP as LONGEST_WAIT;

/// Cards that may wait at once. Beyond, a trigger is not accepted: it stays free to fire at the interaction's next event.
pub const LIMIT: usize = 10_000;

/// Given-up cards kept for a person; beyond, the oldest go.
pub const GIVEN_UP_LIMIT: usize = 1_000;

/// Tries kept in a log entry; the newest stay.
const TRIES_LOGGED: usize = 20;

/// An ended interaction's card yields to a live one's, unless it is this close to its end and the other is not.
const URGENT: Millis = Millis::from_secs(30);

/// No setting lets a card live longer.
const LONGEST_TIME_TO_LIVE: Millis = Millis::from_mins(24 * 60);

/// The stored form of an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredCard {
    sequence: u64,
    log: u64,
    /// The base address it was accepted for; it goes nowhere else.
    service: String,
    accepted_at: Millis,
    expires_at: Millis,
    not_before: Millis,
    tries: u32,
    given_up: Option<GivenUp>,
    /// The interaction's disposition was heard.
    #[serde(default)]
    ended: bool,
    card: Card,
    trigger: Trigger,
}

impl StoredCard {
    /// Where the journal keeps it.
    pub fn key(&self) -> String {
        key(Fingerprint::of(&self.card.interaction), &self.card.rule)
    }

    /// Whether counting from 1 and a clock can have come to what it says.
    pub fn is_plausible(&self) -> bool {
        [self.sequence, self.log, self.accepted_at.0].iter().all(|count| *count < COUNT_LIMIT)
    }

    /// As it is to be taken up now: nothing waits longer than anything of ours may, whatever clock said so.
    fn taken_up(self, now: Millis) -> StoredCard {
        StoredCard {
            expires_at: self.expires_at.min(now.plus(LONGEST_TIME_TO_LIVE)),
            not_before: self.not_before.min(now.plus(LONGEST_WAIT)),
            ..self
        }
    }

    /// When it was accepted.
    pub fn accepted_at(&self) -> Millis {
        self.accepted_at
    }
}

/// One card of the outbox.
#[derive(Debug)]
pub struct Entry {
    stored: StoredCard,
    /// Durable with this batch; not sent before.
    accepted_with: Batch,
    phase: Phase,
    /// One 401 has been answered with a fresh token.
    token_retried: bool,
    /// When it became durable, where this worker saw that.
    durable_at: Option<Millis>,
}

/// How long a delivery took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// From durable to answered; absent where another worker made it durable.
    pub since_durable: Option<Millis>,
    /// From event heard to answered.
    pub since_event: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Sending(Sending),
    /// Settled; leaves with this batch.
    Leaving(Batch),
    GivenUp,
}

/// A request under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending {
    /// Which request.
    pub id: RequestId,
    /// Which token it carries.
    pub generation: u64,
    /// When it started.
    pub since: Millis,
}

impl Entry {
    /// A card just accepted.
    pub fn accept(
        card: Card,
        trigger: Trigger,
        service: String,
        now: Millis,
        time_to_live: Millis,
        journal: &mut Journal,
    ) -> Entry {
        journal.meta.sequence += 1;
        let log = journal.log(&history::Entry::Trigger(Box::new(trigger.clone())));
        let stored = StoredCard {
            sequence: journal.meta.sequence,
            log,
            service,
            accepted_at: now,
            expires_at: now.plus(time_to_live),
            not_before: now,
            tries: 0,
            given_up: None,
            ended: false,
            card,
            trigger,
        };
        let mut entry = Entry::restore(stored);
        entry.accepted_with = entry.store(journal);
        entry
    }

    /// A card that was read back.
    pub fn restore(stored: StoredCard) -> Entry {
        let phase = if stored.given_up.is_some() { Phase::GivenUp } else { Phase::Waiting };
        Entry { stored, accepted_with: Batch::default(), phase, token_retried: false, durable_at: None }
    }

    /// The card.
    pub fn card(&self) -> &Card {
        &self.stored.card
    }

    fn is_for(&self, interaction: &str, rule: &str) -> bool {
        let card = &self.stored.card;
        card.interaction == interaction && card.rule == rule
    }

    /// The base address it was accepted for.
    pub fn service(&self) -> &str {
        &self.stored.service
    }

    /// Failed tries so far: 429 and 401 say nothing about the card and do not count.
    pub fn tries(&self) -> u32 {
        self.stored.tries
    }

    /// The request under way.
    pub fn sending(&self) -> Option<Sending> {
        match self.phase {
            Phase::Sending(sending) => Some(sending),
            _ => None,
        }
    }

    /// Whether it may still be sent.
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Sending(_))
    }

    /// Whether it is settled and only waits for that to be durable.
    pub fn is_leaving(&self) -> bool {
        matches!(self.phase, Phase::Leaving(_))
    }

    /// Whether this worker accepted it, and it is durable.
    fn is_fresh_and_durable(&self, journal: &Journal) -> bool {
        self.accepted_with != Batch::default() && journal.is_durable(self.accepted_with)
    }

    /// Whether it is not durable yet.
    pub fn is_accepting(&self, journal: &Journal) -> bool {
        self.is_open() && !journal.is_durable(self.accepted_with)
    }

    fn is_waiting(&self) -> bool {
        self.phase == Phase::Waiting
    }

    /// Whether it waits and its time to live is over.
    fn is_stale(&self, now: Millis) -> bool {
        self.is_waiting() && self.stored.expires_at <= now
    }

    /// Whether its time to live is over.
    pub fn is_expired(&self, now: Millis) -> bool {
        self.stored.expires_at <= now
    }

    /// Whether its interaction has ended.
    pub fn has_ended(&self) -> bool {
        self.stored.ended
    }

    /// Notes that its interaction has ended.
    pub fn end_interaction(&mut self, journal: &mut Journal) {
        self.stored.ended = true;
        self.store(journal);
    }

    /// Marks the request that carries it.
    pub fn start_sending(&mut self, sending: Sending) {
        self.phase = Phase::Sending(sending);
    }

    /// Back to the queue without a mark: the answer was not about this card.
    pub fn requeue(&mut self) {
        self.phase = Phase::Waiting;
    }

    /// Notes that a 401 is being answered with a fresh token. Says whether it is the first.
    pub fn retry_with_fresh_token(&mut self) -> bool {
        self.phase = Phase::Waiting;
        !std::mem::replace(&mut self.token_retried, true)
    }

    /// Back to the queue after a try that failed.
    pub fn retry_at(&mut self, at: Millis, journal: &mut Journal) {
        self.phase = Phase::Waiting;
        self.stored.tries = self.stored.tries.saturating_add(1);
        self.stored.not_before = at;
        self.token_retried = false;
        self.store(journal);
        self.relog(journal);
    }

    /// How long it took until now.
    pub fn delivery(&self, now: Millis) -> Delivery {
        Delivery {
            since_durable: self.durable_at.map(|at| now.since(at)),
            since_event: now.since(self.stored.accepted_at),
        }
    }

    /// Logs a try.
    pub fn log_try(&mut self, wall: Millis, status: u16, took: Millis) {
        let tries = &mut self.stored.trigger.tries;
        if tries.len() == TRIES_LOGGED {
            tries.remove(0);
        }
        tries.push(history::Try { at: wall, status, took_ms: took });
    }

    /// Closes it: the record goes with the next batch, and the entry once that is durable.
    pub fn close(&mut self, end: End, wall: Millis, journal: &mut Journal) {
        self.end(end, wall, journal);
        self.phase = Phase::Leaving(journal.delete(self.key()));
    }

    /// Gives it up; it stays for a person to see.
    pub fn give_up(&mut self, why: GivenUp, wall: Millis, journal: &mut Journal) {
        self.end(End::GivenUp { why: why.clone() }, wall, journal);
        self.stored.given_up = Some(why);
        self.phase = Phase::GivenUp;
        self.store(journal);
    }

    /// Takes a given-up card back, with a new time to live.
    pub fn take_back(&mut self, now: Millis, time_to_live: Millis, journal: &mut Journal) {
        if self.stored.given_up.take().is_some() {
            self.stored.expires_at = now.plus(time_to_live);
            self.stored.tries = 0;
            self.stored.trigger.end = None;
            self.stored.trigger.ended_at = None;
            self.phase = Phase::Waiting;
            self.stored.ended = false;
        }
        self.stored.not_before = now;
        self.accepted_with = self.store(journal);
    }

    /// The entry as pages see it.
    pub fn view(&self, journal: &Journal, to_wall: impl Fn(Millis) -> Millis) -> CardView {
        let stored = &self.stored;
        let state = match (&self.phase, &stored.given_up) {
            (_, Some(why)) => CardState::GivenUp { why: why.clone() },
            (Phase::Sending(_), _) => CardState::Sending,
            (Phase::Leaving(_), _) => CardState::Delivered,
            _ if journal.is_durable(self.accepted_with) => CardState::Waiting,
            _ => CardState::Accepting,
        };
        CardView {
            card_id: stored.card.card_id.clone(),
            interaction: stored.card.interaction.clone(),
            reason: stored.card.reason.clone(),
            queue: stored.card.queue.clone(),
            rule: stored.card.rule.clone(),
            at: stored.card.timestamp,
            next_try: (state == CardState::Waiting).then(|| to_wall(stored.not_before)),
            state,
            tries: stored.tries.saturating_add(u32::from(self.sending().is_some())),
        }
    }

    fn end(&mut self, end: End, wall: Millis, journal: &mut Journal) {
        self.stored.trigger.end = Some(end);
        self.stored.trigger.ended_at = Some(wall);
        self.relog(journal);
    }

    fn relog(&self, journal: &mut Journal) {
        journal.relog(self.stored.log, &history::Entry::Trigger(Box::new(self.stored.trigger.clone())));
    }

    fn store(&self, journal: &mut Journal) -> Batch {
        journal.put(self.key(), &self.stored)
    }

    fn key(&self) -> String {
        self.stored.key()
    }
}

/// The journal key of a card: it names the interaction by its fingerprint, so that even a damaged record tells whose it was.
pub fn key(interaction: Fingerprint, rule: &str) -> String {
    format!("{CARD_PREFIX}{interaction}/{rule}")
}

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
        self.entries.retain(|_, other| other.phase != Phase::GivenUp || !other.is_for(&card.interaction, &card.rule));
        self.entries.insert(entry.stored.sequence, entry);
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
        self.count(|entry| entry.phase == Phase::GivenUp)
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
            entry.is_waiting()
                && entry.stored.not_before <= now
                && entry.stored.expires_at > now
                && entry.stored.service == service
                && journal.is_durable(entry.accepted_with)
        };
        let live = self.entries.values().filter(ready).find(|entry| !entry.stored.ended);
        let ended = self.entries.values().filter(ready).find(|entry| entry.stored.ended);
        let left = |entry: &Entry| entry.stored.expires_at.since(now);
        let chosen = match (live, ended) {
            (Some(live), Some(ended)) if left(ended) < URGENT && left(live) >= URGENT.plus(URGENT) => ended,
            (Some(live), _) => live,
            (None, Some(ended)) => ended,
            (None, None) => return None,
        };
        let sequence = chosen.stored.sequence;
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
        let fresh = |entry: &&mut Entry| entry.durable_at.is_none() && entry.is_fresh_and_durable(journal);
        self.entries.values_mut().filter(fresh).map(move |entry| {
            entry.durable_at = Some(now);
            entry.stored.trigger.durable_at = Some(wall);
            now.since(entry.stored.accepted_at)
        })
    }

    /// Removes what has left durably.
    pub fn remove_closed(&mut self, journal: &Journal) {
        self.entries.retain(|_, entry| !matches!(entry.phase, Phase::Leaving(batch) if journal.is_durable(batch)));
    }

    /// Removes given-up cards beyond `limit`, oldest first.
    pub fn shed_given_up(&mut self, limit: usize, journal: &mut Journal) {
        let excess = self.given_up().saturating_sub(limit);
        let oldest: Vec<u64> = (self.entries.iter())
            .filter(|(_, entry)| entry.phase == Phase::GivenUp)
            .map(|(sequence, _)| *sequence)
            .take(excess)
            .collect();
        for entry in oldest.iter().filter_map(|sequence| self.entries.remove(sequence)) {
            journal.delete(entry.key());
        }
    }

    /// When the next card of this service could be sent, as far as the cards go, and when the next one expires.
    pub fn next_instants(&self, service: &str, journal: &Journal) -> (Option<Millis>, Option<Millis>) {
        let waiting = || self.entries.values().filter(|entry| entry.is_waiting());
        let send = waiting()
            .filter(|entry| entry.stored.service == service && journal.is_durable(entry.accepted_with))
            .map(|entry| entry.stored.not_before)
            .min();
        (send, waiting().map(|entry| entry.stored.expires_at).min())
    }

    /// The requests under way.
    pub fn requests(&self) -> impl Iterator<Item = Sending> {
        self.requests.values().filter_map(|sequence| self.entries.get(sequence)?.sending())
    }
}

impl Entry {
    /// Its place in the order.
    pub fn sequence(&self) -> u64 {
        self.stored.sequence
    }
}
