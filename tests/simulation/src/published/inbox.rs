//! Messages to agents: taken, kept, and read back.

use serde_json::{Value, json};

/// The team of every agent.
pub const TEAM: u64 = 3;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// For a team, and not an agent.
    pub is_for_team: bool,
    pub target: u64,
    subject: String,
    /// Names the card.
    pub marker: String,
    pub at: u64,
}

/// All messages there are.
#[derive(Debug, Default)]
pub struct Inbox {
    pub letters: Vec<Letter>,
    /// The next messages are refused one by one.
    pub refuses: bool,
    /// Markers of messages that were refused.
    pub refused: Vec<String>,
    /// Signals that scripts have.
    pub signals: Vec<Signal>,
}

/// One signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// As the address names it.
    pub contact: String,
    /// Names the card.
    pub marker: String,
}

impl Signal {
    /// The signal that an address asks for.
    pub fn of(url: &str) -> Option<Signal> {
        let (path, query) = url.split_once('?')?;
        let contact = path.strip_suffix("/signal")?.rsplit('/').next()?.to_owned();
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let is_whole =
            value("p1") == Some("cuewire") && ["p3", "p4", "p5", "p6"].iter().all(|name| value(name).is_some());
        Some(Signal { contact, marker: value("p2").filter(|_| is_whole)?.to_owned() })
    }
}

/// The marker in a subject.
fn marker(subject: &str) -> String {
    subject.rsplit('#').next().unwrap_or_default().to_owned()
}

impl Letter {
    /// The message that a request asks to send.
    pub fn of(body: &str, at: u64) -> Option<Letter> {
        let body: Value = serde_json::from_str(body).ok()?;
        let one = &body["agentMessages"][0];
        let subject = one["subject"].as_str()?.to_owned();
        let is_for_team = one["targetType"] == "Team";
        Some(Letter { is_for_team, target: one["targetId"].as_u64()?, marker: marker(&subject), subject, at })
    }
}

impl Inbox {
    /// Takes a message, unless messages are refused.
    pub fn post(&mut self, body: &str, now: u64) -> (u16, Value) {
        let Some(letter) = Letter::of(body, now) else { return (400, json!({})) };
        if self.refuses {
            self.refused.push(letter.marker);
            let failed = json!([{ "agentMessageId": 0, "success": false, "error": "invalid target" }]);
            return (206, json!({ "errorCount": 1, "agentMessageResults": failed }));
        }
        self.letters.push(letter);
        let taken = json!([{ "agentMessageId": self.letters.len(), "success": true, "error": "" }]);
        (200, json!({ "errorCount": 0, "agentMessageResults": taken }))
    }

    /// The messages that wait for the agent of an address.
    pub fn of(&self, url: &str) -> Value {
        let agent = url.split("/agents/").nth(1).and_then(|rest| rest.split('/').next());
        let agent = agent.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let is_for = |letter: &&Letter| match letter.is_for_team {
            true => letter.target == TEAM,
            false => letter.target == agent,
        };
        let rows: Vec<Value> = (self.letters.iter().filter(is_for))
            .map(|letter| json!({ "messageId": letter.at, "subject": letter.subject, "expireTimer": 10 }))
            .collect();
        json!({ "messages": rows })
    }
}
