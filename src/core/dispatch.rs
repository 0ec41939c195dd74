//! Posting cards: what each answer means, and what may be sent now.

use std::collections::BTreeMap;

use super::backoff;
use super::destination::{Destination, IN_FLIGHT, Pause};
use super::diagnosis::Diagnosis;
use super::effect::{Effect, RequestId};
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

/// An answer that takes longer than this does not come from a server that is counting.
const HANGING: Millis = Millis::from_secs(1);

/// The wait after a 429 that does not say how long.
const UNSTATED_WAIT: Millis = Millis::from_secs(5);

/// The outbox and where it goes.
#[derive(Debug, Default)]
pub struct Dispatch {
    /// The cards.
    pub outbox: Outbox,
    /// The one in use.
    destination: Destination,
    /// Those that were in use before: a wait that one asked for neither holds up another nor ends with the settings.
    others: BTreeMap<String, Destination>,
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

    /// Why nothing is sent until a person acts.
    pub fn pause(&self) -> Option<Pause> {
        self.destination.pause()
    }

    /// Until when the server asked to wait.
    pub fn hold_until(&self) -> Millis {
        self.destination.hold_until()
    }

    /// A person changed something or wants it tried again.
    pub fn resume(&mut self, turn: &mut Turn<'_>) {
        for destination in std::iter::once(&mut self.destination).chain(self.others.values_mut()) {
            destination.resume(turn.journal);
        }
        turn.diagnoses.clear(is_about_pause);
        self.raise_pause(turn); // A wait that was asked for stays, and stays to be seen.
    }

    /// Raises again, after a restart, what still stops dispatch.
    pub fn raise_pause(&self, turn: &mut Turn<'_>) {
        match self.destination.pause() {
            Some(Pause::SignInRejected) => turn.raise(Diagnosis::SignInRejected),
            Some(Pause::MissingPermission) => {
                turn.raise(Diagnosis::ScopeMissing {
                    scope: wire::token::SCOPE_CARDS.to_owned(),
                    interaction: None,
                    paused: true,
                });
            }
            None => {}
        }
        if self.hold_until() > turn.now {
            let until = turn.wall.plus(self.hold_until().since(turn.now));
            turn.raise(Diagnosis::RateLimited { until });
        }
    }

    /// Gives up what takes too long or has become stale.
    pub fn check(&mut self, settings: &Settings, turn: &mut Turn<'_>) {
        while let Some(sending) = self.oldest_request().filter(|sent| sent.since.plus(TIMEOUT) <= turn.now) {
            turn.effects.push(Effect::Abort(sending.id));
            if let Some(entry) = self.outbox.take_request(sending.id) {
                entry.log_try(turn.wall, 0, turn.now.since(sending.since));
                let destination = self.others.get_mut(entry.service()).unwrap_or(&mut self.destination);
                failed(entry, destination, 0, Millis::ZERO, settings, turn);
            }
        }
        let mut any = false;
        for entry in self.outbox.stale(turn.now) {
            entry.give_up(GivenUp::Expired, turn.wall, turn.journal);
            any = true;
        }
        if any {
            turn.raise(Diagnosis::CardExpired);
            self.outbox.shed_given_up(GIVEN_UP_LIMIT, turn.journal);
        }
    }

    /// Sends what may be sent now.
    pub fn send(&mut self, settings: &Settings, session: &Session, turn: &mut Turn<'_>) {
        while self.may_send(turn.now) {
            let Some(token) = session.token(turn.now) else { return };
            let Some(entry) = self.outbox.pick(settings.base().http(), turn.now, turn.journal) else { return };
            let Some(request) = wire::card::request(settings.base(), &token.value, entry.card()) else {
                entry.give_up(GivenUp::Unsendable, turn.wall, turn.journal);
                continue;
            };
            let id = RequestId(turn.next_id());
            entry.start_sending(Sending { id, generation: token.generation, since: turn.now });
            let sequence = entry.sequence();
            self.outbox.register(id, sequence);
            self.destination.sent(turn.now);
            turn.effects.push(Effect::PostCard { id, request });
        }
    }

    /// Whether a card could be sent now if there were a token.
    pub fn wants_token(&self, settings: &Settings, now: Millis, journal: &Journal) -> bool {
        self.may_send(now) && self.outbox.next_instants(settings.base().http(), journal).0.is_some_and(|at| at <= now)
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
        let Dispatch { outbox, destination, others } = self;
        let entry = outbox.take_request(id)?;
        let destination = others.get_mut(entry.service()).unwrap_or(destination);
        let sending = entry.sending()?;
        let status = match outcome {
            Outcome::Answer(answer) => answer.status,
            Outcome::Redirected | Outcome::Failed(_) => 0,
        };
        entry.log_try(turn.wall, status, turn.now.since(sending.since));
        match outcome {
            Outcome::Failed(Failure::Unsendable) => give_up(entry, GivenUp::Unsendable, turn),
            Outcome::Failed(failure) => {
                if *failure == Failure::NotPermitted {
                    turn.raise(Diagnosis::PermissionMissing { host: settings.base().host().to_owned() });
                }
                failed(entry, destination, 0, Millis::ZERO, settings, turn);
            }
            Outcome::Redirected => {
                destination.refused();
                refuse(entry, 0, String::new(), turn);
            }
            Outcome::Answer(answer) => answered(entry, destination, sending, answer, settings, session, turn),
        }
        let delivery = entry.is_leaving().then(|| entry.delivery(turn.now));
        outbox.shed_given_up(GIVEN_UP_LIMIT, turn.journal);
        delivery
    }

    /// The interaction's disposition was heard. Where the settings say so, that ends the tries of cards that had one.
    pub fn end_interaction(&mut self, interaction: &str, settings: &Settings, wall: Millis, journal: &mut Journal) {
        for entry in self.outbox.open_cards_of(interaction) {
            entry.end_interaction(journal);
            if settings.end_at_disposition && entry.tries() > 0 && entry.sending().is_none() {
                entry.give_up(GivenUp::InteractionEnded, wall, journal);
            }
        }
    }

    /// When something is due without any input. A card that could be sent now but for the token is the session's
    /// business; `sending` says whether cards go out at all.
    pub fn next_deadline(
        &self,
        settings: &Settings,
        now: Millis,
        sending: bool,
        has_token: bool,
        journal: &Journal,
    ) -> Option<Millis> {
        let (send, expiry) = self.outbox.next_instants(settings.base().http(), journal);
        let timeout = self.oldest_request().map(|request| request.since.plus(TIMEOUT));
        let send = send
            .filter(|_| sending)
            .and_then(|at| Some(at.max(self.room_at()?).max(self.destination.next_send(now)?)))
            .filter(|at| has_token || *at > now);
        [send, expiry, timeout].into_iter().flatten().min()
    }

    fn oldest_request(&self) -> Option<Sending> {
        self.outbox.requests().min_by_key(|request| request.since)
    }

    fn may_send(&self, now: Millis) -> bool {
        let reached = |at: Option<Millis>| at.is_some_and(|at| at <= now);
        reached(self.room_at()) && reached(self.destination.next_send(now))
    }

    /// From when there is room for one more request; `None` until one is answered. An answer that hangs leaves its place
    /// in the window to the next card, up to the most that may be in flight.
    fn room_at(&self) -> Option<Millis> {
        let (in_flight, window) = (self.outbox.in_flight(), self.destination.window());
        if in_flight < window {
            return Some(Millis::ZERO);
        }
        if self.destination.is_held() || in_flight >= IN_FLIGHT {
            return None;
        }
        let mut started: Vec<Millis> = self.outbox.requests().map(|request| request.since).collect();
        started.sort_unstable();
        started.get((in_flight - window) as usize).map(|since| since.plus(HANGING))
    }
}

fn answered(
    entry: &mut Entry,
    destination: &mut Destination,
    sending: Sending,
    answer: &Answer,
    settings: &Settings,
    session: &mut Session,
    turn: &mut Turn<'_>,
) {
    match answer.status {
        200..=299 | 409 => {
            destination.accepted(turn.now, turn.journal);
            turn.diagnoses.clear(is_over_with_success);
            turn.journal.meta.delivered += 1;
            entry.close(End::Delivered, turn.wall, turn.journal);
        }
        429 => {
            let wait = answer.retry_after(turn.wall).unwrap_or(UNSTATED_WAIT);
            destination.limited(turn.now, wait, turn.journal);
            turn.raise(Diagnosis::RateLimited { until: turn.wall.plus(wait) });
            entry.requeue();
        }
        401 => {
            session.drop_token(sending.generation, turn);
            if !entry.retry_with_fresh_token() {
                destination.sign_in_rejected(turn.journal);
                turn.raise(Diagnosis::SignInRejected);
            }
        }
        403 => {
            let interaction = Some(entry.card().interaction.clone());
            give_up(entry, GivenUp::Forbidden, turn);
            let paused = destination.forbidden(turn.journal);
            turn.raise(Diagnosis::ScopeMissing { scope: wire::token::SCOPE_CARDS.to_owned(), interaction, paused });
        }
        status @ (0 | 100..=199 | 408 | 500..=599) => {
            // RFC 9110 §10.2.3: a 503 may say when to come back.
            let asked = answer.retry_after(turn.wall).unwrap_or_default();
            failed(entry, destination, status, asked, settings, turn);
        }
        status => {
            destination.refused();
            refuse(entry, status, session.excerpt(&answer.body, &[]), turn);
        }
    }
}

/// The server failed or the outcome is unknown: the same card again, later, unless something ends its tries.
fn failed(
    entry: &mut Entry,
    destination: &mut Destination,
    status: u16,
    asked: Millis,
    settings: &Settings,
    turn: &mut Turn<'_>,
) {
    destination.failed(turn.now, turn.random);
    if destination.is_held() {
        turn.raise(Diagnosis::ServerFailing { status });
    }
    let delay = backoff::delay(entry.tries(), turn.random).max(asked);
    entry.retry_at(turn.now.plus(delay), turn.journal);
    if settings.max_tries.is_some_and(|most| entry.tries() >= most) {
        give_up(entry, GivenUp::TriesUsedUp, turn);
    } else if settings.end_at_disposition && entry.has_ended() {
        give_up(entry, GivenUp::InteractionEnded, turn);
    }
}

fn refuse(entry: &mut Entry, status: u16, excerpt: String, turn: &mut Turn<'_>) {
    turn.raise(Diagnosis::CardRefused { status, excerpt: excerpt.clone() });
    give_up(entry, GivenUp::Refused { status, excerpt }, turn);
}

fn give_up(entry: &mut Entry, why: GivenUp, turn: &mut Turn<'_>) {
    entry.give_up(why, turn.wall, turn.journal);
}

fn is_over_with_success(diagnosis: &Diagnosis) -> bool {
    matches!(
        diagnosis,
        Diagnosis::ServerFailing { .. }
            | Diagnosis::PermissionMissing { .. }
            | Diagnosis::ScopeMissing { paused: false, interaction: Some(_), .. }
    )
}

fn is_about_pause(diagnosis: &Diagnosis) -> bool {
    is_over_with_success(diagnosis)
        || matches!(
            diagnosis,
            Diagnosis::RateLimited { .. }
                | Diagnosis::SignInRejected
                | Diagnosis::ScopeMissing { .. }
                | Diagnosis::CardRefused { .. }
                | Diagnosis::CardExpired
        )
}
