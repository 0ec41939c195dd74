//! The cards endpoint: what it takes, what it refuses, and at what pace.

mod support;

use serde_json::{Value, json};
use support::{QUIET, card_body, start};

#[tokio::test]
async fn a_card_arrives_for_exactly_the_id_that_was_encoded() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let ids = [
        "plain",
        "a/b",
        "a?b",
        "a#b",
        "a%b",
        "100%25",
        "with space",
        "🙂 é",
        "%2e%2e",
        "...",
        "a+b",
        "a/../b",
        "\\",
        "a&b=c",
    ];
    for id in ids {
        assert_eq!(rig.card_status(&token, id, &format!("card {id}")).await, 201, "{id}");
    }
    let cards = rig.get("cards").await;
    let came: Vec<&str> =
        cards["cards"].as_array().expect("cards").iter().filter_map(|card| card["interaction"].as_str()).collect();
    assert_eq!(came, ids);
}

#[tokio::test]
async fn a_path_that_names_no_interaction_is_refused_and_counted() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    // reqwest would tidy these paths up, as browsers do: they are sent by hand.
    for path in [
        "/interactions/%2e%2e/cards",
        "/interactions/../cards",
        "/interactions//cards",
        "/interactions/a%zz/cards",
        "/cards",
    ] {
        let answer = by_hand(&rig, &token, &format!("/api/v2/agentassist{path}")).await;
        let status = answer.split(' ').nth(1).expect("a status line").to_owned();
        assert!(status == "400" || status == "404", "{path}: {status}");
    }
    assert_eq!(rig.report().await["strayRequests"], 5);
}

async fn by_hand(rig: &support::Rig, token: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(rig.simulator.address()).await.expect("a connection");
    let body = card_body("c").to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn a_body_that_is_no_card_is_refused_with_the_reason() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let post = |kind: &'static str, body: String| {
        let request = rig.http.post(rig.card_address("a")).bearer_auth(&token).header("content-type", kind).body(body);
        async move {
            let answer = request.send().await.expect("an answer");
            (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
        }
    };
    assert_eq!(post("text/plain", card_body("c").to_string()).await.0, 415);
    assert_eq!(post("application/json", "{".into()).await.0, 400);
    assert_eq!(post("application/json", "[]".into()).await.0, 422);
    let mut card = card_body("c");
    card["type"] = "loud".into();
    let (status, body) = post("application/json", card.to_string()).await;
    assert_eq!((status, body["field"].as_str()), (422, Some("type")));
    assert_eq!(post("application/json", "x".repeat(300 * 1024)).await.0, 413);
    assert_eq!(post("application/json; charset=utf-8", card_body("c").to_string()).await.0, 201);
}

#[tokio::test]
async fn a_repeat_gets_409_or_200_or_makes_a_second_card() {
    for (how, status, cards) in [("conflict", 409, 1), ("ok", 200, 1), ("ignore", 201, 2)] {
        let rig = start(&[QUIET, "--on-repeat", how]).await;
        let token = rig.token().await;
        assert_eq!(rig.card_status(&token, "a", "c").await, 201);
        assert_eq!(rig.card_status(&token, "a", "c").await, status, "{how}");
        assert_eq!(rig.get("cards").await["cards"].as_array().map(Vec::len), Some(cards), "{how}");
    }
}

#[tokio::test]
async fn beyond_the_rate_limit_cards_get_429_with_whole_seconds_and_a_date() {
    let rig = start(&[QUIET, "--rate-limit", "2"]).await;
    let token = rig.token().await;
    let mut refused = None;
    for number in 0..40 {
        let answer = rig.send_card(&token, "a", &format!("c{number}")).await.expect("an answer");
        assert!(answer.headers().contains_key("date"));
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("the limit was met");
    assert_eq!(refused.headers()["retry-after"], "1");
    let report = rig.report().await;
    assert_eq!(report["rateLimited"], 1);
    assert!(report["rateLimitedShare"].as_f64().is_some_and(|share| share > 0.0 && share < 1.0));
}

#[tokio::test]
async fn retry_after_takes_every_form() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    for (form, fits) in [
        ("digits", (|value| value == Some("30")) as fn(Option<&str>) -> bool),
        ("date", |value| value.is_some_and(|date| date.ends_with(" GMT") && httpdate::parse_http_date(date).is_ok())),
        ("rfc850", |value| value.is_some_and(|date| date.contains("day, ") && httpdate::parse_http_date(date).is_ok())),
        ("asctime", |value| value.is_some_and(|date| !date.contains("GMT") && httpdate::parse_http_date(date).is_ok())),
        ("absent", |value| value.is_none()),
        ("invalid", |value| {
            value.is_some_and(|word| word.parse::<u64>().is_err() && httpdate::parse_http_date(word).is_err())
        }),
    ] {
        rig.fault(json!({ "kind": "429", "retryAfter": 30, "form": form, "count": 1 })).await;
        let answer = rig.send_card(&token, "a", "c").await.expect("an answer");
        assert_eq!(answer.status(), 429);
        assert!(fits(answer.headers().get("retry-after").and_then(|value| value.to_str().ok())), "{form}");
    }
}

#[tokio::test]
async fn a_skewed_clock_shows_in_date_and_retry_after_alike() {
    let rig = start(&[QUIET, "--clock-skew", "-86400"]).await;
    let token = rig.token().await;
    rig.fault(json!({ "kind": "429", "retryAfter": 60, "form": "date" })).await;
    let answer = rig.send_card(&token, "a", "c").await.expect("an answer");
    let at = |name: &str| httpdate::parse_http_date(answer.headers()[name].to_str().expect("text")).expect("a date");
    let wait = at("retry-after").duration_since(at("date")).expect("later").as_secs();
    assert!((60..=61).contains(&wait), "{wait}");
    assert!(at("date") < std::time::SystemTime::now() - std::time::Duration::from_secs(86_000));
}

#[tokio::test]
async fn a_card_before_retry_after_allows_is_early() {
    let rig = start(&[QUIET, "--early-grace-ms", "0"]).await;
    let token = rig.token().await;
    rig.fault(json!({ "kind": "429", "retryAfter": 600, "count": 1 })).await;
    assert_eq!(rig.card_status(&token, "a", "c").await, 429);
    assert_eq!(rig.card_status(&token, "a", "c").await, 201);
    assert_eq!(rig.report().await["early"], 1);
    let requests = rig.get("requests?kind=card").await;
    let early: Vec<bool> =
        requests["requests"].as_array().expect("a list").iter().map(|entry| entry["early"] == true).collect();
    assert_eq!(early, [false, true]);
    assert_eq!(requests["requests"][0]["retryAfter"], "600");
}

#[tokio::test]
async fn nobody_is_early_before_a_late_answer_has_told_them_to_wait() {
    let rig = start(&[QUIET, "--early-grace-ms=0"]).await;
    let token = rig.token().await;
    rig.fault(json!({ "kind": "429", "retryAfter": 600, "count": 1 })).await;
    rig.fault(json!({ "kind": "slow", "ms": 400, "count": 1 })).await;
    let (late, _) = tokio::join!(rig.card_status(&token, "a", "c"), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert_eq!(rig.card_status(&token, "b", "d").await, 201);
    });
    assert_eq!(late, 429);
    assert_eq!(rig.report().await["early"], 0);
    rig.card_status(&token, "a", "c").await;
    assert_eq!(rig.report().await["early"], 1);
}

#[tokio::test]
async fn every_answer_of_the_table_can_be_had() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    for (fault, status) in [
        (json!({ "kind": "408" }), 408),
        (json!({ "kind": "5xx" }), 503),
        (json!({ "kind": "5xx", "status": 500 }), 500),
        (json!({ "kind": "401" }), 401),
        (json!({ "kind": "403" }), 403),
        (json!({ "kind": "4xx", "status": 404 }), 404),
        (json!({ "kind": "3xx", "status": 307 }), 307),
    ] {
        let kind = fault["kind"].as_str().expect("a kind").to_owned();
        rig.fault(fault).await;
        let answer = rig.send_card(&token, "a", "c").await.expect("an answer");
        assert_eq!(answer.status(), status, "{kind}");
        assert_eq!(answer.headers().contains_key("location"), status == 307);
        let ended =
            rig.http.delete(format!("{}/control/faults?kind={kind}", rig.base)).send().await.expect("an answer");
        assert_eq!(ended.json::<Value>().await.expect("JSON")["ended"], 1);
        assert!(rig.injected(&kind).await > 0);
    }
    assert_eq!(rig.get("cards").await["cards"], json!([]));
    assert_eq!(rig.card_status(&token, "a", "c").await, 201);
}

#[tokio::test]
async fn what_a_fault_refused_is_not_missed_and_the_log_knows_its_card_id() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    let _socket = rig.listen(&token).await;
    for id in ["a", "b"] {
        rig.negative(id).await;
    }
    rig.fault(json!({ "kind": "403", "count": 1 })).await;
    assert_eq!(rig.card_status(&token, "a", "card of a").await, 403);
    let report = rig.report().await;
    assert_eq!((&report["due"], &report["refused"], &report["missed"]), (&json!(2), &json!(1), &json!(1)));
    let asked = rig.get("requests?kind=card").await;
    assert_eq!(asked["requests"][0]["cardId"], "card of a");
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_card_was_kept_or_before() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    rig.fault(json!({ "kind": "lost-request", "count": 1 })).await;
    assert!(rig.send_card(&token, "a", "c").await.is_err());
    assert_eq!(rig.get("cards").await["cards"], json!([]));
    rig.fault(json!({ "kind": "lost-answer", "count": 1 })).await;
    assert!(rig.send_card(&token, "a", "c").await.is_err());
    assert_eq!(rig.get("cards").await["cards"][0]["cardId"], "c");
    assert_eq!(rig.card_status(&token, "a", "c").await, 409);
    let report = rig.report().await;
    assert_eq!((&report["lostAnswers"], &report["repeats"], &report["duplicated"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(
        report["cardAnswers"],
        json!({ "201": 0, "409": 1, "none": 2 })
            .as_object()
            .map(|map| {
                map.iter()
                    .filter(|(_, count)| **count != 0)
                    .map(|(name, count)| (name.clone(), count.clone()))
                    .collect::<serde_json::Map<_, _>>()
            })
            .map(Value::Object)
            .expect("an object")
    );
}

#[tokio::test]
async fn a_slow_answer_keeps_the_card_at_once() {
    let rig = start(&[QUIET]).await;
    let token = rig.token().await;
    rig.fault(json!({ "kind": "slow", "ms": 600_000 })).await;
    let asking = tokio::time::timeout(std::time::Duration::from_millis(300), rig.send_card(&token, "a", "c"));
    assert!(asking.await.is_err(), "no answer yet");
    assert_eq!(rig.get("cards").await["cards"][0]["interaction"], "a");
    rig.until(|| {
        rig.simulator
            .world()
            .requests
            .lock()
            .after(0)
            .any(|entry| entry.note.as_deref() == Some("the client did not wait"))
    })
    .await;
}
