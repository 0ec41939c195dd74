//! Discovery, the sign-in page, codes, refresh tokens and access keys of the published service.

mod support;

use serde_json::json;
use support::published::*;

#[tokio::test]
async fn discovery_names_every_host_of_the_tenant() {
    let rig = tenant(&[]).await;
    let open_id = got(rig.http.get(rig.at("/issuer/.well-known/openid-configuration"))).await.json();
    assert_eq!(open_id["issuer"], rig.at("/issuer"));
    assert_eq!(open_id["code_challenge_methods_supported"], json!(["S256"]));
    let address = rig.at(&format!("/issuer/.well-known/cxone-configuration?tenantId={TENANT}"));
    let tenant = got(rig.http.get(&address)).await.json();
    assert_eq!((&tenant["api_endpoint"], &tenant["area"]), (&json!(rig.at("/api")), &json!("na1")));
    rig.switch("configuration-fields", "required").await;
    let tenant = got(rig.http.get(&address)).await.json();
    assert!(tenant["area"].is_null() && tenant["api_endpoint"].is_string() && tenant["private"].is_boolean());
    let stranger = rig.at("/issuer/.well-known/cxone-configuration?tenantId=00000000-0000-4000-8000-000000000000");
    assert_eq!(got(rig.http.get(&stranger)).await.status, 404);
    rig.switch("unknown-tenant", "400").await;
    assert_eq!(got(rig.http.get(&stranger)).await.status, 400);
    rig.fault(json!({ "kind": "wrong-api", "count": 1 })).await;
    assert_eq!(got(rig.http.get(&address)).await.json()["api_endpoint"], rig.at("/nowhere"));
    assert_eq!(rig.injected("wrong-api").await, 1);
}

#[tokio::test]
async fn a_person_signs_in_at_the_page_and_the_client_gets_tokens() {
    let rig = tenant(&[]).await;
    let page = rig.page(&asking()).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("name=\"password\"") && page.text.contains("Simulator"));
    assert!(page.text.contains("value=\"a state &amp; more\""), "the state is handed on, escaped");
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("form-action 'self' https://abcdefghijklmnopabcdefghijklmnop.chromiumapp.org"));
    let wrong = rig.sign_in(&asking(), "supervisor@cuewire.example", "guess").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("do not belong together") && wrong.text.contains("supervisor@cuewire.example"));
    let back = rig.sign_in(&asking(), "supervisor@cuewire.example", PASSWORD).await;
    assert_eq!(back.status, 302);
    assert!(back.location.starts_with(&format!("{REDIRECT}?code=")));
    assert_eq!(back.returned("state").as_deref(), Some("a state & more"));
    let tokens = rig.redeem(&back.returned("code").expect("a code"), VERIFIER, REDIRECT).await;
    let tokens = tokens.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let access = claims(tokens["access_token"].as_str().expect("a token"));
    assert_eq!((&access["tenantId"], &access["iss"]), (&json!(TENANT), &json!(rig.at("/issuer"))));
    let identity = claims(tokens["id_token"].as_str().expect("a token"));
    assert_eq!((&identity["nonce"], &identity["icAgentId"]), (&json!("n-1"), &json!("39000001")));
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier_and_its_address() {
    let rig = tenant(&[]).await;
    let code = async || {
        let back = rig.sign_in(&asking(), "supervisor@cuewire.example", PASSWORD).await;
        back.returned("code").expect("a code")
    };
    let first = code().await;
    assert_eq!(rig.redeem(&first, VERIFIER, REDIRECT).await.status, 200);
    for got in [
        rig.redeem(&first, VERIFIER, REDIRECT).await,
        rig.redeem(&code().await, "another verifier", REDIRECT).await,
        rig.redeem(&code().await, VERIFIER, &format!("{REDIRECT}/")).await,
        rig.redeem("made-up", VERIFIER, REDIRECT).await,
    ] {
        assert_eq!((got.status, &got.json()["error"]), (400, &json!("invalid_grant")));
        assert!(got.json()["errorDescription"].is_string());
    }
    rig.control("published/lifetimes", json!({ "codeSeconds": 0 })).await;
    assert_eq!(rig.redeem(&code().await, VERIFIER, REDIRECT).await.status, 400);
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_registered() {
    let rig = tenant(&["--redirect-uri", REDIRECT]).await;
    assert_eq!(rig.page(&asking()).await.status, 200);
    for wrong in [format!("{REDIRECT}/"), "https://elsewhere.example/".into(), "http://127.0.0.1/".into()] {
        let got = rig.page(&asking_with("redirect_uri", &wrong)).await;
        assert_eq!((got.status, got.location.as_str()), (400, ""), "{wrong}");
    }
    assert_eq!(rig.page(&asking_with("client_id", "stranger")).await.status, 400);
    rig.switch("extension-redirect", "refused").await;
    assert_eq!(rig.page(&asking()).await.status, 400);
}

#[tokio::test]
async fn each_mistake_of_a_client_comes_back_as_an_error_with_its_state() {
    let rig = tenant(&[]).await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "none", "login_required"),
    ] {
        let got = rig.page(&asking_with(name, value)).await;
        assert_eq!((got.status, got.returned("error").as_deref()), (302, Some(error)), "{name}");
        assert_eq!(got.returned("state").as_deref(), Some("a state & more"));
    }
    let cancelled = rig.sign_in(&[asking(), vec![("cancel", "yes".into())]].concat(), "x", "y").await;
    assert_eq!(cancelled.returned("error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_browser_that_signed_in_is_remembered_until_it_is_asked_again() {
    let rig = tenant(&[]).await;
    let back = rig.sign_in(&asking(), "supervisor@cuewire.example", PASSWORD).await;
    let cookie = back.headers["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
    let again = async |asking: &[(&'static str, String)]| {
        let address = rig.at(&format!("/issuer/auth/authorize?{}", encoded(asking)));
        got(rig.http.get(address).header("cookie", &cookie)).await
    };
    assert!(again(&asking_with("prompt", "none")).await.returned("code").is_some());
    assert_eq!(again(&asking_with("prompt", "login")).await.status, 200);
    rig.switch("remembered-browser", "no").await;
    assert_eq!(again(&asking()).await.status, 200);
    rig.switch("remembered-browser", "yes").await;
    got(rig.http.get(rig.at("/issuer/auth/authorize/logout")).header("cookie", &cookie)).await;
    assert_eq!(again(&asking()).await.status, 200);
}

#[tokio::test]
async fn a_refresh_rotates_and_kills_the_old_token() {
    let rig = tenant(&[]).await;
    let back = rig.sign_in(&asking(), "supervisor@cuewire.example", PASSWORD).await;
    let first = rig.redeem(&back.returned("code").expect("a code"), VERIFIER, REDIRECT).await.json();
    let old = first["refresh_token"].as_str().expect("a token");
    let second = rig.renew(old).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    let again = rig.renew(old).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
    let second = second["refresh_token"].as_str().expect("a token");
    let without_client = rig.issuer_token(&[("grant_type", "refresh_token"), ("refresh_token", second)]).await;
    assert_eq!(without_client.status, 200, "NICE's own client leaves client_id out");
    rig.switch("old-refresh-token", "lives").await;
    assert_eq!(rig.renew(without_client.json()["refresh_token"].as_str().expect("a token")).await.status, 200);
    assert_eq!(rig.renew(without_client.json()["refresh_token"].as_str().expect("a token")).await.status, 200);
}

#[tokio::test]
async fn a_used_refresh_token_may_end_everything_that_followed() {
    let rig = tenant(&["--switch", "refresh-reuse=ends-all"]).await;
    let back = rig.sign_in(&asking(), "supervisor@cuewire.example", PASSWORD).await;
    let first = rig.redeem(&back.returned("code").expect("a code"), VERIFIER, REDIRECT).await.json();
    let second = rig.renew(first["refresh_token"].as_str().expect("a token")).await.json();
    let access = second["access_token"].as_str().expect("a token");
    assert_eq!(rig.user_info(access).await, 200);
    assert_eq!(rig.renew(first["refresh_token"].as_str().expect("a token")).await.status, 400);
    assert_eq!(rig.user_info(access).await, 401);
    assert_eq!(rig.renew(second["refresh_token"].as_str().expect("a token")).await.status, 400);
}

#[tokio::test]
async fn lifetimes_are_set_by_tests_and_faults_and_tokens_really_end() {
    let rig = tenant(&["--token-seconds", "40", "--refresh-seconds", "50"]).await;
    let key = format!("{}====", &"SUPERVISORKEY".repeat(10)[..46]);
    assert_eq!(rig.access_key(&key, SECRET).await.json()["expires_in"], 40);
    rig.control("published/lifetimes", json!({ "accessSeconds": 0, "refreshSeconds": 0 })).await;
    let ended = rig.access_key(&key, SECRET).await.json();
    assert_eq!(rig.user_info(ended["access_token"].as_str().expect("a token")).await, 401);
    assert_eq!(rig.renew(ended["refresh_token"].as_str().expect("a token")).await.status, 400);
    rig.control("published/lifetimes", json!({ "accessSeconds": 60, "refreshSeconds": 60 })).await;
    rig.fault(json!({ "kind": "token-expiry", "tokenSeconds": 7, "count": 1 })).await;
    assert_eq!(rig.access_key(&key, SECRET).await.json()["expires_in"], 7);
    let good = rig.access_key(&key, SECRET).await.json();
    let (access, refresh) = (good["access_token"].as_str().expect("one"), good["refresh_token"].as_str().expect("one"));
    rig.fault(json!({ "kind": "token-revoke" })).await;
    assert_eq!(rig.user_info(access).await, 401);
    rig.fault(json!({ "kind": "refresh-revoke" })).await;
    assert_eq!(rig.renew(refresh).await.status, 400);
}

#[tokio::test]
async fn an_access_key_signs_in_at_the_user_hub_without_an_application() {
    let rig = tenant(&[]).await;
    let key = format!("{}====", &"SUPERVISORKEY".repeat(10)[..46]);
    let tokens = rig.access_key(&key, SECRET).await.json();
    assert_eq!(claims(tokens["access_token"].as_str().expect("a token"))["tenantId"], TENANT);
    assert_eq!(rig.access_key(&key, "wrong").await.status, 401);
    let body = json!({ "accessKeyId": key });
    let address = "/uh/authentication/v1/token/access-key";
    assert_eq!(got(rig.http.post(rig.at(address)).json(&body)).await.status, 400);
    rig.switch("hub-error-body", "empty").await;
    assert_eq!(rig.access_key(&key, "wrong").await.text, "");
    rig.switch("expires-in", "string").await;
    assert_eq!(rig.access_key(&key, SECRET).await.json()["expires_in"], "3600");
    rig.switch("agent-id-in-token", "no").await;
    let tokens = rig.access_key(&key, SECRET).await.json();
    assert!(claims(tokens["id_token"].as_str().expect("a token"))["icAgentId"].is_null());
    let refresh = json!({ "token": tokens["refresh_token"] });
    let renewed = got(rig.http.post(rig.at("/uh/public/user/refresh")).json(&refresh)).await.json();
    assert_eq!(rig.user_info(renewed["token"].as_str().expect("a token")).await, 200);
    let body = json!({ "accessKeyId": key, "accessKeySecret": SECRET });
    let on_api = async || got(rig.http.post(rig.at(&format!("/api{}", &address[3..]))).json(&body)).await.status;
    assert_eq!(on_api().await, 200);
    rig.switch("hub-on-api", "no").await;
    assert_eq!(on_api().await, 404);
}

#[tokio::test]
async fn an_access_key_signs_in_through_a_back_end_application_too() {
    let rig = tenant(&[]).await;
    let key = format!("{}====", &"SUPERVISORKEY".repeat(10)[..46]);
    let form = [("grant_type", "password"), ("username", key.as_str()), ("password", SECRET)];
    let ask = async |secret: &str| {
        let request = rig.http.post(rig.at("/issuer/auth/token")).basic_auth("cuewire-demo", Some(secret));
        got(request.form(&form)).await
    };
    assert_eq!(ask("cuewire-demo-secret").await.json()["token_type"], "Bearer");
    let wrong = ask("guess").await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (401, &json!("invalid_client")));
    rig.switch("bad-secret", "400").await;
    rig.switch("error-spelling", "error_description").await;
    let wrong = ask("guess").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["error_description"].is_string() && wrong.json()["errorDescription"].is_null());
    let client = [("grant_type", "client_credentials"), ("client_id", "cuewire-demo")];
    let refused = rig.issuer_token(&client).await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("unsupported_grant_type")));
    rig.switch("client-credentials", "401").await;
    assert_eq!(rig.issuer_token(&client).await.status, 401);
}

#[tokio::test]
async fn faults_strike_each_step_of_the_way_in() {
    let rig = tenant(&[]).await;
    let open_id = || rig.http.get(rig.at("/issuer/.well-known/openid-configuration"));
    rig.fault(json!({ "kind": "5xx", "target": "discovery", "count": 1 })).await;
    assert_eq!(got(open_id()).await.status, 503);
    rig.fault(json!({ "kind": "html", "target": "discovery", "count": 1 })).await;
    let page = got(open_id()).await;
    assert_eq!((page.status, page.headers["content-type"].to_str().ok()), (500, Some("text/html; charset=utf-8")));
    rig.fault(json!({ "kind": "cut", "target": "discovery", "count": 1 })).await;
    let cut = open_id().send().await.expect("a head");
    assert_eq!(cut.status(), 200);
    assert!(cut.text().await.is_err(), "the body breaks off");
    assert_eq!(got(open_id()).await.status, 200);
    rig.fault(json!({ "kind": "429", "target": "token", "retryAfter": 9, "count": 1 })).await;
    let limited = rig.renew("x").await;
    assert_eq!((limited.status, limited.headers["retry-after"].to_str().ok()), (429, Some("9")));
    rig.fault(json!({ "kind": "429", "target": "token", "form": "absent", "count": 1 })).await;
    assert!(!rig.renew("x").await.headers.contains_key("retry-after"));
    rig.fault(json!({ "kind": "token-error", "count": 1 })).await;
    assert_eq!(rig.renew("x").await.status, 503);
}

#[tokio::test]
async fn switches_are_set_by_name_by_seed_and_at_run_time() {
    let rig = tenant(&["--switches-seed", "5", "--switch", "envelope=resultSet"]).await;
    let value = async |name: &str| {
        let all = rig.get("published/switches").await;
        let rows = all["switches"].as_array().expect("a list").clone();
        let row = rows.into_iter().find(|row| row["name"] == name).expect("a row");
        row["value"].as_str().expect("text").to_owned()
    };
    assert_eq!(value("envelope").await, "resultSet");
    rig.switch("envelope", "top").await;
    assert_eq!(value("envelope").await, "top");
    let address = rig.at("/control/published/switches");
    let body = json!({ "no-agent": "absent", "envelope": "box" });
    assert_eq!(got(rig.http.post(address).json(&body)).await.status, 400);
    assert_ne!((value("envelope").await, value("no-agent").await), ("box".into(), "absent".into()));
    let contract = support::start(&[support::QUIET]).await;
    assert_eq!(got(contract.http.get(contract.at("/control/published/switches"))).await.status, 409);
    assert_eq!(got(contract.http.get(contract.at("/issuer/.well-known/openid-configuration"))).await.status, 404);
}
