//! *Test connection*: each step on the way to a token, and then what the token is needed for, with settings that need
//! not be saved. A person's sign-in is such a test: what it brings is handed over once, to the session.

mod reading;

use crate::api::entry::{Checked, Known, Next, SignInWindow, Step};
use crate::api::published::pkce::{Entropy, Pkce};
use crate::api::{self, Access, Grant, Hosts, Scopes};
use crate::journal::turn::Turn;
use crate::link::session::{Asked, Session, visitor};
use crate::link::steps::{TestStep, TestStepName, TestStepState};
use crate::model::ask::{RequestId, SocketId};
use crate::model::diagnosis::Diagnosis;
use crate::model::http::{Failure, Outcome, Secret};
use crate::model::time::Millis;
use crate::settings::{Settings, Way};

/// A step that takes longer has failed.
const TIMEOUT: Millis = Millis::from_secs(15);

/// A person takes longer: a password, a second factor, a call to the help desk.
const PATIENCE: Millis = Millis::from_mins(10);

const STREAM: [TestStepName; 4] = [TestStepName::Token, TestStepName::Scopes, TestStepName::Stream, TestStepName::Card];

const PERSON: [TestStepName; 3] = [TestStepName::Issuer, TestStepName::SignIn, TestStepName::Tenant];

const KEY: [TestStepName; 3] = [TestStepName::Issuer, TestStepName::Tenant, TestStepName::SignIn];

/// Where sign-in windows of this host end, and random bytes for them.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// The address.
    pub redirect: String,
    /// For this worker alone.
    pub entropy: Entropy,
}

/// The settings and grounds of a test.
#[derive(Debug)]
pub struct Trial {
    /// Need not be saved.
    pub settings: Settings,
    /// Their secret; empty where they need none.
    pub secret: Secret,
    /// Gets the real test card.
    pub interaction: Option<String>,
    /// A sign-in of the same client, whose token still works.
    pub lent: Option<Known>,
    /// For a window; none where the host opens none.
    pub grounds: Option<Grounds>,
    /// A person asked to sign in, not to test, so a failure is shown as trouble.
    pub is_sign_in: bool,
}

impl Trial {
    /// A test of these settings and no more.
    pub fn new(settings: Settings, secret: Secret) -> Trial {
        Trial { settings, secret, interaction: None, lent: None, grounds: None, is_sign_in: false }
    }
}

/// A test under way, or finished.
#[derive(Debug)]
pub struct Probe {
    trial: Trial,
    known: Known,
    token: Option<Secret>,
    hosts: Option<Hosts>,
    /// The result of a person's sign-in that nobody took yet, with the instant of its token.
    signed: Option<(Known, Millis)>,
    granted_at: Millis,
    /// Why nobody is signed in, until the pages know.
    failure: Option<Diagnosis>,
    waits_for: Option<Awaited>,
    steps: Vec<TestStep>,
    at: usize,
    /// When the step under way began.
    since: Millis,
    /// When its latest request was made.
    asked_at: Millis,
}

#[derive(Debug, Clone)]
enum Awaited {
    /// On the way to a token.
    Entry(RequestId, Asked),
    /// The sign-in window.
    Window(RequestId),
    /// A read with the token.
    Check(RequestId, usize),
    /// The test card.
    Card(RequestId),
    Socket(SocketId),
}

impl Probe {
    /// Starts a test.
    pub fn start(trial: Trial, session: &mut Session, turn: &mut Turn<'_>) -> Probe {
        let service = api::of(trial.settings.base());
        let way = match trial.settings.way() {
            Way::Stream => &STREAM[..],
            Way::Nice => &PERSON,
            Way::AccessKey => &KEY,
        };
        let checks = service.checks().iter().map(|check| TestStepName::from(check.what));
        let step = |step| TestStep { step, state: TestStepState::Waiting, took_ms: None, diagnosis: None };
        let mut probe = Probe {
            known: trial.lent.clone().unwrap_or_default(),
            steps: way.iter().copied().chain(checks).map(step).collect(),
            token: None,
            hosts: None,
            signed: None,
            failure: None,
            granted_at: turn.now,
            waits_for: None,
            at: 0,
            since: turn.now,
            asked_at: turn.now,
            trial,
        };
        if probe.known.grant.is_some() {
            // A person who is signed in has passed these steps.
            for _ in PERSON {
                probe.end(TestStepState::Passed, None, turn);
                probe.at += 1;
            }
        } else if probe.trial.settings.way() == Way::Nice
            && let Some(Grounds { redirect, entropy }) = probe.trial.grounds.clone()
        {
            let proof = Pkce::of(entropy, turn.next_id());
            session.hide_tested(proof.verifier.clone());
            probe.known.window = Some(SignInWindow { proof, redirect, code: None });
        }
        probe.run_step();
        probe.go_on(session, turn);
        probe
    }

    /// How the steps stand.
    pub fn steps(&self) -> Vec<TestStep> {
        self.steps.clone()
    }

    /// Ends a test that is under way.
    pub fn cancel(&self, turn: &mut Turn<'_>) {
        match &self.waits_for {
            Some(Awaited::Entry(id, _) | Awaited::Check(id, _) | Awaited::Card(id)) => turn.effects.abort(*id),
            Some(Awaited::Socket(conn)) => turn.effects.close_stream(*conn),
            // No browser closes the window for us; what it says is ignored.
            Some(Awaited::Window(_)) | None => {}
        }
    }

    /// Whether a request is this test's.
    pub fn awaits_request(&self, id: RequestId) -> bool {
        matches!(
            self.waits_for,
            Some(Awaited::Entry(awaited, _) | Awaited::Check(awaited, _) | Awaited::Card(awaited)) if awaited == id
        )
    }

    /// Whether a window is this test's.
    pub fn awaits_window(&self, id: RequestId) -> bool {
        matches!(self.waits_for, Some(Awaited::Window(awaited)) if awaited == id)
    }

    /// Whether a person is asked to sign in.
    pub fn awaits_person(&self) -> bool {
        matches!(self.waits_for, Some(Awaited::Window(_)))
    }

    /// Whether a socket is this test's.
    pub fn awaits_socket(&self, conn: SocketId) -> bool {
        matches!(self.waits_for, Some(Awaited::Socket(awaited)) if awaited == conn)
    }

    /// Hands over what a person's sign-in brought, if it was for the same client, once.
    pub fn take_sign_in(&mut self, settings: &Settings) -> Option<(Known, Millis)> {
        self.signed.take_if(|_| self.trial.settings.is_same_client(settings))
    }

    /// Why a person who asked to sign in is not, once.
    pub fn take_failure(&mut self) -> Option<Diagnosis> {
        self.failure.take()
    }

    /// A request of this test was answered. The session knows what must not be shown of the answer.
    pub fn answered(&mut self, outcome: &Outcome, session: &mut Session, turn: &mut Turn<'_>) {
        match self.waits_for.take() {
            Some(Awaited::Entry(_, asked)) => self.take_entry(&asked, outcome, session, turn),
            Some(Awaited::Check(_, check)) => self.take_check(check, outcome, session, turn),
            Some(Awaited::Card(_)) => self.take_card(outcome, session, turn),
            other => self.waits_for = other,
        }
    }

    /// The sign-in window ended, at an address or without one.
    pub fn window_ended(&mut self, ended: &Result<Secret, String>, session: &mut Session, turn: &mut Turn<'_>) {
        self.waits_for = None;
        let base = self.trial.settings.base();
        let read = match ended {
            Ok(address) => api::of(base)
                .read_window(&address.0, &mut self.known)
                .map_err(|fault| session.fault(fault, base.host().to_owned())),
            Err(why) => Err(Diagnosis::SignInClosed { why: session.excerpt(why) }),
        };
        match read {
            Ok(()) => {
                let code = self.known.window.as_ref().and_then(|window| window.code.clone());
                code.into_iter().for_each(|code| session.hide_tested(code));
                self.go_on(session, turn);
            }
            Err(diagnosis) => self.fail(diagnosis, turn),
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
        self.fail(Diagnosis::PermissionMissing { host: self.trial.settings.base().host().to_owned() }, turn);
    }

    /// Ends a step that takes too long.
    pub fn check(&mut self, session: &mut Session, turn: &mut Turn<'_>) {
        if self.deadline().is_none_or(|deadline| deadline > turn.now) {
            return;
        }
        match &self.waits_for {
            Some(Awaited::Entry(id, _) | Awaited::Check(id, _) | Awaited::Card(id)) => {
                turn.effects.abort(*id);
                self.answered(&Outcome::Failed(Failure::Aborted), session, turn);
            }
            Some(Awaited::Window(_)) => self.window_ended(&Err(String::new()), session, turn),
            Some(Awaited::Socket(conn)) => {
                turn.effects.close_stream(*conn);
                self.closed(turn);
            }
            None => {}
        }
    }

    /// When the step under way has taken too long.
    pub fn deadline(&self) -> Option<Millis> {
        let limit = if self.awaits_person() { PATIENCE } else { TIMEOUT };
        self.waits_for.as_ref().map(|_| self.asked_at.plus(limit))
    }

    /// Does what is next on the way to a token.
    fn go_on(&mut self, session: &mut Session, turn: &mut Turn<'_>) {
        self.asked_at = turn.now;
        let Trial { settings, secret, .. } = &self.trial;
        let base = settings.base();
        match api::of(base).next(base, visitor(settings, secret), &self.known) {
            Next::Ask(step, request) => {
                let id = RequestId::Probe(turn.next_id());
                self.waits_for = Some(Awaited::Entry(id, Asked::of(step, &request.url)));
                turn.effects.request_token(id, request);
            }
            Next::Open(address) => {
                let id = RequestId::Probe(turn.next_id());
                self.waits_for = Some(Awaited::Window(id));
                turn.effects.open_window(id, address);
            }
            Next::Person => self.fail(Diagnosis::SignInClosed { why: String::new() }, turn),
            Next::Stuck(fault) => self.fail(session.fault(fault, base.host().to_owned()), turn),
            Next::Arrived => self.arrive(turn),
        }
    }

    fn take_entry(&mut self, asked: &Asked, outcome: &Outcome, session: &mut Session, turn: &mut Turn<'_>) {
        let mut known = std::mem::take(&mut self.known);
        let read = session.read(asked, outcome, (&self.trial.settings, &self.trial.secret), &mut known);
        self.known = known;
        if let Err(diagnosis) = read {
            return self.fail(diagnosis, turn);
        }
        if asked.step == Step::Token {
            self.granted_at = turn.now;
            let grant = self.known.grant.iter().map(|grant| &grant.token);
            grant.chain(&self.known.refresh).for_each(|secret| session.hide_tested(secret.clone()));
        }
        self.pass(turn);
        self.go_on(session, turn);
    }

    /// There is a token: what is it good for?
    fn arrive(&mut self, turn: &mut Turn<'_>) {
        let Some(grant) = self.known.grant.clone() else { return };
        self.hosts.clone_from(&self.known.hosts);
        self.token = Some(grant.token.clone());
        if self.trial.settings.way() == Way::Nice && self.trial.lent.is_none() {
            self.signed = Some((std::mem::take(&mut self.known), self.granted_at));
        }
        if self.trial.settings.way() == Way::Stream { self.try_stream(&grant, turn) } else { self.try_check(0, turn) }
    }

    fn try_stream(&mut self, grant: &Grant, turn: &mut Turn<'_>) {
        if let Some(scope) = grant.missing_scope() {
            self.fail(Diagnosis::ScopeMissing { scope: scope.to_owned(), interaction: None, paused: false }, turn);
            return;
        }
        if grant.scopes == Scopes::Unsaid {
            self.skip(turn)
        } else {
            self.pass(turn)
        }
        let base = self.trial.settings.base();
        match api::of(base).stream_address(&Access { base, hosts: None, token: &grant.token }) {
            Some(address) => {
                let conn = SocketId::Probe(turn.next_id());
                turn.effects.open_stream(conn, address);
                self.waits_for = Some(Awaited::Socket(conn));
            }
            None => {
                self.skip(turn);
                self.try_card(turn);
            }
        }
    }

    /// Makes the next read; skips what the tenant or its person does not have.
    fn try_check(&mut self, first: usize, turn: &mut Turn<'_>) {
        let base = self.trial.settings.base();
        let checks = api::of(base).checks();
        for (number, check) in checks.iter().enumerate().skip(first) {
            let (Some(token), agent) = (&self.token, self.known_agent()) else { return };
            let access = Access { base: self.trial.settings.base(), hosts: self.hosts.as_ref(), token };
            match (check.request)(&access, agent) {
                Some(request) => {
                    let id = RequestId::Probe(turn.next_id());
                    turn.effects.poll(id, request);
                    self.waits_for = Some(Awaited::Check(id, number));
                    return;
                }
                None => self.skip(turn),
            }
        }
    }

    fn known_agent(&self) -> Option<&str> {
        let signed = self.signed.as_ref().and_then(|(known, _)| known.agent.as_deref());
        signed.or(self.known.agent.as_deref())
    }

    fn run_step(&mut self) {
        if let Some(step) = self.steps.get_mut(self.at) {
            step.state = TestStepState::Running;
        }
    }
}

impl From<Checked> for TestStepName {
    fn from(checked: Checked) -> TestStepName {
        match checked {
            Checked::Time => TestStepName::Time,
            Checked::Queues => TestStepName::Queues,
            Checked::Contacts => TestStepName::Contacts,
            Checked::Digital => TestStepName::Digital,
            Checked::Messages => TestStepName::Messages,
        }
    }
}
