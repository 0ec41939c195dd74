//! Agent messages that were stored, and signals to scripts. There is no idempotency key: what comes twice is stored twice.

use serde::Serialize;
use serde_json::{Map, Value};

use super::contact::At;
use super::time;
use crate::clock::SECOND;

/// Messages of one request at most.
pub const MOST_ITEMS: usize = 10_000;
const LONGEST_TEXT: usize = 1_024;
const LONGEST_SUBJECT: usize = 100;
/// How long a message lasts where nobody says.
const USUAL_MINUTES: At = 60;
/// Messages and signals kept.
const MOST_KEPT: usize = 100_000;
/// Two signals of one contact within this time are at once.
const AT_ONCE: At = SECOND as At;

/// Whom a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "id", rename_all = "lowercase")]
pub enum Addressee {
    /// The agent with this number.
    Agent(u64),
    /// The team with this number.
    Team(u64),
    /// The station with this number.
    Station(u64),
    /// Everybody.
    Everyone,
}

/// A message before it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Whom it is for.
    pub to: Addressee,
    /// Its subject.
    pub subject: String,
    /// Its text, which may hold HTML.
    pub text: String,
    /// From when it is shown, in microseconds since 1970; none for at once.
    pub start: Option<i64>,
    /// Until when, likewise.
    pub until: Option<i64>,
    /// For how many minutes.
    pub minutes: Option<i64>,
}

impl Draft {
    /// Reads one item of a request.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(item: &Value) -> Result<Self, &'static str> {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let (message, subject) = (text("message"), text("subject"));
        if message.is_empty() {
            return Err("message is required");
        }
        if message.chars().count() > LONGEST_TEXT {
            return Err("message must not be longer than 1024 characters");
        }
        if subject.is_empty() {
            return Err("subject is required");
        }
        if subject.chars().count() > LONGEST_SUBJECT {
            return Err("subject must not be longer than 100 characters");
        }
        let minutes = match &item["expireMinutes"] {
            Value::Null => None,
            value => Some(value.as_i64().filter(|minutes| *minutes >= 1).ok_or("Invalid expireMinutes")?),
        };
        let date = |name: &'static str, wrong| match &item[name] {
            Value::Null => Ok(None),
            value => value.as_str().and_then(time::read).map(Some).ok_or(wrong),
        };
        Ok(Self {
            to: addressee(item)?,
            subject: subject.to_owned(),
            text: message.to_owned(),
            start: date("startDate", "Invalid startDate")?,
            until: date("validUntil", "Invalid validUntil")?,
            minutes,
        })
    }
}

/// Names as NICE writes them now, or numbers as version 23 has them.
fn addressee(item: &Value) -> Result<Addressee, &'static str> {
    let kind = match &item["targetType"] {
        Value::String(text) => text.to_ascii_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => return Err("targetType is required"),
    };
    let id = item["targetId"].as_u64().or_else(|| item["targetId"].as_str()?.parse().ok());
    let id = || id.ok_or("Invalid targetId");
    match kind.as_str() {
        "agent" | "1" => id().map(Addressee::Agent),
        "team" | "2" => id().map(Addressee::Team),
        "everyone" | "3" => Ok(Addressee::Everyone),
        "station" | "4" => id().map(Addressee::Station),
        _ => Err("Invalid targetType"),
    }
}

/// A message that was stored.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    /// Its number.
    pub id: u64,
    /// Whom it is for.
    pub to: Addressee,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// When it was stored, in microseconds since the simulator started.
    pub at: At,
    /// From when it is shown.
    pub start: At,
    /// Until when.
    pub until: At,
    /// Who sent it.
    pub sender: &'static str,
    /// When it was taken back.
    pub deleted: Option<At>,
}

impl Stored {
    /// Whether it is there for its agents at a moment.
    #[must_use]
    pub fn shown(&self, now: At) -> bool {
        self.deleted.is_none() && now >= self.start && now < self.until
    }

    /// Whether it is for an agent of a team.
    #[must_use]
    pub fn reaches(&self, agent: u64, team: u64) -> bool {
        match self.to {
            Addressee::Agent(id) => id == agent,
            Addressee::Team(id) => id == team,
            Addressee::Everyone => true,
            Addressee::Station(_) => false,
        }
    }
}

/// A signal to a contact's script.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signal {
    /// The contact's id.
    pub contact: u64,
    /// `p1` to `p9`.
    pub values: Map<String, Value>,
    /// When it came.
    pub at: At,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Inbox {
    messages: Vec<Stored>,
    signals: Vec<Signal>,
    numbered: u64,
}

impl Inbox {
    /// Stores a message. `at_unix` turns the server's time of day into the simulator's.
    pub fn store(&mut self, draft: Draft, sender: &'static str, now: At, at_unix: impl Fn(i64) -> At) -> Stored {
        self.numbered += 1;
        let start = draft.start.map_or(now, &at_unix);
        let until = draft.until.map(&at_unix);
        let lasts = draft.minutes.or(until.is_none().then_some(USUAL_MINUTES));
        let minutes = lasts.map(|minutes| now.max(start) + minutes * 60 * SECOND as At);
        let until = [until, minutes].into_iter().flatten().min().unwrap_or(now);
        let stored = Stored {
            id: 700_000_000 + self.numbered,
            to: draft.to,
            subject: draft.subject,
            text: draft.text,
            at: now,
            start,
            until,
            sender,
            deleted: None,
        };
        if self.messages.len() == MOST_KEPT {
            self.messages.remove(0);
        }
        self.messages.push(stored.clone());
        stored
    }

    /// Takes a message back; says whether there was one.
    pub fn delete(&mut self, id: u64, now: At) -> bool {
        match self.messages.iter_mut().find(|message| message.id == id && message.deleted.is_none()) {
            Some(message) => {
                message.deleted = Some(now);
                true
            }
            None => false,
        }
    }

    /// Every message, in the order they came.
    #[must_use]
    pub fn messages(&self) -> &[Stored] {
        &self.messages
    }

    /// A signal came. Where two at once count as one, the later of them is left out.
    pub fn signal(&mut self, signal: Signal, one_at_once: bool) {
        let last = self.signals.iter().rev().find(|before| before.contact == signal.contact);
        if one_at_once && last.is_some_and(|last| signal.at - last.at < AT_ONCE) {
            return;
        }
        if self.signals.len() == MOST_KEPT {
            self.signals.remove(0);
        }
        self.signals.push(signal);
    }

    /// Every signal, in the order they came.
    #[must_use]
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item() -> Value {
        json!({ "message": "text", "subject": "s", "targetType": "Agent", "targetId": 7 })
    }

    fn with(name: &str, value: Value) -> Result<Draft, &'static str> {
        let mut item = item();
        item[name] = value;
        Draft::read(&item)
    }

    #[test]
    fn each_limit_is_checked_at_its_edge() {
        assert!(with("message", "é".repeat(1_024).into()).is_ok());
        assert!(with("message", "é".repeat(1_025).into()).is_err());
        assert!(with("subject", "s".repeat(100).into()).is_ok());
        assert!(with("subject", "s".repeat(101).into()).is_err());
        assert!(with("expireMinutes", 1.into()).is_ok());
        for (name, wrong) in [
            ("expireMinutes", json!(0)),
            ("subject", json!("")),
            ("message", json!(null)),
            ("targetType", json!("Nobody")),
            ("targetType", json!(null)),
            ("targetId", json!(null)),
            ("validUntil", json!("soon")),
        ] {
            assert!(with(name, wrong).is_err(), "{name}");
        }
        assert_eq!(with("targetType", 2.into()).map(|draft| draft.to), Ok(Addressee::Team(7)));
        assert_eq!(with("targetType", "Everyone".into()).map(|draft| draft.to), Ok(Addressee::Everyone));
    }

    #[test]
    fn a_message_lasts_until_the_earlier_of_its_two_ends() {
        const MINUTE: At = 60 * SECOND as At;
        let mut inbox = Inbox::default();
        let draft = Draft { until: Some(5 * MINUTE), minutes: Some(10), ..Draft::read(&item()).expect("a draft") };
        let message = inbox.store(draft.clone(), "x", 0, |unix| unix);
        assert!(message.shown(4 * MINUTE) && !message.shown(5 * MINUTE));
        let message = inbox.store(Draft { until: None, minutes: Some(1), ..draft }, "x", 0, |unix| unix);
        assert!(message.shown(0) && !message.shown(MINUTE));
        assert!(inbox.delete(message.id, 0) && !inbox.delete(message.id, 0));
        assert!(!inbox.messages()[1].shown(0));
    }

    #[test]
    fn two_signals_at_once_may_count_as_one() {
        let mut inbox = Inbox::default();
        let signal = |contact, at| Signal { contact, values: Map::new(), at };
        for (contact, at) in [(1, 0), (1, 1), (2, 1), (1, AT_ONCE)] {
            inbox.signal(signal(contact, at), true);
        }
        assert_eq!(inbox.signals().len(), 3);
        inbox.signal(signal(1, AT_ONCE), false);
        assert_eq!(inbox.signals().len(), 4);
    }
}
