//! The answer of the token endpoint.

use cuewire::api::contract::token;
use cuewire::api::contract::token::SCOPES;
use cuewire::api::redact::{EXCERPT_LIMIT, excerpt};
use cuewire::api::{Grant, Scopes};
use cuewire::model::http::Secret;
use cuewire::model::time::Millis;
use cuewire::pipeline::effect::Effect;
use cuewire::pipeline::input::Input;

use crate::rig::{Rig, SECRET};
use crate::{grown, timed};

/// Checks one input: a body, or one that [`grown`] makes.
pub fn check(data: &[u8]) {
    let large = grown(data);
    let Ok(body) = std::str::from_utf8(large.as_deref().unwrap_or(data)) else { return };
    // The shell reads no more than this of an answer.
    let Some(body) = body.get(..body.len().min(cuewire::model::http::BODY_LIMIT)) else { return };
    let grant = timed("reading a token answer", || token::parse(body));
    if let Ok(grant) = &grant {
        granted(grant);
    }
    shown(body);
    asked_for_at_most_once_a_second(body);
}

fn granted(grant: &Grant) {
    let Secret(token) = &grant.token;
    assert!((1..=16 * 1024).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(grant.good_for <= Millis::from_secs(24 * 3_600));
    let Scopes::Named { missing } = &grant.scopes else { return };
    assert!(missing.iter().all(|scope| SCOPES.contains(scope)));
}

/// The excerpt of an answer that people see is short, one line, and holds neither our secret nor the token.
fn shown(body: &str) {
    let echo = format!("{body}{SECRET}{body}");
    let shown = timed("redacting an answer", || excerpt(&echo, &[SECRET]));
    assert!(shown.chars().count() <= EXCERPT_LIMIT && !shown.chars().any(char::is_control));
    assert!(!shown.contains(SECRET), "{shown}");
}

/// However the answer reads, though every further socket is refused and cards are due that mostly fail, the endpoint is
/// left alone for a second.
fn asked_for_at_most_once_a_second(body: &str) {
    const SPAN: Millis = Millis::from_secs(60);
    let mut rig = Rig::started();
    let from = rig.host.wall;
    let (mut asked, mut opened, mut posted) = (None, false, 0_u32);
    for _ in 0..200 {
        let effects = rig.take_effects();
        if effects.is_empty() {
            let Some(deadline) = rig.host.due.filter(|at| at.since(from) < SPAN) else { break };
            rig.host.wall = rig.host.wall.max(deadline);
            rig.feed(Input::Tick);
        }
        for effect in effects {
            match effect {
                Effect::RequestToken { id, .. } => {
                    let since = asked.replace(rig.host.wall).map(|before| rig.host.wall.since(before));
                    assert!(since.is_none_or(|since| since >= Millis::from_secs(1)), "asked again after {since:?}");
                    rig.answer(id, 200, body);
                }
                Effect::OpenStream { conn, .. } if !std::mem::replace(&mut opened, true) => {
                    rig.feed(Input::StreamOpened(conn));
                    for card in 0..12 {
                        let frame = format!(r#"{{"id":"i-{card}","sentiment":{{"score":-0.9}}}}"#);
                        rig.feed(Input::Frame(conn, frame.as_bytes()));
                    }
                    rig.feed(Input::StreamClosed(conn, 1006));
                }
                Effect::OpenStream { conn, .. } => rig.feed(Input::StreamClosed(conn, 1006)),
                Effect::PostCard { id, .. } => {
                    posted += 1;
                    // Never five failures in a row: those would hold all the others back.
                    rig.answer(id, if posted.is_multiple_of(4) { 404 } else { 503 }, "");
                }
                Effect::Commit { id, .. } => rig.feed(Input::Committed(id)),
                _ => {}
            }
        }
    }
}
