//! Posting cards: what each answer means, and what may be sent now.

use std::collections::BTreeMap;

use super::backoff;
use super::destination::{Destination, HoldReason};
use super::diagnosis::Diagnosis;
use super::effect::{Effect, RequestId};
use super::fingerprint::Fingerprint;
use super::history::End;
use super::input::{Answer, Failure, Outcome};
use super::journal::Journal;
use super::outbox::{Delivery, Entry, GIVEN_UP_LIMIT, Outbox, Sending};
use super::session::Session;
use super::settings::Settings;
use super::status::GivenUp;
use super::time::Millis;
use super::turn::Turn;
use crate::wire;

/// A request without an answer by then is aborted, its outcome unknown.
const TIMEOUT: Millis = Millis::from_secs(15);

/// The outbox and where it goes.
#[derive(Debug, Default)]
pub struct Dispatch {
    /// The cards.
    pub outbox: Outbox,
    /// The destination in use.
    destination: Destination,
    /// Destinations that were in use before: the wait of each outlives a change of settings and holds up no other.
    others: BTreeMap<String, Destination>,
}

/// A card that expired before any server had a chance to take it.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreached {
    /// The interaction.
    pub interaction: Fingerprint,
    /// The rule.
    pub rule: String,
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

    /// Why dispatch is held.
    pub fn hold_reason(&self) -> Option<HoldReason> {
        self.destination.hold_reason()
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
        self.hold_until() > now || self.outbox.open() > 0 && self.destination.was_refused_last()
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
        match self.destination.hold_reason() {
            Some(HoldReason::SignInRejected) => turn.raise(Diagnosis::SignInRejected),
            Some(HoldReason::MissingPermission) => {
                turn.raise(Diagnosis::ScopeMissing {
                    scope: wire::token::SCOPE_CARDS.to_owned(),
                    interaction: None,
                    paused: true,
                });
            }
            Some(HoldReason::HostNotPermitted) => {
                if let Some(settings) = settings {
                    turn.raise(Diagnosis::PermissionMissing { host: settings.base().host().to_owned() });
                }
            }
            None => {}
        }
        if self.hold_until() > turn.now {
            let until = turn.wall.plus(self.hold_until().since(turn.now));
            turn.raise(Diagnosis::RateLimited { until });
        }
    }

    /// Gives up requests that take too long and cards whose time to live is over. Says of which of these no server had a
    /// chance to take it, so that what follows from that is written with the card.
    pub fn check(
        &mut self,
        settings: &Settings,
        turn: &mut Turn<'_>,
        mut on_unreached: impl FnMut(Unreached, &mut Turn<'_>),
    ) {
        while let Some((id, _)) = self.outbox.flights.oldest().filter(|(_, one)| one.since.plus(TIMEOUT) <= turn.now) {
            self.give_up_request(id, settings, turn);
        }
        let mut any = false;
        while let Some(mut entry) = self.outbox.stale(turn.now).and_then(|sequence| self.outbox.take(sequence)) {
            any = true;
            let unreached = (!entry.was_reached())
                .then(|| Unreached { interaction: entry.interaction(), rule: entry.card().rule.clone() });
            entry.give_up(GivenUp::Expired, turn.wall, turn.journal);
            self.outbox.put(entry);
            if let Some(unreached) = unreached {
                on_unreached(unreached, turn);
            }
        }
        if any {
            turn.raise(Diagnosis::CardExpired);
            self.outbox.shed_given_up(GIVEN_UP_LIMIT, turn.journal);
        }
    }

    /// Sends what may be sent now.
    pub fn send(&mut self, settings: &Settings, session: &Session, turn: &mut Turn<'_>) {
        let service = settings.base().http();
        self.outbox.release(service, turn.now);
        while let Some(next) =
            self.outbox.next(service, turn.now).filter(|next| self.may_send(turn.now, next.never_tried))
        {
            let Some(token) = session.token(turn.now) else { return };
            if let Some(hanging) = self.outbox.flights.in_the_way(next.never_tried) {
                self.give_up_request(hanging, settings, turn);
            }
            let Some(mut entry) = self.outbox.take(next.sequence) else { return };
            match wire::card::request(settings.base(), &token.value, entry.card()) {
                Some(request) => {
                    let id = RequestId(turn.next_id());
                    entry.start_sending(Sending { id, generation: token.generation, since: turn.now });
                    self.outbox.flights.start(id, next.sequence, turn.now);
                    self.destination.sent(turn.now, next.pressed, turn.journal);
                    turn.effects.push(Effect::PostCard { id, request });
                }
                None => entry.give_up(GivenUp::Unsendable, turn.wall, turn.journal),
            }
            self.outbox.put(entry);
        }
    }

    /// Whether a card could be sent now if there were a token.
    pub fn wants_token(&self, settings: &Settings, now: Millis) -> bool {
        let due = self.outbox.next_due(settings.base().http());
        due.is_some_and(|(at, never_tried)| at <= now && self.may_send(now, never_tried))
    }

    /// Takes an answer. Says how long it took if that delivered a card.
    pub fn done(
        &mut self,
        id: RequestId,
        outcome: &Outcome,
        settings: &Settings,
        session: &mut Session,
        turn: &mut Turn<'_>,
    ) -> Option<Delivery> {
        let flight = self.outbox.flights.answered(id)?;
        let mut entry = self.outbox.take(flight.sequence)?;
        let destination = self.others.get_mut(entry.service()).unwrap_or(&mut self.destination);
        if let Some(sending) = entry.sending() {
            let mut settling = Settling { entry: &mut entry, destination, settings, turn };
            settling.take(sending, outcome, session);
        }
        let delivery = entry.is_leaving().then(|| entry.delivery(turn.now));
        self.outbox.put(entry);
        self.outbox.shed_given_up(GIVEN_UP_LIMIT, turn.journal);
        delivery
    }

    /// The interaction's disposition was heard. Where the settings say so, that ends the tries of cards that had one.
    pub fn end_interaction(
        &mut self,
        interaction: Fingerprint,
        settings: &Settings,
        wall: Millis,
        journal: &mut Journal,
    ) {
        for sequence in self.outbox.open_cards_of(interaction) {
            self.outbox.edit(sequence, |entry| {
                entry.end_interaction(journal);
                if settings.end_at_disposition && entry.tries() > 0 && entry.sending().is_none() {
                    entry.give_up(GivenUp::InteractionEnded, wall, journal);
                }
            });
        }
    }

    /// When something is due without any input. A card that could be sent now but for the token is the session's
    /// business; `sending` says whether cards go out at all.
    pub fn next_deadline(&self, settings: &Settings, now: Millis, sending: bool, has_token: bool) -> Option<Millis> {
        let timeout = self.outbox.flights.oldest().map(|(_, flight)| flight.since.plus(TIMEOUT));
        let send = (self.outbox.next_due(settings.base().http()).filter(|_| sending))
            .and_then(|(at, never_tried)| Some(at.max(self.room_at(never_tried, now)?)))
            .filter(|at| has_token || *at > now);
        [send, self.outbox.next_expiry(), timeout].into_iter().flatten().min()
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
        turn.effects.push(Effect::Abort(id));
        let flight = self.outbox.flights.give_up(id);
        let Some(mut entry) = flight.and_then(|flight| self.outbox.take(flight.sequence)) else { return };
        let destination = self.others.get_mut(entry.service()).unwrap_or(&mut self.destination);
        let mut settling = Settling { entry: &mut entry, destination, settings, turn };
        settling.log(0);
        settling.entry.reach();
        settling.server_failed(0, Millis::ZERO);
        self.outbox.put(entry);
    }
}

/// A card whose request has ended, and the state that its outcome changes.
struct Settling<'a, 'b> {
    entry: &'a mut Entry,
    destination: &'a mut Destination,
    settings: &'a Settings,
    turn: &'a mut Turn<'b>,
}

impl Settling<'_, '_> {
    fn take(&mut self, sending: Sending, outcome: &Outcome, session: &mut Session) {
        match outcome {
            Outcome::Failed(failure) => {
                if *failure != Failure::NotPermitted {
                    self.log(0);
                }
                match failure {
                    Failure::Unsendable => self.give_up(GivenUp::Unsendable),
                    Failure::NotPermitted => {
                        let host = self.settings.base().host().to_owned();
                        self.destination.not_permitted(self.turn.now, self.turn.journal);
                        self.turn.raise(Diagnosis::PermissionMissing { host });
                        self.entry.requeue();
                    }
                    Failure::Network | Failure::Aborted => self.server_failed(0, Millis::ZERO),
                }
            }
            Outcome::Redirected => {
                self.log(0);
                self.intercepted();
            }
            Outcome::Answer(answer) => {
                self.log(answer.status);
                self.entry.reach();
                self.answered(sending, answer, session);
            }
        }
    }

    fn log(&mut self, status: u16) {
        let since = self.entry.sending().map_or(self.turn.now, |sending| sending.since);
        self.entry.log_try(self.turn.wall, status, self.turn.now.since(since));
    }

    fn answered(&mut self, sending: Sending, answer: &Answer, session: &mut Session) {
        let now = self.turn.now;
        match answer.status {
            200..=299 if answer.is_html() => self.intercepted(),
            200..=299 | 409 => {
                self.destination.accepted(now, self.turn.journal);
                self.turn.diagnoses.clear(is_over_with_success);
                self.turn.journal.meta.delivered += 1;
                self.entry.close(End::Delivered, self.turn.wall, self.turn.journal);
            }
            429 => {
                let wait = answer.wait(self.turn.wall);
                self.destination.limited(now, wait, self.turn.journal);
                let until = self.turn.wall.plus(self.destination.hold_until().since(now));
                self.turn.raise(Diagnosis::RateLimited { until });
                self.entry.refused_for_now(self.turn);
            }
            401 => {
                session.drop_token(sending.generation, self.turn);
                if self.entry.retry_with_fresh_token(self.turn) {
                    self.destination.try_with_fresh_token(now);
                } else {
                    self.destination.sign_in_rejected(now, self.turn.journal);
                    self.turn.raise(Diagnosis::SignInRejected);
                }
            }
            403 => {
                let interaction = self.entry.card().interaction.clone();
                let paused = self.destination.forbidden(&interaction, now, self.turn.journal);
                let (scope, interaction) = (wire::token::SCOPE_CARDS.to_owned(), Some(interaction));
                self.give_up(GivenUp::Forbidden);
                self.turn.raise(Diagnosis::ScopeMissing { scope, interaction, paused });
            }
            300..=399 => self.intercepted(),
            status @ (0 | 100..=199 | 408 | 500..=599) => {
                // RFC 9110 §10.2.3: a 503 may say when to come back.
                self.server_failed(status, answer.retry_after(self.turn.wall).unwrap_or_default());
            }
            status => {
                self.destination.refused(self.turn.journal);
                let excerpt = session.excerpt(&answer.body);
                self.turn.raise(Diagnosis::CardRefused { status, excerpt: excerpt.clone() });
                self.give_up(GivenUp::Refused { status, excerpt });
            }
        }
    }

    /// Something between answers for the server: a captive portal, a proxy's page, a sign-in. It passes.
    fn intercepted(&mut self) {
        let host = self.settings.base().host().to_owned();
        self.turn.raise(Diagnosis::Intercepted { host });
        self.failed(Millis::ZERO);
    }

    fn server_failed(&mut self, status: u16, asked: Millis) {
        self.failed(asked);
        if self.destination.is_failing() || self.destination.has_failed_for_long(self.turn.now) {
            self.turn.raise(Diagnosis::ServerFailing { status });
        }
    }

    /// The same card again, later, unless something ends its tries.
    fn failed(&mut self, asked: Millis) {
        self.destination.failed(self.entry.tries() == 0, self.turn);
        let delay = backoff::delay(self.entry.tries(), self.turn.random).max(asked);
        self.entry.retry_at(self.turn.now.plus(delay), self.turn.journal);
        if self.settings.max_tries.is_some_and(|most| self.entry.tries() >= most) {
            self.give_up(GivenUp::TriesUsedUp);
        } else if self.settings.end_at_disposition && self.entry.has_ended() {
            self.give_up(GivenUp::InteractionEnded);
        }
    }

    fn give_up(&mut self, why: GivenUp) {
        self.entry.give_up(why, self.turn.wall, self.turn.journal);
    }
}

fn is_over_with_success(diagnosis: &Diagnosis) -> bool {
    matches!(
        diagnosis,
        Diagnosis::ServerFailing { .. }
            | Diagnosis::Intercepted { .. }
            | Diagnosis::PermissionMissing { .. }
            | Diagnosis::SignInRejected
            | Diagnosis::ScopeMissing { interaction: Some(_), .. }
            | Diagnosis::ScopeMissing { paused: true, .. }
    )
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
