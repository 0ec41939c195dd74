//! The consequence for a card of the meaning of its answer.

use crate::api::{self, Meaning, Token};
use crate::delivery::destination::Destination;
use crate::delivery::memory::Memory;
use crate::delivery::outbox::{Entry, Sending};
use crate::journal::turn::Turn;
use crate::model::diagnosis::Diagnosis;
use crate::model::history::{End, GivenUp};
use crate::model::http::Outcome;
use crate::model::random::backoff;
use crate::model::time::Millis;
use crate::settings::Settings;

/// The token of a request, and the secrets that an answer may not show.
pub trait Credentials {
    /// The token, if one is usable now.
    fn token(&self, now: Millis) -> Option<&Token>;
    /// A token of this generation is no good.
    fn drop_token(&mut self, generation: u64, turn: &mut Turn<'_>);
    /// The start of a body, without secrets.
    fn excerpt(&self, body: &str) -> String;
}

/// The card is tried again after this many refusals of its message alone, whatever else failed before.
const REFUSALS: u32 = 2;

/// A 5xx holds its card no longer than this: an hour would be longer than most cards live, and a server that is back
/// takes them.
const LONGEST_ASKED: Millis = Millis::from_mins(1);

/// A card whose request has ended, and the state that its outcome changes.
pub(super) struct Settling<'a, 'b> {
    pub entry: &'a mut Entry,
    pub destination: &'a mut Destination,
    pub memory: &'a mut Memory,
    pub settings: &'a Settings,
    pub turn: &'a mut Turn<'b>,
}

impl Settling<'_, '_> {
    pub fn take(&mut self, sending: Sending, outcome: &Outcome, session: &mut impl Credentials) {
        let service = api::of(self.settings.base());
        let (status, now) = (outcome.status(), self.turn.now);
        let meaning = if sending.looks_for { service.meaning(outcome) } else { service.card_meaning(outcome) };
        if meaning != Meaning::NotPermitted && !sending.looks_for {
            self.log(status);
        }
        if let Outcome::Answer(_) = outcome {
            self.entry.reach();
        }
        if !sending.looks_for && service.has_readers() {
            self.note_arrival(meaning);
        }
        let is_there = if sending.looks_for { service.is_there(outcome, self.entry.card()) } else { Some(true) };
        match meaning {
            Meaning::Done if is_there != Some(true) => self.not_found(is_there),
            // The service has refused this message alone. Its reader may be another in a moment.
            Meaning::Refused if (200..300).contains(&status) && self.entry.turned_down() < REFUSALS => {
                self.entry.turn_down();
                self.failed(Millis::ZERO);
            }
            Meaning::Done | Meaning::Known => {
                if self.entry.has_made_way() {
                    self.destination.turn_went_well();
                }
                self.destination.accepted(sending.generation, now, self.turn.journal);
                self.turn.diagnoses.clear(is_over_with_success);
                self.turn.journal.meta.delivered += 1;
                // A card that was found may have had its signal.
                if self.settings.signal_script && service.has_readers() && !sending.looks_for {
                    self.entry.expect_signal();
                }
                self.entry.close(End::Delivered, self.memory, self.turn);
            }
            Meaning::Page | Meaning::Redirect => self.intercepted(),
            Meaning::Limited => {
                self.destination.limited(now, outcome.wait(self.turn.wall), self.turn.journal);
                let until = self.turn.wall.plus(self.destination.hold_until().since(now));
                self.turn.raise(Diagnosis::RateLimited { until });
                self.entry.refused_for_now(self.turn);
            }
            Meaning::Unauthorized => self.unauthorized(sending.generation, session),
            Meaning::Forbidden => {
                let interaction = self.entry.card().interaction.clone();
                let paused = self.destination.forbidden(&interaction, now, self.turn.journal);
                let scope = if sending.looks_for { service.look_scope() } else { service.card_scope() };
                let (scope, interaction) = (scope.to_owned(), Some(interaction));
                self.give_up(GivenUp::Forbidden);
                self.turn.raise(Diagnosis::ScopeMissing { scope, interaction, paused });
            }
            // RFC 9110 §10.2.3: a 503 may say when to come back.
            Meaning::Failing => {
                let asked = outcome.retry_after(self.turn.wall).unwrap_or_default();
                self.server_failed(status, asked.min(LONGEST_ASKED));
            }
            Meaning::Unreachable => self.server_failed(0, Millis::ZERO),
            Meaning::BadRequest | Meaning::Refused => {
                self.destination.refused(self.turn.journal);
                let excerpt = session.excerpt(outcome.body());
                self.turn.raise(Diagnosis::CardRefused { status, excerpt: excerpt.clone() });
                self.give_up(GivenUp::Refused { status, excerpt });
            }
            Meaning::NotPermitted => {
                let host = self.settings.base().host().to_owned();
                self.destination.not_permitted(now, self.turn.journal);
                self.turn.raise(Diagnosis::PermissionMissing { host });
                self.entry.requeue();
            }
            Meaning::Unsendable => self.give_up(GivenUp::Unsendable),
        }
    }

    /// The token is dropped, and the card has one try with a fresh one. Where the server takes other cards with that
    /// token, the trouble is this card's own: a hold would make all others wait for it.
    fn unauthorized(&mut self, generation: u64, session: &mut impl Credentials) {
        if self.entry.retry_with_fresh_token(self.turn) {
            session.drop_token(generation, self.turn);
            self.destination.try_with_fresh_token(self.turn.now);
        } else if !self.destination.has_taken_with(generation) {
            session.drop_token(generation, self.turn);
            self.destination.sign_in_rejected(self.turn.now, self.turn.journal);
            self.turn.raise(Diagnosis::SignInRejected);
        }
    }

    /// The possible effect of a request that was no plain success. The outcome is unknown of what was not clearly
    /// refused.
    fn note_arrival(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Failing | Meaning::Unreachable | Meaning::Page | Meaning::Redirect => self.entry.lose_sight(),
            _ => self.entry.was_refused(),
        }
    }

    /// A card was looked for, and its reader does not have it, or the answer cannot be read.
    fn not_found(&mut self, is_there: Option<bool>) {
        if is_there.is_some() {
            self.destination.refused(self.turn.journal); // The server is well.
            self.entry.is_missing(self.turn);
        } else {
            self.failed(Millis::ZERO);
        }
    }

    pub fn log(&mut self, status: u16) {
        let since = self.entry.sending().map_or(self.turn.now, |sending| sending.since);
        self.entry.log_try(self.turn.wall, status, self.turn.now.since(since));
    }

    /// Something between answers for the server: a captive portal, a proxy's page, a sign-in. It passes.
    fn intercepted(&mut self) {
        let host = self.settings.base().host().to_owned();
        self.turn.raise(Diagnosis::Intercepted { host });
        self.failed(Millis::ZERO);
    }

    pub fn server_failed(&mut self, status: u16, asked: Millis) {
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

pub(super) fn is_over_with_success(diagnosis: &Diagnosis) -> bool {
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
