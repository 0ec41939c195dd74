//! The token: asked for once however many wait for it, reused until 30 s before its end.

use serde::{Deserialize, Serialize};

use crate::api::Hosts;
use crate::api::{self, Client, Grant, Meaning, Token, redact};
use crate::journal::turn::Turn;
use crate::model::address::Base;
use crate::model::ask::RequestId;
use crate::model::diagnosis::Diagnosis;
use crate::model::http::{Outcome, Secret};
use crate::model::random::backoff;
use crate::model::time::Millis;
use crate::settings::Settings;

/// A token is not used in the last 30 s of its life: what is sent with it must still arrive in time.
const MARGIN: Millis = Millis::from_secs(30);

/// A token that lives no longer than the margin is used for this long, and not asked for more often.
const SHORTEST_USE: Millis = Millis::from_secs(1);

/// How long an answer may take.
const TIMEOUT: Millis = Millis::from_secs(15);

/// Refused credentials are tried again this often at the least: a server's spell passes without a person, and a wrong
/// secret does not hammer the endpoint.
const REFUSED_CAP: Millis = Millis::from_mins(5);

/// Answers to requests with an older token or secret may still come: the newest of each are kept out of what is shown.
const KNOWN: usize = 4;

/// What the browser session keeps of a token; bound to the client it was given to.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredToken {
    value: String,
    usable_until: Millis,
    service: String,
    client: String,
    /// Where the service said that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hosts: Option<Hosts>,
}

/// Gets tokens and keeps the newest.
#[derive(Debug, Default)]
pub struct Session {
    token: Option<Token>,
    pending: Option<(RequestId, Millis)>,
    generation: u64,
    attempt: u32,
    not_before: Millis,
    /// The newest tokens, whether still in use or not: a server may repeat one in an answer that people are shown.
    tokens: Vec<Secret>,
    /// The newest client secrets, for the same reason.
    secrets: Vec<Secret>,
    /// Secrets and tokens of connection tests, apart from the others, which tests must not push out.
    tested: Vec<Secret>,
}

impl Session {
    /// Takes up the token of an earlier worker, if it was given to this client and still lives.
    pub fn restore(&mut self, stored: &str, settings: &Settings, now: Millis) {
        let Ok(stored) = serde_json::from_str::<StoredToken>(stored) else { return };
        if stored.service == settings.base().connection()
            && stored.client == settings.client_id
            && now < stored.usable_until
        {
            self.generation += 1;
            hide(&mut self.tokens, Secret(stored.value.clone()));
            self.token = Some(Token {
                value: Secret(stored.value),
                generation: self.generation,
                usable_until: stored.usable_until,
                hosts: stored.hosts,
            });
        }
    }

    /// The token, if there is one that may be used now.
    pub fn token(&self, now: Millis) -> Option<&Token> {
        self.token.as_ref().filter(|token| now < token.usable_until)
    }

    /// The start of an answer, without any token or client secret that was in use.
    pub fn excerpt(&self, body: &str) -> String {
        let hidden = self.tokens.iter().chain(&self.secrets).chain(&self.tested).map(|secret| &*secret.0);
        redact::excerpt(body, &hidden.collect::<Vec<_>>())
    }

    /// Keeps a client secret out of every excerpt, because a server may repeat what it was sent.
    pub fn hide_secret(&mut self, secret: Secret) {
        hide(&mut self.secrets, secret);
    }

    /// Keeps the secret or the token of a connection test out of every excerpt.
    pub fn hide_tested(&mut self, secret: Secret) {
        hide(&mut self.tested, secret);
    }

    /// When the next request is due, if the last one failed.
    pub fn retry_at(&self) -> Option<Millis> {
        (self.attempt > 0 && self.pending.is_none()).then_some(self.not_before)
    }

    /// Asks for a token unless there is one, one is being asked for, or it is too soon.
    pub fn request(&mut self, settings: &Settings, secret: &Secret, turn: &mut Turn<'_>) {
        if self.token(turn.now).is_some() || self.pending.is_some() || turn.now < self.not_before {
            return;
        }
        let id = RequestId::Token(turn.next_id());
        self.pending = Some((id, turn.now.plus(TIMEOUT)));
        let client = Client { id: &settings.client_id, secret };
        let request = api::of(settings.base()).token_request(settings.base(), client);
        turn.effects.request_token(id, request);
    }

    /// Forgets the token of this generation; a newer one stays.
    pub fn drop_token(&mut self, generation: u64, turn: &mut Turn<'_>) {
        if self.token.as_ref().is_some_and(|token| token.generation == generation) {
            self.token = None;
            turn.effects.store_token(None);
        }
    }

    /// Forgets the token and every failure: the settings changed, or a person wants it tried again.
    pub fn reset(&mut self, keep_token: bool, turn: &mut Turn<'_>) {
        if let Some((id, _)) = self.pending.take() {
            turn.effects.abort(id);
        }
        if !keep_token && self.token.take().is_some() {
            turn.effects.store_token(None);
        }
        self.attempt = 0;
        self.not_before = Millis::ZERO;
    }

    /// Asks at once when it is asked for, however often that failed.
    pub fn retry_now(&mut self) {
        if self.retry_at().is_some() {
            self.attempt = 0;
            self.not_before = Millis::ZERO;
        }
    }

    /// Takes an answer to a request for a token. Says whether there is a fresh token; if not, the session tries again by
    /// itself.
    pub fn done(&mut self, id: RequestId, outcome: &Outcome, settings: &Settings, turn: &mut Turn<'_>) -> bool {
        if self.pending.take_if(|(pending, _)| *pending == id).is_none() {
            return false;
        }
        let diagnosis = match self.read(outcome, settings.base()) {
            Ok(grant) => {
                self.accept(grant, settings, turn);
                return true;
            }
            Err(diagnosis) => diagnosis,
        };
        let cap = match diagnosis {
            Diagnosis::CredentialsRejected { .. } | Diagnosis::TokenUnusable { .. } => REFUSED_CAP,
            _ => backoff::CAP,
        };
        let asked = outcome.retry_after(turn.wall).unwrap_or_default();
        self.back_off(cap, asked, turn);
        turn.diagnoses.clear(is_about_tokens);
        turn.raise(diagnosis);
        false
    }

    /// The grant of an answer to a token request, or what is wrong instead.
    pub(super) fn read(&self, outcome: &Outcome, base: &Base) -> Result<Grant, Diagnosis> {
        let (service, status) = (api::of(base), outcome.status());
        let (host, excerpt) = (|| base.host().to_owned(), || self.excerpt(outcome.body()));
        match service.meaning(outcome) {
            // The token's reader says what is wrong with a page.
            Meaning::Done | Meaning::Page => {
                service.grant(outcome.body()).map_err(|fault| Diagnosis::TokenUnusable { why: fault.name() })
            }
            Meaning::BadRequest | Meaning::Unauthorized => {
                Err(Diagnosis::CredentialsRejected { status, excerpt: excerpt() })
            }
            Meaning::NotPermitted => Err(Diagnosis::PermissionMissing { host: host() }),
            Meaning::Unreachable | Meaning::Unsendable => Err(Diagnosis::Unreachable { host: host() }),
            _ => Err(Diagnosis::TokenUnavailable { status, excerpt: excerpt() }),
        }
    }

    /// Gives up a request that takes too long.
    pub fn check_timeout(&mut self, settings: &Settings, turn: &mut Turn<'_>) {
        if let Some((id, _)) = self.pending.take_if(|(_, deadline)| *deadline <= turn.now) {
            turn.effects.abort(id);
            self.back_off(backoff::CAP, Millis::ZERO, turn);
            turn.raise(Diagnosis::Unreachable { host: settings.base().host().to_owned() });
        }
    }

    /// When something is due without any input; `wanted` says whether anyone waits for a token.
    pub fn next_deadline(&self, now: Millis, wanted: bool) -> Option<Millis> {
        match self.pending {
            Some((_, deadline)) => Some(deadline),
            None => (wanted && self.token(now).is_none()).then_some(self.not_before),
        }
    }

    fn accept(&mut self, grant: Grant, settings: &Settings, turn: &mut Turn<'_>) {
        turn.diagnoses.clear(|diagnosis| is_about_tokens(diagnosis) || is_scope_warning(diagnosis));
        if let Some(scope) = grant.missing_scope() {
            turn.raise(Diagnosis::ScopeMissing { scope: scope.to_owned(), interaction: None, paused: false });
        }
        self.generation += 1;
        let use_for = Millis(grant.good_for.since(MARGIN).0.max(SHORTEST_USE.0));
        let usable_until = turn.now.plus(use_for);
        if grant.good_for == Millis::ZERO {
            self.back_off(backoff::CAP, SHORTEST_USE, turn);
        } else {
            self.attempt = 0;
            self.not_before = turn.now.plus(SHORTEST_USE);
        }
        let stored = StoredToken {
            value: grant.token.0.clone(),
            usable_until,
            service: settings.base().connection().to_owned(),
            client: settings.client_id.clone(),
            hosts: None,
        };
        let stored = serde_json::to_string(&stored).ok().map(Secret);
        turn.effects.store_token(stored);
        hide(&mut self.tokens, grant.token.clone());
        self.token = Some(Token { value: grant.token, generation: self.generation, usable_until, hosts: None });
    }

    fn back_off(&mut self, cap: Millis, asked: Millis, turn: &mut Turn<'_>) {
        let delay = backoff::delay_up_to(cap, self.attempt, turn.random);
        self.not_before = turn.now.plus(delay.max(asked));
        self.attempt = self.attempt.saturating_add(1);
    }
}

fn hide(hidden: &mut Vec<Secret>, secret: Secret) {
    hidden.retain(|other| *other != secret);
    hidden.insert(0, secret);
    hidden.truncate(KNOWN);
}

/// What a token answer puts right.
fn is_about_tokens(diagnosis: &Diagnosis) -> bool {
    matches!(
        diagnosis,
        Diagnosis::CredentialsRejected { .. }
            | Diagnosis::TokenUnavailable { .. }
            | Diagnosis::TokenUnusable { .. }
            | Diagnosis::Unreachable { .. }
            | Diagnosis::PermissionMissing { .. }
    )
}

fn is_scope_warning(diagnosis: &Diagnosis) -> bool {
    matches!(diagnosis, Diagnosis::ScopeMissing { interaction: None, .. })
}
