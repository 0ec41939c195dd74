//! The cadence of polls: each of a service's polls has its own, and a 429 holds them all.

use crate::api::poll::Poll;
use crate::api::{self, Meaning, Token};
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::model::ask::RequestId;
use crate::model::http::Outcome;
use crate::model::random::backoff;
use crate::model::time::Millis;
use crate::settings::Settings;

/// A poll without an answer by then is given up.
const TIMEOUT: Millis = Millis::from_secs(15);

/// The longest backoff: what a poll would say must not be older for long once the service answers again.
const CAP: Millis = Millis::from_mins(2);

/// The polls of one service.
#[derive(Debug, Default)]
pub struct Polling {
    rounds: Vec<Round>,
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
    /// Wants these polls from now on. A wait that was asked for before a stop goes on.
    pub fn start(&mut self, polls: &'static [Poll], now: Millis) {
        self.is_on = true;
        if self.rounds.len() != polls.len() {
            let round = |poll| Round { poll, due: now, attempt: 0, renewed: false, asked: None };
            self.rounds = polls.iter().map(round).collect();
        }
    }

    /// Wants none: a person paused everything, or the connection leads elsewhere now.
    pub fn stop(&mut self, turn: &mut Turn<'_>) {
        self.is_on = false;
        for asked in self.rounds.iter_mut().filter_map(|round| round.asked.take()) {
            turn.effects.abort(asked.id);
        }
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
        self.is_on && self.held_until <= now && self.rounds.iter().any(|round| round.is_due(now))
    }

    /// Asks whatever is due.
    pub fn ask(&mut self, token: &Token, settings: &Settings, turn: &mut Turn<'_>) {
        let now = turn.now;
        if !self.wants_token(now) {
            return;
        }
        for round in self.rounds.iter_mut().filter(|round| round.is_due(now)) {
            let id = RequestId::Poll(turn.next_id());
            round.asked = Some(Asked { id, at: now, generation: token.generation });
            turn.effects.poll(id, (round.poll.request)(settings.base(), &token.value));
        }
    }

    /// Gives up requests that take too long.
    pub fn check(&mut self, turn: &mut Turn<'_>) {
        for round in &mut self.rounds {
            if let Some(asked) = round.asked.take_if(|asked| asked.at.plus(TIMEOUT) <= turn.now) {
                turn.effects.abort(asked.id);
                round.back_off(Millis::ZERO, turn);
            }
        }
    }

    /// Takes an answer. The poll whose answer is to be read, if it is one.
    pub fn done(
        &mut self,
        id: RequestId,
        outcome: &Outcome,
        settings: &Settings,
        session: &mut Session,
        turn: &mut Turn<'_>,
    ) -> Option<&'static Poll> {
        let is_asked = |round: &&mut Round| round.asked.is_some_and(|asked| asked.id == id);
        let round = self.rounds.iter_mut().find(is_asked)?;
        let asked = round.asked.take()?;
        match api::of(settings.base()).meaning(outcome) {
            Meaning::Done => {
                (round.attempt, round.renewed) = (0, false);
                round.due = asked.at.plus(round.poll.every);
                return Some(round.poll);
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

    /// When something is due without any input.
    pub fn next_deadline(&self) -> Option<Millis> {
        let at = |round: &Round| match round.asked {
            Some(asked) => asked.at.plus(TIMEOUT),
            None => round.due.max(self.held_until),
        };
        self.rounds.iter().filter(|_| self.is_on).map(at).min()
    }
}

impl Round {
    fn is_due(&self, now: Millis) -> bool {
        self.asked.is_none() && self.due <= now
    }

    fn back_off(&mut self, asked: Millis, turn: &mut Turn<'_>) {
        let delay = backoff::delay_up_to(CAP, self.attempt, turn.random);
        self.attempt = self.attempt.saturating_add(1);
        self.due = turn.now.plus(delay.max(self.poll.every).max(asked));
    }
}
