//! What NICE publishes for everyone: an interface that is asked again and again, and messages to agents.
//!
//! No published interface pushes interactions to a supervisor, so this service has no stream. It says the customer's
//! sentiment of digital contacts alone, never that of a voice.

mod acd;
pub mod discovery;
mod entry;
pub mod hosts;
pub mod pkce;
mod row;
pub mod signin;
mod time;
mod watch;

use super::entry::{Check, EntryFault, Known, Next, Step, Visitor};
use super::poll::Poller;
use super::{Access, Client, Grant, Meaning, Service, TokenFault};
use crate::model::address::Base;
use crate::model::card::Card;
use crate::model::event::{Event, Rejection};
use crate::model::http::{Answer, HttpRequest, Outcome, Secret};

/// The service.
#[derive(Debug)]
pub struct Published;

impl Service for Published {
    fn token_request(&self, base: &Base, client: Client<'_>) -> HttpRequest {
        signin::key_request(base.http(), client.id, client.secret)
    }

    fn grant(&self, body: &str) -> Result<Grant, TokenFault> {
        signin::read_token(body).map(|signed| signed.grant)
    }

    fn next(&self, base: &Base, visitor: Visitor<'_>, known: &Known) -> Next {
        entry::next(base, visitor, known)
    }

    fn has_arrived(&self, known: &Known) -> bool {
        entry::has_arrived(known)
    }

    fn read(
        &self,
        base: &Base,
        visitor: Visitor<'_>,
        answer: (Step, &str),
        known: &mut Known,
    ) -> Result<(), EntryFault> {
        entry::read(base, visitor, answer, known)
    }

    fn read_window(&self, address: &str, known: &mut Known) -> Result<(), EntryFault> {
        entry::read_window(address, known)
    }

    fn is_over(&self, body: &str) -> bool {
        signin::is_over(body)
    }

    fn checks(&self) -> &'static [Check] {
        &entry::CHECKS
    }

    fn has_stream(&self) -> bool {
        false
    }

    fn stream_address(&self, _: &Access<'_>) -> Option<Secret> {
        None
    }

    /// No frame comes, because no socket is opened.
    fn event<'a>(&self, _: &'a [u8]) -> Result<Option<Event<'a>>, Rejection> {
        Err(Rejection::WrongShape)
    }

    /// No card names its reader yet, and a message without one goes to nobody.
    fn card_request(&self, _: &Access<'_>, _: &Card) -> Option<HttpRequest> {
        None
    }

    fn card_scope(&self) -> &'static str {
        "Agent Messaging: Create"
    }

    /// A 304 is no redirect here: nothing is new since the answer before.
    fn meaning(&self, outcome: &Outcome) -> Meaning {
        match outcome {
            Outcome::Answer(Answer { status: 304, .. }) => Meaning::Done,
            outcome => Meaning::of(outcome),
        }
    }

    fn poller(&self) -> Option<Box<dyn Poller>> {
        Some(Box::new(watch::Watch::default()))
    }
}
