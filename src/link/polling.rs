//! When polls are made: each at its own cadence, all within a budget of requests, and none where nothing needs it.
//!
//! A 429 holds them all. Other failures hold up one poll, and the others go on.

mod budget;
mod purses;
mod round;

pub use self::budget::Spending;

use self::budget::Purse;
use self::round::{Asked, Round, TIMEOUT, told_of};
use crate::api::poll::{Behind, Legacy, Needs, Poller, Readers, Want};
use crate::api::{self, Meaning, Service, Token};
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::link::steps::PollView;
use crate::model::ask::RequestId;
use crate::model::diagnosis::Diagnosis;
use crate::model::http::{Failure, Outcome};
use crate::model::time::{Millis, Moment};
use crate::settings::{Settings, WithoutAgent};

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
    /// How the poller of the worker before told of interactions.
    legacy: Option<Legacy>,
    is_on: bool,
    /// Since when what rules need is the same.
    needs_since: Millis,
    /// Everything that rules need was answered lately, at some time since the start.
    is_heard: bool,
    /// The service asked to wait until then.
    held_until: Millis,
    /// The backlog that the diagnosis shows.
    behind: Option<Behind>,
}

impl Polling {
    /// Goes on with what the worker before spent, and as its poller told of interactions.
    pub fn resume(&mut self, spending: &[Spending], legacy: Option<Legacy>) {
        self.spent_before = spending.to_vec();
        self.legacy = legacy;
    }

    /// How interactions are named, for the next worker.
    pub fn legacy(&self) -> Option<Legacy> {
        self.poller.as_ref().map_or(self.legacy, |poller| poller.legacy())
    }

    /// Forgets what was learnt, because the connection is another. What was spent stays: the limits are the service's,
    /// whatever its tenant is called.
    pub fn begin_anew(&mut self) {
        let spent_before = self.spending().into_iter().map(Spending::without_reserve).collect();
        *self = Polling { spent_before, ..Polling::default() };
    }

    /// Wants what is needed from now on. A wait that was asked for before a stop goes on.
    pub fn start(&mut self, service: &dyn Service, needs: Needs, now: Millis) {
        self.is_on = true;
        if (Needs { cards: false, ..self.needs }) != (Needs { cards: false, ..needs }) {
            self.needs_since = now;
        }
        self.needs = needs;
        if self.poller.is_none()
            && let Some(mut poller) = service.poller()
        {
            if let Some(legacy) = self.legacy {
                poller.inherit(legacy);
            }
            self.rounds = poller.polls().iter().map(|poll| Round::new(poll, now)).collect();
            for poll in poller.polls() {
                if !self.purses.iter().any(|purse| purse.is_for(poll.budget)) {
                    let mut purse = Purse::new(poll.budget, now);
                    purse.take_over(&self.spent_before, now);
                    self.purses.push(purse);
                }
            }
            self.poller = Some(poller);
        }
        if let Some(poller) = &mut self.poller {
            poller.need(&needs);
        }
    }

    /// Wants none: a person paused everything, or the connection leads elsewhere now. Says whether that ends a time in
    /// which the service was heard.
    pub fn stop(&mut self, turn: &mut Turn<'_>) -> bool {
        self.is_on = false;
        for round in &mut self.rounds {
            round.told = None;
            if let Some(asked) = round.asked.take() {
                turn.effects.abort(asked.id);
            }
        }
        self.behind = None;
        turn.diagnoses.clear(|wrong| told_of(wrong).is_some() || matches!(wrong, Diagnosis::ReadBehind { .. }));
        std::mem::take(&mut self.is_heard)
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
        let at = moment(turn);
        for place in 0..self.rounds.len() {
            if self.due_at(place).is_none_or(|due| due > at.now) {
                self.rest(place);
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

    /// A poll that nothing needs does not fail: once needed again, an old failure must not count as a long one.
    fn rest(&mut self, place: usize) {
        let is_needed = |poller: &dyn Poller| poller.wants(place, &self.needs) != Want::Never;
        if !self.poller.as_deref().is_some_and(is_needed) && self.rounds[place].asked.is_none() {
            self.rounds[place].failing_since = None;
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
                    poller.failed(place, &Outcome::Failed(Failure::Aborted), moment(turn));
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
            let asks_otherwise = poller.failed(place, outcome, moment(turn));
            if asks_otherwise && round.attempt == 0 {
                round.due = turn.now;
                return None;
            }
            if poller.wants(place, &self.needs) != Want::Never {
                round.tell(meaning, outcome, asked, session, turn);
            }
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
            round.is_over(turn);
            (round.is_refused, round.failing_since) = (false, None);
            (round.attempt, round.answered_at) = (0, Some(turn.now));
        }
        for (place, round) in self.rounds.iter_mut().enumerate().filter(|(_, round)| round.told.is_some()) {
            if self.poller.as_ref().is_some_and(|poller| poller.wants(place, &self.needs) == Want::Never) {
                round.is_over(turn);
            }
        }
        self.rounds.iter().for_each(|round| round.tell_again(turn));
        let behind = self.poller.as_ref().and_then(|poller| poller.behind());
        if std::mem::replace(&mut self.behind, behind) != behind {
            match behind {
                Some(Behind { what, waiting, minutes }) => {
                    turn.raise(Diagnosis::ReadBehind { what, waiting, minutes });
                }
                None => drop(turn.diagnoses.clear(|wrong| matches!(wrong, Diagnosis::ReadBehind { .. }))),
            }
        }
    }

    /// An answer cannot be read. It is asked for again like one that failed; otherwise the next page of a list would be
    /// asked for as fast as answers come.
    pub fn unread(&mut self, place: usize, turn: &mut Turn<'_>) {
        if let Some(poller) = &mut self.poller {
            poller.failed(place, &Outcome::Failed(Failure::Aborted), moment(turn));
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
        // A request that becomes due later, such as the messages of a case, is answered in a moment.
        let is_known = |round: &Round| round.is_refused || self.answered_at(round.poll.name).is_some();
        self.is_on() && self.needed().all(|(_, round)| is_known(round)) && self.missed_since(now).is_none()
    }

    /// Since when something that rules need has not been answered for long, if anything. Whatever happened since then,
    /// nobody heard of it: the service failed, or the machine slept.
    pub fn missed_since(&self, now: Millis) -> Option<Millis> {
        let missed = self.needed().filter(|(_, round)| !round.is_refused).filter_map(|(place, round)| {
            let longest = round.stale_after().plus(self.poller.as_ref()?.round(place));
            let failing = round.failing_since.filter(|since| now.since(*since) > longest);
            let answered = self.answered_at(round.poll.name)?.max(self.needs_since);
            // Until it was due again, nothing was missed.
            failing.or(Some(answered.plus(round.poll.every)).filter(|_| now.since(answered) > longest))
        });
        missed.min()
    }

    /// Notes whether the service is heard. `Err` says since when it is not any more.
    pub fn note_hearing(&mut self, now: Millis) -> Result<bool, Millis> {
        match self.missed_since(now).filter(|_| self.is_heard) {
            Some(since) => {
                self.is_heard = false;
                Err(since)
            }
            None => {
                self.is_heard |= self.is_watching(now);
                Ok(self.is_watching(now))
            }
        }
    }

    /// The polls without which rules do not hear what they need.
    fn needed(&self) -> impl Iterator<Item = (usize, &Round)> {
        let heard = Needs { cards: false, ..self.needs };
        let poller = self.poller.as_ref().filter(|_| self.is_on);
        let is_needed = move |place: usize| poller.is_some_and(|poller| poller.wants(place, &heard) != Want::Never);
        self.rounds.iter().enumerate().filter(move |(place, _)| is_needed(*place))
    }

    /// When anything was last answered that has this name.
    fn answered_at(&self, name: &str) -> Option<Millis> {
        self.rounds.iter().filter(|round| round.poll.name == name).filter_map(|round| round.answered_at).max()
    }

    /// The current polls, and the time of each one's last answer, wall clock.
    pub fn views(&self, to_wall: impl Fn(Millis) -> Millis) -> Vec<PollView> {
        let Some(poller) = self.poller.as_ref().filter(|_| self.is_on) else { return Vec::new() };
        let needed =
            self.rounds.iter().enumerate().filter(|(place, _)| poller.wants(*place, &self.needs) != Want::Never);
        let view = |place: usize, round: &Round| PollView {
            what: round.poll.name.to_owned(),
            every: round.poll.every.max(poller.round(place)),
            answered_at: round.answered_at.map(&to_wall),
        };
        let mut views: Vec<PollView> = Vec::new();
        for (place, round) in needed {
            // Several polls may read the same list.
            if !views.iter().any(|view| view.what == round.poll.name) {
                views.push(view(place, round));
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

fn moment(turn: &Turn<'_>) -> Moment {
    Moment { now: turn.now, wall: turn.wall }
}
