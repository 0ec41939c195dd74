//! Cards as messages to agents: to whom, once, and through every kill.

use super::*;
use crate::model::http::{Failure, HttpRequest};

const ID: u64 = 501;

/// The answer to a message that is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The message is stored, and the answer comes.
    Taken,
    /// The message is stored, and the answer is lost.
    AnswerLost,
    /// The message is stored, and the answer is an error.
    StoredWith503,
    /// The message is not stored.
    Lost,
    /// The service refuses it for its reader.
    Refused,
    /// The service asks to wait for a second.
    Limited,
}

/// Behaviour that the public descriptions leave open, and faults.
#[derive(Debug, Clone, Default)]
pub(super) struct Habits {
    /// Lists are wrapped.
    pub wraps: bool,
    /// Fields of messages begin with a capital.
    pub capitals: bool,
    /// A queue that only ages does not come back, and this is the answer instead; 0 where it comes back.
    pub nothing_new: u16,
    /// The next answers to reads are these; 200 once there is none.
    pub faults: Vec<u16>,
}

/// A tenant with one contact.
pub(super) struct Tenant {
    pub worker: Worker,
    pub start: Millis,
    /// Who talks to the customer, from when; 0 is nobody.
    pub agents: Vec<(u64, u64)>,
    /// Of the messages that are posted, in turn; the last stays.
    fates: Vec<Fate>,
    pub inbox: Vec<(String, u64, String)>,
    pub looked: u32,
    pub habits: Habits,
    pub settings: &'static str,
    /// Signals that arrived, by their addresses, and when.
    pub signals: Vec<(String, u64)>,
    /// Contacts beside the one, with the same fate.
    pub others: u64,
    /// The answer to a signal; 0 is none.
    pub signal_answer: u16,
}

impl Tenant {
    pub fn new(agents: &[(u64, u64)], fates: &[Fate]) -> Tenant {
        let worker = Worker::watching();
        let start = worker.host.wall;
        let (agents, fates) = (agents.to_vec(), fates.to_vec());
        Tenant {
            worker,
            start,
            agents,
            fates,
            inbox: Vec::new(),
            looked: 0,
            habits: Habits::default(),
            settings: ACME,
            signals: Vec::new(),
            others: 0,
            signal_answer: 202,
        }
    }

    pub fn seconds(&self) -> u64 {
        self.worker.host.wall.since(self.start).0 / 1_000
    }

    fn agent(&self) -> Option<u64> {
        let seconds = self.seconds();
        self.agents.iter().rev().find(|(from, _)| *from <= seconds).map(|(_, agent)| *agent).filter(|agent| *agent != 0)
    }

    fn fate(&mut self) -> Fate {
        if self.fates.len() > 1 { self.fates.remove(0) } else { self.fates[0] }
    }

    fn store(&mut self, body: &str) {
        let body: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
        let message = &body["agentMessages"][0];
        let text = |name: &str| message[name].as_str().expect("it is text").to_owned();
        self.inbox.push((text("targetType"), message["targetId"].as_u64().expect("an id"), text("subject")));
    }

    /// One answer, or one commit, or time that passes.
    pub fn step(&mut self) {
        if !self.worker.host.commits.is_empty() {
            let (id, changes) = self.worker.host.commits.remove(0);
            self.worker.host.stored.apply(changes);
            return self.worker.feed(Input::Committed(id));
        }
        if self.worker.host.polls.is_empty() {
            self.worker.host.wall = self.worker.host.wall.max(self.worker.host.due.expect("something is due"));
            return self.worker.feed(Input::Tick);
        }
        let (id, request) = self.worker.host.polls.remove(0);
        let outcome = self.serve(&request);
        self.worker.feed(Input::HttpDone(id, outcome));
    }

    fn serve(&mut self, request: &HttpRequest) -> Outcome {
        let answer = |status, body: String| Outcome::Answer(Answer { status, body, ..Answer::default() });
        if request.url.contains("/signal?") {
            self.signals.push((request.url.clone(), self.seconds()));
            return match self.signal_answer {
                0 => Outcome::Failed(Failure::Network),
                status => answer(status, String::new()),
            };
        }
        if request.method == Method::Post {
            let fate = self.fate();
            if !matches!(fate, Fate::Lost | Fate::Refused | Fate::Limited) {
                self.store(&request.body);
            }
            return match fate {
                Fate::Taken => answer(200, r#"{"errorCount":0,"agentMessageResults":[{"success":true}]}"#.to_owned()),
                Fate::Refused => answer(206, r#"{"agentMessageResults":[{"success":false,"error":"no"}]}"#.to_owned()),
                Fate::StoredWith503 => answer(503, String::new()),
                Fate::Limited => {
                    Outcome::Answer(Answer { status: 429, retry_after: Some("1".to_owned()), ..Answer::default() })
                }
                Fate::AnswerLost | Fate::Lost => Outcome::Failed(Failure::Network),
            };
        }
        match self.habits.faults.pop().unwrap_or(200) {
            200 => {}
            0 => return Outcome::Failed(Failure::Network),
            status => return answer(status, String::new()),
        }
        if self.habits.nothing_new != 0 && request.url.contains("activity") && request.url.contains("updatedSince") {
            return answer(self.habits.nothing_new, String::new());
        }
        let wall = self.worker.host.wall;
        let path = request.url.split('?').next().unwrap_or_default();
        let began = self.start.0 - 130_000;
        let body = match path.rsplit('/').next().unwrap_or_default() {
            "server-time" => format!(r#"{{"ServerTime":"{}"}}"#, iso8601(wall)),
            "activity" => {
                format!(r#"{{"totalRecords":1,"lastPollTime":"T","skillActivity":[{}]}}"#, skill(began, wall))
            }
            "active" => {
                let row = match self.agent() {
                    None => queued(began),
                    Some(agent) => talking(agent),
                };
                let rows: Vec<String> =
                    (0..=self.others).map(|next| row.replace(&ID.to_string(), &(ID + next).to_string())).collect();
                let (row, total) = (rows.join(","), self.others + 2);
                let other = r#"{"contactId":9,"skillId":7,"stateName":"Active","agentId":77,"teamId":3}"#;
                format!(r#"{{"totalRecords":{total},"activeContacts":[{row},{other}]}}"#)
            }
            "contacts" => r#"{"hits":0,"data":[]}"#.to_owned(),
            "messages" => {
                self.looked += 1;
                let agent = path.trim_end_matches("/messages").rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
                let is_for = |kind: &str, target: u64| {
                    kind == "Agent" && Some(target) == agent || kind == "Team" && agent == Some(77)
                };
                let there = self.inbox.iter().filter(|(kind, target, _)| is_for(kind, *target));
                let rows: Vec<String> = there.map(|(_, _, subject)| format!(r#"{{"Subject":"{subject}"}}"#)).collect();
                format!(r#"{{"messages":[{}]}}"#, rows.join(","))
            }
            other => panic!("{other} is no part of the service"),
        };
        let is_list = body.contains("skillActivity") || body.contains("activeContacts");
        let body = if self.habits.wraps && is_list { format!(r#"{{"resultSet":{body}}}"#) } else { body };
        let body = if self.habits.capitals { body.replace("messages", "Messages") } else { body };
        answer(200, body)
    }

    pub fn run_for(&mut self, seconds: u64) {
        while self.seconds() < seconds {
            self.step();
        }
    }

    pub fn readers(&self) -> Vec<(&str, u64)> {
        self.inbox.iter().map(|(kind, target, _)| (&**kind, *target)).collect()
    }

    /// The worker is killed. What was under way arrives, or is lost; so is the commit under way.
    pub fn kill(&mut self, arrives: bool) {
        let host = &mut self.worker.host;
        let (polls, commits) = (std::mem::take(&mut host.polls), std::mem::take(&mut host.commits));
        if arrives {
            commits.into_iter().for_each(|(_, changes)| host.stored.apply(changes));
            for (_, request) in polls.iter().filter(|(_, request)| request.method == Method::Post) {
                match request.url.contains("/signal?") {
                    true => self.signals.push((request.url.clone(), self.seconds())),
                    false => self.store(&request.body),
                }
            }
        }
        self.worker.start(self.settings);
    }
}

fn talking(agent: u64) -> String {
    format!(r#"{{"contactId":{ID},"skillId":7,"stateName":"Active","agentId":{agent},"teamId":3}}"#)
}

#[test]
fn a_card_waits_for_an_agent_and_goes_to_the_agent_once() {
    let mut tenant = Tenant::new(&[(40, 39)], &[Fate::Taken]);
    tenant.run_for(39);
    assert_eq!(tenant.worker.cards(), [("long-wait".to_owned(), "501".to_owned())]);
    assert_eq!(tenant.readers(), [], "nobody has the customer");
    tenant.run_for(400);
    assert_eq!((tenant.readers(), tenant.looked), (vec![("Agent", 39)], 0));
    assert!(tenant.inbox[0].2.starts_with("Cuewire · long-wait · #"), "{:?}", tenant.inbox);
    assert_eq!(tenant.worker.runner.pipeline().status().delivered, 1);
}

#[test]
fn a_card_whose_answer_is_lost_is_looked_for_and_not_sent_again() {
    for fate in [Fate::AnswerLost, Fate::StoredWith503] {
        let mut tenant = Tenant::new(&[(5, 39)], &[fate]);
        tenant.run_for(400);
        assert_eq!((tenant.readers(), tenant.looked), (vec![("Agent", 39)], 1), "{fate:?}");
        assert_eq!(tenant.worker.runner.pipeline().status().delivered, 1);
    }
}

#[test]
fn a_card_that_did_not_arrive_is_sent_again_once_it_was_looked_for() {
    let mut tenant = Tenant::new(&[(5, 39)], &[Fate::Lost, Fate::Lost, Fate::Taken]);
    tenant.run_for(400);
    assert_eq!((tenant.readers(), tenant.looked), (vec![("Agent", 39)], 2));
}

#[test]
fn a_card_is_looked_for_at_the_agent_that_it_was_sent_to_although_another_has_the_customer_now() {
    let mut tenant = Tenant::new(&[(20, 39), (21, 40)], &[Fate::AnswerLost]);
    tenant.run_for(400);
    assert_eq!(tenant.readers(), [("Agent", 40)], "the poll at 30 s names the second agent");
    let mut tenant = Tenant::new(&[(5, 39), (16, 40)], &[Fate::Lost, Fate::Taken]);
    tenant.run_for(400);
    assert_eq!(tenant.readers().len(), 1, "{:?}", tenant.inbox);
}

#[test]
fn a_message_that_its_reader_cannot_get_is_tried_for_the_next_and_then_given_up() {
    let mut tenant = Tenant::new(&[(5, 39)], &[Fate::Refused, Fate::Taken]);
    tenant.run_for(400);
    assert_eq!(tenant.readers(), [("Agent", 39)]);
    let mut tenant = Tenant::new(&[(5, 39)], &[Fate::Refused]);
    tenant.run_for(400);
    let status = tenant.worker.runner.pipeline().status();
    assert_eq!((tenant.readers(), status.given_up, tenant.looked), (Vec::new(), 1, 0));
}

#[test]
fn a_message_that_is_refused_once_after_other_failures_is_not_given_up() {
    let mut tenant = Tenant::new(&[(5, 39)], &[Fate::Lost, Fate::Lost, Fate::Refused, Fate::Taken]);
    tenant.run_for(400);
    let status = tenant.worker.runner.pipeline().status();
    assert_eq!((tenant.readers(), status.given_up), (vec![("Agent", 39)], 0));
}

#[test]
fn a_limit_is_over_on_the_page_although_a_card_waits_for_an_agent() {
    let mut tenant = Tenant::new(&[(5, 39), (20, 0)], &[Fate::Limited]);
    let is_told = |tenant: &Tenant| {
        tenant.worker.runner.pipeline().status().diagnoses.iter().any(|wrong| wrong.code == "rateLimited")
    };
    tenant.run_for(29);
    assert!(is_told(&tenant));
    tenant.run_for(120);
    assert_eq!(tenant.worker.cards().len(), 1, "the card is on its way");
    assert!(!is_told(&tenant));
}

#[test]
fn a_card_without_an_agent_goes_to_the_team_where_settings_say_so_and_expires_where_nobody_comes() {
    let mut tenant = Tenant::new(&[], &[Fate::AnswerLost]);
    tenant.settings = r#"{"organization":"acme","clientId":"c","withoutAgent":"team"}"#;
    tenant.worker.start(tenant.settings);
    tenant.run_for(400);
    assert_eq!((tenant.readers(), tenant.looked), (vec![("Team", 3)], 1), "an agent of the team is asked");
    let mut tenant = Tenant::new(&[], &[Fate::Taken]);
    tenant.run_for(700);
    let diagnoses = tenant.worker.runner.pipeline().status().diagnoses;
    assert_eq!(tenant.readers(), []);
    assert!(diagnoses.iter().any(|wrong| wrong.code == "cardExpired"), "{diagnoses:?}");
}

#[test]
fn a_worker_killed_at_any_step_tells_the_agent_once() {
    let (mut kills, mut looked) = (0, 0);
    for fate in [Fate::Taken, Fate::AnswerLost, Fate::Lost] {
        for arrives in [false, true] {
            for at in 0..32 {
                for again in [None, Some(5)] {
                    let mut tenant = Tenant::new(&[(20, 39), (50, 40)], &[fate, Fate::Taken]);
                    tenant.run_for(18);
                    (0..at).for_each(|_| tenant.step());
                    tenant.kill(arrives);
                    if let Some(steps) = again {
                        (0..steps).for_each(|_| tenant.step());
                        tenant.kill(arrives);
                    }
                    tenant.run_for(150);
                    assert_eq!(
                        tenant.readers().len(),
                        1,
                        "{fate:?}, {arrives}, killed at {at}, {again:?}: {:?}",
                        tenant.inbox
                    );
                    kills += 1 + again.map_or(0, |_| 1);
                    looked += tenant.looked;
                }
            }
        }
    }
    assert!(kills > 500 && looked > 100, "{kills} kills, {looked} looks");
}
