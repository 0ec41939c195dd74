//! A second service, as small as one can be. It proves that the seam carries a GET, a poll and a frame to send.

use std::borrow::Cow;

use super::poll::{Budget, Each, Needs, Poll, Poller, Want};
use super::{Access, Client, Grant, Meaning, Outgoing, Scopes, Service, TokenFault};
use crate::model::address::Base;
use crate::model::event::{Event, Rejection};
use crate::model::http::{Answer, HttpRequest, Method, Outcome, Secret};
use crate::model::time::{Millis, Moment};

/// The service. Its messages are words in a line, and its key travels in a header of its own.
#[derive(Debug)]
pub struct Double;

static REQUESTS: Budget = Budget { name: "requests", requests: 30, per: Millis::from_mins(1) };

/// The calls that wait, asked for by GET.
static CALLS: Poll = Poll { name: "calls", every: Millis::from_secs(10), spread: Millis::ZERO, budget: &REQUESTS };

/// Remembers nothing from one poll to the next.
#[derive(Debug)]
struct Calls;

impl Poller for Calls {
    fn polls(&self) -> &'static [Poll] {
        std::slice::from_ref(&CALLS)
    }

    fn wants(&self, _: usize, needs: &Needs) -> Want {
        if needs.waits { Want::InTurn } else { Want::Never }
    }

    fn request(&mut self, _: usize, access: &Access<'_>, _: Moment) -> Option<HttpRequest> {
        Some(HttpRequest {
            method: Method::Get,
            url: format!("{}/calls", access.base.http()),
            headers: vec![("X-Key", access.token.0.clone())],
            body: String::new(),
        })
    }

    fn read(&mut self, _: usize, outcome: &Outcome, _: Moment, each: &mut Each<'_>) -> Result<(), Rejection> {
        outcome.body().lines().try_for_each(|line| read(line).map(|event| each(&event)))
    }
}

/// An interaction and its wait in milliseconds.
fn read(line: &str) -> Result<Event<'_>, Rejection> {
    let (id, wait) = line.split_once(' ').ok_or(Rejection::WrongShape)?;
    let wait = wait.parse().map_err(|_| Rejection::WrongShape)?;
    Ok(Event { queue_wait_ms: Some(wait), ..Event::of(Cow::Borrowed(id)) })
}

impl Service for Double {
    fn token_request(&self, base: &Base, client: Client<'_>) -> HttpRequest {
        HttpRequest {
            method: Method::Post,
            url: format!("{}/key", base.http()),
            headers: Vec::new(),
            body: format!("{} {}", client.id, client.secret.0),
        }
    }

    fn grant(&self, body: &str) -> Result<Grant, TokenFault> {
        let token = Secret(body.to_owned());
        Ok(Grant { token, good_for: Millis::from_mins(60), scopes: Scopes::Unsaid })
    }

    fn stream_address(&self, access: &Access<'_>) -> Option<Secret> {
        Some(Secret(format!("{}/listen", access.base.ws())))
    }

    fn greeting(&self, token: &Secret) -> Option<Secret> {
        Some(Secret(format!("hello {}", token.0)))
    }

    fn event<'a>(&self, frame: &'a [u8]) -> Result<Option<Event<'a>>, Rejection> {
        match std::str::from_utf8(frame).map_err(|_| Rejection::NotUtf8)? {
            "welcome" => Ok(None),
            line => read(line).map(Some),
        }
    }

    fn card_request(&self, access: &Access<'_>, outgoing: &Outgoing<'_>) -> Option<HttpRequest> {
        let card = outgoing.card;
        Some(HttpRequest {
            method: Method::Post,
            url: format!("{}/notes/{}", access.base.http(), card.interaction),
            headers: vec![("X-Key", access.token.0.clone())],
            body: card.content.clone(),
        })
    }

    fn card_scope(&self) -> &'static str {
        "notes"
    }

    /// A 304 is no redirect here: the calls are those of the answer before.
    fn meaning(&self, outcome: &Outcome) -> Meaning {
        match outcome {
            Outcome::Answer(Answer { status: 304, .. }) => Meaning::Done,
            outcome => Meaning::of(outcome),
        }
    }

    fn poller(&self) -> Option<Box<dyn Poller>> {
        Some(Box::new(Calls))
    }
}
