//! When polls are made: each at its own cadence, all within a budget of requests, and none where nothing needs it.
//!
//! A 429 holds them all. Other failures hold up one poll, and the others go on.

mod budget;

pub use self::budget::Spending;

use self::budget::Purse;
use crate::api::poll::{Needs, Poll, Poller, Readers, Want};
use crate::api::{self, Meaning, Service, Token};
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::link::steps::PollView;
use crate::model::address::host_of;
use crate::model::ask::RequestId;
use crate::model::diagnosis::Diagnosis;
use crate::model::http::Outcome;
use crate::model::random::{Random, backoff};
use crate::model::time::{Millis, Moment};
use crate::settings::{Settings, WithoutAgent};

/// A poll without an answer by then is given up.
const TIMEOUT: Millis = Millis::from_secs(15);

/// The longest backoff: what a poll would say must not be older for long once the service answers again.
const CAP: Millis = Millis::from_mins(2);

/// The polls of one connection.
#[derive(Debug, Default)]
pub struct Polling {
    /// The poller; `None` where the service has a stream alone.
    poller: Option<Box<dyn Poller>>,
    needs: Needs,
    rounds: Vec<Round>,
    purses: Vec<Purse>,
    /// The spending of the worker before, until purses take it over.
    spent_before: Vec<Spending>,
    is_on: bool,
    /// The service asked to wait until then.
    held_until: Millis,
}

/// One poll, again and again.
#[derive(Debug)]
struct Round {
    poll: &'static Poll,
    due: Millis,
    /// Failures in a row.
    attempt: u32,
    /// When it was answered last.
    answered_at: Option<Millis>,
    /// Since when it fails.
    failing_since: Option<Millis>,
    /// The service refuses it, which only a person changes.
    is_refused: bool,
    /// A 401 was answered with a fresh token, and nothing has been taken since.
    renewed: bool,
    asked: Option<Asked>,
}

/// A request under way.
#[derive(Debug, Clone, Copy)]
struct Asked {
    id: RequestId,
    at: Millis,
    /// Of the token it was sent with.
    generation: u64,
}

impl Polling {
    /// Goes on with what the worker before spent.
    pub fn resume(&mut self, spending: &[Spending]) {
        self.spent_before = spending.to_vec();
    }

    /// The requests spent, for the next worker.
    pub fn spending(&self) -> Vec<Spending> {
        if self.poller.is_none() {
            self.spent_before.clone()
        } else {
            self.purses.iter().map(Purse::spending).collect()
        }
    }

    /// Wants what is needed from now on. A wait that was asked for before a stop goes on.
    pub fn start(&mut self, service: &dyn Service, needs: Needs, now: Millis) {
        self.is_on = true;
        self.needs = needs;
        if self.poller.is_none()
            && let Some(poller) = service.poller()
        {
            let round = |poll| Round {
                poll,
                due: now,
                attempt: 0,
                answered_at: None,
                failing_since: None,
                is_refused: false,
                renewed: false,
                asked: None,
            };
            self.rounds = poller.polls().iter().map(round).collect();
            for poll in poller.polls() {
                if !self.purses.iter().any(|purse| purse.is_for(poll.budget)) {
                    let mut purse = Purse::new(poll.budget);
                    purse.take_over(&self.spent_before, now);
                    self.purses.push(purse);
                }
            }
            self.poller = Some(poller);
        }
    }

    /// Wants none: a person paused everything, or the connection leads elsewhere now.
    pub fn stop(&mut self, turn: &mut Turn<'_>) {
        self.is_on = false;
        for asked in self.rounds.iter_mut().filter_map(|round| round.asked.take()) {
            turn.effects.abort(asked.id);
        }
        turn.diagnoses.clear(|wrong| told_of(wrong).is_some());
    }

    /// Asks again now, as if nothing had failed; only a wait that the service asked for goes on.
    pub fn retry(&mut self, now: Millis) {
        for round in self.rounds.iter_mut().filter(|round| round.attempt > 0) {
            round.attempt = 0;
            round.due = now;
        }
    }

    /// Whether a token is needed to go on.
    pub fn wants_token(&self, now: Millis) -> bool {
        (0..self.rounds.len()).any(|at| self.due_at(at).is_some_and(|due| due <= now))
    }

    /// Asks whatever is due.
    pub fn ask(&mut self, token: &Token, settings: &Settings, turn: &mut Turn<'_>) {
        let at = Moment { now: turn.now, wall: turn.wall };
        for place in 0..self.rounds.len() {
            if self.due_at(place).is_none_or(|due| due > at.now) {
                continue;
            }
            let Some(poller) = &mut self.poller else { return };
            let round = &mut self.rounds[place];
            let Some(request) = poller.request(place, &token.access(settings.base()), at) else {
                // The token does not say where the service is. Another token may.
                round.back_off(Millis::ZERO, turn);
                continue;
            };
            let id = RequestId::Poll(turn.next_id());
            round.asked = Some(Asked { id, at: at.now, generation: token.generation });
            if let Some(purse) = self.purses.iter_mut().find(|purse| purse.is_for(round.poll.budget)) {
                purse.spend(at.now);
            }
            turn.effects.poll(id, request);
        }
    }

    /// Gives up requests that take too long.
    pub fn check(&mut self, turn: &mut Turn<'_>) {
        for (place, round) in self.rounds.iter_mut().enumerate() {
            if let Some(asked) = round.asked.take_if(|asked| asked.at.plus(TIMEOUT) <= turn.now) {
                turn.effects.abort(asked.id);
                round.tell_stale(asked, turn);
                round.back_off(Millis::ZERO, turn);
                if let Some(poller) = &mut self.poller {
                    poller.failed(place, 0);
                }
            }
        }
    }

    /// Takes an answer. The place of the poll whose answer is to be read, if it is one.
    pub fn done(
        &mut self,
        id: RequestId,
        outcome: &Outcome,
        settings: &Settings,
        session: &mut Session,
        turn: &mut Turn<'_>,
    ) -> Option<usize> {
        let is_asked = |round: &Round| round.asked.is_some_and(|asked| asked.id == id);
        let place = self.rounds.iter().position(is_asked)?;
        let round = &mut self.rounds[place];
        let asked = round.asked.take()?;
        let meaning = api::of(settings.base()).meaning(outcome);
        if let Some(poller) = self.poller.as_mut().filter(|_| meaning != Meaning::Done) {
            poller.failed(place, outcome.status());
        }
        if meaning != Meaning::Done {
            round.tell(meaning, outcome, asked, session, turn);
        }
        match meaning {
            Meaning::Done => {
                round.renewed = false;
                round.due = asked.at.plus(round.poll.span(turn.random));
                return Some(place);
            }
            Meaning::Limited => {
                self.held_until = self.held_until.max(turn.now.plus(outcome.wait(turn.wall)));
                round.back_off(Millis::ZERO, turn);
            }
            Meaning::Unauthorized => {
                session.drop_token(asked.generation, turn);
                if std::mem::replace(&mut round.renewed, true) {
                    round.back_off(Millis::ZERO, turn);
                } else {
                    round.due = turn.now;
                }
            }
            _ => round.back_off(outcome.retry_after(turn.wall).unwrap_or_default(), turn),
        }
        None
    }

    /// An answer was read.
    pub fn read(&mut self, place: usize, turn: &mut Turn<'_>) {
        if let Some(round) = self.rounds.get_mut(place) {
            turn.diagnoses.clear(|wrong| told_of(wrong) == Some(round.poll.name));
            (round.is_refused, round.failing_since) = (false, None);
            (round.attempt, round.answered_at) = (0, Some(turn.now));
        }
    }

    /// An answer cannot be read. It is asked for again like one that failed; otherwise the next page of a list would be
    /// asked for as fast as answers come.
    pub fn unread(&mut self, place: usize, turn: &mut Turn<'_>) {
        if let Some(poller) = &mut self.poller {
            poller.failed(place, 0);
        }
        if let Some(round) = self.rounds.get_mut(place) {
            round.failing_since.get_or_insert(turn.now);
            round.back_off(Millis::ZERO, turn);
        }
    }

    /// Whether polls are wanted.
    pub fn is_on(&self) -> bool {
        self.is_on && self.poller.is_some()
    }

    /// Whether everything that rules need was answered lately, but for what the service refuses. Who reads a card is
    /// asked for the card alone, and hides nothing that is to be heard.
    pub fn is_watching(&self, now: Millis) -> bool {
        let Some(poller) = self.poller.as_ref().filter(|_| self.is_on) else { return false };
        let heard = Needs { cards: false, ..self.needs };
        let is_needed = |place: &usize| poller.wants(*place, &heard) != Want::Never;
        let mut needed = (0..self.rounds.len()).filter(is_needed).map(|place| &self.rounds[place]);
        // A request that becomes due later, such as the messages of a case, is answered in a moment.
        let is_known = |what: &Round| {
            self.rounds.iter().any(|round| round.poll.name == what.poll.name && round.answered_at.is_some())
        };
        needed.all(|round| round.is_refused || is_known(round) && !round.fails_for_long(now))
    }

    /// The current polls, and the time of each one's last answer, wall clock.
    pub fn views(&self, to_wall: impl Fn(Millis) -> Millis) -> Vec<PollView> {
        let Some(poller) = self.poller.as_ref().filter(|_| self.is_on) else { return Vec::new() };
        let needed =
            self.rounds.iter().enumerate().filter(|(place, _)| poller.wants(*place, &self.needs) != Want::Never);
        let view = |round: &Round| PollView {
            what: round.poll.name.to_owned(),
            every: round.poll.every,
            answered_at: round.answered_at.map(&to_wall),
        };
        let mut views: Vec<PollView> = Vec::new();
        for (_, round) in needed {
            // Several polls may read the same list.
            if !views.iter().any(|view| view.what == round.poll.name) {
                views.push(view(round));
            }
        }
        views
    }

    /// When what fails is asked again, if anything fails.
    pub fn retry_at(&self) -> Option<Millis> {
        let failing = self.rounds.iter().filter(|round| self.is_on && round.asked.is_none() && round.attempt > 0);
        failing.map(|round| round.due.max(self.held_until)).max()
    }

    /// Who reads cards, as far as was learnt.
    pub fn readers(&self, settings: &Settings) -> Readers<'_> {
        Readers { poller: self.poller.as_deref(), or_team: settings.without_agent == WithoutAgent::Team }
    }

    /// Takes the poller out, so that who reads an answer may change everything else. [`Polling::put`] takes it back.
    pub fn take(&mut self) -> Option<Box<dyn Poller>> {
        self.poller.take()
    }

    /// Takes the poller back.
    pub fn put(&mut self, poller: Box<dyn Poller>) {
        self.poller = Some(poller);
    }

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        let at = |place: usize| match self.rounds[place].asked {
            Some(asked) => Some(asked.at.plus(TIMEOUT)),
            None => self.due_at(place),
        };
        (0..self.rounds.len()).filter(|_| self.is_on).filter_map(at).min()
    }

    /// When a poll is to be made that is not under way; `None` where nothing needs it.
    fn due_at(&self, place: usize) -> Option<Millis> {
        let round = self.rounds.get(place).filter(|round| self.is_on && round.asked.is_none())?;
        let due = match self.poller.as_ref()?.wants(place, &self.needs) {
            Want::Never => return None,
            Want::InTurn => round.due,
            Want::NotBefore(at) => round.due.max(at),
            // After a failure the page waits like a poll.
            Want::AtOnce if round.attempt > 0 => round.due,
            Want::AtOnce => Millis::ZERO,
        };
        let room = self.purses.iter().find(|purse| purse.is_for(round.poll.budget)).map(Purse::room_at);
        Some(due.max(self.held_until).max(room.unwrap_or_default()))
    }
}

impl Round {
    /// Whether it fails for longer than three cadences.
    fn fails_for_long(&self, now: Millis) -> bool {
        self.failing_since.is_some_and(|since| now.since(since) > self.stale_after())
    }

    fn stale_after(&self) -> Millis {
        Millis(3 * self.poll.every.0).plus(TIMEOUT)
    }

    /// Says why it came to nothing, where that lasts or only a person can change it.
    fn tell(&mut self, meaning: Meaning, outcome: &Outcome, asked: Asked, session: &Session, turn: &mut Turn<'_>) {
        let (what, status) = (self.poll.name, outcome.status());
        // A first refusal may be about how it was asked, and the next try asks otherwise.
        let is_lasting = self.attempt > 0 || self.renewed;
        match meaning {
            Meaning::Forbidden => {
                self.is_refused = true;
                turn.raise(Diagnosis::ReadForbidden { what });
            }
            Meaning::BadRequest | Meaning::Refused | Meaning::Known | Meaning::Unauthorized if is_lasting => {
                self.is_refused = true;
                turn.raise(Diagnosis::ReadRefused { what, status, excerpt: session.excerpt(outcome.body()) });
            }
            Meaning::NotPermitted => {
                let api = session.token(turn.now).and_then(|token| token.hosts.as_ref());
                let host = api.map(|hosts| host_of(&hosts.api).to_owned()).unwrap_or_default();
                turn.raise(Diagnosis::PermissionMissing { host });
            }
            _ => self.tell_stale(asked, turn),
        }
    }

    fn tell_stale(&mut self, asked: Asked, turn: &mut Turn<'_>) {
        let silent_for = turn.now.since(*self.failing_since.get_or_insert(asked.at));
        if silent_for > self.stale_after() {
            turn.raise(Diagnosis::ReadStale { what: self.poll.name, seconds: silent_for.0 / 1_000 });
        }
    }

    fn back_off(&mut self, asked: Millis, turn: &mut Turn<'_>) {
        let delay = backoff::delay_up_to(CAP, self.attempt, turn.random);
        self.attempt = self.attempt.saturating_add(1);
        self.due = turn.now.plus(delay.max(self.poll.every).max(asked));
    }
}

/// Which poll a diagnosis is about.
fn told_of(wrong: &Diagnosis) -> Option<&'static str> {
    match wrong {
        Diagnosis::ReadForbidden { what } | Diagnosis::ReadRefused { what, .. } | Diagnosis::ReadStale { what, .. } => {
            Some(what)
        }
        _ => None,
    }
}

impl Poll {
    /// The span to the next request.
    fn span(&self, random: &mut Random) -> Millis {
        if self.spread == Millis::ZERO {
            return self.every;
        }
        Millis(random.between(self.every.since(self.spread).0, self.every.plus(self.spread).0))
    }
}
