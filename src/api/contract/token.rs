//! The token endpoint: OAuth 2.0 client credentials (RFC 6749 §4.4).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::api::{Client, Grant, Scopes, TokenFault};
use crate::model::address::Base;
use crate::model::http::{HttpRequest, Method, Secret};
use crate::model::json::{self, FromJson};
use crate::model::time::Millis;

/// The scopes that a token needs: for the stream and for the cards.
pub const SCOPES: [&str; 2] = ["interactions:read", SCOPE_CARDS];

/// The scope that posting cards needs.
pub const SCOPE_CARDS: &str = "agentassist:write";

/// How long a token is good where the answer does not say.
const UNSAID: Millis = Millis::from_secs(300);

/// The longest that a token is taken to be good.
const LONGEST: Millis = Millis::from_secs(24 * 3_600);

/// The longest token, in bytes: it travels in a URL and a header.
const TOKEN_LIMIT: usize = 16 * 1024;

/// Characters that `application/x-www-form-urlencoded` leaves as they are (URL Standard); a space is `+`.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// Asks for a token. The secret is in the body alone.
pub fn request(base: &Base, client: Client<'_>) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        url: format!("{}/oauth/token", base.http()),
        headers: vec![
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
            ("Accept", "application/json".to_owned()),
        ],
        body: format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            form_encoded(client.id),
            form_encoded(&client.secret.0)
        ),
    }
}

/// As a form holds a value.
pub fn form_encoded(text: &str) -> String {
    // No `%20` but of a space is left after encoding: a `%` of the text is `%25` by then.
    utf8_percent_encode(text, FORM).to_string().replace("%20", "+")
}

/// Which of [`SCOPES`] an answer lacks that names these.
fn missing(given: &[&str]) -> Vec<&'static str> {
    SCOPES.into_iter().filter(|scope| !given.contains(scope)).collect()
}

#[derive(FromJson)]
struct TokenAnswer {
    access_token: Option<Value>,
    expires_in: Option<Value>,
    token_type: Option<Value>,
    scope: Option<Value>,
}

/// Reads a token answer.
///
/// # Errors
///
/// Says why the answer cannot be used; nothing of the answer is in it.
pub fn parse(body: &str) -> Result<Grant, TokenFault> {
    let answer: TokenAnswer = json::read(body).ok_or(TokenFault::NotAnObject)?;
    match answer.token_type {
        None | Some(Value::Null) => {}
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("bearer") => {}
        Some(_) => return Err(TokenFault::NotBearer),
    }
    let access_token = match answer.access_token {
        Some(Value::String(token)) if !token.is_empty() => token,
        _ => return Err(TokenFault::Absent),
    };
    if access_token.len() > TOKEN_LIMIT {
        return Err(TokenFault::TooLong);
    }
    if !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenFault::NotVisibleAscii);
    }
    let scopes = match &answer.scope {
        Some(Value::String(scopes)) => Some(scopes.split_ascii_whitespace().collect::<Vec<_>>()),
        Some(Value::Array(scopes)) => Some(scopes.iter().filter_map(Value::as_str).collect()),
        // RFC 6749 §5.1: then they are those that were asked for.
        _ => None,
    };
    Ok(Grant {
        good_for: lifetime(answer.expires_in.as_ref()),
        scopes: scopes.map_or(Scopes::Unsaid, |given| Scopes::Named { missing: missing(&given) }),
        token: Secret(access_token),
    })
}

/// `expires_in` in seconds, as a number or as one in quotes, which some servers write. What is no number says nothing.
fn lifetime(value: Option<&Value>) -> Millis {
    let seconds = match value {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse::<f64>().ok().filter(|seconds| seconds.is_finite()),
        _ => None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as wanted")]
    seconds.map_or(UNSAID, |seconds| Millis((seconds * 1_000.0) as u64)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Organization;

    fn base() -> Base {
        Base::of(&Organization::parse("acme").unwrap())
    }

    fn expires_in(value: &str) -> u64 {
        parse(&format!(r#"{{"access_token":"t","expires_in":{value}}}"#)).unwrap().good_for.0
    }

    #[test]
    fn credentials_are_form_encoded_to_the_letter() {
        let secret = Secret("a&b=c%20/é~*-._".to_owned());
        let request = request(&base(), Client { id: "cl ient+1", secret: &secret });
        assert_eq!(request.url, "https://acme.cxone.com/oauth/token");
        assert_eq!(
            request.body,
            "grant_type=client_credentials&client_id=cl+ient%2B1&client_secret=a%26b%3Dc%2520%2F%C3%A9%7E*-._"
        );
        assert!(request.headers.contains(&("Content-Type", "application/x-www-form-urlencoded".to_owned())));
        assert!(!format!("{request:?}").contains("%20"));
    }

    #[test]
    fn a_whole_answer_is_a_grant() {
        let body = r#"{"access_token":"tok.en-1","token_type":"bearer","expires_in":3600,"scope":"a agentassist:write","x":[]}"#;
        let grant = parse(body).unwrap();
        assert_eq!(grant.token.0, "tok.en-1");
        assert_eq!(grant.good_for, Millis(3_600_000));
        assert_eq!(grant.missing_scope(), Some("interactions:read"));
    }

    #[test]
    fn odd_lifetimes_are_bounded() {
        for (value, millis) in [
            ("null", 300_000),
            (r#""soon""#, 300_000),
            (r#""""#, 300_000),
            (r#""NaN""#, 300_000),
            (r#""inf""#, 300_000),
            ("[]", 300_000),
            ("true", 300_000),
            (r#""3600""#, 3_600_000),
            (r#"" 60 ""#, 60_000),
            ("59.5", 59_500),
            ("0", 0),
            ("-1", 0),
            ("-1e300", 0),
            ("1e300", 86_400_000),
            ("18446744073709551615", 86_400_000),
            ("86401", 86_400_000),
        ] {
            assert_eq!(expires_in(value), millis, "{value}");
        }
        assert_eq!(parse(r#"{"access_token":"t"}"#).unwrap().good_for, Millis(300_000));
    }

    #[test]
    fn an_answer_without_a_usable_token_is_refused() {
        let long = format!(r#"{{"access_token":"{}"}}"#, "t".repeat(TOKEN_LIMIT + 1));
        for body in [
            "",
            "[]",
            "<html>",
            "{}",
            r#"["t",3600,"Bearer",null]"#,
            r#"{"access_token":null}"#,
            r#"{"access_token":""}"#,
            r#"{"access_token":7}"#,
            r#"{"access_token":"a b"}"#,
            r#"{"access_token":"a\r\nb"}"#,
            r#"{"access_token":"é"}"#,
            r#"{"access_token":"t","token_type":"mac"}"#,
            r#"{"access_token":"t","token_type":1}"#,
            &long,
        ] {
            assert!(parse(body).is_err(), "{body}");
        }
        assert!(parse(r#"{"access_token":"t","token_type":null}"#).is_ok());
    }

    #[test]
    fn missing_scopes_are_named_only_where_the_answer_names_scopes() {
        let scopes = |scope: &str| parse(&format!(r#"{{"access_token":"t","scope":{scope}}}"#)).unwrap().scopes;
        let missing = |missing: &[&'static str]| Scopes::Named { missing: missing.to_vec() };
        assert_eq!(scopes("null"), Scopes::Unsaid);
        assert_eq!(scopes(r#""agentassist:write  interactions:read""#), missing(&[]));
        assert_eq!(scopes(r#"["interactions:read","agentassist:write"]"#), missing(&[]));
        assert_eq!(scopes(r#""interactions:reader""#), missing(&SCOPES));
        assert_eq!(scopes(r#""""#), missing(&SCOPES));
    }
}
