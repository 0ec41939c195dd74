use super::*;
use crate::model::http::Answer;

fn read(contacts: &mut Contacts, now: u64, status: u16, rows: &str) -> Vec<Change> {
    contacts.query(Millis(now));
    let total = if rows.matches("contactId").count() > 2 { 150 } else { 1 };
    let list = format!(r#"{{"totalRecords":{total},"lastPollTime":"T","activeContacts":[{rows}]}}"#);
    let body = if status == 200 { list } else { String::new() };
    contacts
        .read(List::Changes, &Outcome::Answer(Answer { status, body, ..Answer::default() }), Millis(now))
        .expect("it is a list")
        .0
}

const QUEUED: &str = r#"{"contactId":5000000001,"skillId":7,"stateName":"InQueue","agentId":0,
    "contactStartDate":"1970-01-01T00:10:00Z"}"#;
const TALKING: &str =
    r#"{"contactId":5000000001,"skillId":7,"state":"Active","contactStateCategory":"With Agent","agentId":"39"}"#;
const ID: u64 = 5_000_000_001;

#[test]
fn a_contact_moves_from_its_queue_to_its_agent_and_ends_once_two_whole_lists_lack_it() {
    let mut contacts = Contacts::default();
    assert_eq!(read(&mut contacts, 0, 200, QUEUED), [Change::Moved(ID)]);
    assert_eq!(read(&mut contacts, 1, 200, QUEUED), []);
    assert_eq!(read(&mut contacts, 2, 200, TALKING), [Change::Moved(ID)]);
    assert_eq!(contacts.get(ID).and_then(|contact| contact.agent), Some(39));
    assert_eq!(read(&mut contacts, 3, 200, ""), []);
    assert_eq!(read(&mut contacts, 4, 204, ""), [Change::Ended(ID)]);
    assert_eq!(contacts.get(ID), None);
}

#[test]
fn an_answer_that_nothing_has_changed_ends_no_contact() {
    let many = (1..=150).map(|id| QUEUED.replace("5000000001", &id.to_string())).collect::<Vec<_>>();
    for nothing in [200, 204, 304] {
        let mut contacts = Contacts::default();
        read(&mut contacts, 0, 200, &many[..100].join(","));
        read(&mut contacts, 1, 200, &many[90..].join(","));
        for now in 2..7 {
            assert!(contacts.query(Millis(now)).contains("updatedSince"), "only what changed is asked for");
            assert_eq!(read(&mut contacts, now, nothing, ""), [], "after {nothing}");
        }
        assert_eq!(contacts.queued().count(), 150);
    }
}

#[test]
fn a_wait_is_the_least_of_all_that_it_can_be() {
    let mut contacts = Contacts::default();
    read(&mut contacts, 600_000, 200, QUEUED);
    let at = |now| Moment { now: Millis(now), wall: Millis(now) };
    let wait = |contacts: &Contacts, longest: Option<u64>, now| {
        contacts.get(ID).and_then(|contact| contact.wait(longest.map(Millis), ServerClock::default(), at(now)))
    };
    assert_eq!(wait(&contacts, None, 700_000), Some(Millis(100_000)), "since it began");
    assert_eq!(wait(&contacts, Some(30_000), 700_000), Some(Millis(30_000)), "nobody waits longer in its queue");
    assert_eq!(wait(&contacts, Some(0), 700_000), Some(Millis(0)), "nobody waits");
    read(&mut contacts, 710_000, 200, TALKING);
    read(&mut contacts, 720_000, 200, QUEUED);
    assert_eq!(wait(&contacts, Some(99_000), 730_000), Some(Millis(20_000)), "it was with an agent until then");
}

#[test]
fn a_state_is_known_by_its_name_and_not_by_its_number() {
    let stage_of = |row: &str| {
        let value: serde_json::Value = serde_json::from_str(row).unwrap();
        let row = Row::of(&value).unwrap();
        stage(&row, row.id(&["agentId"]))
    };
    for (row, expected) in [
        (r#"{"stateId":4,"stateName":"Active","agentId":3}"#, Stage::Talking),
        (r#"{"stateName":"In Queue"}"#, Stage::Queued),
        (r#"{"stateName":"PreQueue"}"#, Stage::Elsewhere),
        (r#"{"stateName":"PostQueue","agentId":3}"#, Stage::Elsewhere),
        (r#"{"stateName":"Undefined","contactStateCategory":"In Queue"}"#, Stage::Elsewhere),
        (r#"{"stateName":"Routing","contactStateCategory":"In Queue"}"#, Stage::Queued),
        (r#"{"stateName":"Menu","contactStateCategory":"Pre Queue","agentId":3}"#, Stage::Elsewhere),
        (r#"{"state":4,"contactStateCategory":"With Agent","agentId":"3"}"#, Stage::Talking),
        (r#"{"agentId":3}"#, Stage::Talking),
        ("{}", Stage::Queued),
    ] {
        assert_eq!(stage_of(row), expected, "{row}");
    }
}

#[test]
fn an_end_is_an_end_however_it_is_spelled() {
    for name in ["EndContact", "End Contact", "ENDED"] {
        let value = serde_json::json!({ "state": name, "agentId": 3 });
        assert!(is_over(&Row::of(&value).unwrap()), "{name}");
    }
}

#[test]
fn a_whole_list_that_is_not_modified_ends_no_contact() {
    let mut contacts = Contacts::default();
    read(&mut contacts, 0, 200, QUEUED);
    (1..6).for_each(|now| assert_eq!(read(&mut contacts, now, 304, ""), []));
    assert_eq!(contacts.queued().count(), 1);
}

#[test]
fn after_a_long_gap_a_contact_is_known_once_its_own_row_or_a_whole_list_was_read() {
    let many = (1..=150).map(|id| QUEUED.replace("5000000001", &id.to_string())).collect::<Vec<_>>();
    let (first, second) = (many[..100].join(","), many[90..].join(","));
    let mut contacts = Contacts::default();
    read(&mut contacts, 0, 200, &first);
    read(&mut contacts, 1, 200, &second);
    assert!(contacts.get_fresh(1, Millis(50_001)).is_some() && contacts.get_fresh(150, Millis(50_001)).is_some());
    assert!(contacts.get_fresh(1, Millis(50_002)).is_none(), "nothing was read for long");
    read(&mut contacts, 90_000, 200, &first);
    assert!(contacts.get_fresh(1, Millis(90_001)).is_some());
    assert!(contacts.get_fresh(150, Millis(90_001)).is_none(), "the page with its row is still to come");
    read(&mut contacts, 90_002, 200, &second);
    assert!(contacts.get_fresh(150, Millis(90_003)).is_some());
}

#[test]
fn a_long_list_is_read_page_by_page_while_changes_are_asked_for_beside_it() {
    let many = (1..=150).map(|id| QUEUED.replace("5000000001", &id.to_string())).collect::<Vec<_>>();
    let mut contacts = Contacts::default();
    read(&mut contacts, 0, 200, &many[..100].join(","));
    assert!(!contacts.sweeps(), "the first time there is nothing to ask for changes since");
    read(&mut contacts, 1, 200, &many[90..].join(","));
    assert!(contacts.sweeps());
    let sweep = |contacts: &mut Contacts, now: u64, rows: &str, total: usize| {
        assert!(!contacts.sweep_query(Millis(now)).contains("updatedSince"));
        let body = format!(r#"{{"totalRecords":{total},"lastPollTime":"T","activeContacts":[{rows}]}}"#);
        let answer = Answer { status: 200, body, ..Answer::default() };
        contacts.read(List::Sweep, &Outcome::Answer(answer), Millis(now)).expect("it is a list")
    };
    for pass in 0..4 {
        assert_eq!(sweep(&mut contacts, 10 + pass * 2, &many[..100].join(","), 149), (Vec::new(), false));
        assert!(contacts.query(Millis(10 + pass * 2)).contains("updatedSince"), "changes do not wait for the pages");
        let (changes, is_over) = sweep(&mut contacts, 11 + pass * 2, &many[90..149].join(","), 149);
        let ended: Vec<Change> = (pass == 1).then_some(Change::Ended(150)).into_iter().collect();
        assert_eq!((changes, is_over), (ended, true), "pass {pass}");
    }
    sweep(&mut contacts, 30, &many[..90].join(","), 90);
    assert!(!contacts.sweeps(), "it has become short");
}

#[test]
fn a_contact_of_which_nothing_says_since_when_it_waits_has_no_wait_of_another() {
    let mut contacts = Contacts::default();
    let old = r#"{"contactId":5000000001,"skillId":7,"contactStateCategory":"In Queue"}"#;
    read(&mut contacts, 0, 200, old);
    let at = Moment { now: Millis(1_000), wall: Millis(1_000) };
    let wait = |contacts: &Contacts, at| {
        contacts.get(ID).and_then(|contact| contact.wait(Some(Millis(200_000)), ServerClock::default(), at))
    };
    assert!(contacts.lacks_fields(), "the rows of an older version are asked for with all fields");
    assert_eq!(wait(&contacts, at), None);
    read(
        &mut contacts,
        1_000,
        200,
        &old.replace("\"skillId\"", "\"contactStart\":\"1970-01-01T00:00:00Z\",\"skillId\""),
    );
    assert!(!contacts.lacks_fields());
    assert_eq!(wait(&contacts, at), Some(Millis(1_000)));
}

#[test]
fn a_contact_is_digital_by_the_number_or_the_name_of_its_medium() {
    let is_digital_by = |row: &str| {
        let value: serde_json::Value = serde_json::from_str(row).unwrap();
        is_digital(&Row::of(&value).unwrap())
    };
    for (row, expected) in [
        (r#"{"mediaTypeId":9}"#, Some(true)),
        (r#"{"mediaTypeId":"9","mediaTypeName":null}"#, Some(true)),
        (r#"{"mediaTypeName":"Digital"}"#, Some(true)),
        (r#"{"mediaTypeId":null,"mediaTypeName":" digital "}"#, Some(true)),
        (r#"{"mediaType":"DIGITAL"}"#, Some(true)),
        (r#"{"mediaType":9}"#, Some(true)),
        (r#"{"mediaTypeId":4,"mediaTypeName":"Call"}"#, Some(false)),
        (r#"{"mediaTypeName":"Voicemail"}"#, Some(false)),
        ("{}", None),
    ] {
        assert_eq!(is_digital_by(row), expected, "{row}");
    }
}

#[test]
fn a_row_without_a_medium_keeps_what_was_known_of_it() {
    let mut contacts = Contacts::default();
    read(&mut contacts, 0, 200, &QUEUED.replace("\"skillId\"", "\"mediaTypeName\":\"Digital\",\"skillId\""));
    read(&mut contacts, 1, 200, TALKING);
    assert_eq!(contacts.get(ID).map(|contact| contact.is_digital), Some(true));
}
