//! Requests of the core to the world, and the ids under which the world answers.

use std::fmt;

use thiserror::Error;

use super::http::{HttpRequest, Secret};

/// Names one HTTP request and its owner, who gets the answer; an answer under an old id is ignored. Numbers are unique
/// among all ids of a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestId {
    /// The session asks for a token.
    Token(u64),
    /// Dispatch posts a card.
    Card(u64),
    /// A connection test asks for a token, opens the sign-in window, or posts its card.
    Probe(u64),
    /// A poll asks what is new.
    Poll(u64),
}

/// Names one socket and its owner; what an older socket still says is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocketId {
    /// The stream's.
    Stream(u64),
    /// A connection test's.
    Probe(u64),
}

/// Names one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitId(pub u64);

impl RequestId {
    /// The number alone.
    pub fn number(self) -> u64 {
        match self {
            RequestId::Token(number) | RequestId::Card(number) | RequestId::Probe(number) | RequestId::Poll(number) => {
                number
            }
        }
    }
}

impl SocketId {
    /// The number alone.
    pub fn number(self) -> u64 {
        match self {
            SocketId::Stream(number) | SocketId::Probe(number) => number,
        }
    }
}

/// The requests of the core's parts to the world. The pipeline turns each call into an effect, in the same order.
pub trait Ask {
    /// Ask for a token. The answer comes back under the same id, as for a card.
    fn request_token(&mut self, id: RequestId, request: HttpRequest);
    /// Open the window in which a person signs in. The address at which it ends comes back under the same id.
    fn open_window(&mut self, id: RequestId, address: Secret);
    /// Post a card.
    fn post_card(&mut self, id: RequestId, request: HttpRequest);
    /// Ask the service what is new.
    fn poll(&mut self, id: RequestId, request: HttpRequest);
    /// Give a request up; its outcome is no longer awaited.
    fn abort(&mut self, id: RequestId);
    /// Open a socket. The address holds the token.
    fn open_stream(&mut self, conn: SocketId, url: Secret);
    /// Send a frame on an open socket. The frame may hold the token.
    fn send_frame(&mut self, conn: SocketId, frame: Secret);
    /// Close a socket and stop listening to it.
    fn close_stream(&mut self, conn: SocketId);
    /// Write all changes durably, or none.
    fn commit(&mut self, id: CommitId, changes: Vec<Change>);
    /// Close the database and open it again before the next commit.
    fn reopen_storage(&mut self);
    /// Delete the database before the next commit.
    fn delete_storage(&mut self);
    /// Remember outside the journal that one was written.
    fn store_marker(&mut self);
    /// Keep the token for the next worker of this browser session, or forget it.
    fn store_token(&mut self, token: Option<Secret>);
}

// With `Debug` above the trait, the WebAssembly would hold the text of every effect, where nobody prints them.
impl fmt::Debug for dyn Ask + '_ {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("Ask")
    }
}

/// One change to stored records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Write a record.
    Put(Store, String, String),
    /// Remove a record.
    Delete(Store, String),
    /// Remove every record whose key is at most this one.
    DeleteThrough(Store, String),
    /// Remove every record.
    Clear(Store),
}

/// Which set of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    /// The records that the promise rests on; read whole at start.
    Journal,
    /// The activity log; pages read it.
    History,
}

/// Why a commit failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommitFailure {
    /// The browser has no room left.
    #[error("the browser has no room left")]
    QuotaExceeded,
    /// Anything else, in the browser's words.
    #[error("{0}")]
    Other(String),
}
