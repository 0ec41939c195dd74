use super::*;
use crate::model::http::Answer;

fn answer(status: u16, body: &str) -> Outcome {
    Outcome::Answer(Answer { status, body: body.to_owned(), ..Answer::default() })
}

fn list(cases: &mut Cases, now: u64, body: &str) -> Vec<Change> {
    cases.query(Millis(now));
    cases.read(&answer(200, body), Millis(now)).expect("it is a list").0
}

fn read_messages(cases: &mut Cases, outcome: &Outcome, now: Millis) -> Result<Option<String>, Rejection> {
    cases.ask_messages();
    cases.read_messages(outcome, now)
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
    assert_eq!(read_messages(&mut cases, &answer(200, NEGATIVE), Millis(1)), Ok(Some("c-1".to_owned())));
    assert_eq!(list(&mut cases, 20_000, &one(1)), []);
    assert_eq!(cases.unread(), None);
    list(&mut cases, 40_000, &one(2));
    assert_eq!(cases.unread(), Some("c-1"));
    let second = NEGATIVE.replace("09:30:00", "09:31:00");
    assert_eq!(
        read_messages(&mut cases, &answer(200, &second), Millis(1)),
        Ok(Some("c-1".to_owned())),
        "it says it again"
    );
    assert_eq!(cases.get("c-1").and_then(|case| case.level), Some(-1.0));
}

#[test]
fn a_label_that_comes_late_is_waited_for_a_few_times() {
    let mut cases = Cases::default();
    list(&mut cases, 0, &one(1));
    let unlabelled = NEGATIVE.replace(r#","sentiment":"negative""#, "");
    let mut now = 0;
    for _ in 0..4 {
        assert_eq!(read_messages(&mut cases, &answer(200, &unlabelled), Millis(now)), Ok(None), "no data, never 0");
        now += 30_000;
        cases.read_again(Millis(now - 1));
        assert_eq!(cases.unread(), None);
        cases.read_again(Millis(now));
        assert_eq!(cases.unread(), Some("c-1"));
    }
    assert_eq!(read_messages(&mut cases, &answer(200, NEGATIVE), Millis(now)), Ok(Some("c-1".to_owned())));
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
    assert_eq!(cases.not_before, Millis(3_600));
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
    assert_eq!(cases.not_before, Millis(2_400), "two pages cost their time");
    assert!(is_known(&cases, "1", 52_400) && is_known(&cases, "2", 52_400));
    assert!(!is_known(&cases, "1", 52_401));
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
    read_messages(&mut cases, &answer(200, NEGATIVE), Millis(1)).unwrap();
    list(&mut cases, 2, &rows([2, 1, 1]));
    assert_eq!(cases.unread(), Some("c-1"), "its customer wrote");
    read_messages(&mut cases, &answer(200, NEGATIVE), Millis(3)).unwrap();
    assert_eq!(cases.unread(), Some("c-2"), "nobody is read twice before the others");
}

/// A row that an agent has, and how often its customer wrote and was unhappy.
fn rated(id: u32, inbound: u32, negative: u32) -> String {
    format!(
        r#"{{"id":"c-{id}","inboundCount":{inbound},"inboxAssigneeUser":{{"incontactId":"U"}},
        "endUser":{{"sentimentStatistics":{{"positive":0,"neutral":1,"negative":{negative}}}}}}}"#
    )
}

fn list_of(rows: &[String]) -> String {
    format!(r#"{{"hits":{},"data":[{}]}}"#, rows.len(), rows.join(","))
}

#[test]
fn a_customer_who_was_unhappy_once_more_is_read_first() {
    let mut cases = Cases::default();
    list(&mut cases, 0, &list_of(&[rated(1, 1, 0), rated(2, 1, 3), rated(3, 1, 0)]));
    assert_eq!(cases.unread(), Some("c-2"), "of those never read, who was unhappy before");
    list(&mut cases, 1, &list_of(&[rated(1, 2, 0), rated(2, 1, 3), rated(3, 2, 1)]));
    assert_eq!(cases.unread(), Some("c-3"));
    read_messages(&mut cases, &answer(200, NEGATIVE), Millis(2)).unwrap();
    assert_eq!(cases.unread(), Some("c-1"), "who wrote comes before those that were never read");
    list(&mut cases, 3, &list_of(&[rated(1, 2, 0), rated(2, 1, 4), rated(3, 2, 1)]));
    assert_eq!(cases.unread(), Some("c-2"), "a label that came after its message was counted");
}

#[test]
fn messages_are_of_the_case_that_was_asked_for_although_another_is_next_when_they_come() {
    let mut cases = Cases::default();
    let rows = |counts: [u32; 2]| {
        let row = |(id, count)| format!(r#"{{"id":"c-{id}","inboundCount":{count}}}"#);
        list_of(&(1..).zip(counts).map(row).collect::<Vec<_>>())
    };
    list(&mut cases, 0, &rows([1, 0]));
    assert_eq!(cases.ask_messages(), Some("c-1"));
    list(&mut cases, 1, &rows([1, 1]));
    assert_eq!(cases.unread(), Some("c-2"), "its customer wrote meanwhile");
    assert_eq!(cases.read_messages(&answer(200, NEGATIVE), Millis(2)), Ok(Some("c-1".to_owned())));
    assert_eq!(cases.get("c-2").and_then(|case| case.level), None);
    assert_eq!(cases.unread(), Some("c-2"));
}

#[test]
fn customers_who_wrote_and_are_not_read_for_long_are_counted() {
    let mut cases = Cases::default();
    let rows = |count: u32| {
        let row = |id| format!(r#"{{"id":"c-{id}","inboundCount":{count},"inboxAssigneeUser":{{"incontactId":"U"}}}}"#);
        list_of(&(1..=3).map(row).collect::<Vec<_>>())
    };
    list(&mut cases, 0, &rows(1));
    assert_eq!(cases.behind(), None, "what was never read is no delay");
    list(&mut cases, 20_000, &rows(2));
    assert_eq!(cases.behind(), Some((3, Millis(20_000))), "since they wrote");
    read_messages(&mut cases, &answer(200, NEGATIVE), Millis(21_000)).unwrap();
    assert_eq!(cases.behind().map(|(count, _)| count), Some(2));
}

#[test]
fn a_case_ends_later_where_others_came_or_went_between_the_pages() {
    let mut cases = Cases::default();
    let pass = |cases: &mut Cases, now: u64, hits: [u32; 2], second: &str| {
        let page = |hits: u32, id: &str| format!(r#"{{"hits":{hits},"scrollToken":"s","data":[{{"id":"{id}"}}]}}"#);
        list(cases, now, &page(hits[0], "1"));
        list(cases, now + 1, &page(hits[1], second))
    };
    pass(&mut cases, 0, [2, 2], "2");
    assert_eq!(pass(&mut cases, 10, [3, 2], "3"), [Change::Moved("3".to_owned())]);
    assert_eq!(pass(&mut cases, 20, [3, 2], "3"), [], "two lists that are whole would end it");
    assert_eq!(pass(&mut cases, 30, [3, 2], "3"), [Change::Ended("2".to_owned(), None)]);
}

#[test]
fn a_count_of_one_page_alone_ends_no_list() {
    let mut cases = Cases::default();
    let rows = |ids: std::ops::Range<u32>| ids.map(|id| format!(r#"{{"id":"{id}"}}"#)).collect::<Vec<_>>().join(",");
    let page = |ids: std::ops::Range<u32>| {
        answer(200, &format!(r#"{{"hits":{},"scrollToken":"s","data":[{}]}}"#, ids.len(), rows(ids)))
    };
    let is_over = |cases: &mut Cases, outcome: &Outcome| {
        cases.query(Millis(0));
        cases.read(outcome, Millis(0)).expect("it is a list").1
    };
    for size in [1, 5, 25, 100] {
        assert!(!is_over(&mut cases, &page(0..size)), "pages of {size}");
        assert!(!is_over(&mut cases, &page(size..2 * size)));
        assert!(is_over(&mut cases, &page(size..2 * size)), "a server that repeats its last page is at the end");
    }
    assert!(!is_over(&mut cases, &page(0..25)));
    assert!(is_over(&mut cases, &page(25..30)), "a page that is not full is the last");
}

#[test]
fn a_list_that_the_service_cannot_go_on_with_begins_again() {
    let mut cases = Cases::default();
    list(&mut cases, 0, r#"{"hits":2,"scrollToken":"s","data":[{"id":"1"}]}"#);
    assert!(cases.query(Millis(1)).contains("scrollToken"));
    cases.restart();
    assert!(!cases.query(Millis(2)).contains("scrollToken"));
    assert_eq!(list(&mut cases, 2, r#"{"hits":2,"scrollToken":"s","data":[{"id":"1"}]}"#), []);
    assert!(cases.goes_on(), "a row of the list before is news in this one");
}

#[test]
fn messages_whose_answer_was_cut_are_asked_for_again_after_the_others() {
    let mut cases = Cases::default();
    list(&mut cases, 0, &list_of(&[rated(1, 1, 0), rated(2, 1, 0)]));
    let first = cases.unread().expect("one is next").to_owned();
    assert_eq!(read_messages(&mut cases, &answer(200, &NEGATIVE[..40]), Millis(1)), Err(Rejection::NotJson));
    let second = cases.unread().expect("both are unread").to_owned();
    assert_ne!(first, second, "one that can never be read must not hold up the others");
    assert_eq!(read_messages(&mut cases, &answer(200, NEGATIVE), Millis(2)), Ok(Some(second)));
    assert_eq!(read_messages(&mut cases, &answer(200, NEGATIVE), Millis(3)), Ok(Some(first)));
    assert_eq!(cases.unread(), None);
}

#[test]
fn an_assignee_that_says_nothing_is_nobody() {
    for nobody in ["null", "{}", r#"{"id":null,"incontactId":null}"#, "[]"] {
        let mut cases = Cases::default();
        let row = |queue: &str| {
            format!(
                r#"{{"hits":1,"data":[{{"id":"9","routingQueueId":"{queue}","statusUpdatedAt":"1970-01-01T00:01:00Z",
                "inboxAssigneeUser":{nobody}}}]}}"#
            )
        };
        list(&mut cases, 0, &row("q"));
        assert_eq!(cases.get("9").and_then(|case| case.waits_since), Some(Millis(60_000)), "{nobody}");
        list(&mut cases, 0, &row(""));
        assert_eq!(cases.get("9").and_then(|case| case.waits_since), None, "no queue, nobody waits");
    }
}
