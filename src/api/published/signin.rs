//! Signing in: the window, the code, the access key, the refresh. No token and no key stands in an address.

use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use thiserror::Error;

use super::pkce::{Pkce, from_base64url};
use crate::api::contract::SEGMENT;
use crate::api::contract::token::{self, form_encoded};
use crate::api::{Grant, Scopes, TokenFault};
use crate::model::http::{HttpRequest, Method, Secret};
use crate::model::json::{self, FromJson};

/// The longest refresh token, in bytes.
const REFRESH_LIMIT: usize = 16 * 1024;

/// The longest text of a refusal that is kept, in characters.
const REASON_LIMIT: usize = 200;

/// Who signs in at the window, and where the window ends.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// The public client that an administrator registered.
    pub client_id: &'a str,
    /// Where the code comes back; registered with the client, to the letter.
    pub redirect: &'a str,
    /// Which tenant, where a person named one.
    pub tenant: Option<&'a str>,
}

/// The result of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The access token.
    pub grant: Grant,
    /// Renews the access token once; the answer brings the next.
    pub refresh: Option<Secret>,
    /// Of whom the token speaks.
    pub claims: Claims,
}

/// The claims of a token about its owner, as far as anything here asks. The server is the judge of a token; nothing
/// here trusts a claim further than to ask that server again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The tenant.
    pub tenant: Option<String>,
    /// The agent who the supervisor is, too.
    pub agent: Option<String>,
    /// Of the sign-in that the id token was given for.
    nonce: Option<String>,
}

/// Why the window gave no code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WindowFault {
    /// The answer belongs to no sign-in, or to another one.
    #[error("the answer belongs to another sign-in")]
    Stranger,
    /// The person cancelled, or may not sign in here (RFC 6749 §4.1.2.1), in the service's words.
    #[error("{0}")]
    Denied(String),
    /// The service says why, in its own words.
    #[error("{0}")]
    Refused(String),
    /// No code, and no reason.
    #[error("the answer holds no code")]
    NoCode,
}

/// The address at which a person signs in (OpenID Connect Core §3.1.2.1).
pub fn window_address(authorization: &str, window: Window<'_>, proof: &Pkce) -> String {
    let challenge = proof.challenge();
    let mut fields = vec![
        ("client_id", window.client_id),
        ("redirect_uri", window.redirect),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", &proof.state.0),
        ("nonce", &proof.nonce.0),
        ("display", "page"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if let Some(tenant) = window.tenant {
        fields.push(("tenantId", tenant));
    }
    with_query(authorization, &fields)
}

/// An address with a query. One loop for all, because an iterator for each would be code for each.
pub fn with_query(address: &str, fields: &[(&str, &str)]) -> String {
    let mut address = address.to_owned();
    for (place, (name, value)) in fields.iter().enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&utf8_percent_encode(value, SEGMENT).to_string());
    }
    address
}

/// The code in the address at which the window ended.
///
/// # Errors
///
/// Says why there is none. The service's own words are cut, and no secret is in them: the window knew none.
pub fn read_window(address: &str, redirect: &str, proof: &Pkce) -> Result<Secret, WindowFault> {
    let rest = address.strip_prefix(redirect).ok_or(WindowFault::Stranger)?;
    let query = rest.trim_start_matches('/').strip_prefix('?').ok_or(WindowFault::Stranger)?;
    let query = query.split('#').next().unwrap_or_default();
    let field = |wanted: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
    };
    if field("state").as_deref() != Some(&*proof.state.0) {
        return Err(WindowFault::Stranger);
    }
    if let Some(error) = field("error") {
        let fault = if error == "access_denied" { WindowFault::Denied } else { WindowFault::Refused };
        let said = [Some(error), field("error_description")].into_iter().flatten().collect::<Vec<_>>().join(": ");
        return Err(fault(said.chars().filter(|letter| !letter.is_control()).take(REASON_LIMIT).collect()));
    }
    field("code").filter(|code| !code.is_empty()).map(Secret).ok_or(WindowFault::NoCode)
}

/// Redeems a code, with the proof that the code is ours.
pub fn code_request(token: &str, window: Window<'_>, code: &Secret, proof: &Pkce) -> HttpRequest {
    form(
        token,
        &[
            ("grant_type", "authorization_code"),
            ("code", &code.0),
            ("redirect_uri", window.redirect),
            ("client_id", window.client_id),
            ("code_verifier", &proof.verifier.0),
        ],
    )
}

/// Renews an access token.
pub fn refresh_request(token: &str, client_id: &str, refresh: &Secret) -> HttpRequest {
    form(token, &[("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", &refresh.0)])
}

/// Signs in with an access key at the user hub.
pub fn key_request(hub: &str, id: &str, secret: &Secret) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        url: format!("{hub}/authentication/v1/token/access-key"),
        headers: vec![("Content-Type", "application/json".to_owned()), ("Accept", "application/json".to_owned())],
        body: serde_json::json!({ "accessKeyId": id, "accessKeySecret": secret.0 }).to_string(),
    }
}

fn form(url: &str, fields: &[(&str, &str)]) -> HttpRequest {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", form_encoded(value))).collect();
    HttpRequest {
        method: Method::Post,
        url: url.to_owned(),
        headers: vec![
            ("Content-Type", "application/x-www-form-urlencoded".to_owned()),
            ("Accept", "application/json".to_owned()),
        ],
        body: pairs.join("&"),
    }
}

#[derive(FromJson)]
struct Besides {
    refresh_token: Option<Value>,
    id_token: Option<Value>,
}

/// Reads the answer to a code, a refresh or an access key.
///
/// # Errors
///
/// Says why the answer cannot be used; nothing of the answer is in it.
pub fn read_token(body: &str) -> Result<SignedIn, TokenFault> {
    // No scope but `openid` is asked for, so none can be missed.
    let grant = Grant { scopes: Scopes::Unsaid, ..token::parse(body)? };
    let besides: Besides = json::read(body).ok_or(TokenFault::NotAnObject)?;
    let text = |value: Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    let refresh = text(besides.refresh_token).filter(|token| !token.is_empty() && token.len() <= REFRESH_LIMIT);
    let id = text(besides.id_token).map(|token| claims(&token)).unwrap_or_default();
    let access = claims(&grant.token.0);
    let claims = Claims { tenant: access.tenant.or(id.tenant), agent: id.agent.or(access.agent), nonce: id.nonce };
    Ok(SignedIn { grant, refresh: refresh.map(Secret), claims })
}

impl Claims {
    /// Whether the id token was given for another sign-in. One without a nonce says nothing: the proof of the code
    /// already binds the answer to this sign-in.
    pub fn are_of_another(&self, proof: &Pkce) -> bool {
        self.nonce.as_ref().is_some_and(|nonce| *nonce != proof.nonce.0)
    }
}

/// The claims in the middle part of a JSON Web Token. A token of another form says nothing.
fn claims(token: &str) -> Claims {
    let payload = token.split('.').nth(1).and_then(from_base64url).unwrap_or_default();
    let json: Value = std::str::from_utf8(&payload).ok().and_then(json::read).unwrap_or_default();
    let text = |name: &str| match &json[name] {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    Claims { tenant: text("tenantId"), agent: text("icAgentId"), nonce: text("nonce") }
}

/// Whether a refusal says that the code, the refresh token or the access key is of no use any more. NICE writes
/// `errorDescription` where the standard has `error_description`; `error` is the same in both.
pub fn is_over(body: &str) -> bool {
    json::read::<Value>(body).is_some_and(|json| json["error"] == "invalid_grant")
}

#[cfg(test)]
#[path = "signin/tests.rs"]
mod tests;
