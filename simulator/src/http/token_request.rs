//! `POST /oauth/token`: the client credentials grant of RFC 6749, section 4.4, and its errors (section 5.2).

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{json_answer, media_type, problem, read_body};
use crate::world::World;

const LARGEST: usize = 64 * 1_024;

/// Answers a token request.
pub async fn answer(world: &World, request: Request) -> Response {
    let now = world.clock.now();
    if let Some(status) = world.faults.token_failure(now) {
        return match status {
            400 => problem(400, "invalid_client", "the client is refused, on purpose"),
            401 => problem(401, "invalid_client", "the client is refused, on purpose"),
            status => problem(status, "temporarily_unavailable", "the token endpoint fails, on purpose"),
        };
    }
    if request.method() != Method::POST {
        return problem(405, "invalid_request", "tokens are asked for with POST");
    }
    if media_type(&request) != "application/x-www-form-urlencoded" {
        return problem(400, "invalid_request", "the body must be application/x-www-form-urlencoded");
    }
    let Some(body) = read_body(request.into_body(), LARGEST).await else {
        return problem(400, "invalid_request", "the body is too large or breaks off");
    };
    let Some(form) = form(&body) else {
        return problem(400, "invalid_request", "the form is not well encoded, or names a parameter twice");
    };
    grant(world, &form)
}

fn grant(world: &World, form: &BTreeMap<String, String>) -> Response {
    let access = &world.options.access;
    let given = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    match given("grant_type") {
        None => return problem(400, "invalid_request", "grant_type is missing"),
        Some("client_credentials") => {}
        Some(_) => return problem(400, "unsupported_grant_type", "only client_credentials is granted"),
    }
    let (Some(id), Some(secret)) = (given("client_id"), given("client_secret")) else {
        return problem(400, "invalid_request", "client_id and client_secret are needed");
    };
    if id != access.client_id || secret != access.client_secret {
        return problem(401, "invalid_client", "no client has this client_id and client_secret");
    }
    let allowed: Vec<&str> = access.scope.split_whitespace().collect();
    let granted: Vec<&str> = match given("scope") {
        Some(asked) => asked.split_whitespace().collect(),
        None => allowed.clone(),
    };
    if granted.iter().any(|scope| !allowed.contains(scope)) {
        return problem(400, "invalid_scope", "the client does not have this scope");
    }
    let now = world.clock.now();
    let seconds = world.faults.token_seconds(now).unwrap_or(access.token_seconds);
    let token = world.tokens.lock().issue(granted.iter().map(|scope| (*scope).to_owned()).collect(), seconds, now);
    let mut body = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": granted.join(" "),
    });
    let replaced = access.token_fields.iter().cloned().chain(world.faults.token_fields(now));
    for (name, value) in replaced.flatten() {
        if value.is_null() {
            body.as_object_mut().map(|fields| fields.remove(&name));
        } else {
            body[name] = value;
        }
    }
    let mut answer = json_answer(200, &body);
    answer.headers_mut().insert("pragma", axum::http::HeaderValue::from_static("no-cache"));
    answer
}

/// A form, strictly decoded; none when an escape is broken, it is not UTF-8, or a name comes twice.
fn form(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut fields = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if fields.insert(form_text(name)?, form_text(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// One name or value of a form: `+` is a space.
pub fn form_text(encoded: &str) -> Option<String> {
    let bytes = encoded.as_bytes();
    let broken = bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'%' && !bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    });
    if broken {
        return None;
    }
    percent_decode_str(&encoded.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
