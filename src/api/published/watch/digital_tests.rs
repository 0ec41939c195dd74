use super::*;
use crate::model::http::Answer;

fn answer(status: u16, body: &str) -> Outcome {
    Outcome::Answer(Answer { status, body: body.to_owned(), ..Answer::default() })
}

fn list(cases: &mut Cases, now: u64, body: &str) -> Vec<Change> {
    cases.query(Millis(now));
    cases.read(&answer(200, body), Millis(now)).expect("it is a list").0
}

fn one(inbound: u32) -> String {
    format!(
        r#"{{"hits":1,"data":[{{"id":"c-1","contactId":null,"inboundCount":{inbound},"skillName":"Chat",
        "inboxAssigneeUser":{{"id":3,"incontactId":"U-1"}}}}]}}"#
    )
}

const NEGATIVE: &str =
    r#"{"data":[{"id":"m","direction":"inbound","createdAt":"2026-02-17T09:30:00+00:00","sentiment":"negative"}]}"#;

#[test]
fn messages_are_read_only_where_one_came() {
    let mut cases = Cases::default();
    assert_eq!(list(&mut cases, 0, &one(1)), [Change::Moved("c-1".to_owned())]);
    assert_eq!(cases.unread(), Some("c-1"));
    assert_eq!(cases.read_messages(&answer(200, NEGATIVE), Millis(1)), Ok(Some("c-1".to_owned())));
    assert_eq!(list(&mut cases, 20_000, &one(1)), []);
    assert_eq!(cases.unread(), None);
    list(&mut cases, 40_000, &one(2));
    assert_eq!(cases.unread(), Some("c-1"));
    let second = NEGATIVE.replace("09:30:00", "09:31:00");
    assert_eq!(cases.read_messages(&answer(200, &second), Millis(1)), Ok(Some("c-1".to_owned())), "it says it again");
    assert_eq!(cases.get("c-1").and_then(|case| case.level), Some(-1.0));
}

#[test]
fn a_label_that_comes_late_is_waited_for_a_few_times() {
    let mut cases = Cases::default();
    list(&mut cases, 0, &one(1));
    let unlabelled = NEGATIVE.replace(r#","sentiment":"negative""#, "");
    let mut now = 0;
    for _ in 0..4 {
        assert_eq!(cases.read_messages(&answer(200, &unlabelled), Millis(now)), Ok(None), "no data, never 0");
        now += 30_000;
        cases.read_again(Millis(now - 1));
        assert_eq!(cases.unread(), None);
        cases.read_again(Millis(now));
        assert_eq!(cases.unread(), Some("c-1"));
    }
    assert_eq!(cases.read_messages(&answer(200, NEGATIVE), Millis(now)), Ok(Some("c-1".to_owned())));
    cases.read_again(Millis(now * 9));
    assert_eq!(cases.unread(), None, "each message has its label");
}

#[test]
fn a_case_that_nobody_has_waits_and_one_that_two_lists_lack_is_over() {
    let mut cases = Cases::default();
    let waiting = r#"{"hits":1,"data":[{"id":"9","contactId":77,"routingQueueId":"q",
        "statusUpdatedAt":"1970-01-01T00:01:00Z"}]}"#;
    assert_eq!(list(&mut cases, 0, waiting), [Change::Moved("9".to_owned())]);
    let at = Moment { now: Millis(100_000), wall: Millis(100_000) };
    assert_eq!(cases.of_contact(77).and_then(|case| case.wait(ServerClock::default(), at)), Some(Millis(40_000)));
    assert_eq!(list(&mut cases, 1, r#"{"hits":0,"data":[]}"#), []);
    cases.query(Millis(2));
    assert_eq!(cases.read(&answer(304, ""), Millis(2)), Ok((Vec::new(), true)), "that nothing changed is no list");
    assert_eq!(list(&mut cases, 3, r#"{"hits":0,"data":[]}"#), [Change::Ended("9".to_owned(), Some(77))]);
}

#[test]
fn a_list_goes_on_where_its_token_says_and_costs_time_by_its_pages() {
    let mut cases = Cases::default();
    let page = |id: u32, token: &str| format!(r#"{{"hits":3,"scrollToken":"{token}","data":[{{"id":"{id}"}}]}}"#);
    assert!(!cases.query(Millis(0)).contains("scrollToken"));
    assert_eq!(cases.read(&answer(200, &page(1, "a+b")), Millis(0)).map(|(_, over)| over), Ok(false));
    assert!(cases.query(Millis(1)).ends_with("&scrollToken=a%2Bb"));
    assert_eq!(
        cases.read(&answer(200, &page(2, "a+b")), Millis(1)).map(|(_, over)| over),
        Ok(false),
        "a token may stay the same"
    );
    assert_eq!(cases.read(&answer(200, &page(3, "a+b")), Millis(2)).map(|(_, over)| over), Ok(true));
    assert_eq!(cases.not_before, Millis(18_000));
}

#[test]
fn an_interaction_is_named_by_its_contact_or_else_by_its_case() {
    assert_eq!((interaction("c", Some(5)), interaction("c", None)), ("5".to_owned(), "digital-c".to_owned()));
}

#[test]
fn who_has_a_case_is_not_known_any_more_once_the_list_was_unanswered_for_long() {
    let mut cases = Cases::default();
    let page = |id: u32| format!(r#"{{"hits":2,"scrollToken":"s","data":[{{"id":"{id}"}}]}}"#);
    let is_known = |cases: &Cases, id: &str, now| cases.get(id).is_some_and(|case| cases.is_fresh(case, Millis(now)));
    for (id, now) in [(1, 0), (2, 1_000)] {
        cases.query(Millis(now));
        cases.read(&answer(200, &page(id)), Millis(now)).unwrap();
    }
    assert_eq!(cases.not_before, Millis(12_000), "two pages cost their time");
    assert!(is_known(&cases, "1", 62_000) && is_known(&cases, "2", 62_000));
    assert!(!is_known(&cases, "1", 62_001));
    cases.query(Millis(90_000));
    cases.read(&answer(200, &page(1)), Millis(90_000)).unwrap();
    assert!(is_known(&cases, "1", 90_001));
    assert!(!is_known(&cases, "2", 90_001), "the page with its row is still to come");
}

#[test]
fn who_has_a_new_message_is_read_before_those_that_were_never_read() {
    let mut cases = Cases::default();
    let rows = |counts: [u32; 3]| {
        let row = |(id, count)| format!(r#"{{"id":"c-{id}","inboundCount":{count}}}"#);
        let rows: Vec<String> = (1..).zip(counts).map(row).collect::<Vec<_>>();
        format!(r#"{{"hits":3,"data":[{}]}}"#, rows.join(","))
    };
    list(&mut cases, 0, &rows([1, 1, 1]));
    assert_eq!(cases.unread(), Some("c-1"));
    cases.read_messages(&answer(200, NEGATIVE), Millis(1)).unwrap();
    list(&mut cases, 2, &rows([2, 1, 1]));
    assert_eq!(cases.unread(), Some("c-1"), "its customer wrote");
    cases.read_messages(&answer(200, NEGATIVE), Millis(3)).unwrap();
    assert_eq!(cases.unread(), Some("c-2"), "nobody is read twice before the others");
}
