use super::*;
use crate::api::Hosts;
use crate::model::address::Base;
use crate::model::card::CardKind;
use crate::model::http::{Answer, Secret};
use crate::model::time::Millis;
use serde_json::{Value, json};

fn card() -> Card {
    Card {
        card_id: "trigger-501-long-wait-1".to_owned(),
        kind: CardKind::Warning,
        title: "Alert".to_owned(),
        content: "Waits > 2 min".to_owned(),
        interaction: "501".to_owned(),
        rule: "long-wait".to_owned(),
        episode: 1,
        reason: "R".to_owned(),
        queue: None,
        timestamp: Millis(0),
    }
}

/// The hosts of a tenant of which only the interface of contacts and agents is known.
pub(super) fn hosts() -> Hosts {
    Hosts {
        authorization: String::new(),
        token: String::new(),
        api: "https://api.example".to_owned(),
        digital: None,
        hub: None,
        tenant: None,
    }
}

fn sent(card: &Card, reader: Reader) -> (String, Value) {
    let base = Base::published();
    let hosts = hosts();
    let token = Secret("t".to_owned());
    let access = Access { base: &base, hosts: Some(&hosts), token: &token };
    let outgoing = Outgoing { card, reader: Some(reader), until: Millis(1_771_320_600_250), left: Millis(60_001) };
    let request = request(&access, &outgoing).unwrap();
    (request.url, serde_json::from_str(&request.body).unwrap())
}

#[test]
fn a_card_is_a_message_to_the_agent_until_its_time_to_live_is_over() {
    let (url, body) = sent(&card(), Reader::Agent(39_260_750_000));
    assert_eq!(url, "https://api.example/inContactAPI/services/v31.0/agents/messages");
    let expected = json!({"agentMessages": [{"message": "Alert: Waits &gt; 2 min",
        "subject": format!("Cuewire · long-wait · {}", marker(&card())), "targetType": "Agent",
        "targetId": 39_260_750_000_u64, "validUntil": "2026-02-17T09:30:00.250Z", "expireMinutes": 2}]});
    assert_eq!(body, expected);
    let (_, body) = sent(&card(), Reader::Team { team: 7, agent: 39 });
    assert_eq!(
        (&body["agentMessages"][0]["targetType"], &body["agentMessages"][0]["targetId"]),
        (&json!("Team"), &json!(7))
    );
}

#[test]
fn limits_hold_after_escaping_and_cut_no_escape_and_no_marker() {
    let long = Card { content: "<😀&é>".repeat(400), rule: "rüle".repeat(60), ..card() };
    let (_, body) = sent(&long, Reader::Agent(1));
    let field = |name: &str| body["agentMessages"][0][name].as_str().unwrap().to_owned();
    let (text, subject) = (field("message"), field("subject"));
    assert!((1_010..=1_024).contains(&text.encode_utf16().count()), "{}", text.len());
    assert!(text.rfind('&').is_none_or(|at| text[at..].contains(';')), "{text}");
    assert_eq!(subject.chars().count(), 100);
    assert!(subject.ends_with(&marker(&long)), "{subject}");
}

#[test]
fn a_card_is_found_by_its_marker_in_both_spellings() {
    let subject = subject(&card());
    for list in
        [json!({"messages": [{"subject": "x"}, {"subject": subject}]}), json!({"Messages": [{"Subject": subject}]})]
    {
        assert_eq!(there(200, &list.to_string(), &card()), Some(true));
        assert_eq!(there(200, &list.to_string(), &Card { card_id: "other".to_owned(), ..card() }), Some(false));
    }
    assert_eq!((there(204, "", &card()), there(200, "<html>", &card())), (Some(false), None));
}

fn there(status: u16, body: &str, card: &Card) -> Option<bool> {
    is_there(&Outcome::Answer(Answer { status, body: body.to_owned(), ..Answer::default() }), card)
}

#[test]
fn an_object_without_a_list_says_that_no_message_waits() {
    for body in ["{}", r#"{"messages":null}"#, r#"{"resultSet":{"messages":[]}}"#] {
        assert_eq!(there(200, body, &card()), Some(false), "{body}");
    }
}

#[test]
fn an_answer_that_lists_nothing_does_not_say_that_the_message_is_missing() {
    for (status, body) in [(304, ""), (200, ""), (200, " \n"), (0, "")] {
        assert_eq!(there(status, body, &card()), None, "{status}");
    }
}

#[test]
fn each_message_has_a_result_of_its_own_and_an_unreadable_one_leaves_it_open() {
    let result = |success: Value| json!({"errorCount": 0, "agentMessageResults": [{"success": success}]}).to_string();
    assert_eq!(
        [json!(true), json!("True"), json!(1), json!(false), json!("0")].map(|success| meaning(&result(success))),
        [Meaning::Done, Meaning::Done, Meaning::Done, Meaning::Refused, Meaning::Refused]
    );
    assert_eq!(meaning(&result(json!("taken"))), Meaning::Unreachable, "a word that nobody knows is no refusal");
    assert_eq!(["", "{\"errorCount\":0", "{}"].map(meaning), [Meaning::Unreachable; 3]);
}
