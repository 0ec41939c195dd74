//! One card on its way: waiting, being sent, leaving, or given up.

mod address;
mod makes_way;
mod signal;

pub use address::Step;

use super::stored::StoredCard;
use super::{CardName, CardState, CardView};
use crate::delivery::memory::Memory;
use crate::journal::turn::Turn;
use crate::journal::{Batch, Journal, Mark};
use crate::model::ask::RequestId;
use crate::model::card::Card;
use crate::model::fingerprint::Subject;
use crate::model::history;
use crate::model::history::evidence::Evidence;
use crate::model::history::{Course, End, GivenUp};
use crate::model::time::Millis;
use crate::settings::Settings;

/// Tries kept in a log entry; the newest stay.
const TRIES_LOGGED: usize = 20;

/// One card of the outbox.
#[derive(Debug)]
pub struct Entry {
    stored: StoredCard,
    subject: Subject,
    /// Where version 1 keeps its record, and whether the record has moved from there.
    old: Option<(String, bool)>,
    /// Not sent before this batch is durable; `None` once it is.
    accepting_with: Option<Batch>,
    phase: Phase,
    /// 429 answers in a row.
    refusals: u32,
    /// How often the service took the request and refused its message.
    turned_down: u32,
    /// One 401 has been answered with a fresh token.
    token_retried: bool,
    /// A 401 with a fresh token made it yield.
    is_rejected: bool,
    /// When it became durable, where this worker saw that.
    durable_at: Option<Millis>,
    /// The card may have arrived at its reader.
    is_unsure: bool,
    /// Nobody can read it yet.
    is_aside: bool,
    /// Another reader is being made durable.
    is_readdressed: bool,
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
    /// The request asks whether the card has arrived.
    pub looks_for: bool,
}

impl Entry {
    /// A card just accepted.
    pub fn accept(
        card: Card,
        evidence: Vec<Evidence>,
        settings: &Settings,
        now: Millis,
        journal: &mut Journal,
    ) -> Entry {
        // The commit that writes the card also writes what this step changes: the rule that fired and what the card spent.
        journal.next_group();
        journal.meta.sequence += 1;
        let mut stored = StoredCard {
            sequence: journal.meta.sequence,
            log: 0,
            service: settings.base().connection().to_owned(),
            accepted_at: now,
            expires_at: now.plus(settings.ttl),
            not_before: now,
            tries: 0,
            yields: 0,
            reached: false,
            hangs: false,
            ended: false,
            reader: None,
            card,
            trigger: Course { evidence, ..Course::default() },
        };
        stored.log = journal.log_card(&stored.log_entry());
        let mut entry = Entry::restore(stored);
        entry.accepting_with = Some(entry.store(Mark::New, journal));
        entry
    }

    /// A card that was read back.
    pub fn restore(stored: StoredCard) -> Entry {
        let phase = if stored.given_up().is_some() { Phase::GivenUp } else { Phase::Waiting };
        let (subject, is_unsure) = (stored.subject(), stored.reader.is_some());
        Entry {
            stored,
            subject,
            old: None,
            accepting_with: None,
            phase,
            refusals: 0,
            turned_down: 0,
            token_retried: false,
            is_rejected: false,
            durable_at: None,
            is_unsure,
            is_aside: false,
            is_readdressed: false,
        }
    }

    /// Its place in the order.
    pub fn sequence(&self) -> u64 {
        self.stored.sequence
    }

    /// The number of its entry in the activity log.
    pub fn log(&self) -> u64 {
        self.stored.log
    }

    /// The card.
    pub fn card(&self) -> &Card {
        &self.stored.card
    }

    /// The interaction.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Notes that version 1 keeps its record.
    pub fn keep_old(&mut self) {
        self.old = Some((self.stored.old_key(), false));
    }

    /// Moves its record from where version 1 kept it: the new one is written by the commit that removes the old one.
    pub fn move_old(&mut self, journal: &mut Journal) {
        if self.old.as_ref().is_some_and(|(_, moved)| !moved) && !self.is_leaving() {
            journal.next_group();
            self.store(if self.is_open() { Mark::Open } else { Mark::None }, journal);
        }
    }

    /// The base address it was accepted for.
    pub fn service(&self) -> &str {
        &self.stored.service
    }

    /// Failed tries so far: 429 and 401 say nothing about the card and do not count.
    pub fn tries(&self) -> u32 {
        self.stored.tries
    }

    /// Its place among cards that may be sent: the lowest goes first, and 0 is a card that was never tried.
    pub fn rank(&self) -> u32 {
        self.stored.tries.saturating_add(self.stored.yields).saturating_add(u32::from(self.stored.hangs))
    }

    /// From when it may be sent.
    pub fn not_before(&self) -> Millis {
        self.stored.not_before
    }

    /// Whether it expired before any server had a chance to take it.
    pub fn is_unreached(&self) -> bool {
        self.stored.is_unreached()
    }

    /// Notes that a server may have it.
    pub fn reach(&mut self) {
        self.stored.reached = true;
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

    /// The batch that makes it durable, where it is not yet.
    pub fn accepting_with(&self) -> Option<Batch> {
        self.accepting_with.filter(|_| self.is_open())
    }

    /// The batch that settles it, where it is settled.
    pub fn leaving_with(&self) -> Option<Batch> {
        match self.phase {
            Phase::Leaving(batch) => Some(batch),
            _ => None,
        }
    }

    /// Whether it is in the queue.
    pub fn is_waiting(&self) -> bool {
        self.phase == Phase::Waiting
    }

    /// Whether it is given up, for a person to see.
    pub fn is_given_up(&self) -> bool {
        self.phase == Phase::GivenUp
    }

    /// When its time to live is over.
    pub fn expires_at(&self) -> Millis {
        self.stored.expires_at
    }

    /// Whether its interaction has ended.
    pub fn has_ended(&self) -> bool {
        self.stored.ended
    }

    /// Notes that its interaction has ended.
    pub fn end_interaction(&mut self, journal: &mut Journal) {
        self.stored.ended = true;
        self.store(Mark::Open, journal);
    }

    /// Marks the request that carries it.
    pub fn start_sending(&mut self, sending: Sending) {
        self.phase = Phase::Sending(sending);
    }

    /// Back to the queue: the answer says nothing about this card.
    pub fn requeue(&mut self) {
        self.phase = Phase::Waiting;
    }

    /// Back to the queue after a try that failed.
    pub fn retry_at(&mut self, at: Millis, journal: &mut Journal) {
        self.phase = Phase::Waiting;
        self.stored.tries = self.stored.tries.saturating_add(1);
        self.stored.not_before = at;
        (self.token_retried, self.refusals) = (false, 0);
        journal.next_group();
        self.store(Mark::Open, journal);
        self.relog(journal);
    }

    /// How long it took until now.
    pub fn delivery(&self, now: Millis) -> Delivery {
        Delivery {
            since_durable: self.durable_at.map(|at| now.since(at)),
            since_event: now.since(self.stored.accepted_at),
        }
    }

    /// Notes that it has become durable. Says how long that took.
    pub fn note_durable(&mut self, now: Millis, wall: Millis) -> Option<Millis> {
        self.accepting_with.take()?;
        if std::mem::take(&mut self.is_readdressed) {
            return None; // The card has another reader now, which makes it no later.
        }
        self.durable_at = Some(now);
        self.stored.trigger.durable_at = Some(wall);
        Some(now.since(self.stored.accepted_at))
    }

    /// Logs a try.
    pub fn log_try(&mut self, wall: Millis, status: u16, took: Millis) {
        let tries = &mut self.stored.trigger.tries;
        if tries.len() == TRIES_LOGGED {
            tries.remove(0);
        }
        tries.push(history::Try { at: wall, status, took_ms: took });
    }

    fn is_withdrawn(&self) -> bool {
        matches!(self.stored.trigger.end, Some(End::Suppressed { .. }))
    }

    /// Closes it: the record goes with the next batch, and the entry once that is durable.
    pub fn close(&mut self, end: End, memory: &mut Memory, turn: &mut Turn<'_>) {
        turn.journal.next_group();
        self.end(end, turn.wall, turn.journal);
        self.phase = Phase::Leaving(self.remove(memory, turn.now, turn.journal));
    }

    /// Removes its record. The same commit writes that its rule fired.
    pub(super) fn remove(&self, memory: &mut Memory, now: Millis, journal: &mut Journal) -> Batch {
        if let Some((old, _)) = &self.old {
            journal.settle_card(old.clone());
        }
        let batch = journal.settle_card(self.key());
        memory.settle(self.subject, &self.card().occurrence(), now, journal);
        batch
    }

    /// Gives it up; it stays for a person to see.
    pub fn give_up(&mut self, why: GivenUp, wall: Millis, journal: &mut Journal) {
        journal.next_group();
        self.end(End::GivenUp { why }, wall, journal);
        self.phase = Phase::GivenUp;
        self.store(Mark::None, journal);
    }

    /// Takes a given-up card back, with a new time to live.
    pub fn take_back(&mut self, now: Millis, time_to_live: Millis, journal: &mut Journal) {
        journal.next_group();
        if self.stored.given_up().is_some() {
            self.stored.expires_at = now.plus(time_to_live);
            (self.stored.tries, self.stored.yields, self.turned_down) = (0, 0, 0);
            self.stored.trigger.end = None;
            self.stored.trigger.ended_at = None;
            self.phase = Phase::Waiting;
            self.stored.ended = false;
        }
        self.stored.not_before = now;
        self.accepting_with = Some(self.store(Mark::Open, journal));
    }

    /// Whether this is the card of that name.
    pub fn is_named(&self, name: &CardName) -> bool {
        self.stored.card.card_id == name.card_id && self.subject.connection.to_string() == name.connection
    }

    /// The entry as pages see it.
    pub fn view(&self, to_wall: impl Fn(Millis) -> Millis) -> CardView {
        let stored = &self.stored;
        let state = match (&self.phase, stored.given_up()) {
            (_, Some(why)) => CardState::GivenUp { why: why.clone() },
            (Phase::Sending(_), _) => CardState::Sending,
            (Phase::Leaving(_), _) if self.is_withdrawn() => CardState::Withdrawn,
            (Phase::Leaving(_), _) => CardState::Delivered,
            _ if self.accepting_with.is_none() => CardState::Waiting,
            _ => CardState::Accepting,
        };
        CardView {
            next_try: (state == CardState::Waiting).then(|| to_wall(stored.not_before)),
            state,
            tries: stored.tries.saturating_add(u32::from(self.sending().is_some())),
            ..CardView::new(self.subject.connection, &stored.card, &stored.trigger.evidence, stored.log)
        }
    }

    fn end(&mut self, end: End, wall: Millis, journal: &mut Journal) {
        self.stored.trigger.end = Some(end);
        self.stored.trigger.ended_at = Some(wall);
        self.relog(journal);
    }

    fn relog(&self, journal: &mut Journal) {
        journal.relog_card(self.stored.log, &self.stored.log_entry());
    }

    fn store(&mut self, mark: Mark, journal: &mut Journal) -> Batch {
        if let Some((old, moved @ false)) = &mut self.old {
            *moved = true;
            journal.delete(old.clone());
        }
        journal.put_card(self.key(), &self.stored, mark)
    }

    /// Where the journal keeps it.
    pub fn key(&self) -> String {
        self.stored.key()
    }
}
