//! Requests to the published service: its paths, faults of each endpoint, and what each answer says.

mod acd;
mod agents;
mod authorize;
mod contacts;
mod digital;
mod discovery;
mod messages;
mod path;
mod query;
mod skills;
mod token;
mod user_hub;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, request::Parts};
use axum::response::Response;
use futures_util::stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::card_request::ends_a_card;
use super::{Asked, Concluding, MOVED, Withheld, conclude, json_answer, problem, read_body, withhold};
use crate::clock::{Micros, SECOND};
use crate::faults::Target;
use crate::published::contact::At;
use crate::published::people::Person;
use crate::published::switches::{Switch, Switches};
use crate::published::{Published, Told};
use crate::service::rate_limit::{RetryAfter, RetryAfterForm};
use crate::service::requests::{Answer, Step};
use crate::world::World;
use path::Route;
use query::Query;

/// Largest body that is read: ten thousand agent messages of the longest kind.
const LARGEST: usize = 16 << 20;

/// How long after the first half of a body the connection ends.
const CUT_AFTER: Duration = Duration::from_millis(30);

/// A request of the published service while it is answered: what every endpoint needs.
struct Call<'a> {
    world: &'a World,
    published: &'a Published,
    switches: Switches,
    now: Micros,
    /// The same moment on this server's clock, in microseconds since 1970.
    unix: i64,
    parts: &'a Parts,
    query: Query,
    body: Bytes,
}

impl Call<'_> {
    /// Where this server is, as the client sees it.
    fn origin(&self) -> String {
        let host = self.parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
        format!("http://{host}")
    }

    /// Name and secret of the one back-end application: those that the contract's client has.
    fn back_end(&self) -> (&str, &str) {
        let access = &self.world.options.access;
        (&access.client_id, &access.client_secret)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Microseconds since 1970 on this server's clock at a moment of the simulator.
    fn unix_at(&self, at: At) -> i64 {
        self.unix + at - self.now as At
    }

    /// The moment of the simulator at which this server's clock shows a time.
    fn at_unix(&self, unix: i64) -> At {
        unix - self.unix_at(0)
    }

    /// Whose bearer token came with the request.
    fn bearer(&self) -> Option<&'static Person> {
        self.published.identity.lock().bearer(bearer_of(&self.parts.headers), self.now)
    }

    /// The body as a form, whatever its Content-Type says: NICE's own client labels it JSON.
    fn form(&self) -> Query {
        Query::read(std::str::from_utf8(&self.body).unwrap_or_default())
    }
}

/// An answer that ends a request before its time. In a box, because most requests have none.
type Refusal = Box<Response>;

/// An answer that tells a client something.
fn telling(told: Told, mut answer: Response) -> Response {
    answer.extensions_mut().insert(told);
    answer
}

/// Answers a request.
pub async fn serve(world: Arc<World>, request: Request) -> Response {
    let Some(published) = &world.published else { return problem(404, "not_found", "another service is spoken") };
    let raw = request.uri().path().to_owned();
    let route = Route::of(&raw);
    let now = world.clock.now();
    let unix = world.unix_now();
    let number = world.requests.lock().arrived(route.step(), request.method().as_str(), &raw, now);
    let mut asked = Asked { number, answer: Answer::default(), wait: None };
    if matches!(route, Route::Unknown) {
        world.requests.lock().stray();
    }
    published.counts.lock().add(route.name(), now);
    let target = route.target();
    if route.step() == Step::Card {
        let token = bearer_of(request.headers());
        let grace = world.options.expect.early_grace_ms * 1_000;
        world.requests.lock().check_early(number, token, true, grace, now);
    }
    let told_by = bearer_of(request.headers()).to_owned();
    let (parts, body) = request.into_parts();
    let body = read_body(body, LARGEST).await;
    let response = match (before(&world, target, &mut asked, now), body) {
        (Some(spoilt), body) => {
            if route.step() == Step::Card && ends_a_card(spoilt.status().as_u16()) {
                published.refused(&messages::addressees(&body.unwrap_or_default()), now as At);
            }
            spoilt
        }
        (None, Some(body)) => {
            let query = Query::read(parts.uri.query().unwrap_or_default());
            let switches = published.switches();
            let call = Call { world: &world, published, switches, now, unix, parts: &parts, query, body };
            let answer = route.answer(&call);
            after(&world, target, &mut asked, answer).await
        }
        (None, None) => problem(413, "too_large", "the body is too large or breaks off"),
    };
    if route.step() == Step::Card
        && let Some(until) = response.extensions().get::<NotBefore>()
    {
        asked.wait = Some((told_by, until.0));
    }
    if asked.answer.note.is_some() || response.status() == 429 {
        published.judge.lock().hindered(now as At);
    }
    let response = conclude(&world, Concluding { asked, target, arrived: now }, response).await;
    if let Some(told) = response.extensions().get::<Told>() {
        published.told(told, world.clock.now() as At);
    }
    response
}

/// Until when a 429 tells a client to wait.
#[derive(Debug, Clone, Copy)]
struct NotBefore(Micros);

fn bearer_of(headers: &HeaderMap) -> &str {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.strip_prefix("Bearer ").unwrap_or_default().trim()
}

/// The answer of a fault before the request is looked at.
fn before(world: &World, target: Option<Target>, asked: &mut Asked, now: Micros) -> Option<Response> {
    let target = target?;
    let spoilt = if world.faults.outage(now) {
        asked.answer.note = Some("outage".into());
        return Some(withhold());
    } else if world.faults.lost_at(target, now) {
        asked.answer.note = Some("lost-request".into());
        return Some(withhold());
    } else if let Some(status) = world.faults.html_at(target, now) {
        html_page(status)
    } else {
        let (status, wait) = world.faults.answer_at(target, now)?;
        failure(world, status, wait)
    };
    asked.answer.note = Some("fault".into());
    Some(spoilt)
}

/// Spoils an answer by a fault.
async fn after(world: &World, target: Option<Target>, asked: &mut Asked, response: Response) -> Response {
    let Some(target) = target else { return response };
    let now = world.clock.now();
    if world.faults.unanswered_at(target, now) {
        asked.answer.note = Some("lost-answer".into());
        return withhold();
    }
    if world.faults.cut_at(target, now) {
        asked.answer.note = Some("cut".into());
        return cut(response).await;
    }
    response
}

/// The 429 of a tenant's own limit, if it is used up.
fn limited(call: &Call<'_>, digital: bool) -> Option<Response> {
    let mut limits = call.published.limits.lock();
    let limit = if digital { limits.0.as_mut() } else { limits.1.as_mut() };
    let wait = limit?.take(call.now).err()?;
    let mut answer = problem(429, "rate_limited", "the tenant has used up its requests");
    if call.switches.is(Switch::RetryAfterSaid, "given") {
        answer.headers_mut().insert("retry-after", HeaderValue::from(wait.div_ceil(SECOND)));
    }
    Some(answer)
}

/// A value as it stands in an address.
fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn html_page(status: u16) -> Response {
    let page =
        "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>";
    let answer =
        Response::builder().status(status).header("content-type", "text/html; charset=utf-8").body(Body::from(page));
    answer.unwrap_or_else(|_| Response::new(Body::empty()))
}

fn failure(world: &World, status: u16, wait: Option<(f64, RetryAfterForm)>) -> Response {
    let mut answer = problem(status, "failed", "the request fails, on purpose");
    if (300..400).contains(&status) {
        answer.headers_mut().insert("location", HeaderValue::from_static(MOVED));
    }
    if let Some((seconds, form)) = wait {
        let retry = RetryAfter::after((seconds * SECOND as f64) as u64, form, &world.clock, world.clock.now());
        if let Some(value) = retry.header.and_then(|header| HeaderValue::from_str(&header).ok()) {
            answer.headers_mut().insert("retry-after", value);
        }
        if status == 429 {
            answer.extensions_mut().insert(NotBefore(retry.until));
        }
    }
    answer
}

/// An answer whose connection ends after half of the body.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = read_body(body, LARGEST).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    // A body of nothing breaks off as well: it promises one byte.
    parts.extensions.remove::<Told>();
    parts.headers.insert("content-length", HeaderValue::from(whole.len().max(1)));
    let broken = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // Bytes that came before must leave first, or the connection ends without any answer.
                tokio::time::sleep(CUT_AFTER).await;
                Some((Err(Withheld), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(broken))
}
