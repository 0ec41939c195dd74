//! Polls of the published service: skills, contacts, agents, digital contacts and their messages.

mod support;

use serde_json::{Value, json};
use support::published::*;

#[tokio::test]
async fn the_api_host_checks_token_version_and_accept() {
    let (rig, token) = signed_in(&[]).await;
    let ask = async |path: &str, token: &str, accept: &str| {
        got(rig.http.get(rig.at(path)).bearer_auth(token).header("accept", accept)).await
    };
    let path = "/api/inContactAPI/services/v31.0/server-time";
    let time = ask(path, &token, "application/json").await.json();
    let text = time["ServerTime"].as_str().expect("text");
    assert_eq!((text.len(), text.ends_with('Z')), ("2021-07-21T13:38:15.3560573Z".len(), true), "{text}");
    assert_eq!(ask("/api/incontactapi/Services/V2.0/Server-Time", &token, "application/json").await.status, 200);
    assert_eq!(ask(path, &token, "*/*").await.text, "No known way to render data");
    rig.switch("accept-header", "ignored").await;
    assert!(ask(path, &token, "*/*").await.json()["ServerTime"].is_string());
    assert_eq!(ask(path, "made-up", "application/json").await.status, 401);
    let version = |number: u32| path.replace("31", &number.to_string());
    assert_eq!(ask(&version(35), &token, "application/json").await.status, 404);
    assert_eq!(ask(&version(1), &token, "application/json").await.status, 404);
    assert_eq!(ask(&version(34), &token, "application/json").await.status, 200);
    rig.switch("unknown-version", "400").await;
    assert_eq!(ask(&version(35), &token, "application/json").await.status, 400);
    let named = rig.http.get(rig.at(path)).bearer_auth(&token).header("CorrelationId", "c-7");
    assert_eq!(got(named).await.headers["correlationid"], "c-7");
}

#[tokio::test]
async fn an_error_of_the_api_host_has_each_form() {
    let (rig, _) = signed_in(&[]).await;
    for (form, fits) in [
        ("json", (|text: &str| text.contains("error_description")) as fn(&str) -> bool),
        ("message", |text| text.contains("\"message\"")),
        ("text", |text| text == "Invalid or expired token"),
        ("empty", str::is_empty),
    ] {
        rig.switch("acd-error-body", form).await;
        let refused = rig.acd("made-up", "skills/activity").await;
        assert_eq!(refused.status, 401);
        assert!(fits(&refused.text), "{form}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_skill_says_since_when_its_longest_waits() {
    let (rig, token) = signed_in(&[]).await;
    rig.queued("a", "sales", 130_000).await;
    rig.queued("b", "sales", 20_000).await;
    let body = rig.acd(&token, "skills/activity").await.json();
    let sales = row(&body, "skillActivity", "skillName", "sales");
    assert_eq!((&sales["queueCount"], &sales["mediaTypeId"]), (&json!(2), &json!(4)));
    let time =
        |name: &str| cxone_simulator::published::time::read(sales[name].as_str().expect("text")).expect("a time");
    let waited = (time("serverTime") - time("earliestQueueTime")) as f64 / 1e6;
    assert!((129.9..135.0).contains(&waited), "{waited}");
    assert!(row(&body, "skillActivity", "skillName", "billing")["earliestQueueTime"].is_null());
    rig.switch("empty-queue-time", "N/A").await;
    let body = rig.acd(&token, "skills/activity").await.json();
    assert_eq!(row(&body, "skillActivity", "skillName", "billing")["earliestQueueTime"], "N/A");
    let id = row(&body, "skillActivity", "skillName", "sales")["skillId"].to_string();
    let one = rig.acd(&token, &format!("skills/{id}/activity?fields=skillId,queueCount")).await.json();
    assert_eq!(one["skillActivity"], json!([{ "skillId": id.parse::<u64>().expect("a number"), "queueCount": 2 }]));
    rig.switch("envelope", "resultSet").await;
    let wrapped = rig.acd(&token, "skills/activity").await.json();
    assert!(wrapped["skillActivity"].is_null() && wrapped["resultSet"]["skillActivity"].is_array());
}

#[tokio::test]
async fn only_what_changed_comes_back_and_nothing_new_has_each_form() {
    let (rig, token) = signed_in(&[]).await;
    rig.queued("a", "sales", 5_000).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let first = rig.acd(&token, "skills/activity?updatedSince=1970-01-01T00:00:00.000Z").await.json();
    assert_eq!(first["skillActivity"].as_array().map(Vec::len), Some(6));
    let since = |body: &Value| encoded(&[("updatedSince", body["lastPollTime"].as_str().expect("text").to_owned())]);
    let skills = format!("skills/activity?{}", since(&first));
    for (form, status) in [("304", 304), ("204", 204), ("empty", 200)] {
        rig.switch("nothing-new-skills", form).await;
        assert_eq!(rig.acd(&token, &skills).await.status, status, "a queue that only ages says nothing");
    }
    rig.switch("ageing-queue", "returns").await;
    let aged = rig.acd(&token, &skills).await.json();
    assert_eq!(aged["skillActivity"].as_array().map(Vec::len), Some(1));
    let contacts = rig.acd(&token, "contacts/active").await.json();
    let contacts = format!("contacts/active?{}", since(&contacts));
    for (form, status) in [("204", 204), ("304", 304), ("empty", 200)] {
        rig.switch("nothing-new-contacts", form).await;
        assert_eq!(rig.acd(&token, &contacts).await.status, status);
    }
    rig.step("a", "connect").await;
    let changed = rig.acd(&token, &contacts).await.json();
    assert_eq!(changed["activeContacts"][0]["stateName"], "Active");
    rig.felt("d", "billing", 0.5).await;
    // lastPollTime lies a little before its answer.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let settled = rig.acd(&token, "contacts/active").await.json();
    let later = format!("contacts/active?{}&agentId=39260701", since(&settled));
    rig.felt("d", "billing", 0.5).await;
    let told = async || rig.acd(&token, &later).await.json()["activeContacts"].as_array().map(Vec::len);
    let before = told().await;
    rig.switch("message-is-change", "yes").await;
    assert_eq!((before, told().await), (Some(0), Some(1)), "a message may count as a change");
    rig.step("d", "disposition").await;
    rig.step("a", "disposition").await;
    assert_eq!(rig.acd(&token, &contacts).await.json()["activeContacts"], json!([]), "an end does not show");
    rig.switch("deltas-show-end", "yes").await;
    assert_eq!(rig.acd(&token, &contacts).await.json()["activeContacts"][0]["stateName"], "EndContact");
    assert_eq!(rig.acd(&token, "contacts/active").await.json()["activeContacts"], json!([]));
    rig.switch("updated-since", "ignored").await;
    assert_eq!(rig.acd(&token, &skills).await.json()["skillActivity"].as_array().map(Vec::len), Some(6));
    for bad in ["updatedSince=soon", "top=x", "top=0", "skip=-1", "fields=jam"] {
        assert_eq!(rig.acd(&token, &format!("contacts/active?{bad}")).await.status, 400, "{bad}");
    }
    assert_eq!(rig.acd(&token, "skills/activity?mediaTypeId=phone").await.status, 400);
}

#[tokio::test]
async fn a_contact_says_who_has_it_in_which_skill() {
    let (rig, token) = signed_in(&[]).await;
    rig.queued("a", "sales", 1_000).await;
    rig.felt("b", "returns", 0.0).await;
    let body = rig.acd(&token, "contacts/active").await.json();
    let (waiting, talking) = (&body["activeContacts"][0], &body["activeContacts"][1]);
    assert!(waiting["contactId"].as_u64() > Some(1 << 32), "ids do not fit into 32 bits");
    assert_eq!((&waiting["agentId"], &waiting["stateName"]), (&json!(0), &json!("InQueue")));
    assert_eq!((&talking["agentId"], &talking["firstName"]), (&json!(39_260_700), &json!("Amara")));
    assert_eq!((&talking["skillName"], &talking["contactStateCategory"]), (&json!("returns"), &json!("With Agent")));
    for (form, fits) in [
        ("absent", (|row: &Value| row.get("agentId").is_none()) as fn(&Value) -> bool),
        ("null", |row| row.get("agentId") == Some(&Value::Null)),
    ] {
        rig.switch("no-agent", form).await;
        let body = rig.acd(&token, "contacts/active").await.json();
        assert!(fits(&body["activeContacts"][0]), "{form}");
    }
    rig.switch("contact-names", "v23").await;
    rig.switch("contact-start", "number").await;
    rig.switch("state-ids", "other").await;
    let body = rig.acd(&token, "contacts/active").await.json();
    let old = &body["activeContacts"][1];
    assert!(old["contactStart"].is_number() && old["stateName"].is_null() && old["state"] == "Active");
    let states = rig.acd(&token, "contact-state-descriptions").await.json();
    let named = row(&states, "contactStateDescriptions", "ContactStateDescription", "Active");
    assert_eq!(old["stateId"], named["ContactStateId"]);
    assert_ne!(old["stateId"], 4);
    let only = rig.acd(&token, "contacts/active?agentId=39260700&fields=contactId").await.json();
    assert_eq!(
        (&only["totalRecords"], &only["activeContacts"]),
        (&json!(1), &json!([{ "contactId": old["contactId"] }]))
    );
    rig.step("b", "transfer").await;
    let body = rig.acd(&token, "contacts/active").await.json();
    assert_eq!(
        (&body["activeContacts"][1]["firstName"], &body["activeContacts"][1]["transferIndicatorId"]),
        (&json!("Ben"), &json!(2))
    );
}

#[tokio::test]
async fn five_thousand_contacts_of_five_hundred_agents_come_page_by_page() {
    let rig = support::start(&["--service=published", "--contacts=5000", "--agents=500", "--queues=20"]).await;
    let token = rig.signed_in_as("supervisor").await;
    let mut ids = std::collections::HashSet::new();
    let mut next = Some(rig.at("/api/inContactAPI/services/v31.0/contacts/active?top=100&fields=contactId,agentId"));
    while let Some(address) = next {
        let page = got(rig.http.get(address).bearer_auth(&token).header("accept", "application/json")).await.json();
        let rows = page["activeContacts"].as_array().expect("a list").clone();
        assert!(rows.len() <= 100);
        ids.extend(rows.iter().filter_map(|row| row["contactId"].as_u64()));
        next = page["_links"]["next"].as_str().map(str::to_owned);
    }
    assert!((4_300..5_700).contains(&ids.len()), "{}", ids.len());
    let agents = rig.acd(&token, "agents?top=100&fields=agentId,userID").await.json();
    assert_eq!(agents["totalRecords"], 506);
    assert_eq!(agents["agents"].as_array().map(Vec::len), Some(100));
    assert!(agents["agents"][3]["agentId"].as_u64() > Some(1 << 31));
    rig.switch("max-page", "1000").await;
    assert_eq!(
        rig.acd(&token, "contacts/active?top=1000").await.json()["activeContacts"].as_array().map(Vec::len),
        Some(1_000)
    );
    assert_eq!(rig.acd(&token, "contacts/active").await.json()["activeContacts"].as_array().map(Vec::len), Some(50));
    rig.switch("max-page", "50").await;
    assert_eq!(
        rig.acd(&token, "contacts/active?top=100").await.json()["activeContacts"].as_array().map(Vec::len),
        Some(50)
    );
    rig.switch("page-over", "400").await;
    assert_eq!(rig.acd(&token, "contacts/active?top=100").await.status, 400);
    rig.switch("paging-links", "absent").await;
    assert_eq!(rig.acd(&token, "contacts/active").await.json()["_links"], json!({}));
}

#[tokio::test]
async fn digital_contacts_scroll_and_name_their_assignee() {
    let (rig, token) = signed_in(&[]).await;
    for number in 0..60 {
        rig.felt(&format!("d{number}"), "billing", 0.5).await;
    }
    rig.felt("phone", "sales", -0.9).await;
    rig.queued("waits", "support", 4_000).await;
    let mut ids = Vec::new();
    let mut path = "contacts?status[]=open&status%5B%5D=new".to_owned();
    loop {
        let page = rig.dfo(&token, &path).await.json();
        assert_eq!(page["hits"], 61);
        ids.extend(page["data"].as_array().expect("a list").iter().map(|row| row["id"].clone()));
        match page["scrollToken"].as_str() {
            Some(token) => path = format!("contacts?status[]=open&status[]=new&scrollToken={token}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 61);
    let first = rig.dfo(&token, "contacts?status[]=open").await.json()["data"][0].clone();
    assert!(first["contactId"].is_string() && first["ownerAssigneeUser"].is_null());
    let agents = rig.acd(&token, "agents?fields=agentId,userID").await.json();
    let agent = row(&agents, "agents", "userID", first["inboxAssigneeUser"]["incontactId"].as_str().expect("text"));
    assert_eq!(agent["agentId"], 39_260_700);
    assert_eq!((&first["inboundCount"], &first["endUser"]["sentimentStatistics"]["positive"]), (&json!(1), &json!(1)));
    let new = rig.dfo(&token, "contacts?status[]=new").await.json();
    assert!(new["data"][0]["inboxAssigneeUser"].is_null() && new["data"][0]["routingQueueId"].is_string());
    for (name, value) in [
        ("digital-contact-id", "null-on-some"),
        ("inbound-count", "absent"),
        ("assignee", "owner"),
        ("scroll-page", "100"),
        ("scroll-end", "empty-page"),
    ] {
        rig.switch(name, value).await;
    }
    let page = rig.dfo(&token, "contacts").await.json();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(61));
    assert!(page["data"][0].get("inboundCount").is_none() && page["data"][0]["ownerAssigneeUser"].is_object());
    assert!(page["data"][2]["contactId"].is_null() && page["data"][1]["contactId"].is_string());
    let token_of_end = page["scrollToken"].as_str().expect("a token");
    let end = rig.dfo(&token, &format!("contacts?scrollToken={token_of_end}")).await.json();
    assert_eq!((&end["data"], end.get("scrollToken")), (&json!([]), None));
    assert_eq!(rig.dfo(&token, "contacts?scrollToken=jam").await.status, 400);
    let active = rig.acd(&token, "contacts/active?mediaTypeId=9").await.json();
    assert_eq!(active["totalRecords"], 61);
    rig.switch("digital-in-active", "no").await;
    assert_eq!(rig.acd(&token, "contacts/active").await.json()["totalRecords"], 1);
}

#[tokio::test]
async fn messages_carry_the_customers_mood() {
    let (rig, token) = signed_in(&[]).await;
    for score in [0.9, 0.0, -0.9, -0.8] {
        rig.felt("a", "billing", score).await;
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    let id = rig.dfo(&token, "contacts").await.json()["data"][0]["id"].as_str().expect("text").to_owned();
    let labels = async |path: String| -> Vec<String> {
        let body = rig.dfo(&token, &path).await.json();
        let rows = body["data"].as_array().expect("a list").clone();
        let inbound = rows.iter().filter(|row| row["direction"] == "inbound");
        inbound.map(|row| row["sentiment"].as_str().unwrap_or("none").to_owned()).collect()
    };
    assert_eq!(labels(format!("contacts/{id}/messages")).await, ["negative", "negative", "neutral", "positive"]);
    rig.switch("digital-order", "oldest-first").await;
    let search = format!("messages?contactNumber={id}&direction=inbound");
    assert_eq!(labels(search.clone()).await, ["positive", "neutral", "negative", "negative"]);
    assert_eq!(rig.dfo(&token, &search).await.json()["hits"], 4);
    rig.switch("digital-labels", "some-missing").await;
    assert_eq!(labels(search).await, ["positive", "none", "negative", "none"]);
    assert_eq!(rig.dfo(&token, "contacts/1/messages").await.status, 404);
    assert_eq!(rig.dfo(&token, &format!("contacts/{id}")).await.json()["id"], json!(id));
    assert_eq!(rig.dfo("made-up", "contacts").await.status, 401);
    assert!(rig.dfo("made-up", "contacts").await.json()["errors"].is_array());
    rig.switch("digital-error-body", "empty").await;
    assert_eq!(rig.dfo("made-up", "contacts").await.text, "");
    let on_api = async || got(rig.http.get(rig.at("/api/dfo/3.0/contacts")).bearer_auth(&token)).await.status;
    assert_eq!(on_api().await, 404);
    rig.switch("digital-on-api", "yes").await;
    assert_eq!(on_api().await, 200);
}

#[tokio::test]
async fn what_a_person_may_not_see_is_refused_or_left_out() {
    let (rig, everything) = signed_in(&[]).await;
    for queue in ["billing", "sales", "support", "returns"] {
        rig.felt(queue, queue, 0.0).await;
    }
    let (nobody, voice, narrow) =
        (rig.signed_in_as("nobody").await, rig.signed_in_as("voice").await, rig.signed_in_as("narrow").await);
    for path in ["skills/activity", "contacts/active", "agents", "agents/states"] {
        assert_eq!(rig.acd(&nobody, path).await.status, 403, "{path}");
    }
    assert_eq!(rig.dfo(&voice, "contacts").await.status, 403);
    assert_eq!(rig.acd(&everything, "contacts/active").await.json()["totalRecords"], 4);
    assert_eq!(rig.acd(&narrow, "contacts/active").await.json()["totalRecords"], 2);
    assert_eq!(rig.acd(&narrow, "skills/activity").await.json()["totalRecords"], 4);
    assert_eq!(rig.dfo(&narrow, "contacts").await.json()["hits"], 1);
    rig.switch("missing-permission", "filtered").await;
    assert_eq!(rig.acd(&nobody, "contacts/active").await.json()["activeContacts"], json!([]));
    assert_eq!(rig.dfo(&voice, "contacts").await.json()["hits"], 0);
}

#[tokio::test]
async fn each_host_has_its_limit() {
    let (rig, token) = signed_in(&["--digital-per-hour", "60", "--acd-per-minute", "6"]).await;
    assert_eq!(rig.dfo(&token, "contacts").await.status, 200);
    let limited = rig.dfo(&token, "contacts").await;
    assert_eq!((limited.status, limited.headers.get("retry-after")), (429, None));
    assert_eq!(rig.acd(&token, "server-time").await.status, 200);
    rig.switch("retry-after", "given").await;
    let limited = rig.acd(&token, "server-time").await;
    assert_eq!((limited.status, limited.headers["retry-after"].to_str().ok()), (429, Some("10")));
}
