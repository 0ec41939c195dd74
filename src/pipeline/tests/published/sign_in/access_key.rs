//! How an access key becomes a token, and which hosts never see the key.

use super::*;

#[test]
fn an_access_key_goes_only_to_the_hub_that_discovery_names_and_signs_in_again() {
    let mut desk = Desk::with(Stored::with_settings(KEY, "key-secret"));
    assert!(desk.answer(200, ISSUER).url.ends_with("openid-configuration"));
    assert!(desk.answer(200, TENANT).url.ends_with("?tenantId=t-1"));
    let key = desk.answer(200, &token(1));
    assert_eq!(key.url, "https://na1.nice-incontact.com/authentication/v1/token/access-key");
    assert!(key.body.contains("key-secret"));
    assert!(!desk.stored().contains("refresh-1") && !desk.stored().contains("key-secret"));
    desk.until_asked();
    assert_eq!(desk.answer(200, &token(2)).url, key.url);
}

#[test]
fn a_refused_access_key_is_said_without_the_key() {
    let mut desk = Desk::with(Stored::with_settings(KEY, "key-secret"));
    desk.answer(200, ISSUER);
    desk.answer(200, TENANT);
    desk.answer(401, r#"no user has "key-secret""#);
    let diagnosis = desk.runner.pipeline().status().diagnosis.expect("it is said");
    assert_eq!((&*diagnosis.code, &*diagnosis.values[0]), ("accessKeyRefused", "401"));
    assert!(!format!("{diagnosis:?}").contains("key-secret"));
}

#[test]
fn a_stranger_that_discovery_names_is_never_called() {
    let mut desk = Desk::with(Stored::with_settings(KEY, "key-secret"));
    desk.answer(200, ISSUER);
    desk.answer(200, &TENANT.replace("https://na1.nice-incontact.com", "https://evil.example"));
    assert_eq!(desk.codes(), ["hostNotVouched"]);
    assert_eq!(desk.runner.pipeline().status().diagnoses[0].values, ["evil.example"]);
    desk.wait(60);
    let asked = desk.host.effects.iter().filter_map(|effect| match effect {
        Effect::RequestToken { request, .. } | Effect::Poll { request, .. } => Some(&request.url),
        _ => None,
    });
    assert!(asked.clone().count() > 1);
    assert!(asked.clone().all(|url| url.starts_with("https://cxone.niceincontact.com/")), "{asked:?}");
}

#[test]
fn an_access_key_that_the_browser_forgot_is_asked_for() {
    let desk = Desk::of(KEY);
    assert_eq!(desk.codes(), ["accessKeyMissing"]);
}
