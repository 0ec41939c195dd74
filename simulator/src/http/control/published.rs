//! `/control/published/…`: switches and lifetimes of the published service.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Map, Value, json};

use super::{Shared, shown};
use crate::http::{json_answer, problem};
use crate::published::Published;
use crate::published::people::{KEY_SECRET, PASSWORD, PEOPLE, PUBLIC_CLIENT, TENANT};
use crate::world::World;

/// The endpoints.
pub fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/switches", get(switches).post(set_switches))
        .route("/lifetimes", get(lifetimes).post(set_lifetimes))
        .route("/people", get(people))
        .route("/messages", get(messages))
        .route("/signals", get(signals))
}

/// The published service, or why there is none.
fn spoken(world: &World) -> Result<&Published, Box<Response>> {
    world.published.as_ref().ok_or_else(|| Box::new(problem(409, "not_spoken", "start with --service published")))
}

async fn switches(State(world): Shared) -> Response {
    match spoken(&world) {
        Ok(published) => json_answer(200, &json!({ "switches": published.switches().shown() })),
        Err(refusal) => *refusal,
    }
}

/// Sets those that are named, or none of them where one is wrong.
async fn set_switches(State(world): Shared, body: Bytes) -> Response {
    let published = match spoken(&world) {
        Ok(published) => published,
        Err(refusal) => return *refusal,
    };
    let named: Map<String, Value> = match serde_json::from_slice(&body) {
        Ok(named) => named,
        Err(error) => return problem(400, "invalid_switch", &error.to_string()),
    };
    let mut set = published.switches();
    for (name, value) in &named {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Err(reason) = set.set(name, &text) {
            return problem(400, "invalid_switch", &reason);
        }
    }
    *published.switches.lock() = set;
    json_answer(200, &json!({ "switches": set.shown() }))
}

async fn lifetimes(State(world): Shared) -> Response {
    match spoken(&world) {
        Ok(published) => shown(&published.lifetimes()),
        Err(refusal) => *refusal,
    }
}

/// Replaces those that are named.
async fn set_lifetimes(State(world): Shared, body: Bytes) -> Response {
    let published = match spoken(&world) {
        Ok(published) => published,
        Err(refusal) => return *refusal,
    };
    let mut whole = serde_json::to_value(published.lifetimes()).unwrap_or_default();
    match (serde_json::from_slice::<Map<String, Value>>(&body), whole.as_object_mut()) {
        (Ok(named), Some(whole)) => whole.extend(named),
        _ => return problem(400, "invalid_lifetimes", "give an object of seconds"),
    }
    match serde_json::from_value(whole) {
        Ok(set) => {
            *published.lifetimes.lock() = set;
            shown(&set)
        }
        Err(error) => problem(400, "invalid_lifetimes", &error.to_string()),
    }
}

async fn messages(State(world): Shared) -> Response {
    match spoken(&world) {
        Ok(published) => {
            let messages = published.inbox.lock().messages().to_vec();
            shown(&json!({ "messages": messages }))
        }
        Err(refusal) => *refusal,
    }
}

async fn signals(State(world): Shared) -> Response {
    match spoken(&world) {
        Ok(published) => {
            let signals = published.inbox.lock().signals().to_vec();
            shown(&json!({ "signals": signals }))
        }
        Err(refusal) => *refusal,
    }
}

/// Who can sign in, and with what.
async fn people() -> Response {
    let people: Vec<Value> = PEOPLE
        .iter()
        .map(|person| {
            let may = person.may;
            json!({
                "userName": person.user,
                "agentId": person.agent,
                "userId": person.uuid,
                "accessKeyId": person.key,
                "may": { "view": may.view, "narrow": may.narrow, "digital": may.digital, "message": may.message, "signal": may.signal },
            })
        })
        .collect();
    let common = json!({
        "tenantId": TENANT,
        "clientId": PUBLIC_CLIENT,
        "password": PASSWORD,
        "accessKeySecret": KEY_SECRET,
        "people": people,
    });
    json_answer(200, &common)
}
