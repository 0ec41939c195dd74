//! Replays, recordings and whole runs, with a client that does what it should.

mod support;

use std::collections::HashSet;
use std::path::PathBuf;

use cxone_simulator::event::Seen;
use cxone_simulator::rules::Rules;
use futures_util::StreamExt;
use serde_json::json;
use support::{Rig, Socket, start};
use tokio_tungstenite::tungstenite::Message;

/// Reads the stream and sends a card for each interaction that first qualifies.
async fn diligent(rig: &Rig, token: &str, socket: &mut Socket, mut until: impl FnMut() -> bool) {
    let (rules, mut fired) = (Rules::default(), HashSet::new());
    loop {
        let frame = tokio::time::timeout(std::time::Duration::from_millis(20), socket.next()).await;
        match frame {
            Ok(Some(Ok(Message::Text(text)))) => {
                let Some(event) = Seen::read(text.as_bytes()) else { continue };
                if !rules.judge(&event).is_empty() && fired.insert(event.id.clone()) {
                    assert_eq!(rig.card_status(token, &event.id, &format!("trigger-{}", event.id)).await, 201);
                }
            }
            Ok(Some(Ok(_))) => {}
            Ok(_) => return,
            Err(_) if until() => return,
            Err(_) => {}
        }
    }
}

fn finished(rig: &Rig) -> impl FnMut() -> bool {
    || format!("{:?}", rig.simulator.world().traffic.phase()) == "Finished"
}

#[tokio::test]
async fn a_week_of_support_has_826_interactions_due() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/support-week-a.ndjson.gz");
    if !path.exists() {
        eprintln!("skipped: the recording {} is absent", path.display());
        return;
    }
    let rig = start(&["--replay", &path.to_string_lossy(), "--speed", "0", "--settle-seconds", "0"]).await;
    let token = rig.token().await;
    let mut socket = rig.open(&token).await.expect("a stream");
    diligent(&rig, &token, &mut socket, finished(&rig)).await;
    let report = rig.report().await;
    assert_eq!((&report["eventsSent"], &report["interactions"]), (&json!(29_958), &json!(7_242)));
    assert_eq!(report["dueBy"], json!({ "sentiment": 762, "wait": 73, "both": 9 }));
    assert_eq!((&report["due"], &report["delivered"]), (&json!(826), &json!(826)));
    assert_eq!((&report["missed"], &report["duplicated"], &report["notDue"]), (&json!(0), &json!(0), &json!(0)));
}

#[tokio::test]
async fn made_up_traffic_of_every_sort_of_id_reaches_a_diligent_client_once() {
    let rig = start(&["--rate", "1500", "--seconds", "2", "--odd-ids", "0.5", "--due-share", "0.3"]).await;
    let token = rig.token().await;
    let mut socket = rig.open(&token).await.expect("a stream");
    diligent(&rig, &token, &mut socket, finished(&rig)).await;
    let report = rig.report().await;
    assert_eq!(report["eventsSent"], 3_000);
    assert!(report["due"].as_u64() > Some(20));
    assert_eq!(report["due"], report["delivered"]);
    assert_eq!(
        (&report["ok"], &report["notDue"], &report["latencyMs"]["count"]),
        (&json!(true), &json!(0), &report["due"])
    );
}

#[tokio::test]
async fn what_was_recorded_replays_with_the_same_due() {
    let path = std::env::temp_dir().join(format!("cuewire-{}-run.ndjson.gz", std::process::id()));
    let name = path.to_string_lossy().into_owned();
    let rig = start(&["--rate", "1000", "--seconds", "1", "--due-share", "0.2", "--record", &name]).await;
    let token = rig.token().await;
    let mut socket = rig.open(&token).await.expect("a stream");
    diligent(&rig, &token, &mut socket, finished(&rig)).await;
    let recorded = rig.report().await;
    rig.simulator.end().await;
    let again = start(&["--replay", &name, "--speed", "0"]).await;
    let token = again.token().await;
    let mut socket = again.open(&token).await.expect("a stream");
    diligent(&again, &token, &mut socket, finished(&again)).await;
    let replayed = again.report().await;
    std::fs::remove_file(&path).expect("removed");
    assert!(recorded["due"].as_u64() > Some(0));
    for field in ["eventsSent", "interactions", "due", "delivered"] {
        assert_eq!(recorded[field], replayed[field], "{field}");
    }
}

#[tokio::test]
async fn a_replay_waits_while_nobody_listens() {
    let path = std::env::temp_dir().join(format!("cuewire-{}-gap.ndjson", std::process::id()));
    let lines: String =
        (0..400).map(|n| format!("{{\"atMs\":{},\"event\":{{\"id\":\"i{n}\",\"type\":\"x\"}}}}\n", n * 5)).collect();
    std::fs::write(&path, lines).expect("written");
    let rig = start(&["--replay", &path.to_string_lossy()]).await;
    let token = rig.token().await;
    let mut heard = 0;
    for _ in 0..4 {
        let mut socket = rig.open(&token).await.expect("a stream");
        for _ in 0..40 {
            heard += usize::from(matches!(support::next(&mut socket).await, Some(Ok(Message::Text(_)))));
        }
        drop(socket);
        rig.until(|| rig.simulator.world().audience.open() == 0).await;
        let held = rig.simulator.world().traffic.made();
        tokio::time::sleep(std::time::Duration::from_millis(120)).await;
        assert_eq!(rig.simulator.world().traffic.made(), held, "nothing goes by unheard");
    }
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(heard, 160);
}

#[tokio::test]
async fn a_bounded_run_ends_by_itself_with_the_report() {
    let rig = start(&["--rate", "4000", "--seconds", "1", "--due-share", "1", "--settle-seconds", "0"]).await;
    let token = rig.token().await;
    let _socket = rig.open(&token).await.expect("a stream");
    rig.simulator.over().await;
    let report = rig.simulator.end().await;
    assert!(report.last && !report.ok && report.missed > 0);
    assert!(report.to_string().contains("NOT as promised"));
}

#[tokio::test]
async fn the_desktop_and_its_live_view_are_served_under_a_strict_policy() {
    let rig = start(&[support::QUIET]).await;
    let page = rig.http.get(format!("{}/", rig.base)).send().await.expect("a page");
    assert!(page.headers()["content-security-policy"].to_str().expect("text").starts_with("default-src 'none'"));
    let text = page.text().await.expect("text");
    assert!(text.contains("Simulator"));
    for file in text.split(['"']).filter(|part| part.starts_with('/') && part.contains('.')) {
        assert_eq!(rig.http.get(format!("{}{file}", rig.base)).send().await.expect("a file").status(), 200, "{file}");
    }
    let mut live = rig.http.get(format!("{}/control/live", rig.base)).send().await.expect("a stream");
    assert_eq!(live.headers()["content-type"], "text/event-stream");
    let first = live.chunk().await.expect("a chunk").expect("a message");
    let message: serde_json::Value =
        serde_json::from_slice(first.strip_prefix(b"data: ").expect("data")).expect("JSON");
    assert!(message["floor"]["desks"].is_array() && message["report"]["due"].is_number());
}
