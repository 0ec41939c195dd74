//! Which step of the contract a raw path is.

use percent_encoding::percent_decode_str;

use crate::service::requests::Step;

const CARD_HEAD: &str = "/api/v2/agentassist/interactions/";
const CARD_TAIL: &str = "/cards";

/// A path of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/oauth/token`
    Token,
    /// `/api/v2/interactions/stream`
    Stream,
    /// `/api/v2/agentassist/interactions/{one segment}/cards`, and the id, if the segment is one.
    Card(Option<String>),
    /// Anything else.
    Unknown,
}

impl Route {
    /// Reads a path exactly as it was sent: nothing is collapsed, the id is one segment and decoded once.
    pub fn of(path: &str) -> Self {
        match path {
            "/oauth/token" => return Self::Token,
            "/api/v2/interactions/stream" => return Self::Stream,
            _ => {}
        }
        match path.strip_prefix(CARD_HEAD).and_then(|rest| rest.strip_suffix(CARD_TAIL)) {
            Some(segment) if !segment.contains('/') => Self::Card(decode(segment)),
            _ => Self::Unknown,
        }
    }

    /// The step it belongs to.
    pub fn step(&self) -> Step {
        match self {
            Self::Token => Step::Token,
            Self::Stream => Step::Stream,
            Self::Card(_) => Step::Card,
            Self::Unknown => Step::Other,
        }
    }
}

/// The id in a segment; none when it is badly encoded, or an id that must never leave a client.
fn decode(segment: &str) -> Option<String> {
    let bytes = segment.as_bytes();
    let encoded = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    if bytes.iter().enumerate().any(|(at, byte)| *byte == b'%' && !encoded(at)) {
        return None;
    }
    let id = percent_decode_str(segment).decode_utf8().ok()?.into_owned();
    let sendable = !id.is_empty() && id != "." && id != ".." && id.len() <= crate::event::LONGEST_ID;
    sendable.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(segment: &str) -> Route {
        Route::of(&format!("{CARD_HEAD}{segment}{CARD_TAIL}"))
    }

    #[test]
    fn an_id_is_one_segment_and_decoded_once() {
        for (segment, id) in [
            ("a%2Fb", "a/b"),
            ("a%3Fb%23c", "a?b#c"),
            ("%252e%252e", "%2e%2e"),
            ("a%20b", "a b"),
            ("a+b", "a+b"),
            ("%F0%9F%99%82", "🙂"),
            ("...", "..."),
            ("%2e%2e%2Fx", "../x"),
        ] {
            assert_eq!(card(segment), Route::Card(Some(id.into())), "{segment}");
        }
    }

    #[test]
    fn what_is_no_id_is_not_taken_for_one() {
        for segment in ["", ".", "..", "%2e%2e", "%2E", "a%", "a%2", "a%zz", "%ff"] {
            assert_eq!(card(segment), Route::Card(None), "{segment}");
        }
        assert_eq!(card("a/b"), Route::Unknown);
        assert_eq!(Route::of("/api/v2/agentassist/interactions/cards"), Route::Unknown);
        assert_eq!(Route::of("/oauth/token/"), Route::Unknown);
    }
}
