//! *Test connection*: token, scopes, stream, card endpoint, one after another, with settings that need not be saved.

use crate::api::contract;
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
        let request = contract::token::request(settings.base(), &settings.client_id, secret);
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
        let host = self.settings.base().host().to_owned();
        let diagnosis = match outcome {
            Outcome::Answer(answer) => {
                let excerpt = session.excerpt(&answer.body);
                match answer.status {
                    200..=299 => match contract::token::parse(&answer.body) {
                        Ok(grant) => {
                            session.hide_tested(grant.access_token.clone());
                            self.pass(turn);
                            self.take_grant(grant, turn);
                            return;
                        }
                        Err(why) => Diagnosis::TokenUnusable { why },
                    },
                    status @ (400 | 401) => Diagnosis::CredentialsRejected { status, excerpt },
                    status => Diagnosis::TokenUnavailable { status, excerpt },
                }
            }
            Outcome::Redirected => Diagnosis::TokenUnavailable { status: 0, excerpt: String::new() },
            Outcome::Failed(Failure::NotPermitted) => Diagnosis::PermissionMissing { host },
            Outcome::Failed(_) => Diagnosis::Unreachable { host },
        };
        self.fail(diagnosis, turn);
    }

    fn take_grant(&mut self, grant: contract::token::Grant, turn: &mut Turn<'_>) {
        if let Some(scope) = grant.missing_scopes().first() {
            self.fail(Diagnosis::ScopeMissing { scope: (*scope).to_owned(), interaction: None, paused: false }, turn);
            return;
        }
        if grant.scope.is_some() {
            self.pass(turn);
        } else {
            // The answer does not name the scopes: what they are shows only in use.
            self.steps[self.at].state = TestStepState::Skipped;
            self.next(turn);
        }
        let conn = SocketId::Probe(turn.next_id());
        let url = contract::stream::url(self.settings.base(), &grant.access_token);
        turn.effects.open_stream(conn, url);
        self.token = Some(grant.access_token);
        self.waits_for = Some(Awaited::Socket(conn));
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
        match contract::card::request(self.settings.base(), token, &card) {
            Some(request) => {
                let id = RequestId::Probe(turn.next_id());
                turn.effects.post_card(id, request);
                self.waits_for = Some(Awaited::Request(id));
            }
            None => self.fail(Diagnosis::CardRefused { status: 0, excerpt: String::new() }, turn),
        }
    }

    fn take_card(&mut self, outcome: &Outcome, session: &Session, turn: &mut Turn<'_>) {
        let interaction = self.interaction.clone();
        let diagnosis = match outcome {
            Outcome::Answer(answer) => match answer.status {
                200..=299 | 409 => return self.pass(turn),
                401 => Diagnosis::SignInRejected,
                403 => Diagnosis::ScopeMissing {
                    scope: contract::token::SCOPE_CARDS.to_owned(),
                    interaction,
                    paused: false,
                },
                429 => Diagnosis::RateLimited { until: turn.wall.plus(answer.wait(turn.wall)) },
                status @ (408 | 500..=599) => Diagnosis::ServerFailing { status },
                status => Diagnosis::CardRefused { status, excerpt: session.excerpt(&answer.body) },
            },
            Outcome::Redirected => Diagnosis::CardRefused { status: 0, excerpt: String::new() },
            Outcome::Failed(Failure::NotPermitted) => {
                Diagnosis::PermissionMissing { host: self.settings.base().host().to_owned() }
            }
            Outcome::Failed(_) => Diagnosis::ServerFailing { status: 0 },
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
