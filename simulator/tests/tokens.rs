//! The token endpoint and what a token opens.

mod support;

use serde_json::json;
use support::{QUIET, start};

const RIGHT: [(&str, &str); 3] =
    [("grant_type", "client_credentials"), ("client_id", "cuewire-demo"), ("client_secret", "cuewire-demo-secret")];

fn with(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    RIGHT.iter().map(|(field, usual)| (*field, if *field == name { value } else { *usual })).collect()
}

#[tokio::test]
async fn right_credentials_get_a_bearer_token_with_both_scopes() {
    let rig = start(&[QUIET]).await;
    let (status, body) = rig.ask_token(&RIGHT).await;
    assert_eq!(status, 200);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(body["scope"], "interactions:read agentassist:write");
    assert!(body["access_token"].as_str().is_some_and(|token| token.contains(['+', '/', '='])));
}

#[tokio::test]
async fn each_mistake_gets_its_error_of_rfc_6749() {
    let rig = start(&[QUIET]).await;
    for (form, status, error) in [
        (with("client_secret", "wrong"), 401, "invalid_client"),
        (with("client_id", "stranger"), 401, "invalid_client"),
        (with("grant_type", "password"), 400, "unsupported_grant_type"),
        (with("grant_type", ""), 400, "invalid_request"),
        (with("client_secret", ""), 400, "invalid_request"),
        ([RIGHT.as_slice(), &[("scope", "admin")]].concat(), 400, "invalid_scope"),
        ([RIGHT.as_slice(), &[("client_id", "cuewire-demo")]].concat(), 400, "invalid_request"),
    ] {
        let (answered, body) = rig.ask_token(&form).await;
        assert_eq!((answered, body["error"].as_str()), (status, Some(error)), "{form:?}");
        assert!(body["error_description"].is_string());
    }
}

#[tokio::test]
async fn a_token_request_must_be_a_posted_form() {
    let rig = start(&[QUIET]).await;
    let address = format!("{}/oauth/token", rig.base);
    let json =
        rig.http.post(&address).json(&json!({ "grant_type": "client_credentials" })).send().await.expect("an answer");
    assert_eq!(json.status(), 400);
    assert_eq!(rig.http.get(&address).send().await.expect("an answer").status(), 405);
}

#[tokio::test]
async fn without_a_scope_the_stream_or_the_cards_are_forbidden() {
    let reader = start(&[QUIET, "--scope", "interactions:read"]).await;
    let token = reader.token().await;
    assert!(reader.open(&token).await.is_ok());
    assert_eq!(reader.card_status(&token, "a", "c").await, 403);
    let writer = start(&[QUIET, "--scope", "agentassist:write"]).await;
    let token = writer.token().await;
    assert_eq!(writer.refused(&token).await, 403);
    assert_eq!(writer.card_status(&token, "a", "c").await, 201);
}

#[tokio::test]
async fn a_token_really_expires() {
    let rig = start(&[QUIET, "--token-seconds", "0"]).await;
    let token = rig.token().await;
    assert_eq!(rig.card_status(&token, "a", "c").await, 401);
    assert_eq!(rig.refused(&token).await, 401);
}

#[tokio::test]
async fn an_unknown_token_opens_nothing() {
    let rig = start(&[QUIET]).await;
    assert_eq!(rig.refused("made-up").await, 401);
    assert_eq!(rig.refused("").await, 401);
    assert_eq!(rig.card_status("made-up", "a", "c").await, 401);
}

#[tokio::test]
async fn a_token_that_was_not_encoded_in_the_address_opens_nothing() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let address = format!("{}/api/v2/interactions/stream?access_token={token}", rig.base.replace("http", "ws"));
    assert!(tokio_tungstenite::connect_async(address).await.is_err());
}

#[tokio::test]
async fn the_stream_address_without_an_upgrade_asks_for_one() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let encoded = percent_encoding::utf8_percent_encode(&token, percent_encoding::NON_ALPHANUMERIC);
    let address = format!("{}/api/v2/interactions/stream?access_token={encoded}", rig.base);
    assert_eq!(rig.http.get(address).send().await.expect("an answer").status(), 426);
}

#[tokio::test]
async fn fields_of_the_token_answer_can_be_replaced_or_taken_away() {
    let rig = start(&[QUIET, "--token-fields", r#"{"expires_in":"soon","scope":null}"#]).await;
    let (_, body) = rig.ask_token(&RIGHT).await;
    assert_eq!(body["expires_in"], "soon");
    assert!(body.get("scope").is_none());
    rig.fault(json!({ "kind": "token-answer", "fields": { "token_type": "MAC" } })).await;
    assert_eq!(rig.ask_token(&RIGHT).await.1["token_type"], "MAC");
    assert_eq!(rig.injected("token-answer").await, 1);
}

#[tokio::test]
async fn the_token_endpoint_can_reject_fail_and_shorten() {
    let rig = start(&[QUIET]).await;
    rig.fault(json!({ "kind": "token-reject", "count": 1 })).await;
    assert_eq!(rig.ask_token(&RIGHT).await.1["error"], "invalid_client");
    rig.fault(json!({ "kind": "token-error", "status": 502, "count": 1 })).await;
    assert_eq!(rig.ask_token(&RIGHT).await.0, 502);
    rig.fault(json!({ "kind": "token-expiry", "tokenSeconds": 7, "count": 1 })).await;
    assert_eq!(rig.ask_token(&RIGHT).await.1["expires_in"], 7);
    assert_eq!(rig.ask_token(&RIGHT).await.1["expires_in"], 3600);
}

#[tokio::test]
async fn revocation_ends_every_token_at_once() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    assert_eq!(rig.card_status(&token, "a", "c").await, 201);
    assert_eq!(rig.fault(json!({ "kind": "token-revoke" })).await["hit"], 1);
    assert_eq!(rig.card_status(&token, "a", "d").await, 401);
    let fresh = rig.token().await;
    assert_eq!(rig.card_status(&fresh, "a", "d").await, 201);
}
