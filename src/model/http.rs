//! Requests and answers, whichever service they are of.

pub mod retry_after;

use thiserror::Error;

use super::time::Millis;

/// How much of an answer's body is read, in bytes: more than any honest token answer needs.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Text that must not be printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads; the body is empty.
    Get,
    /// Changes something.
    Post,
}

impl Method {
    /// As HTTP spells the method.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// Name and value.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method.name(), self.url)
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
    /// The body, cut at [`BODY_LIMIT`] bytes unless a poll asked for it; empty for a card where nobody is shown it.
    pub body: String,
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Failure {
    /// DNS, TLS, connection refused or cut: a browser does not say which.
    #[error("no connection to the server")]
    Network,
    /// The extension has no permission for the host; nothing was sent.
    #[error("the browser does not allow the host")]
    NotPermitted,
    /// Aborted by the core.
    #[error("aborted")]
    Aborted,
    /// The request could not be built (a header the browser refuses, an URL it changes).
    #[error("the browser would send another request")]
    Unsendable,
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
}

impl Outcome {
    /// The status; 0 where there is none.
    pub fn status(&self) -> u16 {
        self.answer().map_or(0, |answer| answer.status)
    }

    /// The body; empty where there is none.
    pub fn body(&self) -> &str {
        self.answer().map_or("", |answer| &answer.body)
    }

    /// The wait that `Retry-After` asks for, if it asks for one that can be read.
    pub fn retry_after(&self, wall: Millis) -> Option<Millis> {
        let answer = self.answer()?;
        retry_after::parse(answer.retry_after.as_deref()?, answer.date.as_deref(), wall)
    }

    /// The server's clock, to its second.
    pub fn date(&self) -> Option<Millis> {
        retry_after::instant(self.answer()?.date.as_deref()?)
    }

    /// The wait after a 429, which need not say how long.
    pub fn wait(&self, wall: Millis) -> Millis {
        self.retry_after(wall).unwrap_or(retry_after::UNSTATED)
    }

    fn answer(&self) -> Option<&Answer> {
        match self {
            Outcome::Answer(answer) => Some(answer),
            Outcome::Redirected | Outcome::Failed(_) => None,
        }
    }
}
