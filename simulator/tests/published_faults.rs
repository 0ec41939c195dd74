//! Faults of the published service: errors of each endpoint, a wrong clock, contacts that vanish, agents that change.

mod support;

use serde_json::{Value, json};
use support::published::*;

#[tokio::test]
async fn every_fault_strikes_the_endpoint_that_it_names_and_no_other() {
    let (rig, token) = signed_in(&[]).await;
    rig.felt("a", "billing", 0.0).await;
    let id = rig.dfo(&token, "contacts").await.json()["data"][0]["id"].as_str().expect("text").to_owned();
    let digital_messages = format!("/api-de/dfo/3.0/contacts/{id}/messages");
    let base = "/api/inContactAPI/services/v31.0";
    let endpoints = [
        ("server-time", format!("{base}/server-time")),
        ("skills", format!("{base}/skills/activity")),
        ("contacts", format!("{base}/contacts/active")),
        ("agents", format!("{base}/agents")),
        ("digital", "/api-de/dfo/3.0/contacts".to_owned()),
        ("digital-messages", digital_messages),
    ];
    let ask = |path: &str| rig.http.get(rig.at(path)).bearer_auth(&token).header("accept", "application/json").send();
    for (place, (target, path)) in endpoints.iter().enumerate() {
        for (fault, status) in [
            (json!({ "kind": "429", "retryAfter": 3 }), Some(429)),
            (json!({ "kind": "429", "form": "absent" }), Some(429)),
            (json!({ "kind": "5xx" }), Some(503)),
            (json!({ "kind": "401" }), Some(401)),
            (json!({ "kind": "403" }), Some(403)),
            (json!({ "kind": "html" }), Some(500)),
            (json!({ "kind": "lost-answer" }), None),
            (json!({ "kind": "lost-request" }), None),
        ] {
            let mut fault = fault;
            fault["target"] = (*target).into();
            let kind = fault["kind"].as_str().expect("a kind").to_owned();
            rig.fault(fault).await;
            assert_eq!(ask(path).await.ok().map(|answer| answer.status().as_u16()), status, "{target} {kind}");
            let (_, other) = &endpoints[(place + 1) % endpoints.len()];
            assert_eq!(ask(other).await.expect("an answer").status(), 200, "{target} {kind}");
            rig.http.delete(rig.at("/control/faults")).send().await.expect("an answer");
        }
        rig.fault(json!({ "kind": "cut", "target": target, "count": 1 })).await;
        let cut = ask(path).await.expect("a head");
        assert_eq!(cut.status(), 200);
        assert!(cut.bytes().await.is_err(), "{target}");
        rig.fault(json!({ "kind": "slow", "target": target, "ms": 600_000, "count": 1 })).await;
        let slow = tokio::time::timeout(std::time::Duration::from_millis(200), ask(path)).await;
        assert!(slow.is_err(), "{target}");
        assert_eq!(ask(path).await.expect("an answer").status(), 200);
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_wrong_everywhere_alike() {
    let (rig, token) = signed_in(&[]).await;
    rig.queued("a", "sales", 50_000).await;
    for skew in [300_i64, -300] {
        rig.fault(json!({ "kind": "skew", "skewSeconds": skew })).await;
        let answer = rig.acd(&token, "skills/activity").await;
        let read = |text: &str| cxone_simulator::published::time::read(text).expect("a time");
        let true_now =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("later").as_secs() as i64;
        let body = answer.json();
        let sales = row(&body, "skillActivity", "skillName", "sales");
        let server = read(sales["serverTime"].as_str().expect("text"));
        assert!((server / 1_000_000 - true_now - skew).abs() <= 2, "{skew}");
        let waited = (server - read(sales["earliestQueueTime"].as_str().expect("text"))) / 1_000_000;
        assert!((49..56).contains(&waited), "a wait is the same by any clock: {waited}");
        let date = httpdate::parse_http_date(answer.headers["date"].to_str().expect("text")).expect("a date");
        let date = date.duration_since(std::time::UNIX_EPOCH).expect("later").as_secs() as i64;
        assert!((date - true_now - skew).abs() <= 2);
        let later = encoded(&[("updatedSince", body["lastPollTime"].as_str().expect("text").to_owned())]);
        rig.http.delete(rig.at("/control/faults")).send().await.expect("an answer");
        let after = rig.acd(&token, &format!("skills/activity?{later}")).await;
        assert_eq!(after.status, 200, "no change is lost as the clock is set right");
    }
}

#[tokio::test]
async fn contacts_vanish_and_agents_change_by_faults() {
    let (rig, token) = signed_in(&[]).await;
    for number in 0..10 {
        rig.felt(&format!("a{number}"), "sales", 0.0).await;
    }
    let agents = async || -> Vec<Value> {
        let body = rig.acd(&token, "contacts/active").await.json();
        body["activeContacts"].as_array().expect("a list").iter().map(|row| row["agentId"].clone()).collect()
    };
    let before = agents().await;
    assert_eq!(rig.fault(json!({ "kind": "agents-change", "share": 0.5 })).await["hit"], 5);
    let after = agents().await;
    assert_eq!(before.iter().zip(&after).filter(|(one, two)| one != two).count(), 5);
    assert_eq!(rig.fault(json!({ "kind": "contacts-vanish", "share": 0.3 })).await["hit"], 3);
    assert_eq!(agents().await.len(), 7);
    assert_eq!(rig.injected("contacts-vanish").await, 1);
}
