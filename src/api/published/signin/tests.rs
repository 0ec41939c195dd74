use super::super::pkce::Entropy;
use super::*;
use crate::model::time::Millis;

const REDIRECT: &str = "https://abcdefghijklmnopabcdefghijklmnop.chromiumapp.org/";

const WINDOW: Window<'static> = Window { client_id: "cue wire+1", redirect: REDIRECT, tenant: None };

fn proof() -> Pkce {
    Pkce::of(Entropy([1; 32]), 1)
}

fn jwt(payload: &str) -> String {
    // The test's own encoder is the browser's: `btoa` without padding.
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']).collect();
    let bits: String = payload.bytes().map(|byte| format!("{byte:08b}")).collect();
    let letters = bits.as_bytes().chunks(6).map(|six| {
        let text = format!("{:0<6}", String::from_utf8_lossy(six));
        alphabet[usize::from_str_radix(&text, 2).unwrap()]
    });
    format!("e30.{}.sig", letters.collect::<String>())
}

#[test]
fn the_window_is_told_everything_but_the_verifier() {
    let proof = proof();
    let address = window_address("https://cxone.niceincontact.com/auth/authorize", WINDOW, &proof);
    let (start, query) = address.split_once('?').unwrap();
    assert_eq!(start, "https://cxone.niceincontact.com/auth/authorize");
    assert_eq!(
        query,
        format!(
            "client_id=cue%20wire%2B1&redirect_uri=https%3A%2F%2Fabcdefghijklmnopabcdefghijklmnop.chromiumapp.org%2F&\
             response_type=code&scope=openid&state={}&nonce={}&display=page&code_challenge={}&code_challenge_method=S256",
            proof.state.0,
            proof.nonce.0,
            proof.challenge()
        )
    );
    assert!(!address.contains(&proof.verifier.0));
    let of_tenant = window_address("https://a", Window { tenant: Some("t&1"), ..WINDOW }, &proof);
    assert!(of_tenant.ends_with("&tenantId=t%261"));
}

#[test]
fn a_code_is_taken_only_from_the_answer_to_this_sign_in() {
    let proof = proof();
    let read = |address: &str| read_window(address, REDIRECT, &proof);
    let state = &proof.state.0;
    assert_eq!(read(&format!("{REDIRECT}?code=a%2Fb+c&state={state}")), Ok(Secret("a/b c".to_owned())));
    assert_eq!(read(&format!("{REDIRECT}?state={state}&code=x#frag")), Ok(Secret("x".to_owned())));
    for stranger in [
        format!("{REDIRECT}?code=x"),
        format!("{REDIRECT}?code=x&state=other"),
        format!("{REDIRECT}?code=x&state="),
        format!("{REDIRECT}?error=access_denied&state=other"),
        format!("https://evil.example/?code=x&state={state}"),
        format!("{REDIRECT}#code=x&state={state}"),
        String::new(),
    ] {
        assert_eq!(read(&stranger), Err(WindowFault::Stranger), "{stranger}");
    }
    assert_eq!(read(&format!("{REDIRECT}?state={state}")), Err(WindowFault::NoCode));
    assert_eq!(read(&format!("{REDIRECT}?code=&state={state}")), Err(WindowFault::NoCode));
}

#[test]
fn a_refusal_of_the_window_is_kept_in_the_services_words_and_short() {
    let proof = proof();
    let read = |query: &str| read_window(&format!("{REDIRECT}?{query}&state={}", proof.state.0), REDIRECT, &proof);
    assert_eq!(
        read("error=access_denied&error_description=The+user%0A+denied"),
        Err(WindowFault::Denied("access_denied: The user denied".to_owned()))
    );
    let Err(WindowFault::Refused(long)) = read(&format!("error={}", "x".repeat(5_000))) else { panic!("no refusal") };
    assert_eq!(long.len(), REASON_LIMIT);
}

#[test]
fn codes_keys_and_tokens_travel_in_bodies_alone() {
    let proof = proof();
    let code = code_request("https://h/token", WINDOW, &Secret("c&1".to_owned()), &proof);
    assert_eq!(code.url, "https://h/token");
    assert_eq!(
        code.body,
        format!(
            "grant_type=authorization_code&code=c%261&redirect_uri=https%3A%2F%2Fabcdefghijklmnopabcdefghijklmnop.\
             chromiumapp.org%2F&client_id=cue+wire%2B1&code_verifier={}",
            proof.verifier.0
        )
    );
    let refresh = refresh_request("https://h/token", "c", &Secret("r=1".to_owned()));
    assert_eq!(
        (&*refresh.url, &*refresh.body),
        ("https://h/token", "grant_type=refresh_token&client_id=c&refresh_token=r%3D1")
    );
    let key = key_request("https://na1.nice-incontact.com", "ID====", &Secret("S\"1".to_owned()));
    assert_eq!(key.url, "https://na1.nice-incontact.com/authentication/v1/token/access-key");
    assert_eq!(key.body, r#"{"accessKeyId":"ID====","accessKeySecret":"S\"1"}"#);
    assert!(!format!("{key:?}{refresh:?}{code:?}").contains("S\\\"1"));
}

#[test]
fn an_answer_brings_token_refresh_and_what_the_tokens_say() {
    let access = jwt(r#"{"tenantId":"11eb","icBUId":1,"name":"Zoë"}"#);
    let id = jwt(r#"{"icAgentId":"42","nonce":"n","tenantId":"other"}"#);
    for expires in ["3600", r#""3600""#] {
        let body = format!(
            r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":{expires},"refresh_token":"r-1","id_token":"{id}"}}"#
        );
        let signed = read_token(&body).unwrap();
        assert_eq!((signed.grant.good_for, &signed.grant.scopes), (Millis::from_mins(60), &Scopes::Unsaid));
        assert_eq!(signed.refresh, Some(Secret("r-1".to_owned())));
        assert_eq!((signed.claims.tenant.as_deref(), signed.claims.agent.as_deref()), (Some("11eb"), Some("42")));
    }
}

#[test]
fn tokens_of_any_other_form_say_nothing_and_are_used() {
    for token in ["opaque", "a.b", "a.%.c", "a..c", "a.e30.c"] {
        let signed = read_token(&format!(r#"{{"access_token":"{token}","id_token":7,"refresh_token":null}}"#)).unwrap();
        assert_eq!((signed.claims, signed.refresh), (Claims::default(), None));
    }
    assert_eq!(read_token("{}"), Err(TokenFault::Absent));
    assert_eq!(read_token("<html>"), Err(TokenFault::NotAnObject));
}

#[test]
fn an_id_token_of_another_sign_in_is_told_apart() {
    let proof = proof();
    let read = |nonce: &str| {
        let body = format!(r#"{{"access_token":"t","id_token":"{}"}}"#, jwt(nonce));
        read_token(&body).unwrap().claims
    };
    assert!(!read(&format!(r#"{{"nonce":"{}"}}"#, proof.nonce.0)).are_of_another(&proof));
    assert!(read(r#"{"nonce":"stolen"}"#).are_of_another(&proof));
    assert!(!read("{}").are_of_another(&proof));
}

#[test]
fn a_refusal_that_is_final_is_told_from_one_that_may_pass() {
    assert!(is_over(r#"{"error":"invalid_grant","errorDescription":"expired"}"#));
    assert!(is_over(r#"{"error":"invalid_grant","error_description":"expired"}"#));
    for body in ["", "<html>", "{}", r#"{"error":"server_error"}"#, r#"{"error":"invalid_client"}"#] {
        assert!(!is_over(body), "{body}");
    }
}
