//! The service: what it answers, by the contract and against it.

use cuewire::model::http::{Answer, Outcome};

use crate::common::http_date::{asctime, imf, rfc850};
use crate::plan::MARK;
use crate::service::page::page;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::EPOCH;
use crate::world::server::{Purpose, Request, Token, Wait};

/// The longest wait that the contract obeys.
const CAP: u64 = 3_600_000;

/// The wait that is meant where none is said.
const UNSAID: u64 = 5_000;

impl World {
    /// A request reaches the service.
    pub(crate) fn arrives(&mut self, at: usize) {
        if self.spellbound(at) {
            return;
        }
        match self.requests[at].purpose {
            Purpose::Token => self.token_asked(at),
            Purpose::Card(card) => self.card_posted(at, card),
        }
    }

    fn token_asked(&mut self, at: usize) {
        let Request { host, ref credential, .. } = self.requests[at];
        let secret = credential.clone();
        let known = self.setups.iter().any(|setup| setup.host == host && setup.secret == secret);
        let plain = |status: u16, body: String| Outcome::Answer(Answer { status, body, ..Answer::default() });
        self.servers[host].odd_token = true;
        if !known || self.strikes(Fault::TokenRefused) {
            let status = self.dice.pick(&[400, 401]);
            let body = format!("{{\"error\":\"invalid_client\",\"client_secret\":\"{secret}\",\"was\":\"{secret}\"}}");
            return self.answer(at, plain(status, body), None);
        }
        if self.strikes(Fault::TokenFails) {
            let status = self.dice.pick(&[500, 502, 503, 504, 404, 301]);
            return self.answer(at, plain(status, format!("<html>{secret} at {host}</html>")), None);
        }
        if self.strikes(Fault::TokenLimited) {
            let seconds = self.dice.pick(&[0, 1, 5, 60]);
            self.ledger.token_wait = self.ledger.token_wait.max(seconds * 1_000);
            let answer = Answer { status: 429, retry_after: Some(seconds.to_string()), ..Answer::default() };
            return self.answer(at, Outcome::Answer(answer), None);
        }
        if self.strikes(Fault::TokenGarbage) {
            let body = self.dice.pick(&[
                "",
                "[]",
                "<html>",
                "{}",
                "{\"access_token\":\"a b\"}",
                "{\"access_token\":\"t\",\"token_type\":\"mac\"}",
                "{\"access_token\":7}",
            ]);
            return self.answer(at, plain(200, body.to_owned()), None);
        }
        let mut life = self.dice.pick(&[3_600_000, 3_600_000, 90_000]);
        self.servers[host].odd_token = false;
        let mut says = (life / 1_000).to_string();
        if self.strikes(Fault::TokenOddLife) {
            life = 40_000;
            self.servers[host].odd_token = true;
            says = self
                .dice
                .pick(&["0", "-5", "1", "20", "31", "40", "1e99", "-1e300", "\"40\"", "\"soon\"", "null", "[]"])
                .into();
        }
        let scope = match self.strikes(Fault::TokenScopeMissing) {
            true => "interactions:read",
            false => "interactions:read agentassist:write",
        };
        let number = self.servers[host].tokens.len();
        let value = format!("{MARK}-token-{host}-{number}");
        let body = format!(
            "{{\"access_token\":\"{value}\",\"token_type\":\"Bearer\",\"expires_in\":{says},\"scope\":\"{scope}\"}}"
        );
        self.servers[host].tokens.push(Token { value, until: self.now + life, revoked: false });
        self.answer(at, plain(200, body), None);
    }

    fn card_posted(&mut self, at: usize, card: usize) {
        let Request { host, ref credential, .. } = self.requests[at];
        let token = credential.clone();
        let plain = |status: u16| Answer { status, body: format!("no, {token}, no"), ..Answer::default() };
        let now = self.now;
        if self.strikes(Fault::TokenRevoked) {
            self.servers[host].tokens.iter_mut().for_each(|given| given.revoked = true);
        }
        let valid =
            self.servers[host].tokens.iter().any(|given| given.value == token && !given.revoked && given.until > now);
        let unauthorized = self.strikes(Fault::CardUnauthorized);
        if unauthorized && self.dice.chance(400) {
            self.servers[host].unauthorized_until = now + self.dice.between(2_000, 40_000);
        }
        if !valid || unauthorized || now < self.servers[host].unauthorized_until {
            return self.answer(at, Outcome::Answer(plain(401)), None);
        }
        if now < self.servers[host].limited_until {
            let seconds = (self.servers[host].limited_until - now).div_ceil(1_000);
            return self.turn_away(at, Some(seconds.to_string()), None, Wait::Span((seconds * 1_000).min(CAP)));
        }
        match self.statuses.pop_front() {
            None | Some(200) => {}
            Some(429) => return self.turn_away(at, Some("3".to_owned()), None, Wait::Span(3_000)),
            Some(status) => return self.answer(at, Outcome::Answer(plain(status)), None),
        }
        if self.is_stuck(at, card) || self.exceeds(at) || self.limits(at) {
            return;
        }
        if self.strikes(Fault::CardFails) {
            let status = self.dice.pick(&[500, 502, 503, 504, 599]);
            return self.answer(at, Outcome::Answer(plain(status)), None);
        }
        if self.strikes(Fault::CardFailsWithWait) {
            let seconds = self.dice.pick(&[1, 3, 10]);
            let answer = Answer { retry_after: Some(seconds.to_string()), ..plain(503) };
            return self.answer(at, Outcome::Answer(answer), Some(Wait::Span(seconds * 1_000)));
        }
        if self.strikes(Fault::CardTimesOut) {
            return self.answer(at, Outcome::Answer(plain(408)), None);
        }
        if self.strikes(Fault::CardForbidden) {
            return self.answer(at, Outcome::Answer(plain(403)), None);
        }
        if self.strikes(Fault::CardRefused) {
            let status = self.dice.pick(&[400, 404, 410, 413, 418, 422]);
            return self.answer(at, Outcome::Answer(plain(status)), None);
        }
        if self.strikes(Fault::CardRedirected) {
            let outcome = match self.dice.below(3) {
                0 => Outcome::Redirected,
                1 => Outcome::Answer(page()),
                _ => Outcome::Answer(plain(304)),
            };
            return self.answer(at, outcome, None);
        }
        self.take(at, card, host);
    }

    fn take(&mut self, at: usize, card: usize, host: usize) {
        if self.requests[at].over {
            self.lose_answer(card); // The worker that sent the request no longer hears of it.
        }
        let before = self.servers[host].taken.iter_mut().find(|(other, _)| *other == card);
        let status = match before {
            None => {
                self.servers[host].taken.push((card, 1));
                self.dice.pick(&[200, 201, 204])
            }
            Some((_, times)) => {
                let lost = self.ledger.cards[card].lost;
                let repeats = *times;
                *times += 1;
                self.check(Check::RepeatsExcused, repeats <= lost, || {
                    format!("a card came for the time {}, and {lost} answers were lost", repeats + 1)
                });
                if self.servers[host].ignores_card_id {
                    self.tally.repeats += 1;
                    self.happened(Fault::IgnoresCardId);
                    201
                } else {
                    self.happened(Fault::CardConflict);
                    409
                }
            }
        };
        self.requests[at].taken = true;
        self.note_taken(card, host);
        self.answer(at, Outcome::Answer(Answer { status, ..Answer::default() }), None);
    }

    /// Refuses for the rate, in one of the ways there are. Says whether it did.
    fn limits(&mut self, at: usize) -> bool {
        use Fault::*;
        let seconds = self.dice.pick(&[1, 1, 2, 3, 7, 20]);
        let server = EPOCH + self.now;
        let until = (server + seconds * 1_000) / 1_000 * 1_000;
        let date = Some(imf(server));
        let exact = Wait::Span(until - server / 1_000 * 1_000);
        for fault in [LimitedSeconds, LimitedDate, LimitedOldDate, LimitedAsctime, LimitedDateNoDate] {
            if self.strikes(fault) {
                let (says, date, wait) = match fault {
                    LimitedDate => (imf(until), date, exact),
                    LimitedOldDate => (rfc850(until), date, exact),
                    LimitedAsctime => (asctime(until), date, exact),
                    LimitedDateNoDate => (imf(until), None, Wait::Until(until)),
                    _ => {
                        self.servers[self.requests[at].host].limited_until = self.now + seconds * 500;
                        (seconds.to_string(), date, Wait::Span(seconds * 1_000))
                    }
                };
                self.turn_away(at, Some(says), date, wait);
                return true;
            }
        }
        if self.strikes(LimitedUnsaid) {
            self.turn_away(at, None, date, Wait::Span(UNSAID));
        } else if self.strikes(LimitedInvalid) {
            let says = self.dice.pick(&["soon", "-1", "1.5", "", "Sun, 31 Feb 2026 00:00:00 GMT", "5, 10"]);
            self.turn_away(at, Some(says.to_owned()), date, Wait::Span(UNSAID));
        } else if self.strikes(LimitedHuge) {
            let says = self.dice.pick(&["31536000", "99999999999999999999", "3601", "18446744073709551615"]);
            self.turn_away(at, Some(says.to_owned()), date, Wait::Span(CAP));
        } else if self.strikes(LimitedZero) {
            self.turn_away(at, Some("0".to_owned()), date, Wait::Span(0));
        } else {
            return false;
        }
        true
    }

    /// Asks for a wait that our rate has nothing to do with.
    fn turn_away(&mut self, at: usize, retry_after: Option<String>, date: Option<String>, wait: Wait) {
        let span = match wait {
            Wait::Span(span) => span,
            Wait::Until(wall) => wall.saturating_sub(self.wall()).min(CAP),
        };
        let until = self.now + span;
        let server = &mut self.servers[self.requests[at].host];
        server.busy_until = server.busy_until.max(until);
        self.limit(at, retry_after, date, wait);
    }

    pub(crate) fn limit(&mut self, at: usize, retry_after: Option<String>, date: Option<String>, wait: Wait) {
        let answer = Answer { status: 429, retry_after, date, body: "slow down".to_owned(), ..Answer::default() };
        self.answer(at, Outcome::Answer(answer), Some(wait));
    }
}
