//! Addresses: what is read, and what interaction ids, tokens and credentials do to it.

use cuewire::api::{Client, contract};
use cuewire::model::address::{Base, Organization};
use cuewire::model::card::{Card, CardKind};
use cuewire::model::http::Secret;
use cuewire::model::time::Millis;
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use crate::timed;

/// Checks one input: a service address or an organisation's label, and after a line feed an interaction id.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (address, id) = text.split_once('\n').unwrap_or(("https://gate.example/cx", &text));
    for base in bases(address) {
        browsers_agree(&base);
        card(&base, id);
        stream(&base, id);
        credentials(&base, address, id);
    }
}

fn bases(address: &str) -> Vec<Base> {
    let label = Organization::parse(address).map(|organization| Base::of(&organization));
    let strict = timed("reading an address", || Base::parse(address, false));
    let lenient = Base::parse(address, true);
    if let Ok(strict) = &strict {
        assert_eq!(lenient.as_ref(), Ok(strict), "what is fine for a release is the same in development");
        assert!(strict.http().starts_with("https://") && strict.ws().starts_with("wss://"));
    } else if let Ok(lenient) = &lenient {
        let host = lenient.host();
        assert!(host == "localhost" || host == "[::1]" || host.starts_with("127."), "{host} over plain http");
    }
    let bases: Vec<Base> = label.into_iter().chain(lenient.ok()).collect();
    let fallback = || Base::parse("https://gate.example/cx", false).into_iter().collect();
    if bases.is_empty() { fallback() } else { bases }
}

/// The address that was read is the address that a browser calls. Punycode is not decoded here, so that a browser may
/// refuse a host with such a label; it never makes another host of it.
fn browsers_agree(base: &Base) {
    for (address, scheme) in [(base.http(), "http"), (base.ws(), "ws")] {
        let text = format!("{address}/x");
        match Url::parse(&text) {
            Ok(url) => {
                assert_eq!(url.as_str(), text);
                assert_eq!(url.host_str(), Some(base.host()));
                assert!(url.scheme().starts_with(scheme) && url.username().is_empty() && url.password().is_none());
            }
            Err(why) => assert!(base.host().split('.').any(|label| label.starts_with("xn--")), "{text}: {why}"),
        }
    }
    if let Ok(again) = Base::parse(base.http(), true) {
        assert_eq!(again, *base);
    } else {
        panic!("{} is not read again", base.http());
    }
}

fn card(base: &Base, id: &str) {
    let card = Card {
        episode: 1,
        card_id: "c".to_owned(),
        kind: CardKind::Info,
        title: String::new(),
        content: String::new(),
        interaction: id.to_owned(),
        rule: "r".to_owned(),
        reason: String::new(),
        queue: None,
        timestamp: Millis::ZERO,
    };
    let request = timed("addressing a card", || contract::card::request(base, &Secret("t".to_owned()), &card));
    if matches!(id, "" | "." | "..") {
        assert!(request.is_none());
        return;
    }
    let request = request.expect("every other id can be named");
    let Ok(url) = Url::parse(&request.url) else { return }; // The host's: see `browsers_agree`.
    assert_eq!(url.as_str(), request.url, "a browser would call another address");
    assert_eq!((url.query(), url.fragment()), (None, None));
    let prefix = Url::parse(base.http()).expect("its own base parses");
    assert_eq!(url.origin(), prefix.origin());
    assert_eq!(url[..Position::BeforePath], prefix[..Position::BeforePath]);
    let before = base.http().strip_prefix(&prefix[..Position::BeforePath]).expect("it is how it begins");
    let inner = url.path().strip_prefix(before).expect("the same prefix");
    let segments: Vec<&str> = inner.split('/').collect();
    match segments[..] {
        ["", "api", "v2", "agentassist", "interactions", segment, "cards"] => {
            let decoded = percent_decode_str(segment).decode_utf8().expect("it is UTF-8 again");
            assert_eq!(decoded, id);
        }
        _ => panic!("{inner}"),
    }
}

fn stream(base: &Base, token: &str) {
    let Secret(address) = contract::stream::url(base, &Secret(token.to_owned()));
    let Ok(url) = Url::parse(&address) else { return };
    assert_eq!(url.as_str(), address);
    assert_eq!(url.fragment(), None);
    assert!(url.path().ends_with("/api/v2/interactions/stream"));
    let pairs: Vec<_> = url.query_pairs().collect();
    assert_eq!(pairs, [("access_token".into(), token.into())]);
}

fn credentials(base: &Base, client: &str, secret: &str) {
    let request = contract::token::request(base, Client { id: client, secret: &Secret(secret.to_owned()) });
    assert!(!request.url.contains(['?', '#']) && request.url.ends_with("/oauth/token"));
    let pairs: Vec<_> = url::form_urlencoded::parse(request.body.as_bytes()).collect();
    let expected = [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret)];
    assert_eq!(pairs, expected.map(|(name, value)| (name.into(), value.into())));
}
