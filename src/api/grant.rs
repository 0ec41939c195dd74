//! Signing in: who asks for a token, and what the service gave.

use crate::model::json::IntoName;
use thiserror::Error;

use crate::api::Access;
use crate::api::Hosts;
use crate::model::address::Base;
use crate::model::http::Secret;
use crate::model::time::Millis;

/// Who asks for a token.
#[derive(Debug, Clone, Copy)]
pub struct Client<'a> {
    /// The client's id.
    pub id: &'a str,
    /// The client's secret.
    pub secret: &'a Secret,
}

/// A token in use. Its generation names it.
#[derive(Clone)]
pub struct Token {
    /// The token itself.
    pub value: Secret,
    /// Counts tokens, so that a late 401 is held against the token it was sent with.
    pub generation: u64,
    /// When it is no longer used.
    pub usable_until: Millis,
    /// Where the service is that gave it, where the service said so.
    pub hosts: Option<Hosts>,
}

impl Token {
    /// For requests with this token.
    pub fn access<'a>(&'a self, base: &'a Base) -> Access<'a> {
        Access { base, hosts: self.hosts.as_ref(), token: &self.value }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Token(generation {})", self.generation)
    }
}

/// A token as the service gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// 1 byte to 16 KiB of visible ASCII, because a token travels in an address and a header.
    pub token: Secret,
    /// From now; at most 24 h, and 0 where the service says so or less.
    pub good_for: Millis,
    /// The scopes of the token.
    pub scopes: Scopes,
}

/// The scopes of a token, as its answer says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scopes {
    /// Nothing: only use shows them.
    Unsaid,
    /// The answer names the scopes, and these needed ones are not among them.
    Named {
        /// Empty where nothing is lacking.
        missing: Vec<&'static str>,
    },
}

impl Grant {
    /// The first scope that is certain to be lacking.
    pub fn missing_scope(&self) -> Option<&'static str> {
        match &self.scopes {
            Scopes::Unsaid => None,
            Scopes::Named { missing } => missing.first().copied(),
        }
    }
}

/// Why a token answer cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, IntoName)]
#[serde(rename_all = "camelCase")]
pub enum TokenFault {
    /// Not JSON, or no object.
    #[error("the answer is not a JSON object")]
    NotAnObject,
    /// A token of another type, which travels in another header.
    #[error("the token type is not Bearer")]
    NotBearer,
    /// No token, or an empty one.
    #[error("the answer holds no access token")]
    Absent,
    /// Over 16 KiB.
    #[error("the access token is longer than 16 KiB")]
    TooLong,
    /// A header would not carry the token.
    #[error("the access token is not visible ASCII")]
    NotVisibleAscii,
}

impl TokenFault {
    /// The stable name by which pages find their words.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
