//! `/issuer/auth/authorize`: the page at which a person signs in, and the way back to the client with a code.

use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::Query;
use super::{Call, Refusal, problem};
use crate::clock::SECOND;
use crate::published::identity::Asked;
use crate::published::people::{PUBLIC_CLIENT, Person, TENANT};
use crate::published::switches::Switch;

const PAGE: &str = include_str!("../../../../www/sign-in.html");
const COOKIE: &str = "simulator_session";
/// The parameters that the page hands on to where it posts.
const HANDED_ON: [&str; 8] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
];

/// `GET` shows the page, or goes straight back where the browser is remembered.
pub fn page(call: &Call<'_>) -> Response {
    if call.parts.method != Method::GET {
        return problem(405, "invalid_request", "the page is read with GET");
    }
    let asked = match check(call, &call.query) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    let prompt = call.query.one("prompt").unwrap_or_default();
    let remembers = call.switches.is(Switch::RememberedBrowser, "yes");
    let known = remembers.then(|| cookie(call).and_then(|cookie| call.published.identity.lock().remembered(&cookie)));
    match (known.flatten(), prompt) {
        (Some(person), prompt) if prompt != "login" => grant(call, &call.query, asked, person),
        (_, "none") => back(&call.query, &[("error", "login_required"), ("error_description", "nobody is signed in")]),
        _ => show(&call.query, 200, ""),
    }
}

/// `POST` of the page.
pub fn sign_in(call: &Call<'_>) -> Response {
    if call.parts.method != Method::POST {
        return problem(405, "invalid_request", "the page posts here");
    }
    let form = call.form();
    let asked = match check(call, &form) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    if form.one("cancel").is_some() {
        return back(&form, &[("error", "access_denied"), ("error_description", "the person said no")]);
    }
    let named = (form.one("username").unwrap_or_default(), form.one("password").unwrap_or_default());
    match Person::by_password(named.0, named.1) {
        Some(person) => {
            let session = call.published.identity.lock().remember(person);
            let mut answer = grant(call, &form, asked, person);
            let cookie = format!("{COOKIE}={session}; Path=/issuer; HttpOnly; SameSite=Lax");
            if let Ok(cookie) = cookie.parse() {
                answer.headers_mut().insert("set-cookie", cookie);
            }
            answer
        }
        None => show(&form, 401, "This name and password do not belong together."),
    }
}

/// Forgets the browser.
pub fn sign_out(call: &Call<'_>) -> Response {
    if let Some(cookie) = cookie(call) {
        call.published.identity.lock().forget(&cookie);
    }
    refusal_page(200, "You are signed out.")
}

/// Checks what a client asks for. Without a right client and address nothing is sent anywhere.
fn check(call: &Call<'_>, query: &Query) -> Result<Asked, Refusal> {
    let (client, redirect) =
        (query.one("client_id").unwrap_or_default(), query.one("redirect_uri").unwrap_or_default());
    if client != PUBLIC_CLIENT {
        return Err(Box::new(refusal_page(400, "No application has this client_id.")));
    }
    if !registered(call, redirect) {
        return Err(Box::new(refusal_page(400, "This redirect_uri is not registered for the application.")));
    }
    let wrong =
        |error: &str, words: &str| Err(Box::new(back(query, &[("error", error), ("error_description", words)])));
    if query.one("response_type") != Some("code") {
        return wrong("unsupported_response_type", "only code is answered");
    }
    if !query.one("scope").unwrap_or_default().split(' ').any(|scope| scope == "openid") {
        return wrong("invalid_scope", "the scope is openid");
    }
    if query.one("tenantId").is_some_and(|tenant| !tenant.eq_ignore_ascii_case(TENANT)) {
        return wrong("invalid_request", "no tenant has this tenantId");
    }
    match (query.one("code_challenge"), query.one("code_challenge_method")) {
        (Some(challenge), Some("S256")) if challenge.len() == 43 => Ok(Asked {
            client: client.to_owned(),
            redirect: redirect.to_owned(),
            challenge: challenge.to_owned(),
            nonce: query.one("nonce").map(str::to_owned),
        }),
        _ => wrong("invalid_request", "a public application needs code_challenge with S256"),
    }
}

/// Whether an address may be sent a code: exactly one that is registered, or any of an extension where none is.
fn registered(call: &Call<'_>, redirect: &str) -> bool {
    let host = redirect.strip_prefix("https://").unwrap_or_default().split('/').next().unwrap_or_default();
    let of_extension = host.ends_with(".chromiumapp.org") || host.ends_with(".extensions.allizom.org");
    if of_extension && call.switches.is(Switch::ExtensionRedirect, "refused") {
        return false;
    }
    let named = &call.published.options.redirect_uris;
    if named.is_empty() { of_extension } else { named.iter().any(|known| known == redirect) }
}

fn grant(call: &Call<'_>, query: &Query, asked: Asked, person: &'static Person) -> Response {
    let expires = call.now + call.published.lifetimes().code_seconds * SECOND;
    let code = call.published.identity.lock().code(asked, person, expires);
    back(query, &[("code", &code)])
}

/// Back to the client, with the state that came.
fn back(query: &Query, fields: &[(&str, &str)]) -> Response {
    let mut address = query.one("redirect_uri").unwrap_or_default().to_owned();
    let state = query.one("state").map(|state| ("state", state));
    for (name, value) in fields.iter().copied().chain(state) {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(&format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    }
    let answer = Response::builder().status(302).header("location", address).header("cache-control", "no-store");
    answer.body(Body::empty()).unwrap_or_else(|_| problem(500, "server_error", "no answer could be made"))
}

fn cookie(call: &Call<'_>) -> Option<String> {
    let all = call.header("cookie")?;
    all.split(';').find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('=').map(str::to_owned))
}

fn show(query: &Query, status: u16, trouble: &str) -> Response {
    let handed_on = query.pairs().iter().filter(|(name, _)| HANDED_ON.contains(&name.as_str()));
    let fields: String = handed_on
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\" />", escaped(name), escaped(value))
        })
        .collect();
    let text = PAGE.replace("<!-- fields -->", &fields).replace("<!-- trouble -->", &escaped(trouble));
    let user = query.one("login_hint").or(query.one("username")).unwrap_or_default();
    let text = text.replace("value=\"user\"", &format!("value=\"{}\"", escaped(user)));
    let redirect = query.one("redirect_uri").unwrap_or_default();
    // A browser applies form-action to where a form is redirected, too.
    let end = redirect.match_indices('/').nth(2).map_or(redirect.len(), |(at, _)| at);
    html(status, text, &format!("form-action 'self' {}", &redirect[..end]))
}

fn refusal_page(status: u16, words: &str) -> Response {
    let head = PAGE.split("<form").next().unwrap_or_default();
    let text = format!("{head}<p class=\"trouble\" role=\"alert\">{}</p></main></body></html>", escaped(words));
    html(status, text, "form-action 'none'")
}

fn html(status: u16, text: String, form_action: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; {form_action}"
    );
    let answer = Response::builder()
        .status(status)
        .header("content-type", "text/html; charset=utf-8")
        .header("content-security-policy", policy)
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer");
    answer.body(Body::from(text)).unwrap_or_else(|_| problem(500, "server_error", "no page could be made"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
