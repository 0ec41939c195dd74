//! The services of both organisations, and requests and answers on their way.

use cuewire::model::ask::RequestId;
use cuewire::model::http::Outcome;

use crate::plan::limit::Meter;

/// One token that a server gave out.
#[derive(Debug)]
pub struct Token {
    pub value: String,
    pub until: u64,
    pub revoked: bool,
}

/// One organisation's service.
#[derive(Debug, Default)]
pub struct Server {
    pub tokens: Vec<Token>,
    /// Cards taken: which card of the ledger, how often.
    pub taken: Vec<(usize, u32)>,
    /// Its cards are refused until then, with a 429.
    pub limited_until: u64,
    /// No token is good for cards until then.
    pub unauthorized_until: u64,
    pub ignores_card_id: bool,
    /// The server asked a client to wait until then, whatever the client's rate.
    pub busy_until: u64,
    /// The newest token it was asked for is none that lasts.
    pub odd_token: bool,
    /// The trouble of every card, and until when.
    pub spell: Option<(Spell, u64)>,
    /// Cards of this queue fail, until then.
    pub stuck_queue: Option<(usize, u64)>,
    pub meter: Meter,
}

/// The purpose of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Token,
    /// Which card of the ledger.
    Card(usize),
}

/// A request.
#[derive(Debug)]
pub struct Request {
    pub life: u32,
    pub id: RequestId,
    pub host: usize,
    pub purpose: Purpose,
    /// The bearer token, or the client secret.
    pub credential: String,
    /// When it was sent, as the worker perceives time.
    pub at: u64,
    /// The worker no longer waits for it.
    pub over: bool,
    /// The server took the card.
    pub taken: bool,
}

/// An answer on its way.
#[derive(Debug)]
pub struct Response {
    pub request: usize,
    pub outcome: Outcome,
    pub wait: Option<Wait>,
}

/// A wait that a 429 asks for, as the simulation itself works it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Milliseconds from when it is heard.
    Span(u64),
    /// Until the client's own wall clock shows this.
    Until(u64),
}

/// The trouble of one interaction's cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    Fails,
    Hangs,
    Forbidden,
}

/// The trouble of every card that reaches a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spell {
    Fails,
    Hangs,
    Unauthorized,
    /// 429, and no wait at all.
    Zero,
    /// Something between answers with a page of its own.
    Portal,
    /// Something between points elsewhere.
    Redirects,
}
