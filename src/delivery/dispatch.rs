//! Posting cards: what may be sent now, and where each answer goes.

use crate::model::sorted::SortedMap;

use crate::api::poll::Readers;
use crate::api::{self, Outgoing, Service};
use crate::delivery::answers::{Credentials, Settling, is_over_with_success};
use crate::delivery::destination::{Destination, HoldReason};
use crate::delivery::memory::Memory;
use crate::delivery::outbox::{Delivery, Entry, GIVEN_UP_LIMIT, Next, Outbox, Sending, Step};
use crate::journal::Journal;
use crate::journal::turn::Turn;
use crate::model::ask::RequestId;
use crate::model::diagnosis::Diagnosis;
use crate::model::fingerprint::Subject;
use crate::model::history::GivenUp;
use crate::model::http::Outcome;
use crate::model::time::Millis;
use crate::settings::Settings;

/// A request without an answer by then is aborted, its outcome unknown.
const TIMEOUT: Millis = Millis::from_secs(15);

/// A server that failed is said to fail for so long after the last try, which is longer than any backoff.
const LONG_UNTRIED: Millis = Millis::from_mins(2);

/// The outbox and where it goes.
#[derive(Debug, Default)]
pub struct Dispatch {
    /// The cards.
    pub outbox: Outbox,
    /// The memory of rules that fired.
    pub memory: Memory,
    /// The destination in use.
    destination: Destination,
    /// Destinations that were in use before: the wait of each outlives a change of settings and holds up no other.
    others: SortedMap<String, Destination>,
    /// When a card last tried the destination.
    tried_at: Millis,
}

impl Dispatch {
    /// Goes on with what was stored about a destination.
    pub fn restore(&mut self, destination: Destination) {
        if destination.service() == self.destination.service() {
            self.destination = destination;
        } else {
            self.others.insert(destination.service().to_owned(), destination);
        }
    }

    /// Cards go to this service from now on.
    pub fn serve(&mut self, service: &str) {
        if service != self.destination.service() {
            let known = self.others.remove(service).unwrap_or_else(|| Destination::new(service));
            let before = std::mem::replace(&mut self.destination, known);
            self.others.insert(before.service().to_owned(), before);
        }
    }

    /// Until when the server asked to wait.
    pub fn hold_until(&self) -> Millis {
        self.destination.hold_until()
    }

    /// The browser lets requests reach the host again: what waited for that is due.
    pub fn permitted(&mut self, turn: &mut Turn<'_>) {
        self.destination.permitted(turn.journal);
    }

    /// Whether the server asked to wait and has taken nothing since, be the wait over or not: while a card tries it
    /// again, the trouble is not over.
    pub fn is_limited(&self, now: Millis) -> bool {
        self.hold_until() > now || self.is_trying() && self.destination.was_refused_last()
    }

    /// Whether a card is left that tries the destination. A card that nobody can read yet tries nothing.
    fn is_trying(&self) -> bool {
        self.outbox.open() > self.outbox.aside()
    }

    /// Ends trouble that no card tries any more: nothing else could show that it is over. A person has some time to see a
    /// server that fails, because cards may come one by one and leave before the next.
    fn end_trouble(&mut self, turn: &mut Turn<'_>) {
        if !self.is_trying() {
            self.destination.end_idle_hold(turn.now);
        }
        let is_rejected = self.destination.hold_reason() == Some(HoldReason::SignInRejected);
        let is_over = turn.now.since(self.tried_at) >= LONG_UNTRIED;
        turn.diagnoses.clear(|wrong| match wrong {
            Diagnosis::SignInRejected => !is_rejected,
            Diagnosis::ServerFailing { .. } | Diagnosis::Intercepted { .. } => is_over,
            _ => false,
        });
    }

    /// A person changed something or wants it tried again.
    pub fn resume(&mut self, turn: &mut Turn<'_>) {
        for destination in std::iter::once(&mut self.destination).chain(self.others.values_mut()) {
            destination.resume(turn.journal);
        }
        turn.diagnoses.clear(is_about_hold);
        self.raise_hold(None, turn); // A wait that was asked for stays, and stays to be seen.
    }

    /// Raises again, after a restart, what still stops dispatch.
    pub fn raise_hold(&self, settings: Option<&Settings>, turn: &mut Turn<'_>) {
        if let (Some(reason), Some(settings)) = (self.destination.hold_reason(), settings) {
            let base = settings.base();
            turn.raise(match reason {
                HoldReason::SignInRejected => Diagnosis::SignInRejected,
                HoldReason::MissingPermission => {
                    let scope = api::of(base).card_scope().to_owned();
                    Diagnosis::ScopeMissing { scope, interaction: None, paused: true }
                }
                HoldReason::HostNotPermitted => Diagnosis::PermissionMissing { host: base.host().to_owned() },
            });
        }
        if self.hold_until() > turn.now {
            let until = turn.wall.plus(self.hold_until().since(turn.now));
            turn.raise(Diagnosis::RateLimited { until });
        }
    }

    /// Gives up requests that take too long, notes those that hang, and gives up cards whose time to live is over. Trouble
    /// that concerns no card any more ends.
    pub fn check(&mut self, settings: &Settings, turn: &mut Turn<'_>) {
        while let Some((id, _)) = self.outbox.flights.oldest().filter(|(_, one)| one.since.plus(TIMEOUT) <= turn.now) {
            self.give_up_request(id, settings, turn);
        }
        while let Some(sequence) = self.outbox.flights.note_hanging(turn.now) {
            self.outbox.edit(sequence, |entry| entry.note_hanging(turn.journal));
        }
        let mut any = false;
        while let Some(mut entry) = self.outbox.stale(turn.now).and_then(|sequence| self.outbox.take(sequence)) {
            any = true;
            entry.give_up(GivenUp::Expired, turn.wall, turn.journal);
            // Where no server had the card, the interaction may become due again while it talks.
            self.memory.free(entry.subject(), &entry.card().occurrence(), entry.is_unreached());
            self.outbox.put(entry);
        }
        if any {
            turn.raise(Diagnosis::CardExpired);
            self.outbox.shed_given_up(GIVEN_UP_LIMIT, &mut self.memory, turn.now, turn.journal);
        }
        self.end_trouble(turn);
    }

    /// Sends what may be sent now.
    pub fn send(&mut self, settings: &Settings, session: &impl Credentials, readers: Readers<'_>, turn: &mut Turn<'_>) {
        let (connection, service) = (settings.base().connection(), api::of(settings.base()));
        self.outbox.release(connection, turn.now);
        while let Some(next) = (self.outbox.next(connection, self.destination.next_end(), turn.now))
            .filter(|next| self.may_send(turn.now, next.never_tried))
        {
            let Some(token) = session.token(turn.now) else { return };
            let Some(step) = self.step(&next, service, readers, turn) else { continue };
            if let Some(hanging) = self.outbox.flights.in_the_way(next.never_tried) {
                self.give_up_request(hanging, settings, turn);
            }
            let Some(mut entry) = self.outbox.take(next.sequence) else { return };
            let (access, looks_for) = (token.access(settings.base()), matches!(step, Step::LookFor(_)));
            let request = match step {
                Step::LookFor(reader) => service.look_for(&access, reader),
                step => service.card_request(&access, &outgoing(&entry, step, readers, turn)),
            };
            match request {
                Some(request) => {
                    let id = RequestId::Card(turn.next_id());
                    entry.start_sending(Sending { id, generation: token.generation, since: turn.now, looks_for });
                    self.outbox.flights.start(id, next.sequence, !next.never_tried, turn.now);
                    self.tried_at = turn.now;
                    self.destination.sent(turn.now, &next, turn.journal);
                    if service.has_readers() {
                        turn.effects.poll(id, request); // A poll reads the whole answer.
                    } else {
                        turn.effects.post_card(id, request);
                    }
                }
                None => entry.give_up(GivenUp::Unsendable, turn.wall, turn.journal),
            }
            self.outbox.put(entry);
        }
    }

    /// The next request for a card. `None` where something else comes first.
    fn step(&mut self, next: &Next, service: &dyn Service, readers: Readers<'_>, turn: &mut Turn<'_>) -> Option<Step> {
        if !service.has_readers() {
            return Some(Step::Send(None));
        }
        self.outbox.edit(next.sequence, |entry| match entry.next_step(readers, turn.now) {
            Step::Address(reader) => {
                entry.address(reader, turn.journal);
                None
            }
            Step::SetAside => {
                entry.set_aside(true);
                None
            }
            step => Some(step),
        })?
    }

    /// Whether a card could be sent now if there were a token.
    pub fn wants_token(&self, settings: &Settings, now: Millis) -> bool {
        let due = self.outbox.next_due(settings.base().connection());
        due.is_some_and(|(at, never_tried)| at <= now && self.may_send(now, never_tried))
    }

    /// Takes an answer. Says how long it took if that delivered a card.
    pub fn done(
        &mut self,
        id: RequestId,
        outcome: &Outcome,
        settings: &Settings,
        session: &mut impl Credentials,
        turn: &mut Turn<'_>,
    ) -> Option<Delivery> {
        if self.outbox.signals.done(id, outcome, turn) {
            return None;
        }
        let flight = self.outbox.flights.answered(id)?;
        let mut entry = self.outbox.take(flight.sequence)?;
        let destination = self.others.get_mut(entry.service()).unwrap_or(&mut self.destination);
        entry.end_request();
        if let Some(sending) = entry.sending() {
            let memory = &mut self.memory;
            let mut settling = Settling { entry: &mut entry, destination, memory, settings, turn };
            settling.take(sending, outcome, session);
        }
        let delivery = entry.is_leaving().then(|| entry.delivery(turn.now));
        self.outbox.put(entry);
        self.outbox.shed_given_up(GIVEN_UP_LIMIT, &mut self.memory, turn.now, turn.journal);
        delivery
    }

    /// The interaction's disposition was heard. Where the settings say so, that ends the tries of cards that had one.
    pub fn end_interaction(&mut self, subject: Subject, settings: &Settings, wall: Millis, journal: &mut Journal) {
        for sequence in self.outbox.open_cards_of(subject) {
            self.outbox.edit(sequence, |entry| {
                entry.end_interaction(journal);
                if settings.end_at_disposition && entry.tries() > 0 && entry.sending().is_none() {
                    entry.give_up(GivenUp::InteractionEnded, wall, journal);
                }
            });
        }
    }

    /// When something is due without any input. A card that could be sent now but for the token is the session's
    /// business; `sending` says whether cards go out at all, and signals have room from `room_at` on.
    pub fn next_deadline(
        &self,
        settings: &Settings,
        now: Millis,
        (sending, has_token): (bool, bool),
        room_at: Option<Millis>,
    ) -> Option<Millis> {
        let timeout = self.outbox.flights.oldest().map(|(_, flight)| flight.since.plus(TIMEOUT));
        let send = (self.outbox.next_due(settings.base().connection()).filter(|_| sending))
            .and_then(|(at, never_tried)| Some(at.max(self.room_at(never_tried, now)?)))
            .filter(|at| has_token || *at > now);
        let signal = self.signal_at(room_at).filter(|at| sending && (has_token || *at > now));
        let hanging = self.outbox.flights.next_hanging();
        [send, signal, self.outbox.next_expiry(), timeout, hanging].into_iter().flatten().min()
    }

    /// When the next signal is due, or the one under way is given up, where the budget has room from `room_at` on.
    pub fn signal_at(&self, room_at: Option<Millis>) -> Option<Millis> {
        self.outbox.signals.due(room_at?.max(self.hold_until()))
    }

    fn may_send(&self, now: Millis, never_tried: bool) -> bool {
        self.room_at(never_tried, now).is_some_and(|at| at <= now)
    }

    /// From when one more request may go; `None` until one is answered.
    fn room_at(&self, never_tried: bool, now: Millis) -> Option<Millis> {
        let flights = &self.outbox.flights;
        let room_at = flights.room_at(self.destination.window(), never_tried)?;
        Some(room_at.max(self.destination.next_send(now, flights.len())))
    }

    /// Gives up a request whose answer takes too long: its outcome is unknown.
    fn give_up_request(&mut self, id: RequestId, settings: &Settings, turn: &mut Turn<'_>) {
        turn.effects.abort(id);
        let flight = self.outbox.flights.give_up(id);
        let Some(mut entry) = flight.and_then(|flight| self.outbox.take(flight.sequence)) else { return };
        entry.end_request();
        let destination = self.others.get_mut(entry.service()).unwrap_or(&mut self.destination);
        let memory = &mut self.memory;
        let mut settling = Settling { entry: &mut entry, destination, memory, settings, turn };
        settling.log(0);
        settling.entry.reach();
        settling.entry.lose_sight();
        settling.server_failed(0, Millis::ZERO);
        self.outbox.put(entry);
    }
}

fn outgoing<'e>(entry: &'e Entry, step: Step, readers: Readers<'_>, turn: &Turn<'_>) -> Outgoing<'e> {
    let left = entry.expires_at().since(turn.now);
    let until = readers.server_time(turn.wall.plus(left));
    let reader = if let Step::Send(reader) = step { reader } else { None };
    Outgoing { card: entry.card(), reader, until, left }
}

fn is_about_hold(diagnosis: &Diagnosis) -> bool {
    is_over_with_success(diagnosis)
        || matches!(
            diagnosis,
            Diagnosis::RateLimited { .. }
                | Diagnosis::ScopeMissing { .. }
                | Diagnosis::CardRefused { .. }
                | Diagnosis::CardExpired
        )
}
