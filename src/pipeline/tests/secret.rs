//! Where the client secret and the token go, and where they are shown.

use super::*;
use crate::delivery::outbox::CardState;
use crate::link::steps::TestStepState;
use crate::model::history::GivenUp;
use crate::model::http::{Failure, Secret};

const SECRET: &str = "correct horse";
const TOKEN: &str = "tok.en-1";

/// Saves, tests or checks; gives the answer.
fn ask(rig: &mut Rig, id: u64, request: Request) -> Option<Reply> {
    rig.feed(Input::Command(CommandId(id), request));
    answer_to(rig, id)
}

fn answer_to(rig: &Rig, id: u64) -> Option<Reply> {
    rig.host.effects.iter().rev().find_map(|effect| match effect {
        Effect::Reply(to, reply) if *to == CommandId(id) => Some((**reply).clone()),
        _ => None,
    })
}

fn save(text: &str) -> Request {
    Request::Save { text: text.to_owned(), check_only: false }
}

/// The code of the one thing that was wrong, which is at the secret.
fn wrong_secret(reply: Option<Reply>) -> Option<String> {
    let Some(Reply::Rejected(errors)) = reply else { return None };
    let [error] = errors.as_slice() else { return None };
    (error.field == "clientSecret").then(|| error.code.clone())
}

/// The bodies of the requests for a token, and where they go.
fn token_requests(rig: &Rig) -> Vec<(String, String)> {
    let request = |effect: &Effect| match effect {
        Effect::RequestToken { request, .. } => Some((request.url.clone(), request.body.clone())),
        _ => None,
    };
    rig.host.effects.iter().filter_map(request).collect()
}

/// The newest request of that kind.
fn newest(rig: &Rig, kind: impl Fn(&Effect) -> Option<RequestId>) -> RequestId {
    rig.host.effects.iter().rev().find_map(kind).expect("there was such a request")
}

fn token_request(effect: &Effect) -> Option<RequestId> {
    match effect {
        Effect::RequestToken { id, .. } => Some(*id),
        _ => None,
    }
}

fn card_request(effect: &Effect) -> Option<RequestId> {
    match effect {
        Effect::PostCard { id, .. } => Some(*id),
        _ => None,
    }
}

/// Whether this is what is wrong.
fn tells(rig: &Rig, code: &str) -> bool {
    rig.pipeline().status().diagnoses.iter().any(|diagnosis| diagnosis.code == code)
}

#[test]
fn another_address_or_client_asks_for_the_secret_again_and_sends_nothing_there() {
    for elsewhere in [
        r#"{"organization":"bravo","clientId":"c"}"#,
        r#"{"organization":"acme","clientId":"other"}"#,
        r#"{"organization":"acme","clientId":"c","serviceAddress":"https://gate.example"}"#,
    ] {
        let mut rig = Rig::streaming(r#""dryRun":true"#);
        let before = token_requests(&rig).len();
        let check = Request::Save { text: elsewhere.to_owned(), check_only: true };
        let test = Request::Test { text: elsewhere.to_owned(), interaction: None };
        for (id, request) in [(1, save(elsewhere)), (2, check), (3, test)] {
            assert_eq!(wrong_secret(ask(&mut rig, id, request)).as_deref(), Some("secretAgain"), "{elsewhere}");
        }
        assert!(!rig.host.effects.iter().any(|effect| matches!(effect, Effect::StoreSettings { .. })), "{elsewhere}");
        assert_eq!(token_requests(&rig).len(), before, "{elsewhere}");
        let typed = elsewhere.replacen('{', r#"{"clientSecret":"another one","#, 1);
        assert_eq!(ask(&mut rig, 4, Request::Test { text: typed, interaction: None }), Some(Reply::Done));
        let (_, body) = token_requests(&rig).pop().expect("it is tested");
        assert!(body.ends_with("client_secret=another+one"), "{body}");
    }
}

#[test]
fn other_fields_are_saved_with_the_secret_that_is_stored() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    let text = r#"{"organization":"ACME","clientId":"c","dryRun":true,"cardTitle":"Help"}"#;
    assert_eq!(ask(&mut rig, 1, save(text)), None, "it is being stored");
    rig.feed(Input::SettingsStored(CommandId(1), Ok(())));
    assert_eq!(answer_to(&rig, 1), Some(Reply::Done));
    assert_eq!(rig.pipeline().profile.as_ref().map(|profile| profile.secret.clone()), Some(Secret("s".to_owned())));
}

#[test]
fn a_secret_that_is_on_its_way_to_the_store_is_not_used_for_another_address() {
    let elsewhere = r#"{"organization":"bravo","clientId":"c","clientSecret":"bravo's"}"#;
    let back = r#"{"organization":"acme","clientId":"c"}"#;
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    assert_eq!(ask(&mut rig, 1, save(elsewhere)), None);
    assert_eq!(ask(&mut rig, 2, save(back)), None, "the order before it decides");
    rig.feed(Input::SettingsStored(CommandId(1), Ok(())));
    assert_eq!(wrong_secret(answer_to(&rig, 2)).as_deref(), Some("secretAgain"));
    assert_eq!(rig.pipeline().status().organization, "bravo.cxone.com");
    // The other way round: the stored secret must not go where the order before it failed to lead.
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    assert_eq!(ask(&mut rig, 1, save(elsewhere)), None);
    assert_eq!(ask(&mut rig, 2, save(r#"{"organization":"bravo","clientId":"c"}"#)), None);
    rig.feed(Input::SettingsStored(CommandId(1), Err("no".to_owned())));
    assert_eq!(wrong_secret(answer_to(&rig, 2)).as_deref(), Some("secretAgain"));
    assert_eq!(rig.pipeline().status().organization, "acme.cxone.com");
}

#[test]
fn without_permission_nothing_is_tried_of_a_card_and_the_permission_ends_the_wait() {
    let mut rig = Rig::streaming(r#""maxTries":1"#);
    rig.frame(r#"{"id":"i-1","sentiment":{"score":-0.9}}"#);
    rig.commit();
    let refused = newest(&rig, card_request);
    rig.feed(Input::HttpDone(refused, Outcome::Failed(Failure::NotPermitted)));
    assert!(tells(&rig, "permissionMissing"));
    let status = rig.pipeline().status();
    assert_eq!((status.waiting, status.given_up, status.cards[0].tries), (1, 0, 0));
    rig.feed(Input::Permitted("https://other.example".to_owned()));
    assert!(tells(&rig, "permissionMissing"), "that was another address");
    rig.feed(Input::Permitted("https://acme.cxone.com".to_owned()));
    assert_ne!(newest(&rig, card_request), refused, "it is tried at once");
    assert!(!tells(&rig, "permissionMissing"));
}

#[test]
fn a_stream_without_permission_says_so_and_opens_as_soon_as_it_is_allowed() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    let open = rig.conn.expect("it streams");
    for _ in 0..5 {
        rig.feed(Input::StreamNotPermitted(rig.conn.expect("it streams")));
    }
    assert!(tells(&rig, "permissionMissing") && !tells(&rig, "streamRefused"));
    assert!(!rig.host.effects.contains(&Effect::StoreToken(None)), "the token is not at fault");
    rig.feed(Input::Permitted("https://acme.cxone.com".to_owned()));
    assert_ne!(rig.conn, Some(open));
    assert!(rig.pipeline().stream.is_open() && !tells(&rig, "permissionMissing"));
}

#[test]
fn a_token_without_permission_is_asked_for_as_soon_as_it_is_allowed() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.answers = false;
    rig.restart(start(ACME));
    for _ in 0..4 {
        let id = newest(&rig, token_request);
        rig.feed(Input::HttpDone(id, Outcome::Failed(Failure::NotPermitted)));
        rig.tick();
    }
    let id = newest(&rig, token_request);
    rig.feed(Input::HttpDone(id, Outcome::Failed(Failure::NotPermitted)));
    assert!(tells(&rig, "permissionMissing"));
    rig.answers = true;
    rig.feed(Input::Permitted("https://acme.cxone.com".to_owned()));
    assert!(rig.pipeline().stream.is_open() && !tells(&rig, "permissionMissing"));
}

#[test]
fn a_connection_test_without_permission_names_it_at_its_step() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.answers = false;
    let text = r#"{"organization":"acme","clientId":"c"}"#.to_owned();
    ask(&mut rig, 1, Request::Test { text, interaction: None });
    let id = newest(&rig, token_request);
    let granted = Answer { status: 200, body: r#"{"access_token":"t"}"#.to_owned(), ..Answer::default() };
    rig.runner.feed(Input::HttpDone(id, Outcome::Answer(granted)), &mut rig.host);
    let (conn, _) = rig.host.opening.pop().expect("its stream is tried");
    rig.feed(Input::StreamNotPermitted(conn));
    let steps = rig.pipeline().status().test.expect("a test");
    assert_eq!(steps[2].state, TestStepState::Failed);
    assert_eq!(steps[2].diagnosis.as_ref().map(|diagnosis| &*diagnosis.code), Some("permissionMissing"));
}

/// The answer of a server that repeats everything that it was sent, each in another spelling.
fn echo() -> String {
    format!("{SECRET} client_secret=correct+horse correct%20horse c3VwZXJ2aXNvcjpjb3JyZWN0IGhvcnNl {TOKEN} tok%2Een-1")
}

/// Where the secret or the token could still be read.
fn is_shown(text: &str) -> bool {
    ["horse", "aG9yc2", "hvcnNl", "en-1"].iter().any(|part| text.contains(part))
}

/// Streams with [`SECRET`] and [`TOKEN`], both of an earlier worker.
fn restarted() -> Rig {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    let token = format!(
        r#"{{"value":"{TOKEN}","usableUntil":{},"service":"https://acme.cxone.com","client":"c"}}"#,
        rig.host.wall.plus(Millis::from_mins(30)).0
    );
    rig.restart(Start { secret: Some(SECRET.to_owned()), token: Some(token), ..start(ACME) });
    assert!(token_requests(&rig).is_empty(), "the token is used again");
    rig
}

#[test]
fn what_a_card_is_answered_shows_neither_secret_nor_token_anywhere() {
    let mut rig = restarted();
    rig.frame(r#"{"id":"i-1","sentiment":{"score":-0.9}}"#);
    rig.commit();
    let id = newest(&rig, card_request);
    let answer = Answer { status: 422, body: echo(), ..Answer::default() };
    rig.feed(Input::HttpDone(id, Outcome::Answer(answer)));
    let status = rig.pipeline().status();
    let CardState::GivenUp { why: GivenUp::Refused { excerpt, .. } } = &status.cards[0].state else {
        panic!("{:?}", status.cards)
    };
    assert!(excerpt.contains("[redacted]") && !is_shown(excerpt), "{excerpt}");
    let shown = serde_json::to_string(&rig.pipeline().dashboard(rig.host.wall)).expect("JSON");
    assert!(!is_shown(&shown), "{shown}");
    for effect in &rig.host.effects {
        let Effect::Commit { changes, .. } = effect else { continue };
        assert!(!is_shown(&format!("{changes:?}")), "{changes:?}");
    }
}

#[test]
fn a_connection_test_shows_neither_secret_nor_token_of_any_answer() {
    let tested = r#"{"organization":"acme","clientId":"c","clientSecret":"correct horse"}"#;
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.answers = false;
    ask(&mut rig, 1, Request::Test { text: tested.to_owned(), interaction: None });
    let refused = Answer { status: 401, body: echo(), ..Answer::default() };
    rig.feed(Input::HttpDone(newest(&rig, token_request), Outcome::Answer(refused)));
    let steps = serde_json::to_string(&rig.pipeline().status().test).expect("JSON");
    assert!(steps.contains("[redacted]") && !steps.contains("horse"), "{steps}");
    ask(&mut rig, 2, Request::Test { text: tested.to_owned(), interaction: Some("i-1".to_owned()) });
    let id = newest(&rig, token_request);
    rig.answer(id, &format!(r#"{{"access_token":"{TOKEN}"}}"#));
    let answer = Answer { status: 422, body: echo(), ..Answer::default() };
    rig.feed(Input::HttpDone(newest(&rig, card_request), Outcome::Answer(answer)));
    let steps = serde_json::to_string(&rig.pipeline().status().test).expect("JSON");
    assert!(steps.contains("[redacted]") && !is_shown(&steps), "{steps}");
}

#[test]
fn a_connection_test_that_is_told_to_wait_waits_5_s_where_the_server_does_not_say_how_long() {
    let mut rig = Rig::streaming(r#""dryRun":true"#);
    rig.answers = false;
    let text = r#"{"organization":"acme","clientId":"c"}"#.to_owned();
    ask(&mut rig, 1, Request::Test { text, interaction: Some("i-1".to_owned()) });
    let id = newest(&rig, token_request);
    rig.answer(id, r#"{"access_token":"t"}"#);
    let answer = Answer { status: 429, ..Answer::default() };
    rig.feed(Input::HttpDone(newest(&rig, card_request), Outcome::Answer(answer)));
    let diagnosis = rig.pipeline().status().test.and_then(|steps| steps[3].diagnosis.clone()).expect("a diagnosis");
    assert_eq!(diagnosis.values, [rig.host.wall.plus(Millis::from_secs(5)).0.to_string()]);
}
