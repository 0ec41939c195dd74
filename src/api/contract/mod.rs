//! The contract of Cuewire's default connection: client credentials, an interaction stream, cards by HTTP.

pub mod card;
pub mod event;
pub mod message;
mod scan;
pub mod shape;
pub mod stream;
pub mod token;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

use super::{Access, Client, Grant, Outgoing, Service, TokenFault};
use crate::model::address::Base;
use crate::model::event::{Event, Rejection};
use crate::model::http::{HttpRequest, Secret};

/// All that is not *unreserved* (RFC 3986 §2.3): what is encoded in one path segment or one query value.
pub const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The service.
#[derive(Debug)]
pub struct Contract;

impl Service for Contract {
    fn token_request(&self, base: &Base, client: Client<'_>) -> HttpRequest {
        token::request(base, client)
    }

    fn grant(&self, body: &str) -> Result<Grant, TokenFault> {
        token::parse(body)
    }

    fn stream_address(&self, access: &Access<'_>) -> Option<Secret> {
        Some(stream::url(access.base, access.token))
    }

    fn event<'a>(&self, frame: &'a [u8]) -> Result<Option<Event<'a>>, Rejection> {
        event::parse(frame).map(Some)
    }

    fn card_request(&self, access: &Access<'_>, outgoing: &Outgoing<'_>) -> Option<HttpRequest> {
        card::request(access.base, access.token, outgoing.card)
    }

    fn card_scope(&self) -> &'static str {
        token::SCOPE_CARDS
    }
}
