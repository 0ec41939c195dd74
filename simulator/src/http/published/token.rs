//! `/issuer/auth/token`: codes, refresh tokens and access keys buy tokens here.

use axum::http::Method;
use axum::response::Response;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};

use super::query::Query;
use super::{Call, json_answer, problem};
use crate::published::identity::{Grant, Pair, Rotation};
use crate::published::people::{BUSINESS_UNIT, PUBLIC_CLIENT, Person, TENANT};
use crate::published::switches::Switch;

/// Answers a token request.
pub fn answer(call: &Call<'_>) -> Response {
    if let Some(status) = call.world.faults.token_failure(call.now) {
        let error = if status < 500 { "invalid_client" } else { "temporarily_unavailable" };
        return refusal(call, status, error, "on purpose");
    }
    if call.parts.method != Method::POST {
        return refusal(call, 405, "invalid_request", "tokens are asked for with POST");
    }
    let form = call.form();
    match form.one("grant_type") {
        None => refusal(call, 400, "invalid_request", "grant_type is missing"),
        Some("authorization_code") => by_code(call, &form),
        Some("refresh_token") => by_refresh(call, &form),
        Some("password") => by_key(call, &form),
        Some("client_credentials") => {
            let status = if call.switches.is(Switch::ClientCredentials, "400") { 400 } else { 401 };
            refusal(call, status, "unsupported_grant_type", "client_credentials is not granted")
        }
        Some(_) => refusal(call, 400, "unsupported_grant_type", "this grant is not simulated"),
    }
}

fn by_code(call: &Call<'_>, form: &Query) -> Response {
    let client = form.one("client_id").unwrap_or_default();
    if client != PUBLIC_CLIENT {
        return bad_client(call);
    }
    let (Some(code), Some(verifier)) = (form.one("code"), form.one("code_verifier")) else {
        return refusal(call, 400, "invalid_request", "code and code_verifier are needed");
    };
    let redirect = form.one("redirect_uri").unwrap_or_default();
    let redeemed = call.published.identity.lock().redeem(code, verifier, (client, redirect), call.now);
    match redeemed {
        Ok((person, asked)) => {
            let grant = grant(call, person, Some(client.to_owned()));
            let pair = call.published.identity.lock().issue(&grant, call.now, |secret| access(call, &grant, &secret));
            given(call, &grant, &pair, asked.nonce.as_deref())
        }
        Err(reason) => refusal(call, 400, "invalid_grant", reason),
    }
}

fn by_refresh(call: &Call<'_>, form: &Query) -> Response {
    let Some(token) = form.one("refresh_token") else {
        return refusal(call, 400, "invalid_request", "refresh_token is missing");
    };
    if form.one("client_id").is_some_and(|client| client != PUBLIC_CLIENT && client != call.back_end().0) {
        return bad_client(call);
    }
    match renewed(call, token, form.one("client_id")) {
        Ok((grant, pair)) => given(call, &grant, &pair, None),
        Err(reason) => refusal(call, 400, "invalid_grant", reason),
    }
}

/// The pair that follows a refresh token.
pub fn renewed(call: &Call<'_>, token: &str, client: Option<&str>) -> Result<(Grant, Pair), &'static str> {
    let rotation = Rotation {
        old_dies: call.switches.is(Switch::OldRefreshToken, "dies"),
        reuse_ends_all: call.switches.is(Switch::RefreshReuse, "ends-all"),
    };
    let mut identity = call.published.identity.lock();
    let (person, client, family) = identity.renew(token, client, rotation, call.now)?;
    let grant = grant(call, person, client);
    let pair = identity.follow(family, &grant, call.now, |secret| access(call, &grant, &secret));
    Ok((grant, pair))
}

/// An access key through a back-end application, which names itself by Basic.
fn by_key(call: &Call<'_>, form: &Query) -> Response {
    let basic = call.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let named = basic.and_then(|encoded| BASE64.decode(encoded.trim().as_bytes()).ok());
    let named = named.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    if named.split_once(':') != Some(call.back_end()) {
        return bad_client(call);
    }
    let (key, secret) = (form.one("username").unwrap_or_default(), form.one("password").unwrap_or_default());
    match Person::by_key(key, secret) {
        Some(person) => {
            let grant = grant(call, person, Some(call.back_end().0.to_owned()));
            let pair = call.published.identity.lock().issue(&grant, call.now, |secret| access(call, &grant, &secret));
            given(call, &grant, &pair, None)
        }
        None => refusal(call, 400, "invalid_grant", "no user has this access key"),
    }
}

/// The grant of a person, as long as the options or a fault say.
pub fn grant(call: &Call<'_>, person: &'static Person, client: Option<String>) -> Grant {
    let usual = call.published.lifetimes();
    let access_seconds = call.world.faults.token_seconds(call.now).unwrap_or(usual.access_seconds);
    Grant { person, client, access_seconds, refresh_seconds: usual.refresh_seconds }
}

/// The answer with both tokens and the identity.
pub fn given(call: &Call<'_>, grant: &Grant, pair: &Pair, nonce: Option<&str>) -> Response {
    let seconds = grant.access_seconds;
    let text = call.switches.is(Switch::ExpiresIn, "string");
    let mut body = json!({
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": if text { Value::from(seconds.to_string()) } else { seconds.into() },
        "refresh_token": pair.refresh,
        "id_token": id_token(call, grant, nonce),
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
    });
    let replaced = call.world.options.access.token_fields.iter().cloned();
    for (name, value) in replaced.chain(call.world.faults.token_fields(call.now)).flatten() {
        if value.is_null() {
            body.as_object_mut().map(|fields| fields.remove(&name));
        } else {
            body[name] = value;
        }
    }
    json_answer(200, &body)
}

/// A JWT with the claims of an access token. Its last part is the secret that makes it unique, not a signature.
pub fn access(call: &Call<'_>, grant: &Grant, secret: &str) -> String {
    let mut claims = claims(call, grant);
    claims["role"] = json!({ "legacyId": "Supervisor", "id": TENANT, "secondaryRoles": [] });
    jwt(&claims, secret)
}

fn id_token(call: &Call<'_>, grant: &Grant, nonce: Option<&str>) -> String {
    let mut claims = claims(call, grant);
    claims["userId"] = grant.person.uuid.into();
    claims["icDomain"] = "niceincontact.com".into();
    if call.switches.is(Switch::AgentIdInToken, "yes") {
        claims["icAgentId"] = grant.person.agent.to_string().into();
        claims["icSPId"] = "1".into();
        claims["area"] = "na1".into();
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    jwt(&claims, "bm90IGEgc2lnbmF0dXJl")
}

fn claims(call: &Call<'_>, grant: &Grant) -> Value {
    let now = call.unix / 1_000_000;
    let person = grant.person;
    json!({
        "sub": format!("user:{}", person.uuid),
        "iss": format!("{}/issuer", call.origin()),
        "aud": grant.client.as_deref().unwrap_or("user-hub"),
        "name": person.user,
        "given_name": person.given,
        "family_name": person.family,
        "icBUId": BUSINESS_UNIT,
        "tenantId": TENANT,
        "tenant": "cuewire_simulator",
        "icClusterId": "B32",
        "iat": now,
        "exp": now + i64::try_from(grant.access_seconds).unwrap_or(i64::MAX / 2),
    })
}

fn jwt(claims: &Value, last: &str) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let head = json!({ "alg": "RS256", "typ": "JWT", "kid": "simulator" });
    format!("{}.{}.{last}", part(&head), part(claims))
}

/// Who a token belongs to, as OpenID Connect has it.
pub fn user_info(call: &Call<'_>) -> Response {
    match call.bearer() {
        Some(person) => json_answer(200, &claims(call, &grant(call, person, None))),
        None => refusal(call, 401, "invalid_token", "the token is unknown, expired or revoked"),
    }
}

fn bad_client(call: &Call<'_>) -> Response {
    let status = if call.switches.is(Switch::BadSecret, "401") { 401 } else { 400 };
    refusal(call, status, "invalid_client", "no application has this name and secret")
}

fn refusal(call: &Call<'_>, status: u16, error: &str, words: &str) -> Response {
    if call.switches.is(Switch::ErrorSpelling, "error_description") {
        return problem(status, error, words);
    }
    json_answer(status, &json!({ "error": error, "errorDescription": words }))
}
