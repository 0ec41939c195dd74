//! The published service through the whole pipeline: no stream, polls in its place.

mod cards;
mod gaps;
mod large;
mod names;
mod sign_in;
mod signals;
mod worlds;

use super::*;
use crate::api::contract::card::iso8601;
use crate::model::address::ServiceKind;
use crate::model::http::{Method, Secret};
use crate::settings;
use crate::views::status::State;
use std::collections::{BTreeMap, BTreeSet};

/// The token of an earlier worker, with what discovery found.
const TOKEN: &str = r#"{"value":"t-1","usableUntil":9999999999999,"service":"published https://acme.cxone.com",
    "client":"c","hosts":{"authorization":"https://sign.example/auth","token":"https://sign.example/token",
    "api":"https://api.example","digital":"https://digital.example","hub":null,"tenant":null}}"#;

/// A worker that speaks the published service and has a token.
struct Worker {
    runner: Runner,
    host: Memory,
}

impl Worker {
    fn watching() -> Worker {
        let host = Memory { wall: Millis(1_771_320_600_000), ..Memory::default() };
        let mut worker = Worker { runner: Runner::default(), host };
        worker.start(ACME);
        worker
    }

    /// A new worker reads what is stored, and has these settings.
    fn start(&mut self, settings: &str) {
        self.runner = Runner::default();
        self.host.kill();
        let start = self.host.stored.start(1);
        self.feed(Input::Started(start));
        let settings = settings::parse(settings, false).expect("they are whole").settings;
        let now = self.host.wall;
        let mut pipeline = self.runner.pipeline_mut();
        pipeline.use_profile(settings.speaking(ServiceKind::Published), Secret("s".to_owned()));
        let settings = pipeline.profile.as_ref().expect("the settings are used").settings.clone();
        pipeline.session.restore(TOKEN, &settings, now);
        drop(pipeline);
        self.feed(Input::Tick);
    }

    fn feed(&mut self, input: Input<'_>) {
        self.runner.feed(input, &mut self.host);
    }

    /// Answers the oldest poll under way and says what it asked.
    fn answer(&mut self, status: u16, body: &str) -> String {
        let (id, request) = self.host.polls.remove(0);
        assert_eq!((request.method, &*request.headers[0].1), (Method::Get, "Bearer t-1"));
        let answer = Answer { status, body: body.to_owned(), ..Answer::default() };
        self.feed(Input::HttpDone(id, Outcome::Answer(answer)));
        request.url
    }

    /// Answers every poll under way, and those that follow at once, by what the service knows. Says what was asked.
    fn serve(&mut self, skills: &str, contacts: &str, cases: &str) -> Vec<String> {
        let mut asked = Vec::new();
        while !self.host.polls.is_empty() {
            asked.push(self.serve_one(skills, contacts, cases));
        }
        asked
    }

    /// Answers the oldest poll under way.
    fn serve_one(&mut self, skills: &str, contacts: &str, cases: &str) -> String {
        let path = self.host.polls[0].1.url.split('?').next().unwrap_or_default().to_owned();
        let list = |name: &str, rows: &str| {
            let total = rows.matches("Id\":").count().min(1);
            format!(r#"{{"totalRecords":{total},"lastPollTime":"T","{name}":[{rows}]}}"#)
        };
        let body = match path.rsplit('/').next().unwrap_or_default() {
            "server-time" => format!(r#"{{"ServerTime":"{}"}}"#, iso8601(self.host.wall)),
            "activity" => list("skillActivity", skills),
            "active" => list("activeContacts", contacts),
            "contacts" => format!(r#"{{"hits":1,"data":[{cases}]}}"#),
            "messages" => NEGATIVE.to_owned(),
            "agents" => list("agents", r#"{"agentId":39,"userId":"U-1"}"#),
            other => panic!("{other} is no part of the service"),
        };
        self.answer(200, &body);
        path.trim_start_matches("https://").to_owned()
    }

    /// Goes on to the next poll.
    fn wait_for_a_poll(&mut self) {
        while self.host.polls.is_empty() {
            self.host.wall = self.host.wall.max(self.host.due.expect("a poll is due"));
            self.feed(Input::Tick);
        }
    }

    fn cards(&self) -> Vec<(String, String)> {
        let status = self.runner.pipeline().status();
        status.cards.into_iter().map(|card| (card.rule, card.interaction)).collect()
    }
}

const NEGATIVE: &str =
    r#"{"data":[{"id":"m","direction":"inbound","createdAt":"2026-02-17T09:30:00+00:00","sentiment":"negative"}]}"#;

fn skill(earliest: u64, server: Millis) -> String {
    let (earliest, server) = (iso8601(Millis(earliest)), iso8601(server));
    format!(
        r#"{{"skillId":7,"skillName":"Billing","queueCount":1,"serverTime":"{server}",
            "earliestQueueTime":"{earliest}"}}"#
    )
}

fn queued(since: u64) -> String {
    let began = iso8601(Millis(since));
    format!(r#"{{"contactId":501,"skillId":7,"stateName":"InQueue","contactStartDate":"{began}"}}"#)
}

#[test]
fn a_service_without_a_stream_opens_no_socket_and_is_watched_once_it_answers() {
    let mut worker = Worker::watching();
    assert!(worker.host.sockets.is_empty());
    assert_eq!(worker.runner.pipeline().status().state, State::Connecting);
    let url = worker.answer(200, r#"{"ServerTime":"2026-02-17T09:35:00.0000000Z"}"#);
    assert_eq!(url, "https://api.example/inContactAPI/services/v31.0/server-time");
    assert_eq!(worker.runner.pipeline().status().state, State::Connecting);
    worker.serve("", "", "");
    assert_eq!(worker.runner.pipeline().status().state, State::Watching);
    let poller = worker.runner.pipeline_mut().polling.take().expect("it polls");
    assert_eq!(poller.server_time(Millis(0)), Millis(300_000), "the server's clock is five minutes ahead");
}

#[test]
fn a_wait_that_ages_without_coming_back_has_its_card_once() {
    let mut worker = Worker::watching();
    let start = worker.host.wall;
    worker.serve(&skill(start.0 - 90_000, start), &queued(start.0 - 90_000), "");
    assert_eq!(worker.cards(), []);
    for _ in 0..12 {
        worker.wait_for_a_poll();
        // Nothing of the skill is new, so it does not come back.
        worker.serve("", &queued(start.0 - 90_000), "");
    }
    assert!(worker.host.wall.since(start) > Millis::from_secs(40));
    assert_eq!(worker.cards(), [("long-wait".to_owned(), "501".to_owned())]);
    assert!(worker.runner.pipeline().status().recording.is_some(), "what polls hear is recorded");
}

#[test]
fn what_a_customer_writes_in_a_digital_case_is_read_once_and_has_its_card() {
    let mut worker = Worker::watching();
    let case = r#"{"id":"c-1","contactId":502,"inboundCount":1,"skillName":"Chat"}"#;
    let asked = worker.serve("", "", case);
    assert!(asked.contains(&"digital.example/dfo/3.0/contacts/c-1/messages".to_owned()), "{asked:?}");
    assert_eq!(worker.cards(), [("negative-sentiment".to_owned(), "502".to_owned())]);
    for _ in 0..6 {
        worker.wait_for_a_poll();
        let asked = worker.serve("", "", case);
        assert!(asked.iter().all(|path| !path.ends_with("messages")), "{asked:?}");
    }
}

#[test]
fn a_reader_who_is_looked_for_hides_nothing_that_is_watched() {
    let mut worker = Worker::watching();
    worker.serve("", "", "");
    let case = r#"{"id":"c-1","contactId":502,"inboundCount":1,"inboxAssigneeUser":{"incontactId":"u-9"}}"#;
    while !worker.host.polls.iter().any(|(_, request)| request.url.contains("/agents?")) {
        worker.wait_for_a_poll();
        worker.serve_one("", "", case);
    }
    assert_eq!(worker.cards(), [("negative-sentiment".to_owned(), "502".to_owned())]);
    assert_eq!(worker.runner.pipeline().status().state, State::Watching);
}

#[test]
fn answers_in_which_nothing_is_new_are_understood() {
    let mut worker = Worker::watching();
    worker.serve("", "", "");
    let is_told = |worker: &Worker| {
        worker.runner.pipeline().status().diagnoses.iter().any(|wrong| wrong.code == "eventsNotUnderstood")
    };
    for _ in 0..60 {
        worker.wait_for_a_poll();
        worker.answer(200, "half of an ans");
    }
    assert!(is_told(&worker));
    for _ in 0..60 {
        worker.wait_for_a_poll();
        worker.serve("", "", "");
    }
    assert!(!is_told(&worker));
}

#[test]
fn a_page_that_cannot_be_read_is_not_asked_for_as_fast_as_answers_come() {
    let mut worker = Worker::watching();
    worker.answer(200, r#"{"ServerTime":"2026-02-17T09:30:00Z"}"#);
    let start = worker.host.wall;
    let mut asked = 0;
    while worker.host.wall.since(start) < Millis::from_secs(12) {
        worker.wait_for_a_poll();
        if worker.host.polls[0].1.url.contains("/contacts/active") {
            asked += usize::from(worker.host.wall.since(start) < Millis::from_secs(12));
            let first = r#"{"totalRecords":2,"activeContacts":[{"contactId":501,"stateName":"Active","agentId":39}]}"#;
            worker.answer(200, if asked == 1 { first } else { "half of an ans" });
        } else {
            worker.serve_one("", "", "");
        }
    }
    assert_eq!(asked, 2, "the next page, and then not before the next turn");
}

#[test]
fn a_server_that_tells_no_time_holds_up_nothing_else() {
    for (status, body) in [(304, ""), (200, ""), (200, "{}"), (503, ""), (403, "")] {
        let mut worker = Worker::watching();
        worker.answer(status, body);
        let asked: Vec<String> = worker.host.polls.iter().map(|(_, request)| request.url.clone()).collect();
        assert!(asked.iter().any(|url| url.contains("/skills/activity")), "after {status} {body:?}: {asked:?}");
    }
}

#[test]
fn a_service_that_tells_no_time_but_dates_its_answers_lacks_nothing() {
    let mut worker = Worker::watching();
    let (id, request) = worker.host.polls.remove(0);
    assert!(request.url.ends_with("/server-time"));
    let date = Some("Tue, 17 Feb 2026 09:30:00 GMT".to_owned());
    worker.feed(Input::HttpDone(id, Outcome::Answer(Answer { status: 403, date, ..Answer::default() })));
    let asked = worker.serve("", "", "");
    assert!(asked.iter().all(|url| !url.contains("server-time")), "{asked:?}");
    let status = worker.runner.pipeline().status();
    assert_eq!((status.diagnosis, status.state), (None, State::Watching));
}

#[test]
fn a_clock_that_fails_once_is_read_again_soon_where_nothing_else_tells_the_time() {
    let mut worker = Worker::watching();
    worker.answer(503, "");
    let failed_at = worker.host.wall;
    worker.serve("", "", "");
    while !worker.host.polls.iter().any(|(_, request)| request.url.ends_with("/server-time")) {
        worker.wait_for_a_poll();
        if !worker.host.polls[0].1.url.ends_with("/server-time") {
            worker.serve_one("", "", "");
        }
    }
    assert!(worker.host.wall.since(failed_at) <= Millis::from_secs(60), "not after its cadence of five minutes");
    worker.serve("", "", "");
    assert_eq!(worker.runner.pipeline().status().state, State::Watching);
}

#[test]
fn a_page_size_that_the_service_refuses_is_made_up_for_at_once() {
    let mut worker = Worker::watching();
    worker.serve_one("", "", "");
    let at = worker.host.polls.iter().position(|(_, request)| request.url.contains("/skills/")).expect("skills");
    worker.host.polls.swap(0, at);
    assert!(worker.answer(400, "").contains("top=100&"));
    let asked = worker.host.polls.iter().find(|(_, request)| request.url.contains("/skills/"));
    assert!(asked.is_some_and(|(_, request)| request.url.contains("top=50&")), "without waiting for its turn");
}

#[test]
fn nothing_is_asked_that_no_rule_needs() {
    let mut worker = Worker::watching();
    let mut saved = worker.runner.pipeline().profile.as_ref().expect("the settings are used").settings.clone();
    let rules = |condition: &str| {
        let rule = format!(r#"{{"id":"r","name":"R","when":{{"compare":{condition}}}}}"#);
        profile::read_rules(&format!(r#"{{"version":1,"rules":[{rule}]}}"#)).expect("they are rules")
    };
    for (condition, needed) in [
        (r#"{"field":"queueWaitMs","operator":"above","value":1}"#, &["activity", "active", "contacts"][..]),
        (r#"{"field":"sentimentScore","operator":"below","value":0}"#, &["contacts"]),
        (r#"{"field":"type","operator":"is","value":"connect"}"#, &["active"]),
    ] {
        worker.feed(Input::Tick);
        saved.rules = Some(rules(condition));
        worker.runner.pipeline_mut().polling = Default::default();
        worker.runner.pipeline_mut().use_profile(saved.clone(), Secret("s".to_owned()));
        worker.host.polls.clear();
        worker.feed(Input::Tick);
        let asked = worker.serve("", "", "");
        let last = |path: &String| path.rsplit('/').next().map(str::to_owned);
        let asked: Vec<String> = asked.iter().filter_map(last).filter(|last| last != "server-time").collect();
        assert_eq!(asked, needed, "{condition}");
    }
}

#[test]
fn a_poll_that_fails_holds_up_no_other_and_a_pause_stops_them_all() {
    let mut worker = Worker::watching();
    worker.serve("", "", "");
    worker.wait_for_a_poll();
    worker.answer(503, "");
    let start = worker.host.wall;
    let mut asked = Vec::new();
    while worker.host.wall.since(start) < Millis::from_secs(9) {
        worker.wait_for_a_poll();
        let answered = worker.serve("", "", "");
        asked.extend(answered.into_iter().filter(|_| worker.host.wall.since(start) < Millis::from_secs(10)));
    }
    assert!(asked.iter().any(|path| path.ends_with("active")), "{asked:?}");
    assert!(asked.iter().all(|path| !path.ends_with("activity")), "it backs off for a cadence at least: {asked:?}");
    worker.wait_for_a_poll();
    worker.feed(Input::Command(CommandId(1), Request::Pause { scope: None, minutes: None, note: None }));
    while let Some((id, _)) = worker.host.commits.pop() {
        worker.feed(Input::Committed(id));
    }
    assert!(worker.host.polls.is_empty(), "what was under way is aborted");
    worker.host.wall = worker.host.wall.plus(Millis::from_mins(10));
    worker.feed(Input::Tick);
    assert!(worker.host.polls.is_empty(), "nothing is asked while it lasts");
}

#[test]
fn a_poll_that_the_service_refuses_has_its_diagnosis_until_it_answers() {
    let mut worker = Worker::watching();
    worker.serve("", "", "");
    let codes = |worker: &Worker| {
        let status = worker.runner.pipeline().status();
        (status.state, status.diagnoses.into_iter().map(|wrong| (wrong.code, wrong.values)).collect::<Vec<_>>())
    };
    let fail = |worker: &mut Worker, part: &str, status: u16, times: u32| {
        let mut failed = 0;
        while failed < times {
            worker.wait_for_a_poll();
            if worker.host.polls[0].1.url.contains(part) {
                worker.answer(status, "");
                failed += 1;
            } else {
                let body = r#"{"totalRecords":0,"hits":0,"data":[],"ServerTime":"2026-02-17T09:30:00Z"}"#;
                worker.answer(200, body);
            }
        }
    };
    fail(&mut worker, "skills", 403, 1);
    assert_eq!(codes(&worker), (State::Watching, vec![("readForbidden".to_owned(), vec!["queues".to_owned()])]));
    worker.wait_for_a_poll();
    worker.serve("", "", "");
    let settle = |worker: &mut Worker| {
        for _ in 0..9 {
            worker.wait_for_a_poll();
            worker.serve("", "", "");
        }
    };
    settle(&mut worker);
    assert_eq!(codes(&worker), (State::Watching, Vec::new()), "it answers again");
    fail(&mut worker, "skills", 404, 1);
    assert_eq!(codes(&worker).1, []);
    fail(&mut worker, "skills", 404, 1);
    assert_eq!(codes(&worker).1[0].0, "readRefused");
    settle(&mut worker);
    settle(&mut worker);
    fail(&mut worker, "active", 503, 6);
    assert_eq!(codes(&worker).1[0].0, "readStale");
    let polls = worker.runner.pipeline().status().polls;
    assert!(polls.iter().any(|poll| poll.what == "queues" && poll.every == Millis::from_secs(10)), "{polls:?}");
}

#[test]
fn a_tenant_without_digital_contacts_is_told_so_and_needs_no_attention() {
    let mut worker = Worker::watching();
    worker.serve_one("", "", "");
    for _ in 0..60 {
        worker.wait_for_a_poll();
        let is_digital = worker.host.polls[0].1.url.starts_with("https://digital.example");
        if is_digital {
            worker.answer(403, "");
        } else {
            worker.serve_one("", "", "");
        }
    }
    let status = worker.runner.pipeline().status();
    assert_eq!(status.diagnosis.map(|diagnosis| diagnosis.code).as_deref(), Some("readForbidden"));
    assert_eq!((status.state, worker.host.notices.len()), (State::Watching, 0));
    assert!(worker.host.wall.0 > 1_771_320_600_000 + 180_000, "what needs attention would by now");
}

#[test]
fn a_missing_permission_is_told_until_it_is_there_although_other_polls_are_answered_or_lack_one_too() {
    let mut worker = Worker::watching();
    worker.serve("", "", "");
    let case = r#"{"id":"c-1","contactId":502,"inboundCount":1}"#;
    let goes_on = |worker: &mut Worker, forbidden: &[&str]| -> BTreeSet<String> {
        let end = worker.host.wall.plus(Millis::from_mins(5));
        while worker.host.wall < end {
            worker.wait_for_a_poll();
            let url = worker.host.polls[0].1.url.clone();
            match forbidden.iter().any(|part| url.contains(part)) {
                true => drop(worker.answer(403, "")),
                false => drop(worker.serve_one("", "", case)),
            }
        }
        let told = worker.runner.pipeline().status().diagnoses;
        told.into_iter().filter(|wrong| wrong.code == "readForbidden").flat_map(|wrong| wrong.values).collect()
    };
    assert_eq!(goes_on(&mut worker, &["/messages"]), BTreeSet::from(["digital".to_owned()]), "the list is answered");
    assert_eq!(worker.cards(), []);
    assert_eq!(goes_on(&mut worker, &["/messages", "/skills"]).len(), 1, "one at a time");
    assert_eq!(goes_on(&mut worker, &["/skills"]), BTreeSet::from(["queues".to_owned()]), "and then the other");
    let card = ("negative-sentiment".to_owned(), "502".to_owned());
    assert_eq!(worker.cards(), [card], "what could not be read is read once the permission is there");
    assert_eq!(goes_on(&mut worker, &[]), BTreeSet::new());
}

#[test]
fn the_same_address_spoken_as_another_service_is_another_connection() {
    let settings = settings::parse(ACME, false).expect("they are whole").settings;
    let published = settings.clone().speaking(ServiceKind::Published);
    assert_eq!(settings.base().connection(), settings.base().http());
    assert_eq!(settings.base().http(), published.base().http());
    assert_ne!(settings.base().connection(), published.base().connection());
}

#[test]
fn polls_of_a_worker_that_is_killed_at_once_count_for_the_next() {
    let mut worker = Worker::watching();
    let mut asked = 0;
    for _ in 0..3 {
        asked += worker.serve("", "", "").len();
        worker.start(ACME);
        let spending = serde_json::to_value(worker.runner.pipeline().polling.spending()).unwrap_or_default();
        let purses = spending.as_array().into_iter().flatten();
        let groups = purses.flat_map(|purse| purse["until"].as_array().into_iter().flatten());
        let counted: u64 = groups.filter_map(|group| group[1].as_u64()).sum();
        assert!(counted as usize >= asked, "{counted} of {asked}");
    }
    assert!(asked >= 9, "{asked}");
}
