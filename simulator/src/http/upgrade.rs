//! `GET /api/v2/interactions/stream?access_token=…`: checks the token, then hands the socket over.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::problem;
use super::token_request::form_text;
use crate::service::tokens::{Refusal, STREAM_SCOPE};
use crate::stream;
use crate::world::World;

/// Answers a request for the stream.
pub fn answer(world: &Arc<World>, mut request: Request) -> Response {
    let now = world.clock.now();
    if let Some(status) = world.faults.upgrade_refusal(now) {
        return problem(status, "refused", "the stream is refused, on purpose");
    }
    if request.method() != Method::GET {
        return problem(405, "invalid_request", "the stream is opened with GET");
    }
    let Some(token) = access_token(request.uri().query().unwrap_or_default()) else {
        return problem(401, "invalid_token", "access_token is missing, or badly encoded");
    };
    match world.tokens.lock().check(&token, STREAM_SCOPE, now) {
        Ok(()) => {}
        Err(Refusal::Invalid) => return problem(401, "invalid_token", "the token is unknown, expired or revoked"),
        Err(Refusal::OutOfScope) => return problem(403, "insufficient_scope", "the token lacks interactions:read"),
    }
    let Some(key) = socket_key(request.headers()) else {
        return problem(426, "upgrade_required", "this address speaks WebSocket, version 13");
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let world = world.clone();
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => stream::serve(world, upgraded).await,
            Err(error) => tracing::debug!(%error, "upgrade broke off"),
        }
    });
    let switching = Response::builder()
        .status(101)
        .header("upgrade", "websocket")
        .header("connection", "Upgrade")
        .header("sec-websocket-accept", derive_accept_key(key.as_bytes()))
        .body(Body::empty());
    switching.unwrap_or_else(|_| problem(500, "server_error", "no answer could be made"))
}

/// The token in a query. `+` is a space here, as servers have it: a client has to encode it.
fn access_token(query: &str) -> Option<String> {
    query.split('&').find_map(|pair| pair.strip_prefix("access_token=")).and_then(form_text)
}

fn socket_key(headers: &HeaderMap) -> Option<String> {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let lists = |name: &str, word: &str| {
        value(name).is_some_and(|list| list.split(',').any(|item| item.trim().eq_ignore_ascii_case(word)))
    };
    let right =
        lists("connection", "upgrade") && lists("upgrade", "websocket") && value("sec-websocket-version") == Some("13");
    if right { value("sec-websocket-key").map(str::to_owned) } else { None }
}
