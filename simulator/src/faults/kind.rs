//! The kinds of faults, and their one way of being asked for: the same fields on the command line and over the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::garbage::Garbage;
use crate::service::rate_limit::RetryAfterForm;

/// A fault as it is asked for. Every field but `kind` has a default; unknown fields are permitted.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    /// Which fault.
    pub kind: String,
    /// How long it lasts; without it a spell lasts until it is ended, and a single blow happens once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// How often it takes effect at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Which share of the requests it hits, 0 … 1 (spread evenly).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Seconds in `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<f64>,
    /// How `Retry-After` is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<RetryAfterForm>,
    /// Milliseconds of delay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// The target of a delay or an outage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// WebSocket close code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Which garbage; `all` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub garbage: Option<String>,
    /// Garbage frames a second while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<f64>,
    /// Seconds a token lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_seconds: Option<u64>,
    /// Seconds by which the server's clock is ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skew_seconds: Option<i64>,
    /// Fields that replace those of the token answer; `null` takes one away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Map<String, Value>>,
}

/// The target of a fault of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Card requests; at the published service agent messages.
    Cards,
    /// Token requests.
    Token,
    /// Upgrades of the stream.
    Stream,
    /// Both documents of discovery.
    Discovery,
    /// The sign-in page.
    SignIn,
    /// The clock of the server.
    ServerTime,
    /// Skills and their queues.
    Skills,
    /// Active contacts.
    Contacts,
    /// Agents.
    Agents,
    /// Digital contacts.
    Digital,
    /// Messages of digital contacts.
    DigitalMessages,
    /// Reading agent messages back.
    ReadBack,
    /// Taking an agent message back.
    Undo,
    /// Signals to a script.
    Signal,
    /// Everything.
    All,
}

impl Target {
    /// Whether a fault of this target hits a request of that one.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self == Self::All || self == other
    }
}

/// A fault, checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Tokens given out live this many seconds.
    TokenExpiry(u64),
    /// Every token ends now.
    TokenRevoke,
    /// The token endpoint refuses the credentials with 400 or 401.
    TokenReject(u16),
    /// The token endpoint fails with a 5xx.
    TokenError(u16),
    /// Fields of the token answer are replaced.
    TokenAnswer(Map<String, Value>),
    /// Card requests are answered with this status, and kept nowhere.
    CardAnswer {
        /// The status.
        status: u16,
        /// For 429 (and wherever given): seconds and form of `Retry-After`.
        retry_after: Option<(f64, RetryAfterForm)>,
    },
    /// Answers come this many milliseconds late; a card is kept at once.
    Slow(u64, Target),
    /// A card is kept, and the connection dropped without an answer.
    LostAnswer,
    /// The connection is dropped, and the card kept nowhere.
    LostRequest,
    /// Streams are closed with this code; 1006 drops the connection without a close frame.
    Drop(u16),
    /// Upgrades are refused with this status.
    UpgradeRefused(u16),
    /// Open streams fall silent: nothing more is sent, pings are not answered, the socket stays open.
    Silent,
    /// Frames that are no events.
    Garbage {
        /// Which.
        kinds: Vec<Garbage>,
        /// How many a second, for a spell.
        per_second: f64,
    },
    /// Every request of the contract and every stream is dropped, as if the server were gone.
    Outage,
    /// Refresh tokens and remembered browsers end now.
    RefreshRevoke,
    /// Answers are pages of HTML with this status.
    Html(u16),
    /// Answers break off in the middle of the body.
    Cut,
    /// How many seconds the server's clock is ahead.
    Skew(i64),
    /// Discovery names an API host that serves nothing.
    WrongApi,
    /// A share of the open contacts that is gone now.
    ContactsVanish(f64),
    /// A share of the contacts with an agent that goes to another agent now.
    AgentsChange(f64),
}

/// One line for each kind: its name, and what it does to whom.
#[must_use]
pub fn catalogue() -> &'static [(&'static str, &'static str)] {
    &[
        ("token-expiry", "tokens given out live tokenSeconds (3)"),
        ("token-revoke", "every token ends now: cards get 401, the next upgrade too"),
        ("token-reject", "the token endpoint refuses the credentials with status (401; or 400)"),
        ("token-error", "the token endpoint fails with status (503)"),
        ("token-answer", "fields of the token answer are replaced by fields (null takes one away)"),
        (
            "429",
            "cards get 429 with Retry-After of retryAfter (2) seconds, written as form (digits, date, rfc850, asctime, absent, invalid)",
        ),
        ("5xx", "cards get status (503)"),
        ("408", "cards get 408"),
        ("401", "cards get 401 whatever their token"),
        ("403", "cards get 403"),
        ("4xx", "cards get status (422)"),
        ("3xx", "cards get status (302) with a Location elsewhere"),
        ("slow", "answers of target (cards; token, stream, all) come ms (2000) late; the card is kept at once"),
        ("lost-answer", "the card is kept, and the connection dropped without an answer"),
        ("lost-request", "the connection is dropped, and the card kept nowhere"),
        (
            "drop",
            "streams are closed with code (1011; 1000, 1001, 4000…; 1006 drops the connection without a close frame)",
        ),
        ("upgrade-refused", "upgrades of the stream get status (403)"),
        (
            "silent",
            "open streams fall silent: nothing more is sent, pings stay unanswered, the socket stays open; new streams work",
        ),
        ("garbage", "frames that are no events, of kind garbage (all); perSecond (5) for a spell, else one of each"),
        ("outage", "everything of the contract is dropped without an answer, and open streams with it"),
        ("refresh-revoke", "published: refresh tokens and remembered browsers end now"),
        ("html", "published: target (cards) gets a page of HTML with status (500)"),
        ("cut", "published: answers of target (cards) break off in the middle; a message is kept"),
        ("skew", "published: the server's clock is ahead by skewSeconds (300; negative: behind)"),
        ("wrong-api", "published: discovery names an API host that serves nothing"),
        ("contacts-vanish", "published: a share (0.2) of the open contacts is gone now"),
        ("agents-change", "published: a share (0.2) of the contacts with an agent goes to another agent now"),
    ]
}

impl Request {
    /// A fault of a kind, with every default.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// Checks what is asked for.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn check(&self) -> Result<Fault, String> {
        if self.seconds.is_some_and(|seconds| !(0.0..=1e6).contains(&seconds)) {
            return Err("seconds must be 0 … 1000000".into());
        }
        if self.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("share must be 0 … 1".into());
        }
        if self.retry_after.is_some_and(|seconds| !(0.0..=1e6).contains(&seconds)) {
            return Err("retryAfter must be 0 … 1000000 seconds".into());
        }
        let status = |default: u16, low: u16, high: u16| match self.status.unwrap_or(default) {
            status if (low..=high).contains(&status) => Ok(status),
            status => Err(format!("status {status} does not fit {}: it takes {low} … {high}", self.kind)),
        };
        let wait = self.retry_after.map(|seconds| (seconds, self.form.unwrap_or(RetryAfterForm::Digits)));
        let card = |status| Ok(Fault::CardAnswer { status, retry_after: wait });
        match self.kind.as_str() {
            "token-expiry" => Ok(Fault::TokenExpiry(self.token_seconds.unwrap_or(3))),
            "token-revoke" => Ok(Fault::TokenRevoke),
            "token-reject" => status(401, 400, 401).map(Fault::TokenReject),
            "token-error" => status(503, 500, 599).map(Fault::TokenError),
            "token-answer" => match &self.fields {
                Some(fields) if !fields.is_empty() => Ok(Fault::TokenAnswer(fields.clone())),
                _ => Err("token-answer needs fields, an object".into()),
            },
            "429" => Ok(Fault::CardAnswer {
                status: 429,
                retry_after: Some((self.retry_after.unwrap_or(2.0), self.form.unwrap_or(RetryAfterForm::Digits))),
            }),
            "5xx" => card(status(503, 500, 599)?),
            "408" => card(408),
            "401" => card(401),
            "403" => card(403),
            "4xx" => card(status(422, 400, 499)?),
            "3xx" => card(status(302, 300, 399)?),
            "slow" => Ok(Fault::Slow(self.ms.unwrap_or(2_000), self.target.unwrap_or(Target::Cards))),
            "lost-answer" => Ok(Fault::LostAnswer),
            "lost-request" => Ok(Fault::LostRequest),
            "drop" => match self.code.unwrap_or(1011) {
                1004 | 1005 | 1015 => Err("codes 1004, 1005 and 1015 cannot be sent".into()),
                code @ 1000..=4999 => Ok(Fault::Drop(code)),
                code => Err(format!("code {code} is not a WebSocket close code")),
            },
            "upgrade-refused" => status(403, 200, 599).map(Fault::UpgradeRefused),
            "silent" => Ok(Fault::Silent),
            "garbage" => Ok(Fault::Garbage {
                kinds: Garbage::named(self.garbage.as_deref().unwrap_or("all"))?,
                per_second: match self.per_second.unwrap_or(5.0) {
                    rate if rate > 0.0 && rate <= 1_000.0 => rate,
                    _ => return Err("perSecond must be above 0 and at most 1000".into()),
                },
            }),
            "outage" => Ok(Fault::Outage),
            "refresh-revoke" => Ok(Fault::RefreshRevoke),
            "html" => status(500, 200, 599).map(Fault::Html),
            "cut" => Ok(Fault::Cut),
            "skew" => Ok(Fault::Skew(self.skew_seconds.unwrap_or(300).clamp(-86_400, 86_400))),
            "wrong-api" => Ok(Fault::WrongApi),
            "contacts-vanish" => Ok(Fault::ContactsVanish(self.share.unwrap_or(0.2))),
            "agents-change" => Ok(Fault::AgentsChange(self.share.unwrap_or(0.2))),
            other => Err(format!("no fault is called {other:?}; there are {}", names())),
        }
    }
}

fn names() -> String {
    catalogue().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
