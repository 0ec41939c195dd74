use super::*;

const TENANT: &str = "11eb660f-4c6d-34a0-8733-0242ac110002";

const ISSUER: &str = r#"{"issuer":"https://cxone.niceincontact.com",
    "authorization_endpoint":"https://cxone.niceincontact.com/auth/authorize",
    "token_endpoint":"https://cxone.niceincontact.com/auth/token","code_challenge_methods_supported":["S256"]}"#;

const CONFIGURATION: &str = r#"{"private":false,"area":"na1","cluster":"B32","domain":"niceincontact.com",
    "uhDomain":"nice-incontact.com","ui_endpoint":"https://na1.nice-incontact.com",
    "auth_endpoint":"https://na1.nice-incontact.com","api_endpoint":"https://api-na1.niceincontact.com"}"#;

fn nice() -> Base {
    Base::parse("https://cxone.niceincontact.com", false).unwrap()
}

fn tenant(issuer: &Base, body: &str) -> Result<Hosts, DiscoveryFault> {
    let known = Endpoints { authorization: "a".to_owned(), token: "t".to_owned() };
    read_tenant(issuer, &known, TENANT, body)
}

fn stranger(field: &'static str, host: &str) -> DiscoveryFault {
    HostFault::NotVouched { field, host: host.to_owned() }.into()
}

#[test]
fn the_issuer_is_asked_without_a_token() {
    let request = issuer_request(&nice());
    assert_eq!(request.url, "https://cxone.niceincontact.com/.well-known/openid-configuration");
    assert_eq!((request.method, request.body.as_str()), (Method::Get, ""));
    assert!(!request.headers.iter().any(|(name, _)| *name == "Authorization"));
}

#[test]
fn a_tenant_is_asked_for_by_its_id_whatever_characters_that_has() {
    let url = |tenant| tenant_request(&nice(), tenant).url;
    let start = "https://cxone.niceincontact.com/.well-known/cxone-configuration?tenantId=";
    assert_eq!(url(TENANT), format!("{start}{TENANT}"));
    assert_eq!(url("a&b=c#d"), format!("{start}a%26b%3Dc%23d"));
}

#[test]
fn the_published_answers_give_every_host() {
    let known = read_issuer(&nice(), ISSUER).unwrap();
    let hosts = read_tenant(&nice(), &known, TENANT, CONFIGURATION).unwrap();
    assert_eq!(
        hosts,
        Hosts {
            authorization: "https://cxone.niceincontact.com/auth/authorize".to_owned(),
            token: "https://cxone.niceincontact.com/auth/token".to_owned(),
            api: "https://api-na1.niceincontact.com".to_owned(),
            digital: Some("https://api-de-na1.niceincontact.com".to_owned()),
            hub: Some("https://na1.nice-incontact.com".to_owned()),
            tenant: Some(TENANT.to_owned()),
        }
    );
}

#[test]
fn the_government_area_has_its_digital_host_in_another_domain() {
    let body = CONFIGURATION.replace("na1", "na2");
    assert_eq!(tenant(&nice(), &body).unwrap().digital.as_deref(), Some("https://api-de-na2.nicecxone-gov.com"));
}

#[test]
fn a_tenant_without_area_or_domain_has_no_digital_host() {
    let body = r#"{"api_endpoint":"https://api-na1.niceincontact.com"}"#;
    let hosts = tenant(&nice(), body).unwrap();
    assert_eq!((hosts.digital, hosts.hub), (None, None));
}

#[test]
fn an_area_that_is_left_out_is_the_one_that_both_other_hosts_name() {
    let without = CONFIGURATION.replace(r#""area":"na1","#, "");
    assert_ne!(without, CONFIGURATION);
    let digital = |body: &str| tenant(&nice(), body).unwrap().digital;
    assert_eq!(digital(&without).as_deref(), Some("https://api-de-na1.niceincontact.com"));
    let government = without.replace("na1", "na2");
    assert_eq!(digital(&government).as_deref(), Some("https://api-de-na2.nicecxone-gov.com"));
    for (from, to) in [
        ("https://api-na1.", "https://api-eu1."),
        ("https://api-na1.", "https://gate.api-na1."),
        ("https://api-na1.", "https://"),
        (r#""uhDomain":"nice-incontact.com""#, r#""uhDomain":null"#),
        (r#""domain":"niceincontact.com""#, r#""domain":"nicecxone-sov1.eu""#),
        (r#""auth_endpoint":"https://na1.nice-incontact.com""#, r#""auth_endpoint":"https://na1.niceincontact.com""#),
        (r#""auth_endpoint":"https://na1.nice-incontact.com""#, r#""auth_endpoint":null"#),
    ] {
        let body = without.replace(from, to);
        assert_ne!(body, without, "{from}");
        assert_eq!(digital(&body), None, "two hosts that do not agree are no answer: {to}");
    }
}

#[test]
fn a_simulator_has_paths_in_place_of_hosts() {
    let issuer = Base::parse("http://127.0.0.1:9000/issuer", true).unwrap();
    let body = r#"{"area":"na1","domain":"niceincontact.com","auth_endpoint":"http://127.0.0.1:9000/uh",
        "api_endpoint":"http://127.0.0.1:9000/api"}"#;
    let hosts = tenant(&issuer, body).unwrap();
    assert_eq!(hosts.digital.as_deref(), Some("http://127.0.0.1:9000/api-de"));
    assert_eq!(hosts.hub.as_deref(), Some("http://127.0.0.1:9000/uh"));
    let one = tenant(&issuer, r#"{"api_endpoint":"http://127.0.0.1:9000"}"#).unwrap();
    assert_eq!(one.digital.as_deref(), Some("http://127.0.0.1:9000"));
}

#[test]
fn an_answer_that_names_a_stranger_is_refused_by_name() {
    let evil = |from: &str| CONFIGURATION.replace(from, "evil.example");
    assert_eq!(tenant(&nice(), &evil("api-na1.niceincontact.com")), Err(stranger("api_endpoint", "evil.example")));
    let hub = CONFIGURATION
        .replace(r#""auth_endpoint":"https://na1.nice-incontact.com""#, r#""auth_endpoint":"https://e.example""#);
    assert_eq!(tenant(&nice(), &hub), Err(stranger("auth_endpoint", "e.example")));
    let domain = CONFIGURATION.replace(r#""domain":"niceincontact.com""#, r#""domain":"evil.example""#);
    assert_eq!(tenant(&nice(), &domain), Err(stranger("domain", "api-de-na1.evil.example")));
    let token = ISSUER.replace("cxone.niceincontact.com/auth/token", "evil.example/auth/token");
    assert_eq!(read_issuer(&nice(), &token), Err(stranger("token_endpoint", "evil.example")));
    let authorization = ISSUER.replace("cxone.niceincontact.com/auth/authorize", "evil.example/");
    assert_eq!(read_issuer(&nice(), &authorization), Err(stranger("authorization_endpoint", "evil.example")));
}

#[test]
fn an_area_that_is_no_label_makes_no_address() {
    for area in ["na1/x", "na1.evil.example/", "na1@evil.example", ".."] {
        let body = CONFIGURATION.replace(r#""area":"na1""#, &format!(r#""area":"{area}""#));
        assert!(tenant(&nice(), &body).is_err(), "{area}");
    }
}

#[test]
fn an_answer_that_lacks_what_is_needed_says_what() {
    assert_eq!(read_issuer(&nice(), "<html>"), Err(DiscoveryFault::NotAnObject));
    assert_eq!(read_issuer(&nice(), "[]"), Err(DiscoveryFault::NotAnObject));
    assert_eq!(read_issuer(&nice(), "{}"), Err(DiscoveryFault::Lacks("authorization_endpoint")));
    assert_eq!(tenant(&nice(), r#"{"api_endpoint":7}"#), Err(DiscoveryFault::Lacks("api_endpoint")));
    let fault = tenant(&nice(), r#"{"api_endpoint":"http://api-na1.niceincontact.com"}"#).unwrap_err();
    assert_eq!((fault.name(), fault.about()), ("notEncrypted", "api_endpoint"));
}

#[test]
fn an_issuer_that_names_its_methods_must_take_s256() {
    let with = |methods: &str| read_issuer(&nice(), &ISSUER.replace(r#"["S256"]"#, methods));
    assert_eq!(with(r#"["plain"]"#), Err(DiscoveryFault::NoS256));
    assert!(with(r#"["plain","S256"]"#).is_ok());
    assert!(with("null").is_ok(), "an issuer need not name them");
}

#[test]
fn a_slash_at_the_end_stays_where_an_address_is_whole_and_goes_where_paths_are_added() {
    let issuer = ISSUER.replace("/auth/token\"", "/auth/token/\"");
    let known = read_issuer(&nice(), &issuer).unwrap();
    assert_eq!(known.token, "https://cxone.niceincontact.com/auth/token/");
    assert_eq!(known.authorization, "https://cxone.niceincontact.com/auth/authorize");
    let configuration = CONFIGURATION
        .replace(".com\"", ".com/\"")
        .replace("\"domain\":\"niceincontact.com/\"", "\"domain\":\"niceincontact.com\"");
    let hosts = read_tenant(&nice(), &known, TENANT, &configuration).unwrap();
    assert_eq!(hosts.api, "https://api-na1.niceincontact.com");
    assert_eq!(hosts.hub.as_deref(), Some("https://na1.nice-incontact.com"));
}
