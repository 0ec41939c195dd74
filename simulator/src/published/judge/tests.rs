//! The arithmetic of the judge.

use super::*;
use crate::published::inbox::{Addressee, Draft, Inbox};
use crate::published::people::PEOPLE;

const MINUTE: At = 60 * S;

/// A tenant and its judge, moved by the same events.
struct Court {
    tenant: Tenant,
    judge: Judge,
    inbox: Inbox,
    switches: Switches,
}

impl Court {
    fn new() -> Self {
        let patience = Patience { notice: MINUTE, recovery: 2 * MINUTE };
        Self {
            tenant: Tenant::new(&["billing".to_owned(), "sales".to_owned()], 3),
            judge: Judge::new(Rules::default(), patience),
            inbox: Inbox::default(),
            switches: Switches::default(),
        }
    }

    fn happen(&mut self, json: &str, at: At) -> u64 {
        let number = self.tenant.event(&Seen::read(json.as_bytes()).expect("an event"), at);
        if let Some(contact) = self.tenant.contact(number) {
            self.judge.moved(contact, at);
        }
        number
    }

    fn felt(&mut self, id: &str, score: f64, at: At) -> u64 {
        let routing = r#""routing":{"queueName":"billing"}"#;
        self.happen(&format!(r#"{{"id":"{id}","type":"sentiment",{routing},"sentiment":{{"score":{score}}}}}"#), at)
    }

    /// Everything is polled and answered.
    fn poll(&mut self, at: At) {
        let skills: Vec<(usize, Option<At>)> =
            (0..self.tenant.skills().len()).map(|place| (place, self.tenant.earliest(place))).collect();
        self.judge.told_skills(&self.tenant, &skills, at);
        let open = self.tenant.contacts().filter(|contact| contact.open());
        let contacts: Vec<(u64, Option<usize>)> = open.map(|contact| (contact.number, contact.agent)).collect();
        self.judge.told_contacts(&self.tenant, &contacts, at);
    }

    fn read(&mut self, number: u64, at: At) {
        self.judge.told_messages(&self.tenant, &self.switches, number, at);
    }

    fn send(&mut self, agent: usize, subject: &str, at: At) {
        let to = Addressee::Agent(self.tenant.agents()[agent].id);
        let draft = Draft { to, subject: subject.into(), text: "t".into(), start: None, until: None, minutes: Some(5) };
        let stored = self.inbox.store(draft, "x", at, |unix| unix);
        self.judge.stored(&self.tenant, &stored);
    }

    fn last(&self, at: At) -> crate::report::Report {
        self.judge.report(at, MINUTE, true)
    }
}

#[test]
fn a_contact_that_was_read_and_stays_with_its_agent_is_due_a_message() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    assert_eq!(court.last(10 * MINUTE).due, 0, "nobody read its messages");
    court.read(number, 2 * S);
    assert_eq!((court.last(30 * S).due, court.last(30 * S).uncertain), (0, 1), "there was no time yet");
    let report = court.last(2 * MINUTE);
    assert_eq!((report.due, report.missed, report.ok), (1, 1, false));
    court.send(0, "Cuewire · Sentiment · #0a1b2c3d", 2 * MINUTE);
    let report = court.last(2 * MINUTE);
    assert_eq!((report.due, report.delivered, report.missed, report.ok), (1, 1, 0, true));
    assert!(report.latency_ms.max > 100_000.0);
}

#[test]
fn the_same_marker_twice_or_a_second_marker_is_one_too_many() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.read(number, S);
    court.send(0, "r · #0a1b2c3d", 2 * S);
    court.send(0, "r · #0a1b2c3d", 3 * S);
    assert_eq!((court.last(5 * S).duplicated, court.judge.tally().stored_twice), (1, 1));
    court.send(0, "r · #ffffffff", 4 * S);
    let report = court.last(5 * S);
    assert_eq!((report.delivered, report.duplicated, report.ok), (1, 2, false));
}

#[test]
fn what_ended_or_moved_too_soon_may_get_its_message_and_need_not() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.read(number, S);
    court.happen(r#"{"id":"a","type":"disposition"}"#, 20 * S);
    let report = court.last(10 * MINUTE);
    assert_eq!((report.due, report.missed, report.uncertain), (0, 0, 1));
    court.send(0, "r · #0a1b2c3d", 25 * S);
    let report = court.last(10 * MINUTE);
    assert_eq!((report.due, report.delivered, report.uncertain_delivered), (1, 1, 1));
}

#[test]
fn a_message_to_an_agent_whom_the_contact_left_is_wrong_once_a_client_was_told() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.read(number, S);
    court.happen(r#"{"id":"a","type":"transfer"}"#, 10 * S);
    court.send(0, "r · #00000001", 12 * S);
    let tally = court.judge.tally();
    assert_eq!((court.last(13 * S).delivered, tally.former_agent, tally.wrong_agent), (1, 1, 0), "nobody could know");

    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.read(number, S);
    court.happen(r#"{"id":"a","type":"transfer"}"#, 10 * S);
    court.poll(15 * S);
    court.send(0, "r · #00000001", 25 * S);
    let report = court.last(26 * S);
    assert_eq!((report.delivered, court.judge.tally().wrong_agent, report.ok), (0, 1, false));
    court.send(1, "r · #00000002", 27 * S);
    assert_eq!(court.last(28 * S).delivered, 1);
}

#[test]
fn the_longest_wait_of_a_skill_is_due_once_it_has_an_agent() {
    let mut court = Court::new();
    let waits = |id: &str, ms: u32| {
        format!(r#"{{"id":"{id}","type":"waiting","routing":{{"queueName":"sales","queueWaitTimeMs":{ms}}}}}"#)
    };
    court.happen(&waits("old", 100_000), 0);
    court.happen(&waits("new", 90_000), 0);
    court.poll(10 * S);
    assert!(court.judge.due(10 * S).is_empty());
    court.poll(25 * S);
    let due = court.judge.due(25 * S);
    assert_eq!(due.iter().filter(|due| due.wait).count(), 1, "only the longest is certain");
    court.happen(r#"{"id":"old","type":"connect"}"#, 30 * S);
    court.happen(r#"{"id":"new","type":"connect"}"#, 30 * S);
    court.poll(40 * S);
    let report = court.last(5 * MINUTE);
    assert_eq!((report.due, report.due_by.wait, report.missed), (1, 1, 1));
    court.send(1, "r · #00000001", 5 * MINUTE);
    court.send(0, "r · #00000002", 5 * MINUTE);
    let report = court.last(5 * MINUTE);
    assert_eq!((report.delivered, report.not_due, report.missed), (2, 0, 0), "the other may have one");
}

#[test]
fn a_fault_gives_a_client_time_to_recover() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.judge.hindered(2 * S);
    court.read(number, 3 * S);
    assert_eq!(court.last(2 * MINUTE).missed, 0);
    assert_eq!(court.last(3 * MINUTE + 3 * S).missed, 1);
}

#[test]
fn messages_that_nobody_reads_become_due_when_there_was_time_to_read_them() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    let told = [(number, Some(0))];
    court.poll(S);
    for second in [1, 30, 60] {
        court.judge.told_cases(&court.tenant, &court.switches, &told, second * S);
    }
    assert_eq!((court.last(61 * S).due, court.judge.tally().unread), (0, 1));
    court.judge.told_cases(&court.tenant, &court.switches, &told, 80 * S);
    assert_eq!(court.last(3 * MINUTE).missed, 1);
}

#[test]
fn messages_for_nobodys_contact_and_tests_are_counted_apart() {
    let mut court = Court::new();
    court.felt("a", 0.5, 0);
    court.poll(S);
    court.send(0, "r · #0a1b2c3d", 2 * S);
    let to = Addressee::Agent(PEOPLE[0].agent);
    let draft = Draft { to, subject: "test".into(), text: "t".into(), start: None, until: None, minutes: None };
    let stored = court.inbox.store(draft, "x", 3 * S, |unix| unix);
    court.judge.stored(&court.tenant, &stored);
    let late = Draft {
        until: Some(S),
        ..Draft {
            to: Addressee::Everyone,
            subject: "late".into(),
            text: "t".into(),
            start: None,
            until: None,
            minutes: None,
        }
    };
    let stored = court.inbox.store(late, "x", 3 * S, |unix| unix);
    court.judge.stored(&court.tenant, &stored);
    let (report, tally) = (court.last(4 * S), court.judge.tally());
    assert_eq!((report.not_due, tally.tests, tally.over_when_stored, tally.stored), (1, 1, 1, 3));
}

#[test]
fn a_reset_forgives_what_was_due_before_it() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.read(number, S);
    court.judge.reset(2 * S);
    court.poll(3 * S);
    court.read(number, 3 * S);
    court.send(0, "r · #0a1b2c3d", 4 * S);
    let report = court.last(10 * MINUTE);
    assert_eq!((report.due, report.missed, report.not_due), (0, 0, 0));
}

fn signal(contact: u64, key: &str) -> crate::published::inbox::Signal {
    let values = [("p1", "cuewire"), ("p2", key), ("p3", "warning"), ("p4", "Title"), ("p5", "Text"), ("p6", "rule")];
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    crate::published::inbox::Signal { contact, values, at: 3 * S }
}

#[test]
fn a_signal_follows_a_message_that_a_client_knows_to_be_taken_and_no_other() {
    let mut court = Court::new();
    let number = court.felt("a", -0.9, 0);
    court.poll(S);
    court.read(number, 2 * S);
    let subject = "Cuewire · Sentiment · #0a1b2c3d";
    court.send(0, subject, 3 * S);
    let tally = |court: &Court| {
        let tally = court.judge.tally();
        (tally.signals_twice, tally.signals_unasked, tally.signals_wrong)
    };
    court.judge.signalled(number, &signal(1, "0a1b2c3d"));
    assert_eq!(tally(&court), (0, 1, 0), "its answer was lost");
    court.judge.told_stored(&[subject.to_owned()]);
    court.judge.signalled(number, &signal(1, "0a1b2c3d"));
    assert_eq!(tally(&court), (1, 1, 0), "the same card");
    court.judge.told_stored(&["Cuewire · Sentiment · #11111111".to_owned()]);
    court.judge.signalled(number, &signal(1, "11111111"));
    assert_eq!(tally(&court), (1, 1, 0));
    court.judge.told_stored(&["Cuewire · Sentiment · #22222222".to_owned()]);
    court.judge.signalled(number + 1, &signal(2, "22222222"));
    assert_eq!(tally(&court), (1, 1, 1), "that contact is due none");
    let mut bare = signal(1, "33333333");
    bare.values.remove("p5");
    court.judge.told_stored(&["Cuewire · Sentiment · #33333333".to_owned()]);
    court.judge.signalled(number, &bare);
    assert_eq!(tally(&court), (1, 1, 2));
    assert!(!court.last(3 * S).ok);
}
