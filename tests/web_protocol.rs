//! Messages as pages write and read them: plain objects on one side, typed values on the other.
#![cfg(target_arch = "wasm32")]

use cuewire::delivery::outbox::{CardState, CardView};
use cuewire::model::history::GivenUp;
use cuewire::model::json::ToJson;
use cuewire::model::scope::Scope;
use cuewire::model::time::Millis;
use cuewire::settings::SettingsView;
use cuewire::views::protocol::{CardAction, Reply, Request};
use cuewire::views::status::State;
use cuewire::web::host::json::{shared, taken};
use js_sys::JSON;
use tsify::Tsify;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

/// A request as it comes out of the browser's message channel.
fn request(json: &str) -> Result<Request, String> {
    taken(&JSON::parse(json).expect("JSON")).ok_or_else(|| json.to_owned())
}

/// A value as a page would print it.
fn json<T: Tsify + ToJson>(value: &T) -> String {
    let value = shared(value).js_value();
    String::from(JSON::stringify(&value).expect("no cycle"))
}

#[wasm_bindgen_test]
fn requests_are_read_with_and_without_what_may_be_absent() {
    assert_eq!(request(r#"{"kind":"status"}"#), Ok(Request::Status));
    let all = Request::Pause { scope: None, minutes: None, note: None };
    assert_eq!(request(r#"{"kind":"pause"}"#), Ok(all));
    let queue = Scope::Queue("sales".to_owned());
    let some = Request::Pause { scope: Some(queue), minutes: Some(15), note: Some("lunch".to_owned()) };
    let text = r#"{"kind":"pause","scope":{"by":"queue","name":"sales"},"minutes":15,"note":"lunch"}"#;
    assert_eq!(request(text), Ok(some));
    let save = Request::Save { text: "{}".to_owned(), check_only: true };
    assert_eq!(request(r#"{"kind":"save","text":"{}","checkOnly":true}"#), Ok(save));
    let again = Request::Cards { action: CardAction::TryAgain, card: None };
    assert_eq!(request(r#"{"kind":"cards","action":"tryAgain"}"#), Ok(again));
}

#[wasm_bindgen_test]
fn what_is_no_request_is_refused() {
    for text in
        [r#"{"kind":"resume","more":1}"#, r#"{"kind":"nothing"}"#, "{}", "[]", "null", r#"{"kind":"save","text":7}"#]
    {
        assert!(request(text).is_err(), "{text}");
    }
}

#[wasm_bindgen_test]
fn states_and_times_are_plain() {
    assert_eq!(json(&State::NotSetUp), r#"{"word":"notSetUp"}"#);
    let at = Millis(1_795_344_563_989);
    assert_eq!(json(&State::Reconnecting { at }), r#"{"word":"reconnecting","at":1795344563989}"#);
}

#[wasm_bindgen_test]
fn a_card_tells_why_it_was_given_up() {
    let why = GivenUp::Refused { status: 404, excerpt: "no".to_owned() };
    let card = CardView {
        connection: String::new(),
        card_id: "trigger-a-b-1".to_owned(),
        interaction: String::new(),
        reason: "Long".to_owned(),
        queue: None,
        rule: "long-wait".to_owned(),
        evidence: Vec::new(),
        entry: 7,
        at: Millis(1),
        state: CardState::GivenUp { why },
        tries: 1,
        next_try: None,
        handled: None,
    };
    let shown = json(&card);
    assert!(
        shown.contains(r#""state":{"is":"givenUp","why":{"why":"refused","status":404,"excerpt":"no"}}"#),
        "{shown}"
    );
}

#[wasm_bindgen_test]
fn replies_are_tagged_and_settings_name_every_field() {
    assert_eq!(json(&Reply::Done), r#"{"kind":"done"}"#);
    assert_eq!(json(&Reply::Failed("why".to_owned())), r#"{"kind":"failed","value":"why"}"#);
    let shown = json(&Reply::Settings(SettingsView::default()));
    for field in ["clientId", "keepSecret", "queueWaitThresholdSeconds", "includeQueues", "cardTtlMinutes", "hasSecret"]
    {
        assert!(shown.contains(field), "{field} in {shown}");
    }
    assert!(!shown.contains("clientSecret"), "a secret is never shown");
}
