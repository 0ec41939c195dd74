//! The services that Cuewire speaks, each in one module behind [`Service`].
//!
//! Nothing outside this folder knows a path, a header, a scope or a field name of a service; `tests/floors/` looks
//! for them. A request is data, an answer has one [`Meaning`], and a frame is an [`Event`].

pub mod answer;
pub mod contract;
#[cfg(test)]
mod double;
pub mod entry;
pub mod extras;
pub mod grant;
pub mod poll;
pub mod published;
pub mod redact;

pub use self::answer::Meaning;
pub use self::grant::{Client, Grant, Scopes, Token, TokenFault};
pub use self::published::hosts::Hosts;

use self::entry::{Check, EntryFault, Known, Next, Step, Visitor};
use self::poll::Poller;
use crate::model::address::{Base, ServiceKind};
use crate::model::card::Card;
use crate::model::card::reader::Reader;
use crate::model::event::{Event, Rejection};
use crate::model::http::{HttpRequest, Outcome, Secret};
use crate::model::time::Millis;

/// The largest frame that is read, in bytes, whichever service it is of.
pub const FRAME_LIMIT: usize = 1024 * 1024;

/// With what a request is made: where, and with whose token.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The address that a person set.
    pub base: &'a Base,
    /// Where the service said that it is, where a service says so.
    pub hosts: Option<&'a Hosts>,
    /// The token.
    pub token: &'a Secret,
}

/// A card on its way.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// The card.
    pub card: &'a Card,
    /// Who reads it, where the service sends cards to persons.
    pub reader: Option<Reader>,
    /// When its time to live is over, by the server's clock.
    pub until: Millis,
    /// How long that is from now.
    pub left: Millis,
}

/// One service: requests as data, answers classified, events read. A service keeps no state; its poller does.
pub trait Service {
    /// Asks for a token.
    fn token_request(&self, base: &Base, client: Client<'_>) -> HttpRequest;

    /// Reads the body of an answer to [`Service::token_request`].
    ///
    /// # Errors
    ///
    /// Says why the answer cannot be used; nothing of the answer is in it.
    fn grant(&self, body: &str) -> Result<Grant, TokenFault>;

    /// The next step on the way to a token.
    fn next(&self, base: &Base, visitor: Visitor<'_>, known: &Known) -> Next {
        match known.grant {
            None => Next::Ask(Step::Token, self.token_request(base, visitor.client)),
            Some(_) => Next::Arrived,
        }
    }

    /// Whether the token is there, and where to use it.
    fn has_arrived(&self, known: &Known) -> bool {
        known.grant.is_some()
    }

    /// Takes what the answer to a step says.
    ///
    /// # Errors
    ///
    /// Says why the answer does not lead on; then nothing is taken.
    fn read(&self, _: &Base, _: Visitor<'_>, (_, body): (Step, &str), known: &mut Known) -> Result<(), EntryFault> {
        known.grant = Some(self.grant(body)?);
        Ok(())
    }

    /// Takes the address at which the sign-in window ended.
    ///
    /// # Errors
    ///
    /// Says why the address brings no code.
    fn read_window(&self, _address: &str, _: &mut Known) -> Result<(), EntryFault> {
        Err(EntryFault::OfAnother)
    }

    /// Whether a refusal of a renewal is final.
    fn is_over(&self, _body: &str) -> bool {
        false
    }

    /// The reads of a connection test that opens no stream.
    fn checks(&self) -> &'static [Check] {
        &[]
    }

    /// Whether the service has a stream. One that has none is listened to by [`Service::poller`] alone.
    fn has_stream(&self) -> bool {
        true
    }

    /// The address of the stream, where there is one. The address holds the token, because browsers let no header be
    /// set on a socket.
    fn stream_address(&self, access: &Access<'_>) -> Option<Secret>;

    /// The first frame to send on an open socket, where the service waits for one. The frame may hold the token.
    fn greeting(&self, _token: &Secret) -> Option<Secret> {
        None
    }

    /// Reads one frame of the stream. `None` where the frame is about the connection alone, such as an answer to
    /// [`Service::greeting`].
    ///
    /// # Errors
    ///
    /// Says why the frame is no event.
    fn event<'a>(&self, frame: &'a [u8]) -> Result<Option<Event<'a>>, Rejection>;

    /// Posts a card. `None` where no request can name the card's interaction.
    fn card_request(&self, access: &Access<'_>, outgoing: &Outgoing<'_>) -> Option<HttpRequest>;

    /// Whether a card goes to a person, whom [`Poller::reader`] knows, and a card that may have arrived must be looked
    /// for before it is sent again. Otherwise the service knows a repeat by its `cardId`.
    fn has_readers(&self) -> bool {
        false
    }

    /// Asks whether a card has arrived.
    fn look_for(&self, _access: &Access<'_>, _reader: Reader) -> Option<HttpRequest> {
        None
    }

    /// Reads the answer to [`Service::look_for`]: whether the card is there, or `None` where the answer does not say.
    fn is_there(&self, _outcome: &Outcome, _card: &Card) -> Option<bool> {
        None
    }

    /// Signals the script of a card's contact. `None` where the service has no scripts, or the card names no contact.
    fn signal(&self, _access: &Access<'_>, _card: &Card) -> Option<HttpRequest> {
        None
    }

    /// The meaning of the answer to a card.
    fn card_meaning(&self, outcome: &Outcome) -> Meaning {
        self.meaning(outcome)
    }

    /// The scope without which the service refuses cards.
    fn card_scope(&self) -> &'static str;

    /// The permission without which the service does not say whether a card has arrived.
    fn look_scope(&self) -> &'static str {
        self.card_scope()
    }

    /// The meaning of an answer, by the one table of [`answer`] unless a service answers otherwise.
    fn meaning(&self, outcome: &Outcome) -> Meaning {
        Meaning::of(outcome)
    }

    /// The poller, which asks the service again and again, where no stream says the same.
    fn poller(&self) -> Option<Box<dyn Poller>> {
        None
    }
}

/// The service that is spoken at an address.
pub fn of(base: &Base) -> &'static dyn Service {
    match base.service() {
        ServiceKind::Contract => &contract::Contract,
        ServiceKind::Published => &published::Published,
        #[cfg(test)]
        ServiceKind::Double => &double::Double,
    }
}
