//! `POST /api/v2/agentassist/interactions/{id}/cards`.

use axum::extract::Request;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use serde_json::{Value, json};

use super::{Asked, MOVED, json_answer, media_type, problem, read_body, withhold};
use crate::clock::SECOND;
use crate::oracle::Acceptance;
use crate::service::cards::check_shape;
use crate::service::rate_limit::RetryAfter;
use crate::service::tokens::{CARD_SCOPE, Refusal};
use crate::world::World;

const LARGEST: usize = 256 * 1_024;

/// Answers a card request. In this order: dropped on purpose, the token, failed on purpose, the rate limit, the request itself.
pub async fn answer(world: &World, request: Request, asked: &mut Asked, id: Option<String>) -> Response {
    let now = world.clock.now();
    asked.answer.interaction.clone_from(&id);
    let bearer = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().trim().to_owned();
    let alone = world.audience.open() <= 1;
    let grace = world.options.expect.early_grace_ms * 1_000;
    world.requests.lock().check_early(asked.number, &token, alone, grace, now);
    let (method, media_type) = (request.method().clone(), media_type(&request));
    let body = read_body(request.into_body(), LARGEST).await;
    // Known whatever is answered: a second `cardId` for the same trigger shows even where no card was taken.
    asked.answer.card_id = body.as_deref().and_then(card_id_in);
    let Some(id) = id else {
        world.requests.lock().stray();
        return problem(400, "invalid_interaction", "the path names no interaction");
    };
    if world.faults.lose_request(now) {
        asked.answer.note = Some("lost-request".into());
        return withhold();
    }
    match world.tokens.lock().check(&token, CARD_SCOPE, now) {
        Ok(()) => {}
        Err(Refusal::Invalid) => return problem(401, "invalid_token", "the token is unknown, expired or revoked"),
        Err(Refusal::OutOfScope) => return problem(403, "insufficient_scope", "the token lacks agentassist:write"),
    }
    if let Some((status, wait)) = world.faults.card_answer(now) {
        asked.answer.note = Some("fault".into());
        if ends_a_card(status) {
            world.oracle.lock().refused(&id, asked.answer.card_id.as_deref());
        }
        return fail(world, asked, token, status, wait);
    }
    if let Some(refusal) = over_the_limit(world, asked, &token) {
        return refusal;
    }
    if method != Method::POST {
        return problem(405, "invalid_request", "cards are sent with POST");
    }
    if media_type != "application/json" {
        return problem(415, "unsupported_media_type", "a card is application/json");
    }
    let Some(body) = body else {
        return problem(413, "too_large", "a card has at most 256 KiB");
    };
    take(world, asked, &id, &body)
}

/// The `cardId` of a body, if it has one.
fn card_id_in(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("cardId")?.as_str()?.to_owned())
}

/// Answers after which the contract has a client give the card up.
pub fn ends_a_card(status: u16) -> bool {
    matches!(status, 300..=499) && !matches!(status, 401 | 408 | 409 | 429)
}

/// Checks a card and takes it.
fn take(world: &World, asked: &mut Asked, id: &str, body: &[u8]) -> Response {
    let card = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(card)) => card,
        Ok(_) => return problem(422, "invalid_card", "a card is a JSON object"),
        Err(error) => return problem(400, "invalid_json", &error.to_string()),
    };
    let card_id = match check_shape(&card) {
        Ok(card_id) => card_id.to_owned(),
        Err(misshapen) => {
            let body = json!({
                "error": "invalid_card",
                "error_description": format!("{} must be {}", misshapen.field, misshapen.must_be),
                "field": misshapen.field,
            });
            return json_answer(422, &body);
        }
    };
    let now = world.clock.now();
    let (acceptance, status) = {
        let mut cards = world.cards.lock();
        let acceptance = cards.accept(id, &card_id, card.clone(), now);
        (acceptance, cards.status(acceptance))
    };
    world.oracle.lock().card(id, &card_id, acceptance, now);
    if acceptance != Acceptance::Repeat {
        world.floor.lock().card(id, &card, now);
    }
    if world.faults.lose_answer(now) {
        asked.answer.note = Some("lost-answer".into());
        return withhold();
    }
    match status {
        409 => json_answer(
            409,
            &json!({ "error": "conflict", "error_description": "this cardId is there already", "cardId": card_id }),
        ),
        status => json_answer(status, &json!({ "cardId": card_id, "interactionId": id, "status": "accepted" })),
    }
}

/// An answer that is a fault.
fn fail(
    world: &World,
    asked: &mut Asked,
    token: String,
    status: u16,
    wait: Option<(f64, crate::service::rate_limit::RetryAfterForm)>,
) -> Response {
    let mut answer = match status {
        429 => problem(429, "rate_limited", "too many cards, on purpose"),
        401 => problem(401, "invalid_token", "the token is refused, on purpose"),
        403 => problem(403, "insufficient_scope", "the card is forbidden, on purpose"),
        status => problem(status, "failed", "the request fails, on purpose"),
    };
    if (300..400).contains(&status) {
        answer.headers_mut().insert("location", HeaderValue::from_static(MOVED));
    }
    if let Some((seconds, form)) = wait {
        let now = world.clock.now();
        let retry = RetryAfter::after((seconds * SECOND as f64) as u64, form, &world.clock, now);
        announce(asked, token, &mut answer, retry);
    }
    answer
}

fn over_the_limit(world: &World, asked: &mut Asked, token: &str) -> Option<Response> {
    let now = world.clock.now();
    let wait = world.rate.lock().as_mut()?.take(now).err()?;
    let mut answer = problem(429, "rate_limited", "the organisation has used up its cards per second");
    let retry = RetryAfter::after(wait, world.options.desk.retry_after_form, &world.clock, now);
    announce(asked, token.to_owned(), &mut answer, retry);
    Some(answer)
}

fn announce(asked: &mut Asked, token: String, answer: &mut Response, retry: RetryAfter) {
    if let Some(value) = retry.header.and_then(|header| HeaderValue::from_str(&header).ok()) {
        answer.headers_mut().insert("retry-after", value);
    }
    if answer.status() == 429 {
        asked.wait = Some((token, retry.until));
    }
}
