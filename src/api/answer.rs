//! The one table of answers: a status has one meaning, for a token, a card, a poll and a connection test alike.
//!
//! Floor 3 decides what follows from a meaning: `delivery/answers.rs` for cards, `link/session.rs` for tokens,
//! `link/polling.rs` for polls, `link/probe.rs` for a connection test.

use crate::model::http::{Failure, Outcome};

/// The meaning of the end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The server did as asked.
    Done,
    /// 409: the server did as asked before.
    Known,
    /// A web page in place of an answer: something between talks.
    Page,
    /// The answer points elsewhere: a sign-in or a captive portal.
    Redirect,
    /// 429: wait.
    Limited,
    /// 400: the server does not accept the request. To a token request, the server refuses the client (RFC 6749 §5.2).
    BadRequest,
    /// 401: the token or the client is not accepted.
    Unauthorized,
    /// 403: the token is accepted, and does not suffice.
    Forbidden,
    /// The server is in trouble, which may pass.
    Failing,
    /// The same request is refused every time.
    Refused,
    /// No answer: what the server did is unknown.
    Unreachable,
    /// The browser does not allow the host; nothing was sent.
    NotPermitted,
    /// The browser would send another request; nothing was sent.
    Unsendable,
}

impl Meaning {
    /// The meaning of an answer over HTTP (RFC 9110 §15).
    pub fn of(outcome: &Outcome) -> Meaning {
        let answer = match outcome {
            Outcome::Answer(answer) => answer,
            Outcome::Redirected => return Meaning::Redirect,
            Outcome::Failed(Failure::Network | Failure::Aborted) => return Meaning::Unreachable,
            Outcome::Failed(Failure::NotPermitted) => return Meaning::NotPermitted,
            Outcome::Failed(Failure::Unsendable) => return Meaning::Unsendable,
        };
        match answer.status {
            200..=299 if answer.is_html() => Meaning::Page,
            200..=299 => Meaning::Done,
            300..=399 => Meaning::Redirect,
            400 => Meaning::BadRequest,
            401 => Meaning::Unauthorized,
            403 => Meaning::Forbidden,
            409 => Meaning::Known,
            429 => Meaning::Limited,
            0..=199 | 408 | 500..=599 => Meaning::Failing,
            _ => Meaning::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Answer;

    fn status(status: u16) -> Meaning {
        Meaning::of(&Outcome::Answer(Answer { status, ..Answer::default() }))
    }

    #[test]
    fn every_status_has_the_meaning_of_the_contract() {
        for (statuses, meaning) in [
            (&[200, 201, 204, 299][..], Meaning::Done),
            (&[409], Meaning::Known),
            (&[301, 302, 304, 399], Meaning::Redirect),
            (&[429], Meaning::Limited),
            (&[400], Meaning::BadRequest),
            (&[401], Meaning::Unauthorized),
            (&[403], Meaning::Forbidden),
            (&[0, 100, 199, 408, 500, 503, 599], Meaning::Failing),
            (&[402, 404, 410, 422, 499, 600, u16::MAX], Meaning::Refused),
        ] {
            for number in statuses {
                assert_eq!(status(*number), meaning, "{number}");
            }
        }
    }

    #[test]
    fn a_page_is_no_success_and_a_refused_page_is_what_its_status_says() {
        let page = |status| {
            let content_type = Some("text/html; charset=utf-8".to_owned());
            Meaning::of(&Outcome::Answer(Answer { status, content_type, ..Answer::default() }))
        };
        assert_eq!([200, 401, 503].map(page), [Meaning::Page, Meaning::Unauthorized, Meaning::Failing]);
    }

    #[test]
    fn a_request_without_an_answer_says_whether_it_was_sent() {
        let failed = |failure| Meaning::of(&Outcome::Failed(failure));
        assert_eq!([Failure::Network, Failure::Aborted].map(failed), [Meaning::Unreachable; 2]);
        assert_eq!(failed(Failure::NotPermitted), Meaning::NotPermitted);
        assert_eq!(failed(Failure::Unsendable), Meaning::Unsendable);
        assert_eq!(Meaning::of(&Outcome::Redirected), Meaning::Redirect);
    }
}
