//! Requests on their way: what the worker asks, what strikes a request, and what comes back.

use cuewire::model::ask::RequestId;
use cuewire::model::http::{Answer, Failure, HttpRequest, Method, Outcome};
use cuewire::pipeline::input::Input;
use serde_json::Value;

use super::inbox::Letter;
use super::trouble::{Part, Trouble};
use super::{Event, World};
use crate::common::host::Asked;
use crate::tally::Fault;

/// A poll is given up after so long.
const PATIENCE: u64 = 15_000;

/// A request that has left.
#[derive(Debug)]
pub struct Sent {
    pub at: u64,
    pub life: u32,
    pub id: RequestId,
    /// Until it has arrived.
    request: Option<HttpRequest>,
    pub part: Option<Part>,
    outcome: Option<Outcome>,
    /// Of the message that it posts.
    marker: Option<String>,
    /// Its worker died, and it with the worker.
    pub is_lost: bool,
}

impl World {
    pub(super) fn take_asked(&mut self) {
        for asked in std::mem::take(&mut self.host.asked) {
            match asked {
                Asked::Token(id, request) | Asked::Poll(id, request) => self.send(id, request),
                Asked::Window(id, address) => {
                    self.judge_address(&address.0);
                    self.windows.push((self.life, id, address.0));
                    self.soon(20_000, Event::WindowEnds(self.windows.len() - 1));
                }
                Asked::Commit(id, changes) => self.begin_commit(id, changes),
                other => unreachable!("this service has no stream: {other:?}"),
            }
        }
    }

    fn send(&mut self, id: RequestId, request: HttpRequest) {
        let part = Part::of(&request.url, request.method == Method::Post);
        self.trace.line(|| format!("-> {id:?} {} {} {}", request.method.name(), request.url, request.body));
        self.judge_request(id, part, &request);
        self.sent.push(Sent {
            at: self.now,
            life: self.life,
            id,
            marker: Letter::of(&request.body, self.now).map(|letter| letter.marker),
            request: Some(request),
            part,
            outcome: None,
            is_lost: false,
        });
        let most = if self.dice.chance(30) { 1_500 } else { 200 };
        self.soon(most, Event::Arrives(self.sent.len() - 1));
    }

    fn trouble(&mut self, part: Part) -> Option<Trouble> {
        if self.now >= self.plan.calm_from {
            return None;
        }
        let now = self.now;
        let stuck = self.plan.stuck.iter().find(|stuck| stuck.strikes(part, now)).map(|stuck| stuck.trouble);
        if stuck.is_some() {
            return stuck;
        }
        self.dice.chance(self.plan.strikes).then(|| Trouble::draw(&mut self.dice, part))
    }

    pub(super) fn arrive(&mut self, place: usize) {
        if self.sent[place].is_lost {
            return;
        }
        let Some(part) = self.sent[place].part else { return };
        let trouble = self.trouble(part);
        let failed = Outcome::Failed(Failure::Network);
        let status = |status, retry_after: Option<u64>| {
            let retry_after = retry_after.map(|seconds| seconds.to_string());
            Outcome::Answer(Answer { status, retry_after, ..Answer::default() })
        };
        if let Some(trouble) = trouble {
            self.trace.line(|| format!("{part:?}: {trouble:?}"));
            self.note_trouble(place, part, trouble);
        }
        let outcome = match trouble {
            None => Outcome::Answer(self.serve(place, part)),
            Some(Trouble::Lost) => failed,
            Some(Trouble::Hangs) => {
                if self.dice.chance(500) {
                    self.serve(place, part);
                }
                return;
            }
            Some(Trouble::AnswerLost) => {
                self.serve(place, part);
                failed
            }
            Some(Trouble::TakenWith503) => {
                self.serve(place, part);
                status(503, None)
            }
            Some(Trouble::Status(number, retry_after)) => status(number, retry_after),
            Some(Trouble::Empty(number)) => status(number, None),
            Some(Trouble::Page) => {
                let page = "<!DOCTYPE html><title>Sign in to the network</title>".to_owned();
                Outcome::Answer(Answer { status: 200, body: page, ..Answer::default() })
            }
            Some(Trouble::Cut) => {
                let mut answer = self.serve(place, part);
                let half = answer.body.len() / 2;
                answer.body.truncate((0..=half).rev().find(|at| answer.body.is_char_boundary(*at)).unwrap_or(0));
                Outcome::Answer(answer)
            }
        };
        self.sent[place].outcome = Some(outcome);
        let is_slow = self.plan.strikes > 0 && self.now < self.plan.calm_from && self.dice.chance(10);
        let most = if is_slow { 25_000 } else { 300 };
        self.soon(most, Event::Answers(place));
    }

    fn serve(&mut self, place: usize, part: Part) -> Answer {
        let Some(request) = self.sent[place].request.take() else { return Answer::default() };
        let before = self.tenant.inbox.letters.len();
        let answer = self.tenant.serve(part, &request, self.now);
        if let Some(letter) = self.tenant.inbox.letters.get(before).cloned() {
            self.tally.delivered += 1;
            self.judge_letter(&letter);
        }
        answer
    }

    /// A part lacks a permission until it answers otherwise. An answer that comes too late may be heard or not: after a
    /// sleep it may come before the worker has looked at the time. So it begins nothing, and what it would end may end.
    fn note_forbidden(&mut self, part: Option<Part>, status: u16, is_in_time: bool) {
        let Some(part) = part.filter(|part| !matches!(part, Part::Token | Part::Discovery)) else { return };
        match self.forbidden.iter().position(|(one, _)| *one == part) {
            None if status == 403 && is_in_time => self.forbidden.push((part, self.now)),
            Some(place) if (200..400).contains(&status) => drop(self.forbidden.remove(place)),
            _ => {}
        }
    }

    fn note_trouble(&mut self, place: usize, part: Part, trouble: Trouble) {
        let fault = match (trouble, part) {
            (Trouble::Lost, _) => Fault::RequestLost,
            (Trouble::Hangs, _) => Fault::RequestHangs,
            (Trouble::AnswerLost, Part::Token) => Fault::RenewalLost,
            (Trouble::AnswerLost, _) => Fault::AnswerLost,
            (Trouble::TakenWith503, _) => Fault::TakenWith503,
            (Trouble::Status(401, _), _) => Fault::PollUnauthorized,
            (Trouble::Status(403, _), _) => Fault::PollForbidden,
            (Trouble::Status(429, _), _) => Fault::PollLimited,
            (Trouble::Status(..), _) => Fault::PollFails,
            (Trouble::Empty(_), _) => Fault::PollEmpty,
            (Trouble::Page | Trouble::Cut, _) => Fault::PollGarbage,
        };
        self.tally.faults[fault as usize] += 1;
        if !trouble.is_final(part) {
            return;
        }
        // Given up for good. Of a read-back nobody knows here which card it was for.
        let letter = self.sent[place].request.as_ref().and_then(|request| Letter::of(&request.body, self.now));
        let excused = |marker: &str| letter.as_ref().is_none_or(|letter| letter.marker == marker);
        self.accepted.iter_mut().filter(|(marker, _)| excused(marker)).for_each(|(_, card)| card.is_excused = true);
    }

    pub(super) fn answer(&mut self, place: usize) {
        let Sent { at, life, id, part, .. } = self.sent[place];
        if !self.lives(life) {
            return;
        }
        if let Some(outcome) = self.sent[place].outcome.take() {
            // A connection test says by itself what it may not read.
            let polled = part.filter(|_| matches!(id, RequestId::Poll(_)));
            self.note_forbidden(polled, outcome.status(), self.now < at + PATIENCE);
            if part == Some(Part::Post) && self.now < at + PATIENCE && is_taken(&outcome) {
                self.taken.extend(self.sent[place].marker.clone().map(|marker| (marker, life)));
            }
            self.feed(Input::HttpDone(id, outcome));
        }
    }
}

/// Whether an answer says that the one message of a request was taken.
fn is_taken(outcome: &Outcome) -> bool {
    let body: Option<Value> = serde_json::from_str(&outcome.body().to_lowercase()).ok();
    (200..300).contains(&outcome.status()) && body.is_some_and(|body| body["agentmessageresults"][0]["success"] == true)
}
