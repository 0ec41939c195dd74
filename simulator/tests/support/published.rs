//! A small client of the published service, made by hand from its descriptions.

use cxone_simulator::published::identity::challenge_of;
use serde_json::{Value, json};

use super::{Rig, start};

pub const CLIENT: &str = "cuewire-public";
pub const REDIRECT: &str = "https://abcdefghijklmnopabcdefghijklmnop.chromiumapp.org/signed-in";
pub const PASSWORD: &str = "cuewire-demo-password";
pub const SECRET: &str = "DEMOSECRETDEMOSECRETDEMOSECRETDEMOSECRETDEMOSE====";
pub const TENANT: &str = "11eb660f-4c6d-34a0-8733-0242ac110002";
pub const VERIFIER: &str = "a-verifier-of-forty-three-letters-and-more-0123456789";

/// Status, Location and body of an answer.
pub struct Got {
    pub status: u16,
    pub location: String,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A parameter of the address that the answer redirects to.
    pub fn returned(&self, name: &str) -> Option<String> {
        let query = self.location.split_once('?')?.1;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_encoding::percent_decode_str(value).decode_utf8().expect("UTF-8").into_owned())
    }
}

pub async fn tenant(arguments: &[&str]) -> Rig {
    let all: Vec<&str> =
        ["--service", "published", "--contacts=0"].into_iter().chain(arguments.iter().copied()).collect();
    start(&all).await
}

pub async fn got(request: reqwest::RequestBuilder) -> Got {
    let answer = request.send().await.expect("an answer");
    let location = answer.headers().get("location").map(|value| value.to_str().expect("text").to_owned());
    Got {
        status: answer.status().as_u16(),
        location: location.unwrap_or_default(),
        headers: answer.headers().clone(),
        text: answer.text().await.expect("a body"),
    }
}

/// The request of a right client to the sign-in page.
pub fn asking() -> Vec<(&'static str, String)> {
    [
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "a state & more"),
        ("nonce", "n-1"),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([("code_challenge", challenge_of(VERIFIER))])
    .collect()
}

/// The same with one parameter replaced, or left out where `value` is empty.
pub fn asking_with(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut asking = asking();
    asking.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        asking.push((name, value.to_owned()));
    }
    asking
}

pub fn encoded(pairs: &[(&'static str, String)]) -> String {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

impl Rig {
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn page(&self, asking: &[(&'static str, String)]) -> Got {
        got(self.http.get(self.at(&format!("/issuer/auth/authorize?{}", encoded(asking))))).await
    }

    /// Posts the sign-in page as a browser does.
    pub async fn sign_in(&self, asking: &[(&'static str, String)], user: &str, password: &str) -> Got {
        let mut form = asking.to_vec();
        form.extend([("username", user.to_owned()), ("password", password.to_owned())]);
        got(self.http.post(self.at("/issuer/auth/sign-in")).form(&form)).await
    }

    pub async fn issuer_token(&self, form: &[(&str, &str)]) -> Got {
        got(self.http.post(self.at("/issuer/auth/token")).form(form)).await
    }

    pub async fn redeem(&self, code: &str, verifier: &str, redirect: &str) -> Got {
        self.issuer_token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("client_id", CLIENT),
            ("code_verifier", verifier),
        ])
        .await
    }

    pub async fn renew(&self, token: &str) -> Got {
        self.issuer_token(&[("grant_type", "refresh_token"), ("client_id", CLIENT), ("refresh_token", token)]).await
    }

    pub async fn access_key(&self, key: &str, secret: &str) -> Got {
        let body = json!({ "accessKeyId": key, "accessKeySecret": secret });
        got(self.http.post(self.at("/uh/authentication/v1/token/access-key")).json(&body)).await
    }

    /// A token by access key of somebody named by the first letters of the user name.
    pub async fn signed_in_as(&self, who: &str) -> String {
        let key: String = format!("{}KEY", who.to_ascii_uppercase()).repeat(10).chars().take(46).collect();
        let got = self.access_key(&format!("{key}===="), SECRET).await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// A poll of the API host, with the headers of a right client.
    pub async fn acd(&self, token: &str, path: &str) -> Got {
        let address = self.at(&format!("/api/inContactAPI/services/v31.0/{path}"));
        got(self.http.get(address).bearer_auth(token).header("accept", "application/json")).await
    }

    /// A request of the digital service.
    pub async fn dfo(&self, token: &str, path: &str) -> Got {
        got(self.http.get(self.at(&format!("/api-de/dfo/3.0/{path}"))).bearer_auth(token)).await
    }

    pub async fn send_messages(&self, token: &str, items: &[Value]) -> Got {
        let address = self.at("/api/inContactAPI/services/v31.0/agents/messages");
        let request = self.http.post(address).bearer_auth(token).header("accept", "application/json");
        got(request.json(&json!({ "agentMessages": items }))).await
    }

    /// An interaction moves.
    pub async fn event(&self, event: Value) {
        self.control("send", json!({ "event": event })).await;
    }

    /// An interaction waits in a queue.
    pub async fn queued(&self, id: &str, queue: &str, wait_ms: u64) {
        let routing = json!({ "queueName": queue, "queueWaitTimeMs": wait_ms });
        self.event(json!({ "id": id, "type": "waiting", "routing": routing })).await;
    }

    /// An interaction has an agent, and says something of this mood.
    pub async fn felt(&self, id: &str, queue: &str, score: f64) {
        let (routing, sentiment) = (json!({ "queueName": queue }), json!({ "score": score }));
        self.event(json!({ "id": id, "type": "sentiment", "routing": routing, "sentiment": sentiment })).await;
    }

    /// An interaction does something that needs no more words.
    pub async fn step(&self, id: &str, step: &str) {
        self.event(json!({ "id": id, "type": step })).await;
    }

    pub async fn switch(&self, name: &str, value: &str) {
        self.control("published/switches", json!({ name: value })).await;
    }

    pub async fn user_info(&self, token: &str) -> u16 {
        got(self.http.get(self.at("/issuer/auth/userinfo")).bearer_auth(token)).await.status
    }
}

/// The claims of a token.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    let bytes = data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

pub async fn signed_in(arguments: &[&str]) -> (Rig, String) {
    let rig = tenant(arguments).await;
    let token = rig.signed_in_as("supervisor").await;
    (rig, token)
}

pub fn row<'a>(body: &'a Value, list: &str, name: &str, value: &str) -> &'a Value {
    let rows = body[list].as_array().unwrap_or_else(|| panic!("no {list} in {body}"));
    rows.iter().find(|row| row[name] == value).unwrap_or_else(|| panic!("no {value} in {body}"))
}
