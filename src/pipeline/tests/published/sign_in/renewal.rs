//! How a token is renewed, and who is told when nobody can renew it any more.

use super::*;

#[test]
fn a_token_is_renewed_ten_minutes_before_its_end_even_while_everything_is_paused() {
    let mut desk = Desk::signed_in(PERSON);
    desk.command(Request::Pause { scope: None, minutes: None, note: None });
    desk.wait(49);
    assert!(desk.host.tokens.is_empty());
    desk.wait(2);
    desk.host.effects.clear();
    let renewal = desk.answer(200, &token(2));
    assert_eq!(renewal.body, "grant_type=refresh_token&client_id=c&refresh_token=refresh-1");
    let stored = desk.host.effects.iter().position(|effect| matches!(effect, Effect::StoreToken(Some(_))));
    assert!(stored.is_some(), "the new refresh token is stored");
    assert!(desk.stored().contains("refresh-2") && !desk.stored().contains("refresh-1"));
    desk.wait(51);
    assert!(desk.answer(200, &token(3)).body.ends_with("refresh-2"), "each renewal has a token of its own");
}

#[test]
fn the_new_refresh_token_is_stored_before_anything_is_asked_with_the_new_token() {
    let mut desk = Desk::signed_in(PERSON);
    desk.wait(51);
    desk.host.effects.clear();
    desk.answer(200, &token(2));
    let stored = desk.host.effects.iter().position(|effect| matches!(effect, Effect::StoreToken(_)));
    let used = desk.host.effects.iter().position(
        |effect| matches!(effect, Effect::Poll { request, .. } if request.headers.iter().any(|(_, value)| value.ends_with(".a2"))),
    );
    assert!(stored.is_some() && used.is_none_or(|used| stored < Some(used)), "{stored:?} {used:?}");
}

#[test]
fn a_refused_renewal_is_said_while_the_token_still_works_and_once_more_when_it_does_not() {
    let mut desk = Desk::signed_in(PERSON);
    desk.wait(51);
    desk.host.notices.clear();
    desk.answer(400, r#"{"error":"invalid_grant","errorDescription":"revoked refresh-1"}"#);
    assert_eq!(desk.codes(), ["signInSoon"]);
    assert_eq!((desk.host.badge.text.as_str(), desk.host.notices.len()), ("!", 1));
    let diagnoses = desk.runner.pipeline().status().diagnoses;
    let soon = diagnoses.iter().find(|diagnosis| diagnosis.code == "signInSoon").unwrap();
    let until = soon.values[0].parse::<u64>().unwrap();
    let left = Millis(until).since(desk.host.wall);
    assert!((Millis::from_mins(8)..Millis::from_mins(10)).contains(&left), "{left:?}");
    desk.host.polls.clear();
    desk.wait(5);
    assert!(desk.host.tokens.is_empty(), "a refresh token that is over is not tried again");
    desk.wait(5);
    assert_eq!(desk.codes(), ["signInDue"]);
    desk.command(Request::SignIn);
    desk.answer(200, ISSUER);
    desk.sign_in();
    desk.answer(200, &token(5));
    desk.answer(200, TENANT);
    assert_eq!(desk.codes(), Vec::<String>::new());
}

#[test]
fn a_renewal_that_fails_for_another_reason_is_tried_again() {
    let mut desk = Desk::signed_in(PERSON);
    desk.wait(51);
    desk.answer(503, "");
    assert_eq!(desk.codes(), ["tokenUnavailable"]);
    desk.until_asked();
    assert!(desk.answer(200, ISSUER).url.ends_with("openid-configuration"), "the hosts may have moved");
    assert!(desk.answer(200, &token(2)).body.ends_with("refresh-1"));
    assert_eq!(desk.codes(), Vec::<String>::new());
}

#[test]
fn a_token_that_the_service_takes_back_is_renewed_at_once() {
    let mut desk = Desk::signed_in(PERSON);
    let (id, _) = desk.host.polls.remove(0);
    desk.host.wall = desk.host.wall.plus(Millis::from_secs(5));
    desk.feed(Input::HttpDone(id, Outcome::Answer(Answer { status: 401, ..Answer::default() })));
    assert_eq!(desk.codes(), Vec::<String>::new());
    desk.until_asked();
    assert!(desk.answer(200, &token(2)).body.ends_with("refresh-1"));
}
