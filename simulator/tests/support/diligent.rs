//! A client that polls as it should, whatever the tenant's switches say, and sends each message once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::Rig;
use super::published::Got;
use cxone_simulator::published::time;

const SENTIMENT: f64 = -0.5;
const WAIT_MS: i64 = 120_000;

/// Contact (or none), user and level of a case.
type Case = (Option<u64>, Option<String>, Option<f64>);

/// The client's knowledge.
#[derive(Default)]
pub struct Diligent {
    token: String,
    /// Since when the longest waits, by skill.
    earliest: HashMap<u64, i64>,
    /// Agent and skill of each contact, and when it began.
    contacts: BTreeMap<u64, (Option<u64>, u64, i64)>,
    /// Agents by user.
    users: HashMap<String, u64>,
    cases: BTreeMap<u64, Case>,
    /// Interactions that qualified and have no message yet.
    waiting: BTreeSet<String>,
    sent: BTreeSet<String>,
    offset: i64,
}

fn first<'a>(row: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().map(|name| &row[*name]).find(|value| !value.is_null()).unwrap_or(&Value::Null)
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|number| *number > 0)
}

fn instant(value: &Value) -> Option<i64> {
    value.as_str().map_or_else(|| value.as_i64().map(|seconds| seconds * 1_000_000), time::read)
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("later");
    since.as_micros() as i64
}

impl Diligent {
    pub async fn sign_in(rig: &Rig) -> Self {
        Self { token: rig.signed_in_as("supervisor").await, ..Self::default() }
    }

    /// Asks until there is an answer that can be read.
    async fn list(&self, rig: &Rig, path: &str, name: &str) -> Vec<Value> {
        let (mut rows, mut skip) = (Vec::new(), 0);
        loop {
            let mark = if path.contains('?') { '&' } else { '?' };
            let got = self.asked(rig, &format!("{path}{mark}top=50&skip={skip}")).await;
            if matches!(got.status, 204 | 304) {
                return rows;
            }
            let body = got.json();
            let list = if body["resultSet"].is_object() { &body["resultSet"] } else { &body };
            let page = list[name].as_array().cloned().unwrap_or_default();
            skip += page.len();
            let more = list["totalRecords"].as_u64().is_some_and(|total| total > skip as u64);
            rows.extend(page.iter().cloned());
            if page.is_empty() || !more {
                return rows;
            }
        }
    }

    async fn asked(&self, rig: &Rig, path: &str) -> Got {
        loop {
            let address = rig.at(&format!("/api/inContactAPI/services/v31.0/{path}"));
            let request = rig.http.get(address).bearer_auth(&self.token).header("accept", "application/json");
            if let Some(got) = tried(request).await.filter(|got| got.status < 400) {
                return got;
            }
        }
    }

    async fn digital(&self, rig: &Rig, path: &str) -> Option<Value> {
        loop {
            let request = rig.http.get(rig.at(&format!("/api-de/dfo/3.0/{path}"))).bearer_auth(&self.token);
            match tried(request).await {
                Some(got) if got.status == 200 => return Some(got.json()),
                Some(got) if got.status == 404 => return None,
                _ => {}
            }
        }
    }

    /// One round of all polls, and the messages that follow.
    pub async fn round(&mut self, rig: &Rig) {
        let time = self.asked(rig, "server-time").await.json();
        self.offset = instant(&time["ServerTime"]).expect("a time") - now();
        for row in self.list(rig, "skills/activity", "skillActivity").await {
            let skill = number(&row["skillId"]).expect("an id");
            match instant(&row["earliestQueueTime"]).filter(|_| row["queueCount"] != 0) {
                Some(earliest) => self.earliest.insert(skill, earliest),
                None => self.earliest.remove(&skill),
            };
        }
        self.read_contacts(rig).await;
        self.read_cases(rig).await;
        self.qualify();
        // Whom a message is for is looked at again right before it goes.
        self.read_contacts(rig).await;
        self.send(rig).await;
    }

    async fn read_contacts(&mut self, rig: &Rig) {
        self.contacts.clear();
        for row in self.list(rig, "contacts/active", "activeContacts").await {
            let id = number(&row["contactId"]).expect("an id");
            let began = instant(first(&row, &["contactStartDate", "contactStart"])).expect("a time");
            self.contacts.insert(id, (number(&row["agentId"]), number(&row["skillId"]).expect("an id"), began));
        }
        for row in self.list(rig, "agents?fields=agentId,userID", "agents").await {
            self.users
                .insert(row["userID"].as_str().expect("text").to_owned(), number(&row["agentId"]).expect("an id"));
        }
    }

    async fn read_cases(&mut self, rig: &Rig) {
        let mut path = "contacts?status[]=new&status[]=open".to_owned();
        self.cases.clear();
        loop {
            let page = self.digital(rig, &path).await.expect("a list");
            let rows = page["data"].as_array().cloned().unwrap_or_default();
            for row in &rows {
                let user = first(row, &["inboxAssigneeUser", "ownerAssigneeUser"])["incontactId"].as_str();
                let case = number(&row["id"]).expect("an id");
                let level = self.level(rig, case).await;
                self.cases.insert(case, (number(&row["contactId"]), user.map(str::to_owned), level));
            }
            match page["scrollToken"].as_str().filter(|_| !rows.is_empty()) {
                Some(token) => path = format!("contacts?status[]=new&status[]=open&scrollToken={token}"),
                None => return,
            }
        }
    }

    async fn level(&self, rig: &Rig, case: u64) -> Option<f64> {
        let body = self.digital(rig, &format!("contacts/{case}/messages")).await?;
        let mut rows: Vec<Value> =
            body["data"].as_array()?.iter().filter(|row| row["direction"] == "inbound").cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(instant(&row["createdAtWithMilliseconds"])));
        let (mut sum, mut weights) = (0.0, 0.0);
        for (row, weight) in rows.iter().zip([0.5, 0.3, 0.2]) {
            let value = match row["sentiment"].as_str() {
                Some("positive") => 1.0,
                Some("negative") => -1.0,
                Some(_) => 0.0,
                None => continue,
            };
            (sum, weights) = (sum + weight * value, weights + weight);
        }
        (weights > 0.0).then(|| sum / weights)
    }

    fn qualify(&mut self) {
        let server = now() + self.offset;
        let long = self.contacts.iter().filter(|(_, (agent, skill, began))| {
            let longest = self.earliest.get(skill).map_or(0, |earliest| server - earliest);
            agent.is_none() && longest.min(server - began) / 1_000 > WAIT_MS
        });
        let low = self.cases.iter().filter(|(_, (_, _, level))| level.is_some_and(|level| level < SENTIMENT));
        let named = low.map(|(case, (contact, _, _))| contact.map_or(format!("case-{case}"), |id| id.to_string()));
        let all: Vec<String> = long.map(|(id, _)| id.to_string()).chain(named).collect();
        self.waiting.extend(all.into_iter().filter(|name| !self.sent.contains(name)));
    }

    fn agent_of(&self, name: &str) -> Option<u64> {
        let contact = name.parse::<u64>().ok();
        let told = contact.and_then(|id| self.contacts.get(&id)).and_then(|(agent, _, _)| *agent);
        let case = self
            .cases
            .iter()
            .find(|(case, (id, _, _))| id.map_or_else(|| format!("case-{case}"), |id| id.to_string()) == name);
        let user = case.and_then(|(_, (_, user, _))| user.as_ref());
        told.or_else(|| user.and_then(|user| self.users.get(user)).copied())
    }

    async fn send(&mut self, rig: &Rig) {
        for name in self.waiting.clone() {
            let Some(agent) = self.agent_of(&name) else { continue };
            let subject = format!(
                "Test · rule · #{:08x}",
                name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte))
            );
            let item = json!({ "message": "Help", "subject": subject, "targetType": "Agent", "targetId": agent, "expireMinutes": 5 });
            loop {
                let address = rig.at("/api/inContactAPI/services/v31.0/agents/messages");
                let request = rig.http.post(address).bearer_auth(&self.token).header("accept", "application/json");
                let got = tried(request.json(&json!({ "agentMessages": [item] }))).await;
                if got.is_some_and(|got| got.status == 200) || self.is_there(rig, agent, &subject).await {
                    break;
                }
            }
            self.waiting.remove(&name);
            self.sent.insert(name);
        }
    }

    /// Reads back, because an answer that is lost says nothing of the message.
    async fn is_there(&self, rig: &Rig, agent: u64, subject: &str) -> bool {
        let body = self.asked(rig, &format!("agents/{agent}/messages")).await.json();
        let rows = first(&body, &["messages", "Messages"]).as_array().cloned().unwrap_or_default();
        rows.iter().any(|row| first(row, &["subject", "Subject"]) == subject)
    }
}

/// An answer that came whole and is not a page of HTML.
async fn tried(request: reqwest::RequestBuilder) -> Option<Got> {
    let answer = request.send().await.ok()?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let text = answer.text().await.ok()?;
    if status >= 429 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Some(Got { status, location: String::new(), headers, text })
}
