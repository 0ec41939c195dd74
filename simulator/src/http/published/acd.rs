//! The checks that every endpoint of the API host shares: who asks, which version, in which form, and how rows are
//! paged.

use axum::body::Body;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{Call, Refusal, json_answer, limited, problem};
use crate::published::contact::At;
use crate::published::people::Person;
use crate::published::switches::Switch;
use crate::published::time;

/// Rows of a page where nobody says how many.
const USUAL_PAGE: usize = 50;
/// The versions that there are.
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=34;

/// `lastPollTime` lies this many microseconds before the answer: what moves meanwhile is then in the next one.
const POLL_MARGIN: i64 = 5_000;

/// A part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows left out before it.
    pub skip: usize,
    /// Rows in it at most.
    pub top: usize,
}

/// Lets a request in, or answers it. Gives who asks.
pub fn enter(call: &Call<'_>, version: Option<u32>) -> Result<&'static Person, Refusal> {
    if let Some(refusal) = limited(call, false) {
        return Err(Box::new(refusal));
    }
    if !version.is_some_and(|version| VERSIONS.contains(&version)) {
        let status = if call.switches.is(Switch::UnknownVersion, "404") { 404 } else { 400 };
        return Err(refuse(call, status, "Invalid API version"));
    }
    let person = call.bearer().ok_or_else(|| refuse(call, 401, "Invalid or expired token"))?;
    call.published.counts.lock().look(call.now);
    Ok(person)
}

/// Lets a person see a list, or answers with an empty one or a 403. `Ok` with false asks for an empty list.
pub fn may_see(call: &Call<'_>, person: &Person) -> Result<bool, Refusal> {
    if person.may.view || call.switches.is(Switch::MissingPermission, "filtered") {
        return Ok(person.may.view);
    }
    Err(refuse(call, 403, "Security permissions prevent access to data"))
}

/// An error, in the form that this tenant has.
pub fn refuse(call: &Call<'_>, status: u16, words: &str) -> Refusal {
    Box::new(match call.switches.value(Switch::AcdErrorBody) {
        "message" => json_answer(status, &json!({ "message": words })),
        "text" => plain(status, words),
        "empty" => plain(status, ""),
        _ => problem(status, "error", words),
    })
}

/// An answer of plain text, or of nothing.
pub fn plain(status: u16, words: &str) -> Response {
    let answer =
        Response::builder().status(status).header("content-type", "text/plain").body(Body::from(words.to_owned()));
    answer.unwrap_or_else(|_| Response::new(Body::empty()))
}

/// The last touch: without `Accept: application/json` a good answer is text, and a `CorrelationId` comes back.
pub fn finish(call: &Call<'_>, mut answer: Response) -> Response {
    let accepts = call.header("accept").is_some_and(|accept| accept.to_ascii_lowercase().contains("application/json"));
    if answer.status() == 200 && !accepts && call.switches.is(Switch::AcceptHeader, "needed") {
        answer = plain(200, "No known way to render data");
    }
    if call.switches.is(Switch::CorrelationId, "returned")
        && let Some(id) = call.parts.headers.get("correlationid")
    {
        answer.headers_mut().insert("correlationid", id.clone());
    }
    answer
}

/// Which page is asked for.
pub fn page(call: &Call<'_>) -> Result<Page, Refusal> {
    let most: usize = call.switches.value(Switch::MaxPage).parse().unwrap_or(100);
    let whole = |name: &str| match call.query.one(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| refuse(call, 400, &format!("Invalid {name}"))),
    };
    let (skip, top) = (whole("skip")?.unwrap_or(0), whole("top")?.unwrap_or(USUAL_PAGE.min(most)));
    if top == 0 || (top > most && call.switches.is(Switch::PageOver, "400")) {
        return Err(refuse(call, 400, "Invalid top"));
    }
    Ok(Page { skip, top: top.min(most) })
}

/// Since when rows are asked for; none for all.
pub fn updated_since(call: &Call<'_>) -> Result<Option<At>, Refusal> {
    let Some(text) = call.query.one("updatedSince") else { return Ok(None) };
    let unix = time::read(text).ok_or_else(|| refuse(call, 400, "Invalid updatedSince"))?;
    // A time to come is from before this server's clock was set back: only the whole list is right then.
    let kept = call.switches.is(Switch::UpdatedSince, "kept") && unix <= call.unix;
    Ok(kept.then(|| call.at_unix(unix)))
}

/// The fields that are asked for; none for all. A name that is not among the known ones is a mistake.
pub fn fields(call: &Call<'_>, known: &[&str]) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = call.query.one("fields") else { return Ok(None) };
    let asked: Vec<String> = text.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    let right = |name: &String| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    if asked.iter().all(right) { Ok(Some(asked)) } else { Err(refuse(call, 400, "Invalid field list")) }
}

/// A row with only the fields that are asked for.
pub fn only(row: Value, fields: Option<&Vec<String>>) -> Value {
    match (row, fields) {
        (Value::Object(row), Some(fields)) => row
            .into_iter()
            .filter(|(name, _)| fields.contains(&name.to_ascii_lowercase()))
            .collect::<Map<_, _>>()
            .into(),
        (row, _) => row,
    }
}

/// A list as it is answered.
pub struct List {
    /// Its name.
    pub name: &'static str,
    /// Rows that there are, in all pages.
    pub total: usize,
    /// Rows of this page.
    pub rows: Vec<Value>,
    /// The fields beside the list.
    pub beside: Map<String, Value>,
    /// The answer when nothing changed; none for a list that is always answered whole.
    pub nothing_new: Option<Switch>,
    /// The list may be wrapped in `resultSet`.
    pub wrapped: bool,
}

/// Answers with a page of a list.
pub fn list(call: &Call<'_>, page: Page, list: List) -> Response {
    let empty = list.total == 0 && call.query.one("updatedSince").is_some();
    if let Some(status) = list.nothing_new.filter(|_| empty).and_then(|switch| call.switches.value(switch).parse().ok())
    {
        return plain(status, "");
    }
    let mut body = list.beside;
    body.insert("totalRecords".into(), list.total.into());
    body.insert("_links".into(), links(call, page, list.total));
    body.insert("lastPollTime".into(), time::seven_decimals(call.unix - POLL_MARGIN).into());
    body.insert(list.name.into(), list.rows.into());
    if list.wrapped && call.switches.is(Switch::Envelope, "resultSet") {
        return json_answer(200, &json!({ "resultSet": body }));
    }
    json_answer(200, &Value::Object(body))
}

fn links(call: &Call<'_>, page: Page, total: usize) -> Value {
    if call.switches.is(Switch::PagingLinks, "absent") {
        return json!({});
    }
    let path = call.parts.uri.path();
    let others =
        call.query.pairs().iter().filter(|(name, _)| !["skip", "top"].contains(&name.to_ascii_lowercase().as_str()));
    let kept: String = others.map(|(name, value)| format!("&{name}={}", super::encoded(value))).collect();
    let to = |skip: usize| format!("{}{path}?skip={skip}&top={}{kept}", call.origin(), page.top);
    json!({
        "self": to(page.skip),
        "next": (page.skip + page.top < total).then(|| to(page.skip + page.top)),
        "previous": (page.skip > 0).then(|| to(page.skip.saturating_sub(page.top))),
    })
}

/// `GET …/server-time`.
pub fn server_time(call: &Call<'_>) -> Response {
    json_answer(200, &json!({ "ServerTime": time::seven_decimals(call.unix) }))
}
