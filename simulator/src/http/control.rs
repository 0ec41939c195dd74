//! `/control/…`: faults, traffic and what happened, for tests and for the agent desktop.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{delete, get, post};
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{json_answer, live, problem};
mod published;

use crate::clock::millis;
use crate::faults::{Request, catalogue};
use crate::world::World;

type Shared = State<Arc<World>>;

/// All control endpoints.
pub fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/state", get(state))
        .route("/faults", get(faults).post(put_fault).delete(end_faults))
        .route("/faults/kinds", get(kinds))
        .route("/faults/{id}", delete(end_fault))
        .route("/send", post(send))
        .route("/pause", post(pause))
        .route("/resume", post(resume))
        .route("/reset", post(reset))
        .route("/stop", post(stop))
        .route("/report", get(report))
        .route("/due", get(due))
        .route("/cards", get(cards))
        .route("/requests", get(requests))
        .route("/live", get(live::follow))
        .nest("/published", published::routes())
}

fn shown(value: &impl serde::Serialize) -> Response {
    match serde_json::to_value(value) {
        Ok(value) => json_answer(200, &value),
        Err(error) => problem(500, "server_error", &error.to_string()),
    }
}

async fn state(State(world): Shared) -> Response {
    let now = world.clock.now();
    let options = &world.options;
    json_answer(
        200,
        &json!({
            "atMs": millis(now),
            "phase": world.traffic.phase(),
            "paused": world.traffic.paused(),
            "positionMs": millis(world.traffic.position()),
            "eventsMade": world.traffic.made(),
            "replay": options.traffic.replay.is_some(),
            "rate": options.traffic.rate,
            "seed": options.traffic.seed,
            "service": if world.published.is_some() { "published" } else { "contract" },
            "clients": world.audience.open(),
            "listening": world.audience.listening(),
            "tokensIssued": world.tokens.lock().issued(),
            "rules": world.oracle.lock().rules(),
            "faults": world.faults.active(now),
        }),
    )
}

async fn faults(State(world): Shared) -> Response {
    let now = world.clock.now();
    json_answer(200, &json!({ "active": world.faults.active(now), "injected": world.faults.injected() }))
}

/// The kinds that can strike the service that is served.
async fn kinds(State(world): Shared) -> Response {
    let is_published = world.published.is_some();
    let strikes = |does: &&(&str, &str)| is_published || !does.1.starts_with("published:");
    let kinds: Vec<Value> =
        catalogue().iter().filter(strikes).map(|(kind, does)| json!({ "kind": kind, "does": does })).collect();
    json_answer(200, &json!({ "kinds": kinds }))
}

async fn put_fault(State(world): Shared, body: Bytes) -> Response {
    let request: Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return problem(400, "invalid_fault", &error.to_string()),
    };
    match request.check() {
        Ok(fault) => {
            let (id, hit) = world.inflict(request, fault).await;
            json_answer(201, &json!({ "id": if id == 0 { Value::Null } else { id.into() }, "hit": hit }))
        }
        Err(reason) => problem(400, "invalid_fault", &reason),
    }
}

#[derive(Deserialize)]
struct Which {
    kind: Option<String>,
}

async fn end_faults(State(world): Shared, Query(which): Query<Which>) -> Response {
    json_answer(200, &json!({ "ended": world.faults.end(None, which.kind.as_deref()) }))
}

async fn end_fault(State(world): Shared, Path(id): Path<u64>) -> Response {
    match world.faults.end(Some(id), None) {
        0 => problem(404, "not_found", "no such fault is on"),
        ended => json_answer(200, &json!({ "ended": ended })),
    }
}

/// The body of `/control/send`: exactly one of `event`, `text`, `base64`.
#[derive(Deserialize)]
struct Sending<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    text: Option<String>,
    base64: Option<String>,
    #[serde(default)]
    binary: bool,
}

async fn send(State(world): Shared, body: Bytes) -> Response {
    let sending: Sending<'_> = match serde_json::from_slice(&body) {
        Ok(sending) => sending,
        Err(error) => return problem(400, "invalid_frame", &error.to_string()),
    };
    let bytes = match (sending.event, sending.text, sending.base64) {
        (Some(event), None, None) => event.get().as_bytes().to_vec(),
        (None, Some(text), None) => text.into_bytes(),
        (None, None, Some(encoded)) => match BASE64.decode(encoded.as_bytes()) {
            Ok(bytes) => bytes,
            Err(error) => return problem(400, "invalid_frame", &error.to_string()),
        },
        _ => return problem(400, "invalid_frame", "give one of event (JSON), text or base64"),
    };
    let reached = world.broadcast(bytes, sending.binary).await;
    json_answer(200, &json!({ "reached": reached }))
}

async fn pause(State(world): Shared) -> Response {
    world.traffic.pause(true);
    json_answer(200, &json!({ "paused": true }))
}

async fn resume(State(world): Shared) -> Response {
    world.traffic.pause(false);
    json_answer(200, &json!({ "paused": false }))
}

async fn reset(State(world): Shared) -> Response {
    world.reset();
    json_answer(200, &json!({ "reset": true }))
}

async fn stop(State(world): Shared) -> Response {
    world.ending.notify_one();
    json_answer(200, &json!({ "stopping": true }))
}

#[derive(Deserialize)]
struct Last {
    #[serde(default)]
    last: bool,
}

async fn report(State(world): Shared, Query(Last { last }): Query<Last>) -> Response {
    shown(&world.report(last))
}

async fn due(State(world): Shared) -> Response {
    if let Some(published) = &world.published {
        let due = published.judge.lock().due(world.clock.now() as i64);
        return shown(&json!({ "due": due }));
    }
    let due = world.oracle.lock().due(world.clock.now());
    shown(&json!({ "due": due }))
}

async fn cards(State(world): Shared) -> Response {
    let cards = world.cards.lock().kept().to_vec();
    shown(&json!({ "cards": cards }))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    after: u64,
    kind: Option<String>,
}

async fn requests(State(world): Shared, Query(since): Query<Since>) -> Response {
    let requests = world.requests.lock();
    let wanted =
        |entry: &&crate::service::requests::Entry| since.kind.as_ref().is_none_or(|kind| kind == entry.kind.name());
    let entries: Vec<_> = requests.after(since.after).filter(wanted).cloned().collect();
    drop(requests);
    shown(&json!({ "requests": entries }))
}
