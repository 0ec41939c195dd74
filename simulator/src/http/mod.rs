//! Requests: the contract on raw paths, and beside it the control endpoints and the agent desktop.

mod card_request;
mod control;
mod desktop;
mod live;
mod path;
mod published;
mod token_request;
mod upgrade;

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::clock::Micros;
use crate::faults::Target;
use crate::service::requests::{Answer, Step};
use crate::world::World;

/// Marks an answer that is not to be given: the connection is dropped instead.
#[derive(Debug, Clone, Copy)]
struct Withheld;

impl fmt::Display for Withheld {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("answer withheld on purpose")
    }
}

impl Error for Withheld {}

/// Where a 3xx points: no client may go there.
const MOVED: &str = "/moved/elsewhere";

/// Takes connections until it is aborted.
pub async fn accept(world: Arc<World>, listener: TcpListener) {
    let router =
        Router::new().nest("/control", control::routes()).merge(desktop::routes()).fallback(contract).with_state(world);
    let mut connections = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        connections.spawn(async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let router = router.clone();
                async move {
                    let answer = router.oneshot(request.map(Body::new)).await.unwrap_or_else(never);
                    if answer.extensions().get::<Withheld>().is_some() { Err(Withheld) } else { Ok(answer) }
                }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }
}

fn never(impossible: Infallible) -> Response {
    match impossible {}
}

/// A request of the contract, being answered.
struct Asked {
    number: u64,
    answer: Answer,
    /// With which token it came, and until when the answer tells it to wait.
    wait: Option<(String, Micros)>,
}

/// Answers whatever is not control or desktop. Works on the path as it was sent: ids are decoded here and nowhere else.
async fn contract(axum::extract::State(world): axum::extract::State<Arc<World>>, request: Request) -> Response {
    if world.published.is_some() {
        return published::serve(world, request).await;
    }
    let raw = request.uri().path().to_owned();
    let route = path::Route::of(&raw);
    let step = route.step();
    let arrived = world.clock.now();
    let number = world.requests.lock().arrived(step, request.method().as_str(), &raw, arrived);
    let mut asked = Asked { number, answer: Answer::default(), wait: None };
    if step == Step::Other && ["/api/", "/oauth/", MOVED].iter().any(|head| raw.starts_with(head)) {
        world.requests.lock().stray();
    }
    let response = if step != Step::Other && world.faults.outage(arrived) {
        asked.answer.note = Some("outage".into());
        withhold()
    } else {
        match route {
            path::Route::Token => token_request::answer(&world, request).await,
            path::Route::Stream => upgrade::answer(&world, request),
            path::Route::Card(id) => card_request::answer(&world, request, &mut asked, id).await,
            path::Route::Unknown => problem(404, "not_found", "there is nothing at this address"),
        }
    };
    let target = match step {
        Step::Token => Some(Target::Token),
        Step::Stream => Some(Target::Stream),
        Step::Card => Some(Target::Cards),
        _ => None,
    };
    conclude(&world, Concluding { asked, target, arrived }, response).await
}

/// A request whose answer is made, and not yet given.
struct Concluding {
    asked: Asked,
    target: Option<Target>,
    arrived: Micros,
}

/// Gives an answer: late if a fault wants it so, with the server's date, and logged.
async fn conclude(world: &World, concluding: Concluding, mut response: Response) -> Response {
    let Concluding { mut asked, target, arrived } = concluding;
    if let Some(delay) = target.and_then(|target| world.faults.delay(target, arrived)) {
        // A client that does not wait drops this future here: the answer is then logged as none.
        let unanswered = Unanswered { world, asked: Some(asked) };
        tokio::time::sleep(Duration::from_millis(delay)).await;
        asked = unanswered.go_on();
    }
    let now = world.clock.now();
    if response.extensions().get::<Withheld>().is_none() {
        asked.answer.status = Some(response.status().as_u16());
        let date = httpdate::fmt_http_date(world.wall_now());
        if let Ok(date) = date.parse() {
            response.headers_mut().insert("date", date);
        }
        if world.options.access.close_connections && response.status() != 101 {
            response.headers_mut().insert("connection", HeaderValue::from_static("close"));
        }
    }
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    asked.answer.retry_after = retry_after.map(str::to_owned);
    let mut requests = world.requests.lock();
    if let Some((token, until)) = asked.wait {
        // Now, and not before an answer that came late: nobody can keep to what was not yet said.
        requests.told_to_wait(&token, until, now);
    }
    requests.answered(asked.number, asked.answer, now);
    drop(requests);
    response
}

/// Logs a request whose client went away before the answer.
struct Unanswered<'a> {
    world: &'a World,
    asked: Option<Asked>,
}

impl Unanswered<'_> {
    fn go_on(mut self) -> Asked {
        self.asked.take().unwrap_or_else(|| unreachable!("taken once"))
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(mut asked) = self.asked.take() {
            asked.answer.note = Some("the client did not wait".into());
            self.world.requests.lock().answered(asked.number, asked.answer, self.world.clock.now());
        }
    }
}

/// A JSON answer.
fn json_answer(status: u16, body: &Value) -> Response {
    let answer = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .body(Body::from(body.to_string()));
    answer.unwrap_or_else(|_| Response::new(Body::empty()))
}

/// An error in JSON, as RFC 6749 has them.
fn problem(status: u16, error: &str, description: &str) -> Response {
    json_answer(status, &json!({ "error": error, "error_description": description }))
}

/// No answer: the connection is dropped.
fn withhold() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Withheld);
    response
}

/// The whole body, unless it is larger than `most` bytes or breaks off.
async fn read_body(body: Body, most: usize) -> Option<bytes::Bytes> {
    axum::body::to_bytes(body, most).await.ok()
}

/// The media type of a request, in lower case and without parameters.
fn media_type(request: &Request) -> String {
    let value = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
