//! Agent messages of the published service: limits, read-back, expiry, taking back; and signals.

mod support;

use serde_json::{Value, json};
use support::published::*;

const AGENT: u64 = 39_260_700;

fn message(subject: &str) -> Value {
    json!({ "message": "A text", "subject": subject, "targetType": "Agent", "targetId": AGENT, "expireMinutes": 10 })
}

#[tokio::test]
async fn a_message_is_stored_read_back_and_taken_back() {
    let (rig, token) = signed_in(&[]).await;
    let sent = rig.send_messages(&token, &[message("one")]).await;
    assert_eq!((sent.status, &sent.json()["errorCount"]), (200, &json!(0)));
    let result = sent.json()["agentMessageResults"][0].clone();
    assert_eq!((&result["success"], &result["error"]), (&json!(true), &json!("")));
    let back = rig.acd(&token, &format!("agents/{AGENT}/messages")).await.json();
    assert_eq!(
        (&back["messages"][0]["messageId"], &back["messages"][0]["subject"]),
        (&result["agentMessageId"], &json!("one"))
    );
    rig.switch("message-spelling", "pascal").await;
    let back = rig.acd(&token, &format!("agents/{AGENT}/messages")).await.json();
    let old = &back["Messages"][0];
    assert!(old["MessageText"] == "A text" && old["Subject"] == "one" && old["start_date"].is_string());
    assert_eq!(rig.acd(&token, "agents/39260701/messages").await.json()["Messages"], json!([]));
    assert_eq!(rig.acd(&token, "agents/1/messages").await.status, 404);
    let undo = async |id: &str| {
        let address = rig.at(&format!("/api/inContactAPI/services/v31.0/agents/messages/{id}"));
        got(rig.http.delete(address).bearer_auth(&token)).await.status
    };
    let id = result["agentMessageId"].to_string();
    assert_eq!((undo(&id).await, undo(&id).await, undo("x").await), (200, 404, 404));
    assert_eq!(rig.acd(&token, &format!("agents/{AGENT}/messages")).await.json()["Messages"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_fails_alone_or_with_everything() {
    let (rig, token) = signed_in(&[]).await;
    let mut wrong = message("wrong");
    wrong["message"] = "x".repeat(1_025).into();
    let mut stranger = message("stranger");
    stranger["targetId"] = 1.into();
    let items = [message("right"), wrong, stranger];
    let sent = rig.send_messages(&token, &items).await;
    assert_eq!((sent.status, &sent.json()["errorCount"]), (206, &json!(2)));
    let success: Vec<Value> = sent.json()["agentMessageResults"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["success"].clone())
        .collect();
    assert_eq!(success, [json!(true), json!(false), json!(false)]);
    assert_eq!(rig.get("published/messages").await["messages"].as_array().map(Vec::len), Some(1));
    rig.switch("message-limits", "whole").await;
    assert_eq!(rig.send_messages(&token, &items).await.status, 400);
    assert_eq!(rig.get("published/messages").await["messages"].as_array().map(Vec::len), Some(1));
    rig.switch("unknown-agent", "stored").await;
    assert_eq!(rig.send_messages(&token, &items[2..]).await.status, 200);
    assert_eq!(rig.send_messages(&token, &[]).await.status, 400);
    assert_eq!(rig.send_messages("made-up", &items).await.status, 401);
    let observer = rig.signed_in_as("observer").await;
    assert_eq!(rig.send_messages(&observer, &items).await.status, 403);
}

#[tokio::test]
async fn a_message_is_over_at_its_end_by_the_servers_clock() {
    let (rig, token) = signed_in(&["--clock-skew", "300"]).await;
    let iso = |seconds: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("later").as_micros() as i64;
        cxone_simulator::published::time::three_decimals(now + seconds * 1_000_000)
    };
    let until = |seconds: i64| {
        let mut message = message(&format!("until {seconds}"));
        message["validUntil"] = iso(seconds).into();
        message
    };
    rig.send_messages(&token, &[until(200), until(400)]).await;
    let subjects = async || -> Vec<Value> {
        let back = rig.acd(&token, &format!("agents/{AGENT}/messages")).await.json();
        back["messages"].as_array().expect("a list").iter().map(|row| row["subject"].clone()).collect()
    };
    assert_eq!(subjects().await, ["until 400"], "200 s from here is over where the clock is 300 s ahead");
    rig.switch("expired-messages", "listed").await;
    assert_eq!(subjects().await.len(), 2);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_message_stored_and_a_lost_request_does_not() {
    let (rig, token) = signed_in(&[]).await;
    let request = || {
        let address = rig.at("/api/inContactAPI/services/v31.0/agents/messages");
        let body = json!({ "agentMessages": [message("once")] });
        rig.http.post(address).bearer_auth(&token).header("accept", "application/json").json(&body).send()
    };
    rig.fault(json!({ "kind": "lost-request", "count": 1 })).await;
    assert!(request().await.is_err());
    assert_eq!(rig.get("published/messages").await["messages"], json!([]));
    rig.fault(json!({ "kind": "lost-answer", "count": 1 })).await;
    assert!(request().await.is_err());
    rig.fault(json!({ "kind": "cut", "count": 1 })).await;
    assert!(request().await.expect("a head").bytes().await.is_err());
    let back = rig.acd(&token, &format!("agents/{AGENT}/messages")).await.json();
    assert_eq!(back["messages"].as_array().map(Vec::len), Some(2), "there is no key that would tell them apart");
    rig.fault(json!({ "kind": "5xx", "target": "read-back", "count": 1 })).await;
    assert_eq!(rig.acd(&token, &format!("agents/{AGENT}/messages")).await.status, 503);
    rig.switch("read-back", "forbidden").await;
    assert_eq!(rig.acd(&token, &format!("agents/{AGENT}/messages")).await.status, 403);
    assert_eq!(rig.acd(&token, "agents/39000001/messages").await.status, 200, "one's own");
}

#[tokio::test]
async fn a_message_before_retry_after_allows_is_early() {
    let (rig, token) = signed_in(&["--early-grace-ms=0"]).await;
    rig.fault(json!({ "kind": "429", "retryAfter": 600, "count": 1 })).await;
    assert_eq!(rig.send_messages(&token, &[message("a")]).await.status, 429);
    assert_eq!(rig.report().await["early"], 0);
    assert_eq!(rig.send_messages(&token, &[message("a")]).await.status, 200);
    assert_eq!(rig.report().await["early"], 1);
}

#[tokio::test]
async fn teams_and_everyone_are_reached() {
    let (rig, token) = signed_in(&[]).await;
    let to = |kind: Value, id: Value| json!({ "message": "m", "subject": "s", "targetType": kind, "targetId": id });
    rig.send_messages(&token, &[to(json!("Team"), json!(7_001)), to(json!(3), Value::Null)]).await;
    let count = async |agent: u64| {
        let back = rig.acd(&token, &format!("agents/{agent}/messages")).await.json();
        back["messages"].as_array().map(Vec::len)
    };
    assert_eq!((count(AGENT).await, count(AGENT + 1).await), (Some(2), Some(1)));
}

#[tokio::test]
async fn a_signal_reaches_the_script_of_an_open_contact() {
    let (rig, token) = signed_in(&[]).await;
    rig.felt("a", "sales", 0.0).await;
    let id = rig.acd(&token, "contacts/active").await.json()["activeContacts"][0]["contactId"].to_string();
    let signal = async |contact: &str, token: &str, query: &str| {
        let address = rig.at(&format!("/api/inContactAPI/services/v31.0/interactions/{contact}/signal{query}"));
        got(rig.http.post(address).bearer_auth(token).json(&json!({ "p2": "two" }))).await.status
    };
    assert_eq!(signal(&id, &token, "?p1=one&p10=ten").await, 202);
    assert_eq!(signal("17", &token, "").await, 404);
    let tally = rig.report().await;
    assert_eq!(tally["published"]["signalsUnasked"], 1, "no message went before");
    rig.switch("scriptless-contacts", "every-other").await;
    rig.felt("b", "sales", 0.0).await;
    let rows = rig.acd(&token, "contacts/active").await.json();
    let ids = rows["activeContacts"].as_array().expect("a list").iter().map(|row| row["contactId"].to_string());
    let mut answers = Vec::new();
    for id in ids {
        answers.push(signal(&id, &token, "").await);
    }
    answers.sort_unstable();
    assert_eq!(answers, [202, 404], "one of the two has no script");
    rig.switch("scriptless-contacts", "none").await;
    assert_eq!(signal(&id, &rig.signed_in_as("observer").await, "").await, 403);
    let signals = rig.get("published/signals").await;
    assert_eq!(signals["signals"][0]["values"], json!({ "p1": "one", "p2": "two" }));
    let before = signals["signals"].as_array().map_or(0, Vec::len);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    rig.switch("signal-answer", "204").await;
    rig.switch("signals-at-once", "one").await;
    assert_eq!(signal(&id, &token, "").await, 204);
    assert_eq!(signal(&id, &token, "").await, 204);
    assert_eq!(rig.get("published/signals").await["signals"].as_array().map(Vec::len), Some(before + 1));
}

#[tokio::test]
async fn the_desktop_sees_queues_desks_and_messages() {
    let (rig, token) = signed_in(&[]).await;
    rig.queued("w", "sales", 60_000).await;
    rig.felt("a", "billing", -0.9).await;
    rig.send_messages(&token, &[message("seen")]).await;
    let mut live = rig.http.get(rig.at("/control/live")).send().await.expect("a stream");
    let first = live.chunk().await.expect("a chunk").expect("a message");
    let view: Value = serde_json::from_slice(first.strip_prefix(b"data: ").expect("data")).expect("JSON");
    let desk = &view["floor"]["desks"][0];
    assert_eq!((&desk["agent"], &desk["messages"][0]["subject"]), (&json!("Amara Osei"), &json!("seen")));
    assert_eq!(desk["interaction"]["trace"], json!([-1]));
    let sales = view["floor"]["queues"].as_array().expect("a list").iter().find(|queue| queue["name"] == "sales");
    assert_eq!(sales.expect("a queue")["waiting"], 1);
    assert!(view["lookedAtMs"].is_number() && view["service"] == "published");
}
