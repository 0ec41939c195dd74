//! What NICE publishes for everyone: an interface that is asked again and again, and messages to agents.
//!
//! No published interface pushes interactions to a supervisor, so this service has no stream. It says the customer's
//! sentiment of digital contacts alone, never that of a voice.

mod acd;
pub mod discovery;
mod entry;
pub mod hosts;
mod message;
pub mod pkce;
mod row;
pub mod signin;
mod time;
mod watch;

use super::entry::{Check, EntryFault, Known, Next, Step, Visitor};
use super::poll::Poller;
use super::{Access, Client, Grant, Meaning, Outgoing, Service, TokenFault};
use crate::model::address::Base;
use crate::model::card::Card;
use crate::model::card::reader::Reader;
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

    fn card_request(&self, access: &Access<'_>, outgoing: &Outgoing<'_>) -> Option<HttpRequest> {
        message::request(access, outgoing)
    }

    fn has_readers(&self) -> bool {
        true
    }

    fn look_for(&self, access: &Access<'_>, reader: Reader) -> Option<HttpRequest> {
        message::look_for(access, reader)
    }

    fn is_there(&self, outcome: &Outcome, card: &Card) -> Option<bool> {
        message::is_there(outcome, card)
    }

    fn signal(&self, access: &Access<'_>, card: &Card) -> Option<HttpRequest> {
        message::signal::request(access, card)
    }

    /// A 206 says that some messages failed. A 409 is about the tenant here, and never that a message is known.
    fn card_meaning(&self, outcome: &Outcome) -> Meaning {
        match Meaning::of(outcome) {
            Meaning::Done => message::meaning(outcome.body()),
            Meaning::Known => Meaning::Refused,
            meaning => meaning,
        }
    }

    fn card_scope(&self) -> &'static str {
        "Agent Messaging: Create"
    }

    fn look_scope(&self) -> &'static str {
        "Agent Messaging: View"
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
