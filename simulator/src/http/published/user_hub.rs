//! The user hub: sign-in with an access key, without any application, and its own refresh.

use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::{Call, json_answer, problem, token};
use crate::published::people::{BUSINESS_UNIT, Person};
use crate::published::switches::Switch;

/// `POST …/authentication/v1/token/access-key`.
pub fn access_key(call: &Call<'_>, on_api: bool) -> Response {
    if on_api && call.switches.is(Switch::HubOnApi, "no") {
        return problem(404, "not_found", "there is nothing at this address");
    }
    if let Some(status) = call.world.faults.token_failure(call.now) {
        return refusal(call, status, "on purpose");
    }
    if call.parts.method != Method::POST {
        return refusal(call, 405, "an access key is posted");
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let (Some(key), Some(secret)) = (body["accessKeyId"].as_str(), body["accessKeySecret"].as_str()) else {
        return refusal(call, 400, "accessKeyId and accessKeySecret are needed");
    };
    let Some(person) = Person::by_key(key, secret) else {
        return refusal(call, 401, "no user has this access key");
    };
    let grant = token::grant(call, person, None);
    let issued = |secret: String| token::access(call, &grant, &secret);
    let pair = call.published.identity.lock().issue(&grant, call.now, issued);
    token::given(call, &grant, &pair, None)
}

/// `POST …/public/user/refresh`.
pub fn refresh(call: &Call<'_>) -> Response {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let Some(old) = body["token"].as_str() else {
        return refusal(call, 400, "token is needed");
    };
    match token::renewed(call, old, None) {
        Ok((grant, pair)) => json_answer(
            200,
            &json!({
                "token": pair.access,
                "tokenExpirationTimeSec": grant.access_seconds,
                "refreshToken": pair.refresh,
                "refreshTokenExpirationTimeSec": grant.refresh_seconds,
                "sessionId": null,
            }),
        ),
        Err(reason) => refusal(call, 401, reason),
    }
}

/// `POST …/token/whoami`.
pub fn who_am_i(call: &Call<'_>) -> Response {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let found = body["token"].as_str().and_then(|token| call.published.identity.lock().bearer(token, call.now));
    match found {
        Some(person) => json_answer(
            200,
            &json!({
                "agent_id": person.agent.to_string(),
                "bus_no": BUSINESS_UNIT.to_string(),
                "expires_in": call.published.lifetimes().access_seconds.to_string(),
                "iss": format!("{}/issuer", call.origin()),
                "resource_server_base_uri": format!("{}/api/", call.origin()),
                "sub": format!("user:{}", person.uuid),
                "team_id": "1",
            }),
        ),
        None => refusal(call, 401, "the token is unknown, expired or revoked"),
    }
}

fn refusal(call: &Call<'_>, status: u16, words: &str) -> Response {
    if call.switches.is(Switch::HubErrorBody, "json") {
        return problem(status, if status == 401 { "invalid_client" } else { "invalid_request" }, words);
    }
    let empty = Response::builder().status(status).body(Body::empty());
    empty.unwrap_or_else(|_| problem(500, "server_error", "no answer could be made"))
}
