//! Discovery, sign-in window and tokens: rotated with each renewal, and refused for good once they are over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::draw::{Habits, KEY};
use crate::plan::MARK;

/// Where sign-in windows of this browser end.
pub const REDIRECT: &str = "https://x.chromiumapp.org/";

/// Every address that discovery names, and the issuer's own.
pub const HOSTS: [&str; 4] = [
    "https://cxone.niceincontact.com/",
    "https://na1.nice-incontact.com/",
    "https://api-na1.niceincontact.com/",
    "https://api-de-na1.niceincontact.com/",
];

const ISSUER: &str = r#"{"issuer":"https://cxone.niceincontact.com",
    "authorization_endpoint":"https://cxone.niceincontact.com/auth/authorize",
    "token_endpoint":"https://cxone.niceincontact.com/auth/token","code_challenge_methods_supported":["S256"]}"#;

const TENANT: &str = r#"{"private":false,"area":"na1","domain":"niceincontact.com",
    "auth_endpoint":"https://na1.nice-incontact.com","api_endpoint":"https://api-na1.niceincontact.com"}"#;

/// A refresh token that nobody used for so long is over.
const IDLE: u64 = 7_200_000;

/// Who is signed in.
#[derive(Debug, Default)]
pub struct Accounts {
    given: u64,
    /// Tokens that work, and until when.
    tokens: Vec<(String, u64)>,
    /// Refresh tokens that work: whose sign-in each renews, and until when.
    refresh: BTreeMap<String, (u64, u64)>,
    /// Refresh tokens that were used.
    used: BTreeMap<String, u64>,
    codes: BTreeSet<String>,
}

impl Accounts {
    /// Answers a discovery request.
    pub fn discover(url: &str) -> (u16, String) {
        match url.split_once("?tenantId=") {
            None => (200, ISSUER.to_owned()),
            Some((_, "t-1")) => (200, TENANT.to_owned()),
            Some(_) => (404, String::new()),
        }
    }

    /// The person signs in at the window, which ends at this address.
    pub fn at_window(&mut self, address: &str) -> String {
        let state = address.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap_or_default();
        self.given += 1;
        let code = format!("{MARK}-code-{}", self.given);
        self.codes.insert(code.clone());
        format!("{REDIRECT}?code={code}&state={state}")
    }

    /// Answers a request for a token.
    pub fn token(&mut self, body: &str, habits: &Habits, now: u64) -> (u16, String) {
        let field = |name: &str| body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        self.given += 1;
        let sign_in = match field("grant_type") {
            Some("authorization_code") => field("code").filter(|code| self.codes.remove(*code)).map(|_| self.given),
            Some("refresh_token") => self.renew(field("refresh_token").unwrap_or_default(), habits, now),
            _ => Some(self.given).filter(|_| body.contains(KEY)),
        };
        let Some(sign_in) = sign_in else {
            return (400, json!({ "error": "invalid_grant", "errorDescription": "over" }).to_string());
        };
        // Its payload is `{"tenantId":"t-1"}`.
        let token = format!("e30.eyJ0ZW5hbnRJZCI6InQtMSJ9.{MARK}-{}", self.given);
        self.tokens.push((token.clone(), now + habits.lives * 1_000));
        let refresh = format!("{MARK}-refresh-{}", self.given);
        self.refresh.insert(refresh.clone(), (sign_in, now + IDLE));
        let life = if habits.life_is_text { json!(habits.lives.to_string()) } else { json!(habits.lives) };
        let answer =
            json!({ "access_token": token, "token_type": "Bearer", "expires_in": life, "refresh_token": refresh });
        (200, answer.to_string())
    }

    /// Uses a refresh token up. The sign-in that it renews.
    fn renew(&mut self, token: &str, habits: &Habits, now: u64) -> Option<u64> {
        if self.refresh_works(token, now) {
            let (sign_in, _) = self.refresh.remove(token)?;
            self.used.insert(token.to_owned(), sign_in);
            return Some(sign_in);
        }
        if let Some(sign_in) = self.used.get(token).filter(|_| habits.ends_family) {
            self.refresh.retain(|_, (other, _)| other != sign_in);
        }
        None
    }

    /// Ends all tokens, and on request the sign-in too.
    pub fn end(&mut self, with_refresh: bool) {
        self.tokens.clear();
        self.refresh.retain(|_, _| !with_refresh);
    }

    pub fn works(&self, token: &str, now: u64) -> bool {
        self.tokens.iter().any(|(one, until)| one == token && now < *until)
    }

    pub fn refresh_works(&self, token: &str, now: u64) -> bool {
        self.refresh.get(token).is_some_and(|(_, until)| now < *until)
    }
}
