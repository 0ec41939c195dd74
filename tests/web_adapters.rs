//! Requests, sockets and timers against what a browser really does.
#![cfg(target_arch = "wasm32")]

use cuewire::core::effect::HttpRequest;
use cuewire::core::input::{Failure, Outcome};
use cuewire::core::time::Millis;
use cuewire::web::host::Host;
use cuewire::web::http::{self, SuccessBody};
use cuewire::web::socket::{Listener, Socket};
use cuewire::web::timer::Timer;
use cuewire::web::{clock, error};
use gloo_timers::future::TimeoutFuture;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::AbortController;

wasm_bindgen_test_configure!(run_in_service_worker);

/// Nothing listens on the discard port.
const NOBODY: &str = "127.0.0.1:9";

/// The least shell: it opens sockets, and permits every host or none.
fn host(permits: bool) -> Host {
    let shell = format!("({{ openStream: (url) => new WebSocket(url), permitted: async () => {permits} }})");
    js_sys::eval(&shell).expect("plain JavaScript").unchecked_into()
}

/// The server that brought this test.
fn here() -> String {
    js_sys::eval("self.location.origin").ok().and_then(|origin| origin.as_string()).expect("an origin")
}

fn post(url: String) -> HttpRequest {
    HttpRequest { url, headers: vec![("Accept", "application/json".to_owned())], body: "{}".to_owned() }
}

async fn outcome(host: Host, request: HttpRequest, success: SuccessBody, abort: AbortController) -> Outcome {
    let outcome = Rc::new(RefCell::new(Vec::new()));
    let seen = outcome.clone();
    http::send(host, request, success, abort, move |done| seen.borrow_mut().push(done)).await;
    let mut outcomes = outcome.take();
    assert_eq!(outcomes.len(), 1, "exactly one outcome");
    outcomes.remove(0)
}

async fn sent(url: String) -> Outcome {
    outcome(host(true), post(url), SuccessBody::Read, AbortController::new().expect("a controller")).await
}

#[wasm_bindgen_test]
async fn an_answer_brings_its_status() {
    match sent(format!("{}/there/is/no/such/path", here())).await {
        Outcome::Answer(answer) => assert!(answer.status >= 400, "{}", answer.status),
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
async fn no_answer_is_the_network_or_a_missing_permission() {
    let url = format!("http://{NOBODY}/");
    assert_eq!(sent(url.clone()).await, Outcome::Failed(Failure::Network));
    let abort = AbortController::new().expect("a controller");
    let refused = outcome(host(false), post(url), SuccessBody::Read, abort).await;
    assert_eq!(refused, Outcome::Failed(Failure::NotPermitted));
}

#[wasm_bindgen_test]
async fn an_aborted_request_says_so() {
    let abort = AbortController::new().expect("a controller");
    abort.abort();
    let outcome = outcome(host(true), post(format!("{}/", here())), SuccessBody::Skip, abort).await;
    assert_eq!(outcome, Outcome::Failed(Failure::Aborted));
}

#[wasm_bindgen_test]
async fn an_address_that_the_browser_would_change_is_not_called() {
    for path in ["/a/../b", "/a/%2e%2e/b", "/a/./b", "/a b", "/a\\b", "/ü"] {
        let outcome = sent(format!("{}{path}", here())).await;
        assert_eq!(outcome, Outcome::Failed(Failure::Unsendable), "{path}");
    }
    for url in ["", "nonsense", "HTTP://127.0.0.1/", "http://127.0.0.1"] {
        assert_eq!(sent(url.to_owned()).await, Outcome::Failed(Failure::Unsendable), "{url}");
    }
}

#[wasm_bindgen_test]
async fn a_header_that_the_browser_refuses_is_not_sent() {
    let mut request = post(format!("{}/", here()));
    request.headers.push(("Authorization", "Bearer a\nb".to_owned()));
    let abort = AbortController::new().expect("a controller");
    assert_eq!(outcome(host(true), request, SuccessBody::Read, abort).await, Outcome::Failed(Failure::Unsendable));
}

#[derive(Clone, Default)]
struct Heard(Rc<RefCell<Vec<String>>>);

impl Heard {
    fn add(&self, what: &str) {
        self.0.borrow_mut().push(what.to_owned());
    }
}

impl Listener for Heard {
    fn opened(&self) {
        self.add("opened");
    }

    fn message(&self, _data: &JsValue) {
        self.add("message");
    }

    fn closed(&self, code: u16) {
        self.add(&code.to_string());
    }
}

#[wasm_bindgen_test]
async fn a_refused_socket_closes_once_with_1006() {
    let heard = Heard::default();
    let _socket = Socket::open(&host(true), &format!("ws://{NOBODY}/"), &heard).expect("an address to try");
    TimeoutFuture::new(300).await;
    assert_eq!(*heard.0.borrow(), ["1006"]);
}

#[wasm_bindgen_test]
async fn a_dropped_socket_says_nothing_any_more() {
    let heard = Heard::default();
    drop(Socket::open(&host(true), &format!("ws://{NOBODY}/"), &heard));
    TimeoutFuture::new(300).await;
    assert!(heard.0.borrow().is_empty());
}

#[wasm_bindgen_test]
fn an_address_that_is_none_is_an_error_at_once() {
    assert!(Socket::open(&host(true), "ftp://127.0.0.1/", &Heard::default()).is_err());
}

/// Arms a timer and counts how often it fires.
fn arm(timer: &mut Timer, in_ms: u64, fired: &Rc<Cell<u32>>) {
    let fired = fired.clone();
    timer.arm(Some(clock::wall().plus(Millis(in_ms))), move || fired.set(fired.get() + 1));
}

#[wasm_bindgen_test]
async fn the_earliest_deadline_wins_and_a_later_one_does_not_put_it_off() {
    let (mut timer, fired) = (Timer::default(), Rc::new(Cell::new(0)));
    arm(&mut timer, 60_000, &fired);
    arm(&mut timer, 20, &fired);
    arm(&mut timer, 120_000, &fired);
    TimeoutFuture::new(100).await;
    assert_eq!(fired.get(), 1);
}

#[wasm_bindgen_test]
async fn a_deadline_beyond_what_timeouts_can_do_does_not_fire_at_once() {
    let (mut timer, fired) = (Timer::default(), Rc::new(Cell::new(0)));
    arm(&mut timer, u64::MAX / 2, &fired);
    TimeoutFuture::new(50).await;
    assert_eq!(fired.get(), 0);
}

#[wasm_bindgen_test]
async fn a_timer_that_has_nothing_to_wait_for_is_silent() {
    let (mut timer, fired) = (Timer::default(), Rc::new(Cell::new(0)));
    arm(&mut timer, 20, &fired);
    timer.arm(None, || ());
    TimeoutFuture::new(60).await;
    assert_eq!(fired.get(), 0);
}

#[wasm_bindgen_test]
fn what_is_thrown_has_words() {
    let thrown = |script: &str| js_sys::eval(script).expect("plain JavaScript");
    assert_eq!(error::words(&thrown("new TypeError('no')")), "TypeError: no");
    assert_eq!(error::words(&thrown("new DOMException('full', 'QuotaExceededError')")), "QuotaExceededError: full");
    assert_eq!(error::words(&thrown("'text'")), "text");
    assert_eq!(error::words(&thrown("({ name: 7 })")), "unknown error");
    assert_eq!(error::words(&JsValue::UNDEFINED), "unknown error");
}

#[wasm_bindgen_test]
fn seeds_differ() {
    assert_ne!(clock::seed(), clock::seed());
}
