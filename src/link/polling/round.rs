//! One poll, again and again: when it is due, how often it failed, and which diagnosis that raises.

use crate::api::Meaning;
use crate::api::poll::Poll;
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::model::address::host_of;
use crate::model::ask::RequestId;
use crate::model::diagnosis::Diagnosis;
use crate::model::http::Outcome;
use crate::model::random::{Random, backoff};
use crate::model::time::Millis;

/// A poll without an answer by then is given up.
pub(super) const TIMEOUT: Millis = Millis::from_secs(15);

/// The longest backoff: what a poll would say must not be older for long once the service answers again.
const CAP: Millis = Millis::from_mins(2);

/// A poll that failed is not made sooner than this, or than its cadence.
const SOON: Millis = Millis::from_secs(30);

/// One poll, again and again.
#[derive(Debug)]
pub(super) struct Round {
    pub poll: &'static Poll,
    pub due: Millis,
    /// Failures in a row.
    pub attempt: u32,
    /// When it was answered last.
    pub answered_at: Option<Millis>,
    /// Since when it fails.
    pub failing_since: Option<Millis>,
    /// The service refuses it, which only a person changes.
    pub is_refused: bool,
    /// The diagnosis that it raised.
    pub told: Option<Diagnosis>,
    /// A 401 was answered with a fresh token, and nothing has been taken since.
    pub renewed: bool,
    pub asked: Option<Asked>,
}

/// A request under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub id: RequestId,
    pub at: Millis,
    /// Of the token it was sent with.
    pub generation: u64,
}

impl Round {
    /// One that is due now.
    pub fn new(poll: &'static Poll, now: Millis) -> Round {
        Round {
            poll,
            due: now,
            attempt: 0,
            answered_at: None,
            failing_since: None,
            is_refused: false,
            told: None,
            renewed: false,
            asked: None,
        }
    }

    /// Three cadences, and a request that hangs.
    pub fn stale_after(&self) -> Millis {
        Millis(3 * self.poll.every.0).plus(TIMEOUT)
    }

    /// Says why it came to nothing, where that lasts or only a person can change it.
    pub fn tell(&mut self, meaning: Meaning, outcome: &Outcome, asked: Asked, session: &Session, turn: &mut Turn<'_>) {
        let (what, status) = (self.poll.name, outcome.status());
        // A first refusal may be about how it was asked, and the next try asks otherwise.
        let is_lasting = self.attempt > 0 || self.renewed;
        match meaning {
            Meaning::Forbidden => {
                self.is_refused = true;
                self.raise(Diagnosis::ReadForbidden { what }, turn);
            }
            Meaning::BadRequest | Meaning::Refused | Meaning::Known | Meaning::Unauthorized if is_lasting => {
                self.is_refused = true;
                self.raise(Diagnosis::ReadRefused { what, status, excerpt: session.excerpt(outcome.body()) }, turn);
            }
            Meaning::NotPermitted => {
                let api = session.token(turn.now).and_then(|token| token.hosts.as_ref());
                let host = api.map(|hosts| host_of(&hosts.api).to_owned()).unwrap_or_default();
                turn.raise(Diagnosis::PermissionMissing { host });
            }
            _ => self.tell_stale(asked, turn),
        }
    }

    pub fn tell_stale(&mut self, asked: Asked, turn: &mut Turn<'_>) {
        let silent_for = turn.now.since(*self.failing_since.get_or_insert(asked.at));
        if silent_for > self.stale_after() {
            let stale = Diagnosis::ReadStale { what: self.poll.name, seconds: silent_for.0 / 1_000 };
            self.raise(stale, turn);
        }
    }

    fn raise(&mut self, diagnosis: Diagnosis, turn: &mut Turn<'_>) {
        if self.told.as_ref().is_some_and(|told| told.code() != diagnosis.code()) {
            self.is_over(turn); // The poll fails in another way now.
        }
        self.told = Some(diagnosis.clone());
        turn.raise(diagnosis);
    }

    /// The poll was answered, or nothing needs it any more: its diagnosis ends.
    pub fn is_over(&mut self, turn: &mut Turn<'_>) {
        if let Some(told) = self.told.take() {
            turn.diagnoses.clear(|wrong| *wrong == told);
        }
    }

    /// Tells again what another poll's diagnosis of the same kind has replaced.
    pub fn tell_again(&self, turn: &mut Turn<'_>) {
        if let Some(told) = &self.told
            && !turn.diagnoses.iter().any(|active| active.diagnosis.code() == told.code())
        {
            turn.raise(told.clone());
        }
    }

    pub fn back_off(&mut self, asked: Millis, turn: &mut Turn<'_>) {
        let delay = backoff::delay_up_to(CAP, self.attempt, turn.random);
        self.attempt = self.attempt.saturating_add(1);
        self.due = turn.now.plus(delay.max(self.poll.every.min(SOON)).max(asked));
    }
}

/// Which poll a diagnosis is about.
pub(super) fn told_of(wrong: &Diagnosis) -> Option<&'static str> {
    match wrong {
        Diagnosis::ReadForbidden { what } | Diagnosis::ReadRefused { what, .. } | Diagnosis::ReadStale { what, .. } => {
            Some(what)
        }
        _ => None,
    }
}

impl Poll {
    /// The span to the next request.
    pub(super) fn span(&self, random: &mut Random) -> Millis {
        if self.spread == Millis::ZERO {
            return self.every;
        }
        Millis(random.between(self.every.since(self.spread).0, self.every.plus(self.spread).0))
    }
}
