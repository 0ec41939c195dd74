//! Requests on their way: to the service, and their answers back.

use cuewire::model::ask::RequestId;
use cuewire::model::http::{Failure, HttpRequest, Outcome};
use cuewire::pipeline::input::Input;

use crate::plan::HOSTS;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::server::{Purpose, Request, Response, Wait};

impl World {
    pub(crate) fn ask_for_token(&mut self, id: RequestId, request: HttpRequest) {
        let host = HOSTS.iter().position(|host| request.url == format!("{host}/oauth/token"));
        let secret = request.body.rsplit("client_secret=").next().unwrap_or_default().to_owned();
        let right = match (host, self.worker.setup) {
            (Some(host), Some(setup)) => self.setups[setup].host == host && self.setups[setup].secret == secret,
            _ => false,
        };
        self.check(Check::RightHost, right, || format!("the secret went to {}", request.url));
        self.worker.tokens.retain(|at| !self.requests[*at].over);
        self.check(Check::SingleFlight, self.worker.tokens.is_empty(), || "a second token request".to_owned());
        self.note_token_request();
        self.worker.tokens.push(self.requests.len());
        self.send(id, host.unwrap_or(0), Purpose::Token, secret);
    }

    pub(crate) fn post(&mut self, id: RequestId, request: HttpRequest) {
        let Some((card, host, token)) = self.judge_post(&request) else { return };
        self.worker.cards.push(self.requests.len());
        self.send(id, host, Purpose::Card(card), token);
    }

    fn send(&mut self, id: RequestId, host: usize, purpose: Purpose, credential: String) {
        let at = self.requests.len();
        let life = self.worker.life;
        let now = self.perceived();
        self.requests.push(Request { life, id, host, purpose, credential, at: now, over: false, taken: false });
        if self.now < self.forbidden_until {
            return self.respond(at, 1, Outcome::Failed(Failure::NotPermitted), None);
        }
        let mut delay = self.dice.between(2, 60);
        if self.strikes(Fault::Delayed) {
            delay += self.dice.between(200, 12_000);
        }
        if self.strikes(Fault::RequestHangs) {
            return;
        }
        if self.now < self.down_until || self.strikes(Fault::RequestLost) {
            return self.respond(at, delay, Outcome::Failed(Failure::Network), None);
        }
        self.after(delay, Event::Arrives(at));
    }

    pub(crate) fn respond(&mut self, request: usize, delay: u64, outcome: Outcome, wait: Option<Wait>) {
        self.responses.push(Response { request, outcome, wait });
        self.after(delay, Event::Responds(self.responses.len() - 1));
    }

    /// An answer sets out: slow, lost, or twice.
    pub(crate) fn answer(&mut self, request: usize, outcome: Outcome, wait: Option<Wait>) {
        let mut delay = self.dice.between(2, 60);
        if self.strikes(Fault::AnswerSlow) {
            delay += self.dice.between(15_500, 30_000);
        }
        if self.now < self.down_until || self.strikes(Fault::AnswerLost) {
            if self.dice.chance(700) {
                self.respond(request, delay, Outcome::Failed(Failure::Network), None);
            }
            return;
        }
        if self.strikes(Fault::AnswerTwice) {
            let later = delay + self.dice.between(0, 2_000);
            self.respond(request, later, outcome.clone(), wait);
        }
        self.respond(request, delay, outcome, wait);
    }

    pub(crate) fn responds(&mut self, at: usize) {
        let Response { request, wait, .. } = self.responses[at];
        let outcome = std::mem::replace(&mut self.responses[at].outcome, Outcome::Redirected);
        let Request { life, id, over, purpose, .. } = self.requests[request];
        if !self.is_alive(life) {
            return;
        }
        if !over {
            self.requests[request].over = true;
            if let Purpose::Card(card) = purpose {
                self.note_answer(card, request, &outcome, wait);
            } else {
                self.note_token_answer(&outcome);
            }
        }
        self.worker.cards.retain(|other| *other != request);
        self.feed(Input::HttpDone(id, outcome));
    }

    /// The worker gives a request up; the browser says so once more.
    pub(crate) fn give_up_request(&mut self, id: RequestId) {
        let life = self.worker.life;
        let Some(at) = self.requests.iter().rposition(|request| request.life == life && request.id == id) else {
            return;
        };
        if self.requests[at].over {
            return;
        }
        self.requests[at].over = true;
        self.worker.cards.retain(|other| *other != at);
        if let Purpose::Card(card) = self.requests[at].purpose {
            if self.requests[at].taken {
                self.lose_answer(card);
            }
            self.note_try(card, self.requests[at].host, 0);
            self.ledger.cards[card].reached = true;
            self.note_failure(card, 0);
        }
        self.respond(at, 1, Outcome::Failed(Failure::Aborted), None);
    }
}
