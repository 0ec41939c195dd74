//! Requests, sockets and timers against what a browser really does.
#![cfg(target_arch = "wasm32")]

use cuewire::model::http::{Answer, Failure, HttpRequest, Method, Outcome};
use cuewire::model::time::Millis;
use cuewire::web::host::Host;
use cuewire::web::permissions::Permissions;
use cuewire::web::ports::http::{self, Purpose};
use cuewire::web::stream::frame::FrameBuffer;
use cuewire::web::stream::{Listener, Socket};
use cuewire::web::timer::Timeout;
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
    shell(&format!("async () => {permits}"))
}

/// A shell that answers so whether an origin is permitted.
fn shell(permitted: &str) -> Host {
    let shell = format!("({{ openStream: (url) => new WebSocket(url), permitted: {permitted} }})");
    js_sys::eval(&shell).expect("plain JavaScript").unchecked_into()
}

/// The server that brought this test.
fn here() -> String {
    js_sys::eval("self.location.origin").ok().and_then(|origin| origin.as_string()).expect("an origin")
}

fn post(url: String) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        url,
        headers: vec![("Accept", "application/json".to_owned())],
        body: "{}".to_owned(),
    }
}

/// The permissions of a shell that was asked nothing yet.
fn permissions(host: Host) -> Rc<Permissions> {
    Rc::new(Permissions::new(host))
}

async fn outcome(host: Host, request: HttpRequest, purpose: Purpose, abort: AbortController) -> Outcome {
    let outcome = Rc::new(RefCell::new(Vec::new()));
    let seen = outcome.clone();
    http::send(permissions(host), request, purpose, abort, move |done| seen.borrow_mut().push(done)).await;
    let mut outcomes = outcome.take();
    assert_eq!(outcomes.len(), 1, "exactly one outcome");
    outcomes.remove(0)
}

async fn sent(url: String) -> Outcome {
    outcome(host(true), post(url), Purpose::Token, AbortController::new().expect("a controller")).await
}

#[wasm_bindgen_test]
async fn an_answer_brings_its_status() {
    match sent(format!("{}/there/is/no/such/path", here())).await {
        Outcome::Answer(answer) => assert!(answer.status >= 400, "{}", answer.status),
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
async fn no_answer_is_the_network() {
    assert_eq!(sent(format!("http://{NOBODY}/")).await, Outcome::Failed(Failure::Network));
}

/// Counts what reaches the network, until this is dropped.
struct Watched;

impl Watched {
    fn new() -> Watched {
        let script = "self.realFetch = self.fetch; self.fetched = 0;
            self.fetch = async () => { self.fetched += 1; return new Response(''); }";
        js_sys::eval(script).expect("plain JavaScript");
        Watched
    }

    fn fetched() -> f64 {
        js_sys::eval("self.fetched").ok().and_then(|count| count.as_f64()).expect("a count")
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = js_sys::eval("self.fetch = self.realFetch");
    }
}

#[wasm_bindgen_test]
async fn without_the_permission_nothing_is_sent() {
    let _network = Watched::new();
    for refuses in [host(false), shell("() => Promise.reject(new Error('no such pattern'))")] {
        let abort = AbortController::new().expect("a controller");
        let refused = outcome(refuses, post(format!("{}/", here())), Purpose::Token, abort).await;
        assert_eq!(refused, Outcome::Failed(Failure::NotPermitted));
        assert_eq!(Watched::fetched(), 0.0);
    }
    assert!(matches!(sent(format!("{}/", here())).await, Outcome::Answer(_)));
    assert_eq!(Watched::fetched(), 1.0);
}

#[wasm_bindgen_test]
async fn a_poll_is_a_get_without_a_body_and_its_whole_answer_is_read() {
    let _network = Watched::new();
    let stub = "self.fetch = async (request) => {
        self.asked = `${request.method} ${request.headers.get('accept')} ${(await request.text()).length}`;
        return new Response('x'.repeat(100_000));
    }";
    js_sys::eval(stub).expect("plain JavaScript");
    let abort = AbortController::new().expect("a controller");
    let get = HttpRequest { method: Method::Get, body: String::new(), ..post(format!("{}/calls", here())) };
    match outcome(host(true), get, Purpose::Poll, abort).await {
        Outcome::Answer(answer) => assert_eq!((answer.status, answer.body.len()), (200, 100_000)),
        other => panic!("{other:?}"),
    }
    let asked = js_sys::eval("self.asked").ok().and_then(|asked| asked.as_string());
    assert_eq!(asked.as_deref(), Some("GET application/json 0"));
}

#[wasm_bindgen_test]
async fn a_request_that_is_called_off_while_the_browser_is_asked_is_not_sent() {
    let abort = AbortController::new().expect("a controller");
    let permissions = permissions(shell("() => new Promise((answer) => { self.answer = answer; })"));
    let outcome = Rc::new(RefCell::new(None));
    let seen = outcome.clone();
    let request = post(format!("{}/", here()));
    let done = move |outcome| *seen.borrow_mut() = Some(outcome);
    wasm_bindgen_futures::spawn_local(http::send(permissions, request, Purpose::Card, abort.clone(), done));
    TimeoutFuture::new(0).await;
    abort.abort();
    js_sys::eval("self.answer(true)").expect("it was asked");
    while outcome.borrow().is_none() {
        TimeoutFuture::new(5).await;
    }
    assert_eq!(outcome.take(), Some(Outcome::Failed(Failure::Aborted)));
}

#[wasm_bindgen_test]
async fn the_browser_is_asked_once_for_an_origin_and_again_when_its_permissions_change() {
    let asked = || js_sys::eval("self.asked.join(' ')").ok().and_then(|asked| asked.as_string()).expect("text");
    js_sys::eval("self.asked = []; self.permits = true").expect("plain JavaScript");
    let permissions = permissions(shell("async (origin) => { self.asked.push(origin); return self.permits; }"));
    for url in ["https://a.example/oauth/token", "wss://a.example/stream?access_token=t", "https://a.example:8443/"] {
        assert!(permissions.allows(url).await && permissions.allows(url).await);
    }
    assert_eq!(asked(), "https://a.example https://a.example:8443");
    js_sys::eval("self.permits = false").expect("plain JavaScript");
    assert!(permissions.allows("https://a.example/").await, "nothing was heard of a change");
    let known: Vec<_> = permissions.forget().into_iter().collect();
    assert_eq!(known, [("https://a.example".to_owned(), true), ("https://a.example:8443".to_owned(), true)]);
    assert!(!permissions.allows("https://a.example/").await);
}

#[wasm_bindgen_test]
async fn an_answer_that_was_asked_for_before_a_change_does_not_count() {
    js_sys::eval("self.answers = []").expect("plain JavaScript");
    let permissions = permissions(shell("() => new Promise((answer) => self.answers.push(answer))"));
    let allowed = Rc::new(Cell::new(None));
    let (seen, asking) = (allowed.clone(), permissions.clone());
    wasm_bindgen_futures::spawn_local(async move { seen.set(Some(asking.allows("https://a.example/").await)) });
    TimeoutFuture::new(0).await;
    permissions.forget();
    js_sys::eval("self.answers.shift()(true)").expect("it was asked");
    TimeoutFuture::new(0).await;
    assert_eq!(allowed.get(), None, "it is asked again");
    js_sys::eval("self.answers.shift()(false)").expect("it was asked again");
    TimeoutFuture::new(0).await;
    assert_eq!(allowed.get(), Some(false));
}

#[wasm_bindgen_test]
async fn an_aborted_request_says_so() {
    let abort = AbortController::new().expect("a controller");
    abort.abort();
    let outcome = outcome(host(true), post(format!("{}/", here())), Purpose::Card, abort).await;
    assert_eq!(outcome, Outcome::Failed(Failure::Aborted));
}

/// A server whose body begins and never ends, until this is dropped.
struct Stalling;

impl Stalling {
    fn with(status: u16) -> Stalling {
        let script = format!(
            r"self.realFetch = self.fetch;
            self.calledOff = false;
            self.fetch = async () => new Response(
                new ReadableStream({{
                    start: (body) => body.enqueue(new TextEncoder().encode('so far')),
                    cancel: () => {{ self.calledOff = true; }},
                }}),
                {{ status: {status}, headers: {{ 'retry-after': '120' }} }},
            )"
        );
        js_sys::eval(&script).expect("plain JavaScript");
        Stalling
    }

    fn was_called_off() -> bool {
        js_sys::eval("self.calledOff").is_ok_and(|value| value.is_truthy())
    }
}

impl Drop for Stalling {
    fn drop(&mut self) {
        let _ = js_sys::eval("self.fetch = self.realFetch");
    }
}

#[wasm_bindgen_test]
async fn the_status_of_a_card_is_told_before_its_body_ends_and_the_body_is_called_off() {
    for status in [200, 401, 403, 409, 429, 503] {
        let _server = Stalling::with(status);
        let abort = AbortController::new().expect("a controller");
        let told = Rc::new(RefCell::new(None));
        let seen = told.clone();
        http::send(permissions(host(true)), post(format!("{}/", here())), Purpose::Card, abort, move |outcome| {
            *seen.borrow_mut() = Some((outcome, Stalling::was_called_off()));
        })
        .await;
        let retry_after = Some("120".to_owned());
        let answer = Answer { status, retry_after, ..Answer::default() };
        assert_eq!(told.take(), Some((Outcome::Answer(answer), false)), "{status}");
        assert!(Stalling::was_called_off(), "{status}");
    }
}

#[wasm_bindgen_test]
async fn of_a_refusal_whose_body_never_ends_what_came_is_taken() {
    for (purpose, status) in [(Purpose::Card, 422), (Purpose::Token, 400), (Purpose::Token, 503)] {
        let _server = Stalling::with(status);
        let abort = AbortController::new().expect("a controller");
        let Outcome::Answer(answer) = outcome(host(true), post(format!("{}/", here())), purpose, abort).await else {
            panic!("{status}: an answer");
        };
        assert_eq!((answer.status, answer.body.as_str()), (status, "so far"));
        assert!(Stalling::was_called_off(), "{status}");
    }
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
    assert_eq!(outcome(host(true), request, Purpose::Token, abort).await, Outcome::Failed(Failure::Unsendable));
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

    fn message(&self, _length: usize) {
        self.add("message");
    }

    fn closed(&self, code: u16) {
        self.add(&code.to_string());
    }
}

#[wasm_bindgen_test]
async fn a_refused_socket_closes_once_with_1006() {
    let heard = Heard::default();
    let frames = FrameBuffer::default();
    let _socket = Socket::open(&host(true), &format!("ws://{NOBODY}/"), &frames, &heard).expect("an address to try");
    TimeoutFuture::new(300).await;
    assert_eq!(*heard.0.borrow(), ["1006"]);
}

#[wasm_bindgen_test]
async fn a_dropped_socket_says_nothing_any_more() {
    let heard = Heard::default();
    drop(Socket::open(&host(true), &format!("ws://{NOBODY}/"), &FrameBuffer::default(), &heard));
    TimeoutFuture::new(300).await;
    assert!(heard.0.borrow().is_empty());
}

#[wasm_bindgen_test]
fn an_address_that_is_none_is_an_error_at_once() {
    assert!(Socket::open(&host(true), "ftp://127.0.0.1/", &FrameBuffer::default(), &Heard::default()).is_err());
}

/// Arms a timer and counts how often it fires.
fn arm(timer: &mut Timeout, in_ms: u64, fired: &Rc<Cell<u32>>) {
    let fired = fired.clone();
    timer.arm(Some(clock::wall().plus(Millis(in_ms))), move || fired.set(fired.get() + 1));
}

#[wasm_bindgen_test]
async fn the_earliest_deadline_wins_and_a_later_one_does_not_put_it_off() {
    let (mut timer, fired) = (Timeout::default(), Rc::new(Cell::new(0)));
    arm(&mut timer, 60_000, &fired);
    arm(&mut timer, 20, &fired);
    arm(&mut timer, 120_000, &fired);
    TimeoutFuture::new(100).await;
    assert_eq!(fired.get(), 1);
}

#[wasm_bindgen_test]
async fn a_deadline_beyond_what_timeouts_can_do_does_not_fire_at_once() {
    let (mut timer, fired) = (Timeout::default(), Rc::new(Cell::new(0)));
    arm(&mut timer, u64::MAX / 2, &fired);
    TimeoutFuture::new(50).await;
    assert_eq!(fired.get(), 0);
}

#[wasm_bindgen_test]
async fn a_timer_that_has_nothing_to_wait_for_is_silent() {
    let (mut timer, fired) = (Timeout::default(), Rc::new(Cell::new(0)));
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
