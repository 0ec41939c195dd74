//! One request at a time over `fetch`, with an outcome whatever happens.

use super::host::Host;
use crate::core::effect::{BODY_LIMIT, HttpRequest};
use crate::core::input::{Answer, Failure, Outcome};
use gloo_net::http::{Headers, Request, RequestBuilder, Response};
use gloo_timers::callback::Timeout;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestMode,
    RequestRedirect, ResponseType,
};

/// How long the rest of an answer that nobody needs may take to arrive, so that its connection can be used again.
const LEFTOVER_MS: u32 = 5_000;

/// Whether the body of a success is of any interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuccessBody {
    /// It is what was asked for.
    Read,
    /// The status says all.
    Skip,
}

#[wasm_bindgen]
extern "C" {
    /// What a stream's reader gives.
    type Chunk;

    #[wasm_bindgen(method, getter, structural)]
    fn done(this: &Chunk) -> bool;

    #[wasm_bindgen(method, getter, structural)]
    fn value(this: &Chunk) -> Option<Uint8Array>;
}

/// Sends a request, and calls `done` exactly once with its outcome.
pub async fn send(
    host: Host,
    request: HttpRequest,
    success: SuccessBody,
    abort: AbortController,
    done: impl FnOnce(Outcome),
) {
    let Some(prepared) = prepare(&request, &abort) else {
        return done(Outcome::Failed(Failure::Unsendable));
    };
    let response = match prepared.send().await {
        Ok(response) => response,
        Err(_) => return done(Outcome::Failed(reason(&host, &request.url, &abort).await)),
    };
    if response.type_() == ResponseType::Opaqueredirect {
        return done(Outcome::Redirected);
    }
    let mut answer = Answer {
        status: response.status(),
        retry_after: response.headers().get("retry-after"),
        date: response.headers().get("date"),
        body: String::new(),
    };
    if response.ok() && success == SuccessBody::Skip {
        done(Outcome::Answer(answer));
        // An unread body holds its connection until it is collected; there are six to a host.
        let _limit = Timeout::new(LEFTOVER_MS, move || abort.abort());
        let _ = body(&response).await;
        return;
    }
    match body(&response).await {
        Ok(bytes) => {
            answer.body = String::from_utf8_lossy(&bytes).into_owned();
            done(Outcome::Answer(answer));
        }
        // The answer to a card is its status: what could not be read of the body changes nothing about it.
        Err(_) if success == SuccessBody::Skip && !abort.signal().aborted() => done(Outcome::Answer(answer)),
        Err(_) => done(Outcome::Failed(reason(&host, &request.url, &abort).await)),
    }
}

/// The request as the browser would send it, or nothing if it would send another one.
fn prepare(request: &HttpRequest, abort: &AbortController) -> Option<Request> {
    let headers = web_sys::Headers::new().ok()?;
    for (name, value) in &request.headers {
        headers.set(name, value).ok()?;
    }
    let prepared = RequestBuilder::new(&request.url)
        .method("POST".parse().ok()?)
        .headers(Headers::from_raw(headers))
        .mode(RequestMode::Cors)
        .redirect(RequestRedirect::Manual)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&abort.signal()))
        .body(request.body.as_str())
        .ok()?;
    // The browser's parser folds `..` and re-encodes: another address is another interaction.
    (prepared.url() == request.url).then_some(prepared)
}

/// The body, cut at [`BODY_LIMIT`] bytes.
async fn body(response: &Response) -> Result<Vec<u8>, JsValue> {
    let mut bytes = Vec::new();
    let Some(stream) = response.body() else { return Ok(bytes) };
    let reader = ReadableStreamDefaultReader::new(&stream)?;
    while bytes.len() < BODY_LIMIT {
        let chunk: Chunk = JsFuture::from(reader.read()).await?.unchecked_into();
        let Some(piece) = chunk.value().filter(|_| !chunk.done()) else { return Ok(bytes) };
        let wanted = (BODY_LIMIT - bytes.len()).min(piece.length() as usize);
        let start = bytes.len();
        bytes.resize(start + wanted, 0);
        piece.subarray(0, wanted as u32).copy_to(&mut bytes[start..]);
    }
    // Whether the rest can be called off changes nothing about what was read.
    let _ = JsFuture::from(reader.cancel()).await;
    Ok(bytes)
}

/// Why there was no answer: the browser does not say, but it can be asked what it would allow.
async fn reason(host: &Host, url: &str, abort: &AbortController) -> Failure {
    if abort.signal().aborted() {
        return Failure::Aborted;
    }
    match JsFuture::from(host.permitted(url)).await {
        Ok(permitted) if permitted.is_falsy() => Failure::NotPermitted,
        _ => Failure::Network,
    }
}
