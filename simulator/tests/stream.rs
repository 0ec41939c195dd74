//! The stream, its faults, and what the oracle makes of who heard what.

mod support;

use cxone_simulator::event::Seen;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use support::{QUIET, closing, negative, next, start};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn traffic_starts_with_the_first_client_and_is_heard() {
    let rig = start(&["--rate", "200"]).await;
    assert_eq!(rig.get("state").await["phase"], "waiting");
    let mut socket = rig.open(&rig.token().await).await.expect("a stream");
    for _ in 0..50 {
        let Some(Ok(Message::Text(text))) = next(&mut socket).await else { panic!("text frames") };
        assert!(Seen::read(text.as_bytes()).is_some());
    }
    assert_eq!(rig.get("state").await["phase"], "playing");
    assert!(rig.report().await["eventsSent"].as_u64() >= Some(50));
}

#[tokio::test]
async fn frames_can_be_binary_and_padded() {
    let rig = start(&["--rate", "200", "--frames", "binary", "--frame-bytes", "8192", "--odd-ids", "0"]).await;
    let mut socket = rig.open(&rig.token().await).await.expect("a stream");
    let Some(Ok(Message::Binary(bytes))) = next(&mut socket).await else { panic!("a binary frame") };
    assert_eq!(bytes.len(), 8192);
}

#[tokio::test]
async fn an_event_that_was_heard_is_due_and_one_that_was_not_is_not() {
    let rig = start(&[QUIET]).await;
    rig.negative("nobody listens").await;
    let token = rig.token().await;
    let mut socket = rig.listen(&token).await;
    rig.negative("heard").await;
    while !matches!(next(&mut socket).await, Some(Ok(Message::Text(text))) if text.contains("heard")) {}
    let due = rig.get("due").await;
    assert_eq!(due["due"].as_array().map(Vec::len), Some(1));
    assert_eq!(due["due"][0]["interaction"], "heard");
    assert_eq!(rig.report().await["missed"], 1);
    assert_eq!(rig.card_status(&token, "heard", "c").await, 201);
    assert_eq!(rig.card_status(&token, "nobody listens", "d").await, 201);
    let report = rig.report().await;
    assert_eq!((&report["missed"], &report["delivered"], &report["notDue"]), (&json!(0), &json!(1), &json!(1)));
}

#[tokio::test]
async fn streams_are_closed_with_the_chosen_code_after_everything_before_it() {
    for code in [1000, 1001, 1011, 4321] {
        let rig = start(&[QUIET]).await;
        let mut socket = rig.listen(&rig.token().await).await;
        rig.negative("before").await;
        assert_eq!(rig.fault(json!({ "kind": "drop", "code": code })).await["hit"], 1);
        assert_eq!(closing(&mut socket).await, Some(code));
        rig.until(|| rig.simulator.world().audience.open() == 0).await;
        let report = rig.report().await;
        assert_eq!(
            (&report["missed"], &report["uncertain"]),
            (&json!(1), &json!(0)),
            "read before the close: certainly due"
        );
        assert_eq!(report["faults"]["drop"], 1);
    }
}

#[tokio::test]
async fn code_1006_drops_the_connection_without_a_close_frame() {
    let rig = start(&[QUIET]).await;
    let mut socket = rig.listen(&rig.token().await).await;
    rig.negative("maybe heard").await;
    rig.fault(json!({ "kind": "drop", "code": 1006 })).await;
    assert_eq!(closing(&mut socket).await, None);
    drop(socket);
    rig.until(|| rig.simulator.world().audience.open() == 0).await;
    let report = rig.report().await;
    assert_eq!((&report["missed"], &report["uncertain"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn what_a_killed_client_may_not_have_read_is_uncertain() {
    let rig = start(&[QUIET]).await;
    let socket = rig.listen(&rig.token().await).await;
    rig.negative("a").await;
    drop(socket);
    rig.until(|| rig.simulator.world().audience.open() == 0).await;
    assert_eq!(rig.report().await["uncertain"], 1);
    let _again = rig.listen(&rig.token().await).await;
    rig.until(|| rig.simulator.world().audience.listening() == 1).await;
    rig.negative("a").await;
    let report = rig.report().await;
    assert_eq!((&report["missed"], &report["uncertain"]), (&json!(1), &json!(0)), "heard again: due");
}

#[tokio::test]
async fn a_dropping_spell_drops_new_streams_as_well() {
    let rig = start(&[QUIET]).await;
    rig.fault(json!({ "kind": "drop", "code": 1011, "seconds": 600 })).await;
    let token = rig.token().await;
    for _ in 0..2 {
        let mut socket = rig.open(&token).await.expect("a stream");
        assert_eq!(closing(&mut socket).await, Some(1011));
    }
}

#[tokio::test]
async fn a_silent_stream_answers_no_ping_while_a_new_one_works() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let mut silent = rig.listen(&token).await;
    rig.fault(json!({ "kind": "silent" })).await;
    silent.send(Message::Ping(vec![1].into())).await.expect("sent");
    rig.negative("unheard").await;
    let mut fresh = rig.open(&token).await.expect("a stream");
    rig.until(|| rig.simulator.world().audience.listening() == 1).await;
    rig.negative("heard").await;
    while !matches!(next(&mut fresh).await, Some(Ok(Message::Text(text))) if text.contains("heard")) {}
    let quiet = tokio::time::timeout(std::time::Duration::from_millis(200), silent.next()).await;
    // The one event of quiet traffic may have come before the silence.
    assert!(!matches!(quiet, Ok(Some(Ok(Message::Pong(_))))));
    let due = rig.get("due").await;
    assert_eq!(due["due"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_upgrade_can_be_refused_with_a_status() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    for status in [403, 500, 200] {
        rig.fault(json!({ "kind": "upgrade-refused", "status": status, "count": 1 })).await;
        assert!(rig.open(&token).await.is_err(), "{status}");
    }
    assert_eq!(rig.injected("upgrade-refused").await, 3);
    assert!(rig.open(&token).await.is_ok());
}

#[tokio::test]
async fn an_outage_drops_everything_but_the_controls() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let mut socket = rig.listen(&token).await;
    rig.fault(json!({ "kind": "outage" })).await;
    assert_eq!(closing(&mut socket).await, None);
    assert!(rig.open(&token).await.is_err());
    assert!(rig.send_card(&token, "a", "c").await.is_err());
    assert!(rig.http.post(format!("{}/oauth/token", rig.base)).form(&[("a", "b")]).send().await.is_err());
    rig.http.delete(format!("{}/control/faults", rig.base)).send().await.expect("an answer");
    assert_eq!(rig.card_status(&token, "a", "c").await, 201);
}

#[tokio::test]
async fn garbage_of_every_kind_goes_out_and_is_due_nothing() {
    let rig = start(&[QUIET, "--start", "now"]).await;
    let mut socket = rig.listen(&rig.token().await).await;
    let hit = rig.fault(json!({ "kind": "garbage" })).await["hit"].as_u64().expect("a count");
    assert_eq!(hit, cxone_simulator::faults::garbage::ALL.len() as u64);
    let (mut came, mut largest) = (0, 0);
    while came < hit {
        let Some(Ok(message)) = next(&mut socket).await else { panic!("a frame") };
        if Seen::read(&message.clone().into_data()).is_none() {
            came += 1;
            largest = largest.max(message.len());
        }
    }
    assert!(largest > 1 << 20);
    let report = rig.report().await;
    assert_eq!((&report["garbageSent"], &report["due"]), (&json!(hit), &json!(0)));
    assert_eq!(report["faults"]["garbage"], hit);
}

#[tokio::test]
async fn any_frame_can_be_sent_by_hand() {
    let rig = start(&[QUIET, "--start", "now"]).await;
    let mut socket = rig.listen(&rig.token().await).await;
    rig.control("send", json!({ "text": "not json", "binary": true })).await;
    rig.control("send", json!({ "base64": "/w==", "binary": true })).await;
    rig.control("send", json!({ "event": negative("x") })).await;
    let mut frames = Vec::new();
    while frames.len() < 3 {
        match next(&mut socket).await {
            Some(Ok(Message::Binary(bytes))) => frames.push(bytes.to_vec()),
            Some(Ok(Message::Text(text))) if text.contains(r#""id":"x""#) => frames.push(text.as_bytes().to_vec()),
            Some(Ok(_)) => {}
            end => panic!("{end:?}"),
        }
    }
    assert_eq!(frames[..2], [b"not json".to_vec(), vec![0xff]]);
    let wrong = rig.http.post(format!("{}/control/send", rig.base)).json(&json!({})).send().await.expect("an answer");
    assert_eq!(wrong.status(), 400);
}

#[tokio::test]
async fn paused_traffic_stands_still() {
    let rig = start(&["--rate", "500"]).await;
    rig.control("pause", json!({})).await;
    let _socket = rig.listen(&rig.token().await).await;
    rig.until(|| rig.simulator.world().traffic.started().is_some()).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert!(rig.report().await["eventsSent"].as_u64() <= Some(1));
    rig.control("resume", json!({})).await;
    rig.until(|| rig.simulator.world().traffic.made() > 20).await;
}

#[tokio::test]
async fn a_reset_starts_the_tally_anew() {
    let rig = start(&[QUIET, "--start", "now"]).await;
    let mut socket = rig.listen(&rig.token().await).await;
    rig.negative("a").await;
    while !matches!(next(&mut socket).await, Some(Ok(Message::Text(text))) if text.contains("-0.72")) {}
    rig.control("reset", json!({})).await;
    let report = rig.report().await;
    assert_eq!((&report["due"], &report["missed"], &report["requests"]), (&json!(0), &json!(0), &json!({})));
}

#[tokio::test]
async fn what_cannot_be_a_fault_is_refused_with_the_reason() {
    let rig = start(&[QUIET]).await;
    for body in [
        json!({ "kind": "jam" }),
        json!({ "kind": "5xx", "status": 200 }),
        json!({ "kind": "429", "form": "smoke" }),
        json!([]),
    ] {
        let answer = rig.http.post(format!("{}/control/faults", rig.base)).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{body}");
        assert!(answer.json::<serde_json::Value>().await.expect("JSON")["error_description"].is_string());
    }
}

#[tokio::test]
async fn faults_of_the_command_line_come_when_traffic_starts() {
    let rig = start(&[QUIET, "--fault", "drop=4001@0s", "--fault", "5xx=502+600s"]).await;
    let token = rig.token().await;
    let mut socket = rig.open(&token).await.expect("a stream");
    assert_eq!(closing(&mut socket).await, Some(4001));
    rig.until(|| !rig.simulator.world().faults.active(0).is_empty()).await;
    assert_eq!(rig.card_status(&token, "a", "c").await, 502);
}
