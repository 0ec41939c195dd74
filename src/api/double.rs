//! A second service, as small as one can be. It proves that the seam carries a GET, a poll and a frame to send.

use std::borrow::Cow;

use super::poll::{Each, Poll};
use super::{Client, Grant, Meaning, Scopes, Service, TokenFault};
use crate::model::address::Base;
use crate::model::card::Card;
use crate::model::event::{Event, Rejection};
use crate::model::http::{Answer, HttpRequest, Method, Outcome, Secret};
use crate::model::time::Millis;

/// The service. Its messages are words in a line, and its key travels in a header of its own.
#[derive(Debug)]
pub struct Double;

/// The calls that wait, asked for by GET.
static CALLS: Poll = Poll {
    every: Millis::from_secs(10),
    request: |base, key| HttpRequest {
        method: Method::Get,
        url: format!("{}/calls", base.http()),
        headers: vec![("X-Key", key.0.clone())],
        body: String::new(),
    },
    read: |body, each: &mut Each<'_>| body.lines().try_for_each(|line| read(line).map(|event| each(&event))),
};

/// An interaction and its wait in milliseconds.
fn read(line: &str) -> Result<Event<'_>, Rejection> {
    let (id, wait) = line.split_once(' ').ok_or(Rejection::WrongShape)?;
    Ok(Event {
        id: Cow::Borrowed(id),
        kind: None,
        sentiment_score: None,
        sentiment_confidence: None,
        queue_wait_ms: Some(wait.parse().map_err(|_| Rejection::WrongShape)?),
        queue: None,
        direction: None,
        ends_wait: false,
        ends_interaction: false,
        extra: Vec::new(),
    })
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

    fn stream_address(&self, base: &Base, _: &Secret) -> Secret {
        Secret(format!("{}/listen", base.ws()))
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

    fn card_request(&self, base: &Base, token: &Secret, card: &Card) -> Option<HttpRequest> {
        Some(HttpRequest {
            method: Method::Post,
            url: format!("{}/notes/{}", base.http(), card.interaction),
            headers: vec![("X-Key", token.0.clone())],
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

    fn polls(&self) -> &'static [Poll] {
        std::slice::from_ref(&CALLS)
    }
}
