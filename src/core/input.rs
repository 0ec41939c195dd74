//! Everything that can happen to the pipeline.

use super::effect::{CommandId, CommitId, ConnectionId, RequestId};
use super::time::Millis;
use crate::protocol::Request;

/// One thing that happened. Failures are inputs like any other.
#[derive(Debug)]
pub enum Input<'a> {
    /// The worker started and has read what it stored before.
    Started(Box<Start>),
    /// A person, through a page.
    Command(CommandId, Request),
    /// Nothing but the passing of time.
    Tick,
    /// The browser found the network again, or lost it. A hint only: loopback works offline.
    OnlineChanged(bool),
    /// The socket's open event.
    StreamOpened(ConnectionId),
    /// One message of the stream, as its UTF-8 bytes.
    Frame(ConnectionId, &'a [u8]),
    /// The socket closed, or never opened.
    StreamClosed(ConnectionId, u16),
    /// The browser does not allow the socket's address: it was not opened, or was closed because the permission ended.
    StreamNotPermitted(ConnectionId),
    /// The browser allows an origin (scheme, host and port) that it refused before.
    Permitted(String),
    /// A request was answered, or was not.
    HttpDone(RequestId, Outcome),
    /// The commit is durable.
    Committed(CommitId),
    /// The commit was refused; nothing of it was written.
    CommitFailed(CommitId, CommitFailure),
    /// Local time is so many minutes ahead of UTC.
    LocalOffset(i32),
    /// How many pages are open that want to hear of news.
    PagesOpen(u32),
    /// The browser holds an update of the extension ready.
    UpdateAvailable,
    /// The settings are stored, or not (with the reason).
    SettingsStored(CommandId, Result<(), String>),
}

/// What the shell read at start.
pub struct Start {
    /// The journal's records, or why it cannot be read.
    pub journal: Result<Vec<(String, String)>, String>,
    /// Whether a journal has ever been written in this profile.
    pub marker: bool,
    /// The settings as stored.
    pub settings: Option<String>,
    /// The client secret as stored, wherever that was.
    pub secret: Option<String>,
    /// The token as [`super::effect::Effect::StoreToken`] gave it.
    pub token: Option<String>,
    /// What [`super::effect::Effect::KeepAlive`] gave last.
    pub vitals: Option<String>,
    /// Seed of all jitter.
    pub seed: u64,
    /// A development build accepts plain `http` to this machine.
    pub loopback_allowed: bool,
}

impl std::fmt::Debug for Start {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Start").field("marker", &self.marker).field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// How a request ended.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered.
    Answer(Answer),
    /// The server pointed elsewhere; nothing was followed, and the browser hides the status.
    Redirected,
    /// No answer: what the server did is unknown.
    Failed(Failure),
}

/// An answer as far as anything reads it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The `Date` header.
    pub date: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body, cut at [`super::effect::BODY_LIMIT`] bytes; empty for a card where nobody is shown it.
    pub body: String,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// DNS, TLS, connection refused or cut: a browser does not say which.
    Network,
    /// The extension has no permission for the host; nothing was sent.
    NotPermitted,
    /// Aborted by [`super::effect::Effect::Abort`].
    Aborted,
    /// The request could not be built (a header the browser refuses, an URL it changes).
    Unsendable,
}

/// Why a commit failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitFailure {
    /// The browser has no room left.
    QuotaExceeded,
    /// Anything else, in the browser's words.
    Other(String),
}

// A token answer holds the token, so neither type prints its body.
impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Answer(answer) => answer.fmt(formatter),
            Outcome::Redirected => formatter.write_str("Redirected"),
            Outcome::Failed(failure) => failure.fmt(formatter),
        }
    }
}

impl Answer {
    /// Whether it is a web page: no API of ours answers with one, so something between talks.
    pub fn is_html(&self) -> bool {
        let Some(kind) = self.content_type.as_deref() else {
            let body = self.body.trim_start();
            let begins = |with: &str| body.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
            return begins("<!doctype html") || begins("<html");
        };
        let kind = kind.split(';').next().unwrap_or_default().trim();
        ["text/html", "application/xhtml+xml"].iter().any(|page| kind.eq_ignore_ascii_case(page))
    }

    /// The wait that `Retry-After` asks for, if it asks for one that can be read.
    pub fn retry_after(&self, wall: Millis) -> Option<Millis> {
        crate::wire::retry_after::parse(self.retry_after.as_deref()?, self.date.as_deref(), wall)
    }

    /// The wait after a 429, which need not say how long.
    pub fn wait(&self, wall: Millis) -> Millis {
        self.retry_after(wall).unwrap_or(crate::wire::retry_after::UNSTATED)
    }
}
