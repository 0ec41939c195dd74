//! The token: asked for once however many wait for it, reused until 30 s before its end.
//!
//! Where the service renews tokens, the session asks for the next one 10 min before the end, whoever waits. A person
//! who must sign in sees so as soon as that is certain, while the token still works.

mod reading;
mod stored;

pub use self::reading::{Asked, visitor};
pub use self::stored::stored_tenant;

use self::reading::host;
use crate::api::entry::{Known, Next, Step};
use crate::api::{self, Grant, Token, redact};
use crate::journal::turn::Turn;
use crate::model::ask::{Ask, RequestId};
use crate::model::diagnosis::Diagnosis;
use crate::model::http::{Outcome, Secret};
use crate::model::random::backoff;
use crate::model::time::Millis;
use crate::settings::{Settings, Way};

/// A token is not used in the last 30 s of its life: what is sent with it must still arrive in time.
const MARGIN: Millis = Millis::from_secs(30);

/// A token is renewed this long before its end, or after half of a life that is shorter than twice that.
const EARLY: Millis = Millis::from_mins(10);

/// A token that lives no longer than the margin is used for this long, and not asked for more often.
const SHORTEST_USE: Millis = Millis::from_secs(1);

/// How long an answer may take.
const TIMEOUT: Millis = Millis::from_secs(15);

/// Refused credentials are tried again this often at the least: a server's spell passes without a person, and a wrong
/// secret does not hammer the endpoint.
const REFUSED_CAP: Millis = Millis::from_mins(5);

/// Answers to requests with an older token or secret may still come: the newest of each are kept out of what is shown.
const KNOWN: usize = 4;

/// Gets tokens and keeps the newest.
#[derive(Debug, Default)]
pub struct Session {
    token: Option<Token>,
    pending: Option<Pending>,
    generation: u64,
    attempt: u32,
    not_before: Millis,
    /// How the settings connect.
    way: Option<Way>,
    /// The state from which the next token is asked.
    known: Known,
    /// When the grant in [`Known`] was given.
    granted_at: Millis,
    /// When the next token is asked for.
    renew_at: Millis,
    /// No request helps: somebody must sign in.
    needs_person: bool,
    /// The newest tokens, whether still in use or not: a server may repeat one in an answer that people are shown.
    tokens: Vec<Secret>,
    /// The newest client secrets, for the same reason.
    secrets: Vec<Secret>,
    /// Secrets and tokens of connection tests, apart from the others, which tests must not push out.
    tested: Vec<Secret>,
}

/// A request under way.
#[derive(Debug)]
struct Pending {
    id: RequestId,
    deadline: Millis,
    asked: Asked,
}

impl Session {
    /// Serves a connection from now on.
    pub fn serve(&mut self, settings: &Settings) {
        self.way = Some(settings.way());
    }

    /// The token, if there is one that may be used now.
    pub fn token(&self, now: Millis) -> Option<&Token> {
        self.token.as_ref().filter(|token| now < token.usable_until)
    }

    /// The tenant that the sign-in is for, once it is known.
    pub fn tenant(&self) -> Option<&str> {
        self.known.hosts.as_ref()?.tenant.as_deref()
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

    fn hide_token(&mut self, token: Secret) {
        hide(&mut self.tokens, token);
    }

    /// Whether there is a token, or one is asked for.
    pub fn has_begun(&self) -> bool {
        self.token.is_some() || self.pending.is_some()
    }

    /// Nobody waits any more for the token that is asked for.
    pub fn give_up(&mut self, effects: &mut dyn Ask) {
        if let Some(pending) = self.pending.take() {
            effects.abort(pending.id);
        }
    }

    /// Keeps the secret or the token of a connection test out of every excerpt.
    pub fn hide_tested(&mut self, secret: Secret) {
        hide(&mut self.tested, secret);
    }

    /// When the next request is due, if the last one failed.
    pub fn retry_at(&self) -> Option<Millis> {
        (self.attempt > 0 && self.pending.is_none()).then_some(self.not_before)
    }

    /// Whether a token is to be asked for although nobody waits for it: the person's sign-in must not lapse.
    pub fn wants(&self, now: Millis) -> bool {
        self.own_deadline().is_some_and(|at| at <= now)
    }

    /// Asks for a token unless there is one that lasts, one is being asked for, it is too soon, or no request helps.
    pub fn request(&mut self, settings: &Settings, secret: &Secret, turn: &mut Turn<'_>) {
        let lasts = self.token(turn.now).is_some() && !(self.renews() && self.renew_at <= turn.now);
        if lasts || self.pending.is_some() || self.needs_person || turn.now < self.not_before {
            return;
        }
        match api::of(settings.base()).next(settings.base(), visitor(settings, secret), &self.known) {
            Next::Ask(step, request) => {
                let id = RequestId::Token(turn.next_id());
                let asked = Asked::of(step, &request.url);
                self.pending = Some(Pending { id, deadline: turn.now.plus(TIMEOUT), asked });
                turn.effects.request_token(id, request);
            }
            Next::Person | Next::Open(_) => self.ask_person(turn),
            Next::Stuck(fault) => {
                let diagnosis = self.fault(fault, host(settings.base()));
                self.failed(diagnosis, Millis::ZERO, turn);
            }
            Next::Arrived => self.arrive(settings, turn),
        }
    }

    /// Takes what a person's sign-in brought, in place of all that was.
    pub fn adopt(&mut self, known: Known, granted_at: Millis, settings: &Settings, turn: &mut Turn<'_>) {
        self.give_up(turn.effects);
        (self.known, self.granted_at) = (known, granted_at);
        (self.attempt, self.not_before) = (0, Millis::ZERO);
        self.hide_refresh();
        self.arrive(settings, turn);
    }

    /// The state from which a connection test of the same client may go on: a token that lasts, and where to use it.
    /// The refresh token stays here, because two that renew would end each other's sign-in.
    pub fn lend(&self, now: Millis) -> Option<Known> {
        let token = self.token(now).filter(|_| self.known.hosts.is_some())?;
        let good_for = token.usable_until.since(now);
        let grant = Grant { token: token.value.clone(), good_for, scopes: api::Scopes::Unsaid };
        Some(Known { grant: Some(grant), refresh: None, ..self.known.clone() })
    }

    /// Forgets the token of this generation; a newer one stays.
    pub fn drop_token(&mut self, generation: u64, turn: &mut Turn<'_>) {
        if self.token.as_ref().is_some_and(|token| token.generation == generation) {
            self.token = None;
            // Of a sign-in the rest stays stored: should this worker die, the next asks again with a token that is
            // dead.
            if !self.renews() {
                turn.effects.store_token(None);
            }
        }
    }

    /// Forgets the token and every failure: the settings changed, or a person wants it tried again.
    pub fn reset(&mut self, keep_token: bool, turn: &mut Turn<'_>) {
        self.give_up(turn.effects);
        if !keep_token {
            let known = std::mem::take(&mut self.known);
            let stored = self.token.take().is_some() || known.refresh.is_some() || known.hosts.is_some();
            self.renew_at = Millis::ZERO;
            if stored {
                turn.effects.store_token(None);
            }
        }
        self.needs_person = false;
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

    /// Takes an answer to a request for a token. Says whether there is a fresh token; if not, the session goes on, or
    /// tries again, by itself.
    pub fn done(
        &mut self,
        id: RequestId,
        outcome: &Outcome,
        (settings, secret): (&Settings, &Secret),
        turn: &mut Turn<'_>,
    ) -> bool {
        let Some(pending) = self.pending.take_if(|pending| pending.id == id) else { return false };
        let mut known = std::mem::take(&mut self.known);
        let read = self.read(&pending.asked, outcome, (settings, secret), &mut known);
        self.known = known;
        let service = api::of(settings.base());
        match read {
            Ok(()) => {
                if pending.asked.step == Step::Token {
                    self.granted_at = turn.now;
                    self.hide_refresh();
                }
                if service.has_arrived(&self.known) {
                    self.arrive(settings, turn);
                    return true;
                }
                self.store(settings, turn.effects);
            }
            // A renewal: there is no window here whose code could be refused.
            Err(Diagnosis::SignInRefused { .. }) => {
                self.back_off(REFUSED_CAP, outcome.retry_after(turn.wall).unwrap_or_default(), turn);
                if service.is_over(outcome.body()) {
                    self.known.refresh = None;
                    self.store(settings, turn.effects);
                }
                self.ask_person(turn);
            }
            Err(diagnosis) => {
                // The hosts may have moved: the next try asks the issuer again.
                if pending.asked.step == Step::Token && self.renews() {
                    self.known.endpoints = None;
                    self.known.hosts.take_if(|_| self.way == Some(Way::AccessKey));
                }
                self.failed(diagnosis, outcome.retry_after(turn.wall).unwrap_or_default(), turn);
            }
        }
        false
    }

    /// Gives up a request that takes too long.
    pub fn check_timeout(&mut self, turn: &mut Turn<'_>) {
        if let Some(pending) = self.pending.take_if(|pending| pending.deadline <= turn.now) {
            turn.effects.abort(pending.id);
            self.back_off(backoff::CAP, Millis::ZERO, turn);
            turn.raise(Diagnosis::Unreachable { host: pending.asked.host });
        }
    }

    /// When something is due without any input; `wanted` says whether anyone waits for a token.
    pub fn next_deadline(&self, now: Millis, wanted: bool) -> Option<Millis> {
        if let Some(pending) = &self.pending {
            return Some(pending.deadline);
        }
        let waited_for = (wanted && !self.needs_person && self.token(now).is_none()).then_some(self.not_before);
        [waited_for, self.own_deadline()].into_iter().flatten().min()
    }

    /// When the session asks by itself.
    fn own_deadline(&self) -> Option<Millis> {
        let waits = self.way == Some(Way::Nice) && self.pending.is_none() && !self.needs_person;
        let at = if self.token.is_some() { self.renew_at } else { Millis::ZERO };
        waits.then(|| at.max(self.not_before))
    }

    /// Whether a token is asked for before the one in use ends.
    fn renews(&self) -> bool {
        !matches!(self.way, None | Some(Way::Stream))
    }

    fn failed(&mut self, diagnosis: Diagnosis, asked: Millis, turn: &mut Turn<'_>) {
        let refused = matches!(
            diagnosis,
            Diagnosis::CredentialsRejected { .. }
                | Diagnosis::AccessKeyRefused { .. }
                | Diagnosis::TokenUnusable { .. }
                | Diagnosis::DiscoveryUnusable { .. }
                | Diagnosis::HostNotVouched { .. }
                | Diagnosis::TenantUnknown { .. }
        );
        self.back_off(if refused { REFUSED_CAP } else { backoff::CAP }, asked, turn);
        turn.diagnoses.clear(is_about_tokens);
        turn.raise(diagnosis);
    }

    /// Tells that somebody must sign in: while the token still works, and when it no longer does.
    fn ask_person(&mut self, turn: &mut Turn<'_>) {
        turn.diagnoses.clear(is_about_tokens);
        match self.token(turn.now).map(|token| token.usable_until) {
            Some(until) => {
                // A refusal that was not final is tried again before; after this one there is nothing left to try.
                self.renew_at = if self.known.refresh.is_some() { self.not_before } else { until };
                let until = turn.wall.plus(until.since(turn.now));
                turn.raise(Diagnosis::SignInSoon { until });
            }
            None => {
                self.needs_person = self.known.refresh.is_none();
                turn.raise(Diagnosis::SignInDue);
            }
        }
    }

    /// There is a grant, and where to use it.
    fn arrive(&mut self, settings: &Settings, turn: &mut Turn<'_>) {
        let Some(grant) = self.known.grant.take() else { return };
        turn.diagnoses.clear(|diagnosis| is_about_tokens(diagnosis) || is_scope_warning(diagnosis));
        if let Some(scope) = grant.missing_scope() {
            turn.raise(Diagnosis::ScopeMissing { scope: scope.to_owned(), interaction: None, paused: false });
        }
        let since = self.granted_at.min(turn.now);
        let use_for = Millis(grant.good_for.since(MARGIN).0.max(SHORTEST_USE.0));
        let early = Millis(EARLY.0.min(grant.good_for.0 / 2));
        let usable_until = since.plus(use_for);
        self.renew_at = since.plus(grant.good_for.since(early)).min(usable_until);
        self.needs_person = false;
        if grant.good_for == Millis::ZERO {
            self.back_off(backoff::CAP, SHORTEST_USE, turn);
        } else {
            self.attempt = 0;
            self.not_before = turn.now.plus(SHORTEST_USE);
        }
        self.take_token(grant.token, usable_until);
        self.store(settings, turn.effects);
    }

    /// Keeps the refresh token out of every excerpt.
    fn hide_refresh(&mut self) {
        if let Some(refresh) = self.known.refresh.clone() {
            hide(&mut self.secrets, refresh);
        }
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

/// Whether a token ends this diagnosis.
pub fn is_about_tokens(diagnosis: &Diagnosis) -> bool {
    diagnosis.is_about_signing_in()
        || matches!(
            diagnosis,
            Diagnosis::CredentialsRejected { .. }
                | Diagnosis::TokenUnavailable { .. }
                | Diagnosis::TokenUnusable { .. }
                | Diagnosis::Unreachable { .. }
                | Diagnosis::PermissionMissing { .. }
                | Diagnosis::DiscoveryFailing { .. }
        )
}

fn is_scope_warning(diagnosis: &Diagnosis) -> bool {
    matches!(diagnosis, Diagnosis::ScopeMissing { interaction: None, .. })
}
