//! *Test connection*: token, scopes, stream, card endpoint, one after another, with settings that need not be saved.

use crate::api::{self, Access, Client, Grant, Meaning, Scopes};
use crate::journal::turn::Turn;
use crate::link::session::Session;
use crate::link::steps::{TestStep, TestStepName, TestStepState};
use crate::model::ask::{RequestId, SocketId};
use crate::model::card::Card;
use crate::model::diagnosis::{Diagnoses, Diagnosis, DiagnosisView};
use crate::model::http::{Failure, Outcome, Secret};
use crate::model::time::Millis;
use crate::settings::Settings;

/// A step that takes longer has failed.
const TIMEOUT: Millis = Millis::from_secs(15);

const STEPS: [TestStepName; 4] = [TestStepName::Token, TestStepName::Scopes, TestStepName::Stream, TestStepName::Card];

/// A test under way, or finished.
#[derive(Debug)]
pub struct Probe {
    settings: Settings,
    /// Gets the real test card.
    interaction: Option<String>,
    token: Option<Secret>,
    waits_for: Option<Awaited>,
    steps: [TestStep; 4],
    at: usize,
    since: Millis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Request(RequestId),
    Socket(SocketId),
}

impl Probe {
    /// Starts a test with this secret.
    pub fn start(settings: Settings, secret: &Secret, interaction: Option<String>, turn: &mut Turn<'_>) -> Probe {
        let step = |step| TestStep { step, state: TestStepState::Waiting, took_ms: None, diagnosis: None };
        let id = RequestId::Probe(turn.next_id());
        let client = Client { id: &settings.client_id, secret };
        let request = api::of(settings.base()).token_request(settings.base(), client);
        turn.effects.request_token(id, request);
        let mut probe = Probe {
            settings,
            interaction,
            token: None,
            waits_for: Some(Awaited::Request(id)),
            steps: STEPS.map(step),
            at: 0,
            since: turn.now,
        };
        probe.steps[0].state = TestStepState::Running;
        probe
    }

    /// How the steps stand.
    pub fn steps(&self) -> Vec<TestStep> {
        self.steps.to_vec()
    }

    /// Ends a test that is under way.
    pub fn cancel(self, turn: &mut Turn<'_>) {
        match self.waits_for {
            Some(Awaited::Request(id)) => turn.effects.abort(id),
            Some(Awaited::Socket(conn)) => turn.effects.close_stream(conn),
            None => {}
        }
    }

    /// Whether a request is this test's.
    pub fn awaits_request(&self, id: RequestId) -> bool {
        self.waits_for == Some(Awaited::Request(id))
    }

    /// Whether a socket is this test's.
    pub fn awaits_socket(&self, conn: SocketId) -> bool {
        self.waits_for == Some(Awaited::Socket(conn))
    }

    /// A request of this test was answered. The session knows what must not be shown of the answer.
    pub fn answered(&mut self, outcome: &Outcome, session: &mut Session, turn: &mut Turn<'_>) {
        self.waits_for = None;
        if self.token.is_none() {
            self.take_token(outcome, session, turn);
        } else {
            self.take_card(outcome, session, turn);
        }
    }

    /// The socket of this test opened.
    pub fn opened(&mut self, conn: SocketId, turn: &mut Turn<'_>) {
        self.waits_for = None;
        turn.effects.close_stream(conn);
        self.pass(turn);
        self.try_card(turn);
    }

    /// The socket of this test closed before it opened.
    pub fn closed(&mut self, turn: &mut Turn<'_>) {
        self.waits_for = None;
        self.fail(Diagnosis::StreamRefused, turn);
    }

    /// The browser does not allow the address of this test's socket.
    pub fn not_permitted(&mut self, turn: &mut Turn<'_>) {
        self.waits_for = None;
        self.fail(Diagnosis::PermissionMissing { host: self.settings.base().host().to_owned() }, turn);
    }

    /// Ends a step that takes too long.
    pub fn check(&mut self, session: &mut Session, turn: &mut Turn<'_>) {
        if self.deadline().is_none_or(|deadline| deadline > turn.now) {
            return;
        }
        match self.waits_for.take() {
            Some(Awaited::Request(id)) => {
                turn.effects.abort(id);
                self.answered(&Outcome::Failed(Failure::Aborted), session, turn);
            }
            Some(Awaited::Socket(conn)) => {
                turn.effects.close_stream(conn);
                self.closed(turn);
            }
            None => {}
        }
    }

    /// When the step under way has taken too long.
    pub fn deadline(&self) -> Option<Millis> {
        self.waits_for.map(|_| self.since.plus(TIMEOUT))
    }

    fn take_token(&mut self, outcome: &Outcome, session: &mut Session, turn: &mut Turn<'_>) {
        match session.read(outcome, self.settings.base()) {
            Ok(grant) => {
                session.hide_tested(grant.token.clone());
                self.pass(turn);
                self.take_grant(grant, turn);
            }
            Err(diagnosis) => self.fail(diagnosis, turn),
        }
    }

    fn take_grant(&mut self, grant: Grant, turn: &mut Turn<'_>) {
        if let Some(scope) = grant.missing_scope() {
            self.fail(Diagnosis::ScopeMissing { scope: scope.to_owned(), interaction: None, paused: false }, turn);
            return;
        }
        if grant.scopes == Scopes::Unsaid {
            self.steps[self.at].state = TestStepState::Skipped;
            self.next(turn);
        } else {
            self.pass(turn);
        }
        let base = self.settings.base();
        let address = api::of(base).stream_address(&Access { base, hosts: None, token: &grant.token });
        self.token = Some(grant.token);
        match address {
            Some(address) => {
                let conn = SocketId::Probe(turn.next_id());
                turn.effects.open_stream(conn, address);
                self.waits_for = Some(Awaited::Socket(conn));
            }
            None => {
                self.steps[self.at].state = TestStepState::Skipped;
                self.next(turn);
                self.try_card(turn);
            }
        }
    }

    fn try_card(&mut self, turn: &mut Turn<'_>) {
        let (Some(interaction), Some(token)) = (&self.interaction, &self.token) else {
            self.steps[self.at].state = TestStepState::Skipped;
            return;
        };
        let card = Card {
            card_id: format!("test-{interaction}-{}", turn.wall.0),
            kind: self.settings.card_kind,
            title: self.settings.card_title.clone(),
            content: "Cuewire test card: no action required".to_owned(),
            interaction: interaction.clone(),
            rule: "connection-test".to_owned(),
            episode: 1,
            reason: "Connection test".to_owned(),
            queue: None,
            timestamp: turn.wall,
        };
        let base = self.settings.base();
        match api::of(base).card_request(&Access { base, hosts: None, token }, &card) {
            Some(request) => {
                let id = RequestId::Probe(turn.next_id());
                turn.effects.post_card(id, request);
                self.waits_for = Some(Awaited::Request(id));
            }
            None => self.fail(Diagnosis::CardRefused { status: 0, excerpt: String::new() }, turn),
        }
    }

    fn take_card(&mut self, outcome: &Outcome, session: &Session, turn: &mut Turn<'_>) {
        let (base, status) = (self.settings.base(), outcome.status());
        let (service, host) = (api::of(base), || base.host().to_owned());
        let diagnosis = match service.meaning(outcome) {
            Meaning::Done | Meaning::Known => return self.pass(turn),
            Meaning::Page | Meaning::Redirect => Diagnosis::Intercepted { host: host() },
            Meaning::Limited => Diagnosis::RateLimited { until: turn.wall.plus(outcome.wait(turn.wall)) },
            Meaning::Unauthorized => Diagnosis::SignInRejected,
            Meaning::Forbidden => {
                let (scope, interaction) = (service.card_scope().to_owned(), self.interaction.clone());
                Diagnosis::ScopeMissing { scope, interaction, paused: false }
            }
            Meaning::Failing | Meaning::Unreachable => Diagnosis::ServerFailing { status },
            Meaning::BadRequest | Meaning::Refused | Meaning::Unsendable => {
                Diagnosis::CardRefused { status, excerpt: session.excerpt(outcome.body()) }
            }
            Meaning::NotPermitted => Diagnosis::PermissionMissing { host: host() },
        };
        self.fail(diagnosis, turn);
    }

    fn pass(&mut self, turn: &Turn<'_>) {
        self.end(TestStepState::Passed, None, turn);
        self.next(turn);
    }

    fn fail(&mut self, diagnosis: Diagnosis, turn: &Turn<'_>) {
        let mut one = Diagnoses::default();
        one.raise(turn.wall, diagnosis);
        self.end(TestStepState::Failed, one.newest(), turn);
    }

    fn end(&mut self, state: TestStepState, diagnosis: Option<DiagnosisView>, turn: &Turn<'_>) {
        let step = &mut self.steps[self.at.min(STEPS.len() - 1)];
        step.state = state;
        step.took_ms = Some(turn.now.since(self.since).0 as u32);
        step.diagnosis = diagnosis;
    }

    fn next(&mut self, turn: &Turn<'_>) {
        self.since = turn.now;
        self.at += 1;
        if let Some(step) = self.steps.get_mut(self.at) {
            step.state = TestStepState::Running;
        }
    }
}
