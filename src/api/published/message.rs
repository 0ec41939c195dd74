//! Cards as messages to agents. There is no idempotency key, so each message carries a marker to look for.

pub mod signal;

use super::acd;
use super::row::{Page, Row};
use crate::api::contract::card::iso8601;
use crate::api::{Access, Meaning, Outgoing};
use crate::model::card::Card;
use crate::model::card::reader::Reader;
use crate::model::fingerprint::Fingerprint;
use crate::model::http::{HttpRequest, Method, Outcome};
use crate::model::json::{self, ToJson};

/// The longest text, in characters, tags and escapes included.
const TEXT: usize = 1_024;

/// The longest subject, in characters.
const SUBJECT: usize = 100;

#[derive(ToJson)]
#[serde(rename_all = "camelCase")]
struct Messages {
    agent_messages: [Message; 1],
}

#[derive(ToJson)]
#[serde(rename_all = "camelCase")]
struct Message {
    message: String,
    subject: String,
    target_type: &'static str,
    target_id: u64,
    valid_until: String,
    expire_minutes: u64,
}

/// Sends a card to its reader. `None` where it has none.
pub fn request(access: &Access<'_>, outgoing: &Outgoing<'_>) -> Option<HttpRequest> {
    let (target_type, target_id) = match outgoing.reader? {
        Reader::Agent(agent) => ("Agent", agent),
        Reader::Team { team, .. } => ("Team", team),
    };
    let card = outgoing.card;
    let message = Message {
        message: text(card),
        subject: subject(card),
        target_type,
        target_id,
        valid_until: iso8601(outgoing.until),
        expire_minutes: outgoing.left.0.div_ceil(60_000).max(1),
    };
    let body = json::write(&Messages { agent_messages: [message] });
    acd::request(access, Method::Post, "/agents/messages", body)
}

/// Asks for the messages that wait for an agent.
pub fn look_for(access: &Access<'_>, reader: Reader) -> Option<HttpRequest> {
    acd::get(access, &format!("/agents/{}/messages", reader.witness()))
}

/// Whether a card is among the messages of an agent. `None` where the answer is no list of messages. A 204 says that
/// there are none, and so does an object without a list; a 304 and an empty 200 say nothing, and a card that is sent for
/// them may be sent twice.
pub fn is_there(outcome: &Outcome, card: &Card) -> Option<bool> {
    if outcome.status() != 204 && outcome.body().trim().is_empty() {
        return None;
    }
    let marker = marker(card);
    let page = Page::read(outcome.body(), "messages").ok()?;
    let subjects = page.rows.iter().filter_map(Row::of).filter_map(|row| row.text(&["subject"]));
    Some(subjects.into_iter().any(|subject| subject.contains(&marker)))
}

/// The meaning of an answer to a card: each message has a result of its own. An answer that cannot be read leaves
/// open what the server did.
pub fn meaning(body: &str) -> Meaning {
    let Ok(page) = Page::read(body, "agentMessageResults") else { return Meaning::Unreachable };
    match page.rows.first().and_then(Row::of).and_then(|row| row.flag(&["success"])) {
        Some(true) => Meaning::Done,
        Some(false) => Meaning::Refused,
        None => Meaning::Unreachable,
    }
}

/// Names a card for ever, and no customer: the start of the digest of its `cardId`.
pub fn key(card: &Card) -> String {
    Fingerprint::of(&card.card_id).to_string()[..8].to_owned()
}

fn marker(card: &Card) -> String {
    format!("#{}", key(card))
}

/// The rule and the marker; a long rule is cut, the marker never.
fn subject(card: &Card) -> String {
    let (start, end) = ("Cuewire · ", format!(" · {}", marker(card)));
    let room = SUBJECT - start.chars().count() - end.chars().count();
    let rule: String =
        card.rule.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(room).collect();
    format!("{start}{rule}{end}")
}

/// Title and content as text. Agents see tags as tags, so nothing of a customer may become one.
fn text(card: &Card) -> String {
    let mut text = String::new();
    let mut room = TEXT;
    for letter in card.title.chars().chain(": ".chars()).chain(card.content.chars()) {
        let mut buffer = [0; 4];
        let escaped = match letter {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            letter => letter.encode_utf8(&mut buffer),
        };
        // Some count UTF-16 units, of which there are never fewer.
        let length = escaped.encode_utf16().count();
        if length > room {
            break;
        }
        room -= length;
        text.push_str(escaped);
    }
    text
}

#[cfg(test)]
#[path = "message/tests.rs"]
mod tests;
