//! The service: what it answers, in whichever of its spellings.

use std::ops::Range;

use cuewire::api::contract::card::iso8601;
use cuewire::model::http::{Answer, HttpRequest, Method};
use cuewire::model::time::Millis;
use serde_json::{Map, Value, json};

use super::draw::Habits;
use super::inbox::{Inbox, Signal, TEAM};
use super::signin::Accounts;
use super::talk::{Kind, Talk};
use super::trouble::Part;
use crate::common::http_date::imf;

/// The instant that the world begins at: a Tuesday.
pub const EPOCH: u64 = 1_771_320_600_000;

#[derive(Debug)]
pub struct Tenant {
    pub habits: Habits,
    pub talks: Vec<Talk>,
    pub accounts: Accounts,
    pub inbox: Inbox,
    pub agents: Range<u64>,
}

impl Tenant {
    pub fn new(habits: Habits, talks: Vec<Talk>, agents: Range<u64>) -> Tenant {
        Tenant { habits, talks, accounts: Accounts::default(), inbox: Inbox::default(), agents }
    }

    /// Answers a request that has arrived.
    pub fn serve(&mut self, part: Part, request: &HttpRequest, now: u64) -> Answer {
        let (status, body) = self.answer(part, request, now);
        let content_type = Some("application/json; charset=utf-8".to_owned());
        let date = imf((EPOCH + now).saturating_add_signed(self.habits.ahead));
        Answer { status, body, content_type, date: Some(date), ..Answer::default() }
    }

    fn answer(&mut self, part: Part, request: &HttpRequest, now: u64) -> (u16, String) {
        match part {
            Part::Discovery => return Accounts::discover(&request.url),
            Part::Token => return self.accounts.token(&request.body, &self.habits, now),
            _ => {}
        }
        let header = |name: &str| request.headers.iter().find(|(one, _)| *one == name).map(|(_, value)| &**value);
        let token = header("Authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !self.accounts.works(token, now) {
            return (401, String::new());
        }
        let acd = |body: (u16, Value)| (body.0, if body.0 == 200 { self.spelt(body.1) } else { String::new() });
        match part {
            Part::Time => (200, json!({ "ServerTime": self.instant(now).replace('Z', "0000Z") }).to_string()),
            Part::Skills => acd(self.skills(&request.url, now)),
            Part::Contacts => acd(self.contacts(&request.url, now)),
            Part::Agents => acd(self.agents(&request.url)),
            Part::Cases => (200, self.cases(&request.url, now).to_string()),
            Part::Texts => (200, self.texts(&request.url, now).to_string()),
            Part::Look => acd((200, self.inbox.of(&request.url))),
            Part::Post if request.method == Method::Post => {
                let (status, answer) = self.inbox.post(&request.body, now);
                (status, self.spelt(answer))
            }
            Part::Signal => (self.signal(&request.url, now), String::new()),
            _ => (404, String::new()),
        }
    }

    /// Signals the script of a contact that is there.
    fn signal(&mut self, url: &str, now: u64) -> u16 {
        let Some(signal) = Signal::of(url) else { return 400 };
        let number: u64 = signal.contact.parse().unwrap_or_default();
        let has_script = |talk: &Talk| talk.has_number(number) && talk.is_listed(now);
        if self.habits.scriptless && number % 2 == 1 || !self.talks.iter().any(has_script) {
            return 404;
        }
        self.inbox.signals.push(signal);
        self.habits.signal_answer
    }

    /// An instant by the server's clock.
    fn instant(&self, at: u64) -> String {
        iso8601(Millis((EPOCH + at).saturating_add_signed(self.habits.ahead)))
    }

    fn skills(&self, url: &str, now: u64) -> (u16, Value) {
        let row = |skill: u64, name: &str| {
            let of = || self.talks.iter().filter(move |talk| talk.skill() == skill);
            let queue: Vec<u64> = of()
                .filter(|talk| talk.is_listed(now) && talk.agent(now).is_none() && talk.kind != Kind::NamelessCase)
                .map(|talk| talk.from)
                .collect();
            let earliest = queue.iter().min().map(|at| json!(self.instant(*at)));
            let nobody = if self.habits.not_available { json!("N/A") } else { Value::Null };
            let changed = of().map(|talk| talk.changed_at(now)).max().unwrap_or(0);
            let changed = if self.habits.ages && earliest.is_some() { now } else { changed };
            let row = json!({ "skillId": skill, "skillName": name, "queueCount": queue.len(),
                "serverTime": self.instant(now), "earliestQueueTime": earliest.unwrap_or(nobody) });
            (changed, row)
        };
        self.list("skillActivity", url, [row(7, "Billing"), row(8, "Chat")].into_iter(), |row| row, now)
    }

    fn contacts(&self, url: &str, now: u64) -> (u16, Value) {
        let old = |new: &'static str, old: &'static str| if self.habits.old_names { old } else { new };
        let rows = self.talks.iter().filter(|talk| talk.is_listed(now)).map(|talk| (talk.changed_at(now), talk));
        let row = |talk: &Talk| {
            let agent = talk.agent(now);
            let mut row = Map::new();
            // A nameless case is listed under a number that nothing joins with the case.
            let id = if talk.kind == Kind::NamelessCase { talk.id + 1_000 } else { talk.id };
            row.insert("contactId".to_owned(), json!(id));
            row.insert(old("contactStartDate", "contactStart").to_owned(), json!(self.instant(talk.began)));
            row.insert(old("stateName", "state").to_owned(), json!(if agent.is_some() { "Active" } else { "InQueue" }));
            row.insert("agentId".to_owned(), json!(agent.unwrap_or(0)));
            row.insert("skillId".to_owned(), json!(talk.skill()));
            row.insert("mediaTypeId".to_owned(), json!(if talk.kind == Kind::Voice { 4 } else { 9 }));
            row.insert("teamId".to_owned(), json!(if agent.is_some() { TEAM } else { 0 }));
            Value::Object(row)
        };
        self.list("activeContacts", url, rows, row, now)
    }

    fn agents(&self, url: &str) -> (u16, Value) {
        let row = |agent| json!({ "agentId": agent, "userID": user(agent) });
        self.list("agents", url, self.agents.clone().map(|agent| (0, agent)), row, 0)
    }

    /// A page of rows with the instants at which each changed; those that did not change are left out on request.
    fn list<Row>(
        &self,
        name: &str,
        url: &str,
        rows: impl Iterator<Item = (u64, Row)>,
        shown: impl Fn(Row) -> Value,
        now: u64,
    ) -> (u16, Value) {
        let field = |name: &str| url.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let since = field("updatedSince").map(|text| text.replace("%3A", ":"));
        let is_new = |at: u64| since.as_ref().is_none_or(|since| self.instant(at) >= *since);
        let rows: Vec<Row> = rows.filter(|(at, _)| is_new(*at)).map(|(_, row)| row).collect();
        if rows.is_empty() && since.is_some() && self.habits.nothing_new != 200 {
            // Nothing at all is a 200, too.
            return (self.habits.nothing_new.max(201), Value::Null);
        }
        let number = |name: &str| field(name).and_then(|text| text.parse::<usize>().ok());
        let (skip, top) = (number("skip").unwrap_or(0), number("top").unwrap_or(50).min(self.habits.page));
        let total = rows.len();
        let page: Vec<Value> = rows.into_iter().skip(skip).take(top).map(shown).collect();
        (200, json!({ "totalRecords": total, "lastPollTime": self.instant(now), name: page }))
    }

    /// As this version of the service writes it.
    fn spelt(&self, body: Value) -> String {
        let body =
            if self.habits.wraps && body["totalRecords"].is_number() { json!({ "resultSet": body }) } else { body };
        self.respelt(body).to_string()
    }

    fn respelt(&self, value: Value) -> Value {
        match value {
            Value::Object(row) => row
                .into_iter()
                .map(|(key, value)| (if self.habits.capitals { capital(&key) } else { key }, self.respelt(value)))
                .collect(),
            Value::Array(rows) => rows.into_iter().map(|row| self.respelt(row)).collect(),
            Value::Number(number) if self.habits.texts => json!(number.to_string()),
            other => other,
        }
    }

    fn cases(&self, url: &str, now: u64) -> Value {
        let rows: Vec<&Talk> =
            self.talks.iter().filter(|talk| talk.kind != Kind::Voice && talk.is_listed(now)).collect();
        let skip = url.split("scrollToken=").nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
        let page: Vec<Value> = rows.iter().skip(skip).take(self.habits.page).map(|talk| self.case(talk, now)).collect();
        json!({ "hits": rows.len(), "scrollToken": (skip + page.len()).to_string(), "data": page })
    }

    fn case(&self, talk: &Talk, now: u64) -> Value {
        let contact = (talk.kind == Kind::Case).then(|| talk.id.to_string());
        let assignee = talk.agent(now).map(|agent| json!({ "id": agent, "incontactId": user(agent) }));
        let mut row = json!({ "id": talk.case(), "contactId": contact, "skillName": "Chat", "status": "open",
            "createdAt": self.instant(talk.began),
            "routingQueueId": "q-1", "statusUpdatedAt": self.instant(talk.from), "inboxAssigneeUser": assignee });
        match talk.said(now).last() {
            Some((at, _)) if self.habits.uncounted => row["statusUpdatedAt"] = json!(self.instant(*at)),
            _ if self.habits.uncounted => {}
            _ => row["inboundCount"] = json!(talk.said(now).count()),
        }
        if self.habits.statistics {
            let said = |label: &str| {
                let has_label = |at: &u64| at + self.habits.label_after <= now;
                talk.said(now).filter(|(at, one)| *one == label && has_label(at)).count()
            };
            let counts =
                json!({ "positive": said("positive"), "neutral": said("neutral"), "negative": said("negative") });
            row["endUser"] = json!({ "sentimentStatistics": counts });
        }
        row
    }

    fn texts(&self, url: &str, now: u64) -> Value {
        let case = url.split("/contacts/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let said = self.talks.iter().filter(|talk| talk.case() == case).flat_map(|talk| talk.said(now));
        let rows: Vec<Value> = said
            .map(|(at, label)| {
                let label = (at + self.habits.label_after <= now).then_some(label);
                json!({ "id": at.to_string(), "direction": "inbound", "createdAt": self.instant(*at), "sentiment": label })
            })
            .collect();
        json!({ "hits": rows.len(), "data": rows })
    }
}

/// The user that an agent is.
fn user(agent: u64) -> String {
    format!("U-{agent}")
}

fn capital(key: &str) -> String {
    let mut letters = key.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}
