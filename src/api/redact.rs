//! The start of an answer, fit to be shown: short, one line, no secrets.

mod spelling;

/// How much is kept, in characters.
pub const EXCERPT_LIMIT: usize = 500;

/// How much of a body is read, in bytes: the excerpt lies within, but for a body that holds little else than secrets.
const READ: usize = 16 * 1024;

/// The text in place of a secret.
const REDACTED: &str = "[redacted]";

/// Names whose values are not shown, in JSON, in a form and in a query alike.
const NAMES: [&str; 9] = [
    "access_token",
    "refresh_token",
    "refreshToken",
    "id_token",
    "client_secret",
    "client_assertion",
    "accessKeySecret",
    "code_verifier",
    "authorization",
];

/// The first 500 characters of a body. The given secrets in any spelling, whatever follows `Bearer`, and the values of fields
/// that hold secrets are replaced; control characters become spaces. Secrets are replaced before the text is cut, so that
/// no part of one is left at its end.
pub fn excerpt(body: &str, secrets: &[&str]) -> String {
    let body = &body[..body.floor_char_boundary(READ)];
    let text = without_bearer(&without_values(&without_secrets(body, secrets)));
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(EXCERPT_LIMIT).collect()
}

fn without_secrets(text: &str, secrets: &[&str]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for part in spelling::find(text, secrets) {
        shown.push_str(&text[end..part.start]);
        shown.push_str(REDACTED);
        end = part.end;
    }
    shown.push_str(&text[end..]);
    shown
}

/// Replaces the values of [`NAMES`]: `"name": "value"`, `name=value`, `name: value`, in any case.
fn without_values(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, name)) = next_name(rest) {
        let after_name = start + name.len();
        let value = rest[after_name..].trim_start_matches(['"', '\'', '\\', ' ', '\t', '\r', '\n']);
        let separated = value.strip_prefix([':', '=']).map(|value| value.trim_start_matches([' ', '\t', '\r', '\n']));
        let Some(value) = separated else {
            shown.push_str(&rest[..after_name]);
            rest = &rest[after_name..];
            continue;
        };
        let unquoted = value.trim_start_matches(['"', '\'', '\\']);
        let quoting = &value[..value.len() - unquoted.len()];
        shown.push_str(&rest[..rest.len() - unquoted.len()]);
        shown.push_str(REDACTED);
        rest = &unquoted[value_end(unquoted, quoting)..];
    }
    shown.push_str(rest);
    shown
}

fn next_name(text: &str) -> Option<(usize, &'static str)> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|at| {
        let fits = |name: &&'static str| {
            bytes.get(at..at + name.len()).is_some_and(|part| part.eq_ignore_ascii_case(name.as_bytes()))
        };
        NAMES.iter().find(|name| fits(name)).map(|name| (at, *name))
    })
}

/// Where a value ends: at its closing quote (`\"` where it began with that: JSON within JSON), or where an unquoted one
/// can go on no further.
fn value_end(value: &str, quoting: &str) -> usize {
    let (quoted, nested) = (!quoting.is_empty(), quoting.contains('\\'));
    let mut escaped = false;
    let ends = |character: char| {
        if !quoted {
            return matches!(character, '&' | ',' | ';' | '}' | ']' | ')' | '"' | '\'' | '<' | '\r' | '\n');
        }
        let was_escaped = escaped;
        escaped = character == '\\' && !was_escaped;
        matches!(character, '"' | '\'') && (nested || !was_escaped)
    };
    value.find(ends).unwrap_or(value.len())
}

/// Replaces the word after each `Bearer` (RFC 6750 §2.1).
fn without_bearer(text: &str) -> String {
    const BEARER: &str = "bearer";
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = find_ignoring_case(rest, BEARER) {
        let (head, tail) = rest.split_at(start + BEARER.len());
        shown.push_str(head);
        let token = tail.trim_start_matches([' ', '\t', ':', '=', '+', '"']);
        let separated = token.len() < tail.len();
        shown.push_str(&tail[..tail.len() - token.len()]);
        rest = token;
        // `Bearer realm="x"` is a challenge, not a token.
        if separated && !token.starts_with("realm=") && !token.starts_with("error=") {
            // Looked for here alone, and passed over then: the time stays in proportion to the text.
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=%".contains(&byte);
            let length = token.bytes().position(|byte| !is_token(byte)).unwrap_or(token.len());
            if length > 0 {
                shown.push_str(REDACTED);
            }
            rest = &token[length..];
        }
    }
    shown.push_str(rest);
    shown
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_five_hundred_characters_on_one_line() {
        assert_eq!(excerpt(&"é".repeat(600), &[]).chars().count(), 500);
        assert_eq!(excerpt("a\r\nb\u{0}c\u{1b}[31m", &[]), "a  b c [31m");
        assert_eq!(excerpt("", &["secret"]), "");
    }

    #[test]
    fn the_beginning_of_a_secret_at_which_a_body_broke_off_is_not_shown() {
        for length in 4..=12 {
            let cut = format!("no such client: {}", &"correcthorse"[..length]);
            assert_eq!(excerpt(&cut, &["correcthorse"]), format!("no such client: {REDACTED}"), "{cut}");
        }
        assert_eq!(excerpt("no such client: cor", &["correcthorse"]), "no such client: cor", "too little to tell");
        assert_eq!(excerpt("gr\u{fc}\u{df}e", &["gr\u{fc}\u{df}e-und-mehr"]), REDACTED);
    }

    #[test]
    fn secrets_are_not_shown_wherever_they_stand() {
        let shown = excerpt("client s3cr3t-1 and s3cr3t-12, xs3cr3t-1x", &["s3cr3t-1", "s3cr3t-12"]);
        assert_eq!(shown, "client [redacted] and [redacted], x[redacted]x");
        let at_the_end = format!("{}s3cr3t-1", "x".repeat(495));
        assert!(!excerpt(&at_the_end, &["s3cr3t-1"]).contains("s3"));
        assert_eq!(excerpt("plain", &[""]), "plain");
    }

    #[test]
    fn the_word_after_bearer_is_not_shown() {
        for text in ["Bearer abc.d-e_f~/+=", "bearer   abc", "BEARER: abc", "Bearer%abc Bearer abc", "Bearer \"abc\""] {
            assert!(!excerpt(text, &[]).replace("Bearer%abc", "").contains("abc"), "{text}");
        }
        assert_eq!(excerpt("a Bearer abc, b", &[]), "a Bearer [redacted], b");
        assert_eq!(excerpt("no bearer.", &[]), "no bearer.");
        assert_eq!(excerpt("Bearer realm=\"x\"", &[]), "Bearer realm=\"x\"");
    }

    #[test]
    fn an_answer_that_says_bearer_without_end_is_read_once() {
        assert_eq!(excerpt(&"bearer".repeat(200_000), &[]).len(), EXCERPT_LIMIT);
    }

    #[test]
    fn values_of_secret_fields_are_not_shown_in_json_and_in_forms() {
        for text in [
            r#"{"access_token":"abc","x":1}"#,
            r#"{"access_token" : "a\"bc", "x":1}"#,
            r#"{ "Client_Secret": 'abc' }"#,
            "grant_type=x&client_secret=abc&y=1",
            "client_secret=abc def",
            "client_secret: abc",
            r#"{\"access_token\":\"abc\"}"#,
            "access_token=abc",
            "access_token=",
            "access_token=access_token=abc",
            r#"{"access_token":"abc"#,
        ] {
            let shown = excerpt(text, &[]);
            assert!(!shown.contains("abc") && !shown.contains("bc\""), "{shown}");
        }
        assert_eq!(excerpt(r#"{"access_token":"abc","x":1}"#, &[]), r#"{"access_token":"[redacted]","x":1}"#);
        assert_eq!(excerpt("a=1&client_secret=abc&y=1", &[]), "a=1&client_secret=[redacted]&y=1");
        assert_eq!(excerpt("the access_token is bad", &[]), "the access_token is bad");
    }
}
