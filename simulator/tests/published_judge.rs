//! Whole runs against the published service, judged: with every value of the switches, with faults, and with bad clients.

mod support;

use serde_json::{Value, json};
use support::Rig;
use support::diligent::Diligent;
use support::published::*;

const JUDGED: [&str; 2] = ["--notice-seconds=0.2", "--recovery-seconds=0.5"];

/// Contacts in trouble of every kind, and others.
async fn trouble(rig: &Rig) {
    for number in 0..3 {
        rig.felt(&format!("unhappy-{number}"), "billing", -0.9).await;
        rig.felt(&format!("happy-{number}"), "support", 0.9).await;
        rig.felt(&format!("voice-{number}"), "sales", -0.9).await;
    }
    rig.queued("long", "sales", 130_000).await;
    rig.queued("short", "returns", 30_000).await;
}

async fn goes_on(rig: &Rig) {
    for id in ["long", "short"] {
        rig.step(id, "connect").await;
    }
}

async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
}

async fn diligent_run(rig: &Rig, faults: &[Value]) -> Value {
    trouble(rig).await;
    let mut client = Diligent::sign_in(rig).await;
    for fault in faults {
        rig.fault(fault.clone()).await;
    }
    client.round(rig).await;
    goes_on(rig).await;
    client.round(rig).await;
    rig.http.delete(rig.at("/control/faults")).send().await.expect("an answer");
    client.round(rig).await;
    pause().await;
    client.round(rig).await;
    rig.report().await
}

#[tokio::test]
async fn a_diligent_client_is_right_whatever_the_switches_say() {
    for seed in 0..12_u64 {
        let seed_text = format!("--switches-seed={seed}");
        let rig = tenant(&[JUDGED[0], JUDGED[1], &seed_text]).await;
        let report = diligent_run(&rig, &[]).await;
        let all = rig.get("published/switches").await;
        assert_eq!((&report["ok"], &report["notDue"]), (&json!(true), &json!(0)), "{seed}: {report} {all}");
        assert!(report["due"].as_u64() >= Some(3), "{seed}: {report} {all}");
        assert_eq!(report["due"], report["delivered"], "{seed}");
    }
}

#[tokio::test]
async fn with_every_default_each_contact_in_trouble_is_due() {
    let rig = tenant(&JUDGED).await;
    let report = diligent_run(&rig, &[]).await;
    assert_eq!(report["dueBy"], json!({ "sentiment": 3, "wait": 1, "both": 0 }), "{report}");
    assert_eq!((&report["delivered"], &report["published"]["stored"]), (&json!(4), &json!(4)));
    let endpoints = &report["published"]["endpoints"];
    assert!(
        endpoints["skills"]["perHour"].as_f64() > Some(0.0) && endpoints["agent-messages"]["requests"] == 4,
        "{endpoints}"
    );
}

#[tokio::test]
async fn faults_of_each_kind_cost_a_diligent_client_nothing() {
    let faults: Vec<Value> = ["skills", "contacts", "digital", "digital-messages", "cards", "read-back", "server-time"]
        .iter()
        .flat_map(|target| {
            [
                json!({ "kind": "429", "target": target, "share": 0.2 }),
                json!({ "kind": "5xx", "target": target, "share": 0.2 }),
                json!({ "kind": "html", "target": target, "share": 0.2 }),
                json!({ "kind": "lost-answer", "target": target, "share": 0.3 }),
                json!({ "kind": "lost-request", "target": target, "share": 0.2 }),
            ]
        })
        .collect();
    let rig = tenant(&JUDGED).await;
    let report = diligent_run(&rig, &faults).await;
    assert_eq!(
        (&report["ok"], &report["missed"], &report["duplicated"]),
        (&json!(true), &json!(0), &json!(0)),
        "{report}"
    );
    assert!(report["lostAnswers"].as_u64() > Some(0) && report["due"] == 4, "{report}");
}

/// A customer is unhappy, and answers told a client so and who talks with them.
async fn unhappy_and_told() -> (Rig, String) {
    let (rig, token) = signed_in(&JUDGED).await;
    rig.felt("a", "billing", -0.9).await;
    rig.acd(&token, "contacts/active").await;
    let id = rig.dfo(&token, "contacts").await.json()["data"][0]["id"].as_str().expect("text").to_owned();
    rig.dfo(&token, &format!("contacts/{id}/messages")).await;
    (rig, token)
}

fn item(agent: u64) -> Value {
    json!({ "message": "m", "subject": "r · #0a1b2c3d", "targetType": "Agent", "targetId": agent })
}

#[tokio::test]
async fn a_client_that_sends_again_without_reading_back_is_found_out() {
    let (rig, token) = unhappy_and_told().await;
    rig.fault(json!({ "kind": "lost-answer", "count": 1 })).await;
    let address = rig.at("/api/inContactAPI/services/v31.0/agents/messages");
    let lost =
        rig.http.post(address).bearer_auth(&token).json(&json!({ "agentMessages": [item(39_260_700)] })).send().await;
    assert!(lost.is_err());
    rig.send_messages(&token, &[item(39_260_700)]).await;
    let report = rig.report().await;
    assert_eq!(
        (&report["ok"], &report["duplicated"], &report["published"]["storedTwice"]),
        (&json!(false), &json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_client_that_does_not_send_or_sends_to_the_wrong_agent_is_found_out() {
    let (rig, token) = unhappy_and_told().await;
    pause().await;
    let report = rig.report().await;
    assert_eq!((&report["due"], &report["missed"], &report["ok"]), (&json!(1), &json!(1), &json!(false)));
    let due = rig.get("due").await;
    assert_eq!((&due["due"][0]["certain"], &due["due"][0]["sentiment"]), (&json!(true), &json!(true)));
    rig.send_messages(&token, &[item(39_260_702)]).await;
    let report = rig.report().await;
    assert_eq!((&report["notDue"], &report["missed"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn a_message_that_a_fault_refuses_for_good_is_not_missed() {
    let (rig, token) = unhappy_and_told().await;
    rig.fault(json!({ "kind": "403", "count": 1 })).await;
    assert_eq!(rig.send_messages(&token, &[item(39_260_700)]).await.status, 403);
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    let report = rig.report().await;
    assert_eq!((&report["due"], &report["refused"], &report["missed"]), (&json!(1), &json!(1), &json!(0)), "{report}");
}

#[tokio::test]
async fn a_run_ends_by_itself_with_a_report_that_counts_requests_an_hour() {
    let rig =
        support::start(&["--service=published", "--contacts=40", "--seconds=1", "--settle-seconds=0", "--due-share=0"])
            .await;
    let mut client = Diligent::sign_in(&rig).await;
    client.round(&rig).await;
    rig.simulator.over().await;
    let report = rig.simulator.end().await;
    let text = report.to_string();
    assert!(report.last && text.contains("messages stored") && text.contains("an hour; "), "{text}");
}
