//! Signing in at the published service, through the whole pipeline: window, renewal, rotation, and who is told what.

mod access_key;
mod renewal;

use super::*;
use crate::api::published::pkce::Entropy;
use crate::link::probe::Grounds;
use crate::link::steps::TestStepState;
use crate::model::http::{HttpRequest, Secret};

const PERSON: &str = r#"{"service":"published","clientId":"c","notify":true}"#;

const KEY: &str = r#"{"service":"published","signIn":"accessKey","accessKeyId":"k","tenantId":"t-1"}"#;

const REDIRECT: &str = "https://x.chromiumapp.org/";

const ISSUER: &str = r#"{"authorization_endpoint":"https://cxone.niceincontact.com/auth/authorize",
    "token_endpoint":"https://cxone.niceincontact.com/auth/token"}"#;

const TENANT: &str = r#"{"api_endpoint":"https://api-na1.niceincontact.com",
    "auth_endpoint":"https://na1.nice-incontact.com","area":"na1","domain":"niceincontact.com"}"#;

/// A token that speaks of tenant `t-1`, with the refresh token of this number.
fn token(number: u32) -> String {
    format!(
        r#"{{"access_token":"e30.eyJ0ZW5hbnRJZCI6InQtMSJ9.a{number}","expires_in":3600,"refresh_token":"refresh-{number}"}}"#
    )
}

/// A worker whose host opens windows.
struct Desk {
    runner: Runner,
    host: Memory,
}

impl Desk {
    fn with(stored: Stored) -> Desk {
        let host = Memory { stored, wall: Millis(1_771_320_600_000), ..Memory::default() };
        let mut desk = Desk { runner: Runner::default(), host };
        desk.start();
        desk
    }

    fn of(settings: &str) -> Desk {
        Desk::with(Stored::with_settings(settings, ""))
    }

    /// A new worker.
    fn start(&mut self) {
        self.runner = Runner::default();
        self.host.kill();
        let start = self.host.stored.start(1);
        self.feed(Input::Started(start));
        let entropy = Entropy([9; 32]);
        self.feed(Input::Windows(Grounds { redirect: REDIRECT.to_owned(), entropy }));
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
        while !self.host.commits.is_empty() {
            let (id, changes) = self.host.commits.remove(0);
            self.host.stored.apply(changes);
            self.runner.feed(Input::Committed(id), &mut self.host);
        }
    }

    fn wait(&mut self, minutes: u64) {
        let end = self.host.wall.plus(Millis::from_mins(minutes));
        while let Some(due) = self.host.due.filter(|due| *due < end) {
            self.host.wall = self.host.wall.max(due).plus(Millis(1));
            self.feed(Input::Tick);
        }
        self.host.wall = end;
        self.feed(Input::Tick);
    }

    /// Goes on until a token is asked for.
    fn until_asked(&mut self) {
        while self.host.tokens.is_empty() {
            self.host.wall = self.host.wall.max(self.host.due.expect("something is due"));
            self.feed(Input::Tick);
        }
    }

    /// Answers the oldest request for a token.
    fn answer(&mut self, status: u16, body: &str) -> HttpRequest {
        assert_eq!(self.host.tokens.len(), 1, "one is under way");
        let (id, request) = self.host.tokens.remove(0);
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
        request
    }

    fn command(&mut self, request: Request) {
        self.feed(Input::Command(CommandId(7), request));
    }

    /// The person signs in, and the window ends with a code.
    fn sign_in(&mut self) -> String {
        let (id, address) = self.host.windows.remove(0);
        let (_, rest) = address.0.split_once("&state=").expect("a state");
        let state = rest.split('&').next().unwrap_or_default();
        let ended = Secret(format!("{REDIRECT}?code=the-code&state={state}"));
        self.feed(Input::WindowEnded(id, Ok(ended)));
        address.0
    }

    /// From the order to sign in to the first poll.
    fn signed_in(settings: &str) -> Desk {
        let mut desk = Desk::of(settings);
        desk.command(Request::SignIn);
        desk.answer(200, ISSUER);
        desk.sign_in();
        desk.answer(200, &token(1));
        desk.answer(200, TENANT);
        desk
    }

    fn connection(&self) -> String {
        self.runner.pipeline().profile.as_ref().expect("it is set up").settings.base().connection().to_owned()
    }

    /// The diagnoses, but for polls: nobody answers polls here.
    fn codes(&self) -> Vec<String> {
        let diagnoses = self.runner.pipeline().status().diagnoses;
        diagnoses.into_iter().map(|diagnosis| diagnosis.code).filter(|code| code != "readStale").collect()
    }

    fn bearer(&mut self) -> Option<String> {
        let (_, request) = self.host.polls.pop()?;
        Some(request.headers.iter().find(|(name, _)| *name == "Authorization")?.1.clone())
    }

    fn stored(&self) -> String {
        self.host.stored.token.clone().unwrap_or_default()
    }
}

#[test]
fn a_fresh_browser_says_at_once_that_somebody_must_sign_in_and_asks_nobody() {
    let mut desk = Desk::of(PERSON);
    assert_eq!(desk.codes(), ["signInDue"]);
    assert!(desk.host.tokens.is_empty() && desk.host.polls.is_empty());
    assert_eq!(desk.host.badge.text, "!");
    assert_eq!(desk.host.notices.len(), 1);
    desk.wait(60);
    assert!(desk.host.tokens.is_empty(), "nothing but a person helps");
    assert_eq!(desk.host.notices.len(), 1, "told once");
}

#[test]
fn a_person_signs_in_and_the_polls_begin() {
    let mut desk = Desk::of(PERSON);
    desk.command(Request::SignIn);
    assert!(desk.answer(200, ISSUER).url.ends_with("/.well-known/openid-configuration"));
    let address = desk.sign_in();
    assert!(address.starts_with("https://cxone.niceincontact.com/auth/authorize?"), "{address}");
    let code = desk.answer(200, &token(1));
    assert_eq!(code.url, "https://cxone.niceincontact.com/auth/token");
    assert!(code.body.contains("grant_type=authorization_code&code=the-code&"));
    assert!(desk.answer(200, TENANT).url.ends_with("?tenantId=t-1"));
    assert_eq!(desk.codes(), Vec::<String>::new());
    assert_eq!(desk.bearer().as_deref(), Some("Bearer e30.eyJ0ZW5hbnRJZCI6InQtMSJ9.a1"));
    let steps = desk.runner.pipeline().status().test.expect("a test");
    assert!(steps[..3].iter().all(|step| step.state == TestStepState::Passed), "{steps:?}");
}

#[test]
fn the_next_worker_goes_on_with_what_the_browser_session_keeps() {
    let mut desk = Desk::signed_in(PERSON);
    desk.start();
    assert_eq!(desk.codes(), Vec::<String>::new());
    assert!(desk.host.tokens.is_empty(), "neither discovery nor a token is asked for again");
    assert!(desk.bearer().is_some());
}

#[test]
fn a_window_that_is_closed_refused_or_of_another_sign_in_brings_nothing() {
    for (ended, code) in [
        (Err("The user did not approve access.".to_owned()), "signInClosed"),
        (Ok("?code=k&state=another"), "signInMixedUp"),
        (Ok("?error=access_denied&state="), "signInDenied"),
        (Ok("?error=invalid_scope&state="), "signInRefused"),
    ] {
        let mut desk = Desk::of(PERSON);
        desk.command(Request::SignIn);
        desk.answer(200, ISSUER);
        let (id, address) = desk.host.windows.remove(0);
        let state = address.0.split("&state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
        let ended = ended.map(|query: &str| {
            let own = if query.ends_with("state=") { state } else { "" };
            Secret(format!("{REDIRECT}{query}{own}"))
        });
        desk.feed(Input::WindowEnded(id, ended));
        assert!(desk.host.tokens.is_empty());
        let status = desk.runner.pipeline().status();
        let steps = status.test.expect("a test");
        assert_eq!(steps[1].diagnosis.as_ref().map(|diagnosis| &*diagnosis.code), Some(code));
        assert_eq!(status.diagnosis.map(|diagnosis| diagnosis.code).as_deref(), Some(code), "the popup says so, too");
        desk.command(Request::SignIn);
        assert_eq!(desk.codes(), ["signInDue"], "the next try begins without it");
    }
}

#[test]
fn a_sign_in_that_nobody_needs_is_no_trouble_where_it_comes_to_nothing() {
    let mut desk = Desk::signed_in(PERSON);
    desk.command(Request::SignIn);
    desk.answer(200, ISSUER);
    let (id, _) = desk.host.windows.remove(0);
    desk.feed(Input::WindowEnded(id, Err("The user did not approve access.".to_owned())));
    assert_eq!(desk.codes(), Vec::<String>::new());
    assert!(desk.bearer().is_some(), "the sign-in before goes on");
}

#[test]
fn a_window_that_nobody_ends_is_given_up_and_what_it_says_later_is_ignored() {
    let mut desk = Desk::of(PERSON);
    desk.command(Request::SignIn);
    desk.answer(200, ISSUER);
    let (id, address) = desk.host.windows.remove(0);
    desk.wait(11);
    let steps = desk.runner.pipeline().status().test.expect("a test");
    assert_eq!(steps[1].state, TestStepState::Failed);
    let state = address.0.split_once("&state=").and_then(|(_, rest)| rest.split('&').next()).unwrap().to_owned();
    desk.feed(Input::WindowEnded(id, Ok(Secret(format!("{REDIRECT}?code=k&state={state}")))));
    assert!(desk.host.tokens.is_empty());
}

#[test]
fn what_a_test_before_saving_brought_is_used_once_the_same_settings_are_saved() {
    let mut desk = Desk::with(Stored::default());
    desk.command(Request::Test { text: PERSON.to_owned(), interaction: None });
    desk.answer(200, ISSUER);
    desk.sign_in();
    desk.answer(200, &token(1));
    desk.answer(200, TENANT);
    assert_eq!(desk.stored(), "", "a test keeps nothing");
    desk.command(Request::Save { text: PERSON.to_owned(), check_only: false });
    let (id, settings, secret) = desk.host.saves.remove(0);
    desk.host.stored.save(settings, secret);
    desk.feed(Input::SettingsStored(id, Ok(())));
    assert!(desk.host.windows.is_empty() && desk.host.tokens.is_empty(), "nobody signs in twice");
    assert!(desk.stored().contains("refresh-1"));
    assert_eq!(desk.codes(), Vec::<String>::new());
}

#[test]
fn a_test_while_signed_in_opens_no_window_and_leaves_the_refresh_token_alone() {
    let mut desk = Desk::signed_in(PERSON);
    desk.command(Request::Test { text: PERSON.to_owned(), interaction: None });
    assert!(desk.host.windows.is_empty() && desk.host.tokens.is_empty());
    let steps = desk.runner.pipeline().status().test.expect("a test");
    assert!(steps[..3].iter().all(|step| step.state == TestStepState::Passed));
    assert!(desk.stored().contains("refresh-1"));
}

#[test]
fn a_test_goes_on_where_the_time_is_refused_and_says_what_is_wrong_with_a_read() {
    for (status, code) in [(403, "readForbidden"), (404, "readRefused"), (401, "readRefused"), (503, "readFailing")] {
        let mut desk = Desk::signed_in(PERSON);
        desk.command(Request::Test { text: PERSON.to_owned(), interaction: None });
        for (path, status) in [("/server-time", 403), ("/skills/activity", status)] {
            let is_asked = |(id, request): &(RequestId, HttpRequest)| {
                matches!(id, RequestId::Probe(_)) && request.url.contains(path)
            };
            let (id, _) = desk.host.polls.remove(desk.host.polls.iter().position(is_asked).expect(path));
            desk.feed(Input::HttpDone(id, Outcome::Answer(Answer { status, ..Answer::default() })));
        }
        let steps = desk.runner.pipeline().status().test.expect("a test");
        assert_eq!(steps[3].state, TestStepState::Skipped);
        assert_eq!(steps[4].diagnosis.as_ref().map(|diagnosis| &*diagnosis.code), Some(code));
    }
}

#[test]
fn what_the_worker_before_asked_counts_although_its_sign_in_is_gone() {
    let mut desk = Desk::with(Stored::with_settings(KEY, "key-secret"));
    let sign_in = |desk: &mut Desk| {
        desk.answer(200, ISSUER);
        desk.answer(200, TENANT);
        desk.answer(200, &token(1));
    };
    let spent = |desk: &Desk| -> u64 {
        let polls = serde_json::to_value(desk.runner.pipeline().polling.spending()).unwrap_or_default();
        let groups =
            polls.as_array().into_iter().flatten().flat_map(|one| one["until"].as_array().into_iter().flatten());
        groups.filter_map(|group| group[1].as_u64()).sum()
    };
    sign_in(&mut desk);
    assert_eq!(spent(&desk), 1, "the service's time");
    desk.wait(0);
    desk.host.wall = desk.host.wall.plus(Millis::from_secs(11));
    desk.feed(Input::Tick);
    desk.host.stored.token = None;
    desk.start();
    sign_in(&mut desk);
    assert_eq!(spent(&desk), 2 + 2 + 6, "and what the worker before may have asked since, which is counted as asked");
}

#[test]
fn no_token_key_code_or_verifier_stands_in_an_address_or_in_what_pages_are_told() {
    let mut desk = Desk::signed_in(PERSON);
    desk.wait(51);
    desk.answer(400, r#"{"error":"invalid_request","error_description":"refresh-1 e30.eyJ0ZW5hbnRJZCI6InQtMSJ9.a1"}"#);
    desk.command(Request::Dashboard);
    let secrets = ["refresh-1", ".a1", "the-code", "code_verifier"];
    for effect in &desk.host.effects {
        let url = match effect {
            Effect::RequestToken { request, .. } | Effect::Poll { request, .. } => request.url.clone(),
            Effect::OpenWindow { address, .. } => address.0.clone(),
            Effect::Reply(_, reply) => serde_json::to_string(reply).unwrap(),
            Effect::KeepAlive { vitals } => vitals.clone(),
            Effect::Commit { changes, .. } => format!("{changes:?}"),
            other => format!("{other:?}"),
        };
        assert!(!secrets.iter().any(|secret| url.contains(secret)), "{url}");
    }
}

#[test]
fn two_tenants_at_one_issuer_are_two_connections_and_a_saved_setting_changes_neither() {
    let mut desk = Desk::signed_in(PERSON);
    let first = desk.connection();
    assert_eq!(first, "published https://cxone.niceincontact.com t-1");
    desk.start();
    assert_eq!(desk.connection(), first, "known before anything stored is read");
    desk.command(Request::Save { text: PERSON.replace("true", "false"), check_only: false });
    let (id, settings, secret) = desk.host.saves.remove(0);
    desk.host.stored.save(settings, secret);
    desk.feed(Input::SettingsStored(id, Ok(())));
    assert_eq!(desk.connection(), first);
    assert!(desk.codes().is_empty() && desk.host.windows.is_empty(), "the sign-in goes on");
    desk.command(Request::SignIn);
    desk.answer(200, ISSUER);
    desk.sign_in();
    // The payload is `{"tenantId":"t-2"}`.
    desk.answer(200, r#"{"access_token":"e30.eyJ0ZW5hbnRJZCI6InQtMiJ9.b","expires_in":3600,"refresh_token":"other"}"#);
    desk.answer(200, TENANT);
    assert_eq!(desk.connection(), "published https://cxone.niceincontact.com t-2");
}
