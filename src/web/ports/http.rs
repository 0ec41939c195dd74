//! One request at a time over `fetch`, with an outcome whatever happens.

use crate::api::FRAME_LIMIT;
use crate::model::ask::RequestId;
use crate::model::http::{Answer, BODY_LIMIT, Failure, HttpRequest, Method, Outcome};
use crate::pipeline::input::Input;
use crate::shell::ports::Http;
use crate::web::driver::Driver;
use crate::web::permissions::Permissions;
use gloo_net::http::Response;
use gloo_timers::callback::Timeout;
use js_sys::{Promise, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, Request, ResponseType};

/// How long the body of a card's answer may take to arrive: what it says is shown at most, and an unread one holds one of
/// the six connections to its host.
const CARD_BODY_MS: u32 = 1_000;

/// How long the body of a refused token or poll may take, of which at most an excerpt is shown.
const REFUSED_BODY_MS: u32 = 2_000;

/// The purpose of a request, and so the part of its answer that is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The token is in the body.
    Token,
    /// The status says all, unless it is a refusal.
    Card,
    /// The news are in the body.
    Poll,
}

impl Purpose {
    /// How much of a body is read, in bytes. An answer to a poll says as much as a frame.
    fn limit(self) -> usize {
        match self {
            Purpose::Token | Purpose::Card => BODY_LIMIT,
            Purpose::Poll => FRAME_LIMIT,
        }
    }
}

impl Http for &Driver {
    fn request_token(&mut self, id: RequestId, request: HttpRequest) {
        self.send(id, request, Purpose::Token);
    }

    fn post_card(&mut self, id: RequestId, request: HttpRequest) {
        self.send(id, request, Purpose::Card);
    }

    fn poll(&mut self, id: RequestId, request: HttpRequest) {
        self.send(id, request, Purpose::Poll);
    }

    fn abort(&mut self, id: RequestId) {
        if let Some(request) = self.requests.borrow_mut().remove(&id) {
            request.abort();
        }
    }
}

impl Driver {
    fn send(&self, id: RequestId, request: HttpRequest, purpose: Purpose) {
        let Ok(abort) = AbortController::new() else { return };
        self.requests.borrow_mut().insert(id, abort.clone());
        let own = self.weak();
        let done = move |outcome: Outcome| {
            if let Some(driver) = own.upgrade() {
                driver.requests.borrow_mut().remove(&id);
                driver.happen(Input::HttpDone(id, outcome));
            }
        };
        spawn_local(send(self.permissions.clone(), request, purpose, abort, done));
    }
}

#[wasm_bindgen(module = "/src/web/ports/http/request.js")]
extern "C" {
    /// A request, made in one call across: each call costs a card on its way to the wire.
    fn prepared(
        url: &str,
        method: &str,
        headers: Vec<String>,
        body: Option<&str>,
        abort: &AbortSignal,
    ) -> Option<Request>;

    fn sent(request: &Request) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// A chunk, as a stream's reader gives it.
    type Chunk;

    #[wasm_bindgen(method, getter, structural)]
    fn done(this: &Chunk) -> bool;

    #[wasm_bindgen(method, getter, structural)]
    fn value(this: &Chunk) -> Option<Uint8Array>;
}

/// Sends a request where the browser allows it, and calls `done` exactly once with its outcome. Without the permission a
/// form would arrive all the same, because it needs no preflight (Fetch Standard, "CORS-safelisted"). A `Retry-After` is no use once its request was given up
/// for a body that hangs: only a token or news are waited for as long as its request may take.
pub async fn send(
    permissions: Rc<Permissions>,
    request: HttpRequest,
    purpose: Purpose,
    abort: AbortController,
    done: impl FnOnce(Outcome),
) {
    let Some(prepared) = prepare(&request, &abort) else {
        return done(Outcome::Failed(Failure::Unsendable));
    };
    if !permissions.allows(&request.url).await {
        return done(Outcome::Failed(Failure::NotPermitted));
    }
    let response = match JsFuture::from(sent(&prepared)).await {
        Ok(response) => Response::from(response.unchecked_into::<web_sys::Response>()),
        Err(_) => return done(Outcome::Failed(reason(&abort))),
    };
    if response.type_() == ResponseType::Opaqueredirect {
        return done(Outcome::Redirected);
    }
    let mut answer = Answer {
        status: response.status(),
        retry_after: response.headers().get("retry-after"),
        date: response.headers().get("date"),
        content_type: response.headers().get("content-type"),
        body: String::new(),
    };
    let limit = match purpose {
        Purpose::Card if is_said_by_status(answer.status) => {
            done(Outcome::Answer(answer));
            // Read to its end, its connection can be used again.
            read(&response, Some(CARD_BODY_MS), BODY_LIMIT).await;
            return;
        }
        Purpose::Card => Some(CARD_BODY_MS),
        Purpose::Token | Purpose::Poll if response.ok() => None,
        Purpose::Token | Purpose::Poll => Some(REFUSED_BODY_MS),
    };
    let (bytes, complete) = read(&response, limit, purpose.limit()).await;
    if abort.signal().aborted() || (limit.is_none() && !complete) {
        return done(Outcome::Failed(reason(&abort)));
    }
    answer.body = String::from_utf8_lossy(&bytes).into_owned();
    done(Outcome::Answer(answer));
}

/// Whether nothing of the body of a card's answer is ever shown.
fn is_said_by_status(status: u16) -> bool {
    matches!(status, 100..=299 | 401 | 403 | 408 | 409 | 429 | 500..=599)
}

/// The request as the browser would send it, or nothing if it would send another one.
fn prepare(request: &HttpRequest, abort: &AbortController) -> Option<Request> {
    let headers = request.headers.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]).collect();
    // A browser refuses a GET with a body, be the body empty.
    let body = (request.method == Method::Post).then_some(request.body.as_str());
    prepared(&request.url, request.method.name(), headers, body, &abort.signal())
}

/// The body that arrived within the limit, at most `most` bytes, and whether it arrived without an error.
async fn read(response: &Response, limit_ms: Option<u32>, most: usize) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let complete = read_into(&mut bytes, response, limit_ms, most).await.is_ok();
    (bytes, complete)
}

async fn read_into(
    bytes: &mut Vec<u8>,
    response: &Response,
    limit_ms: Option<u32>,
    most: usize,
) -> Result<(), JsValue> {
    let Some(stream) = response.body() else { return Ok(()) };
    let reader = ReadableStreamDefaultReader::new(&stream)?;
    let _limit = limit_ms.map(|after| {
        let reader = reader.clone();
        // To the one who reads it looks like the end; to the browser it is a connection that nobody needs.
        Timeout::new(after, move || drop(reader.cancel()))
    });
    while bytes.len() < most {
        let chunk: Chunk = JsFuture::from(reader.read()).await?.unchecked_into();
        let Some(piece) = chunk.value().filter(|_| !chunk.done()) else { return Ok(()) };
        let wanted = (most - bytes.len()).min(piece.length() as usize);
        let start = bytes.len();
        bytes.resize(start + wanted, 0);
        piece.subarray(0, wanted as u32).copy_to(&mut bytes[start..]);
    }
    // Whether the rest can be called off changes nothing about what was read.
    let _ = JsFuture::from(reader.cancel()).await;
    Ok(())
}

/// Why there was no answer: the browser does not say more.
fn reason(abort: &AbortController) -> Failure {
    if abort.signal().aborted() { Failure::Aborted } else { Failure::Network }
}
