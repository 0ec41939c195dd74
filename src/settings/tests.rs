use super::*;
use crate::model::address::ServiceKind;
use crate::model::http::Secret;
use crate::model::time::Millis;

const LEAST: &str = r#"{"organization":"acme","clientId":"client-1"}"#;

fn read(text: &str) -> Settings {
    parse(text, false).expect("should be read").settings
}

fn with(fields: &str) -> String {
    format!(r#"{{"organization":"acme","clientId":"client-1",{fields}}}"#)
}

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

/// `field code values` of each error.
fn errors(text: &str) -> Vec<String> {
    let errors = parse(text, false).expect_err("should be refused");
    errors
        .iter()
        .map(|error| format!("{} {} {}", error.field, error.code, error.values.join(",")).trim_end().to_owned())
        .collect()
}

#[test]
fn organisation_and_client_are_enough_and_the_rest_is_as_documented() {
    let parsed = parse(LEAST, false).unwrap();
    let settings = parsed.settings;
    assert_eq!(parsed.secret, None);
    assert_eq!(settings.base().http(), "https://acme.cxone.com");
    assert_eq!((settings.sentiment_threshold, settings.minimum_confidence), (-0.5, 0.0));
    assert_eq!(settings.queue_wait_threshold, Millis(120_000));
    assert_eq!(settings.remember, Millis(86_400_000));
    assert_eq!(settings.ttl, Millis(600_000));
    assert_eq!(settings.card(), CardTemplate::default());
    assert_eq!((settings.once_per, settings.keep_secret), (OncePer::Interaction, KeepSecret::Device));
    assert_eq!(settings.max_tries, None);
    assert!(!settings.dry_run && !settings.notify && !settings.end_at_disposition);
    let mut fresh = SettingsView::default();
    fresh.0.extend([("organization".to_owned(), "acme".into()), ("clientId".to_owned(), "client-1".into())]);
    assert_eq!(settings.view(false), fresh);
}

#[test]
fn every_setting_survives_being_stored() {
    let text = r#"{"organization":"acme","clientId":"c","keepSecret":"session","serviceAddress":"https://gate.example/x",
        "sentimentThreshold":-0.25,"queueWaitThresholdSeconds":90.5,"minimumConfidence":0.8,"includeQueues":["Sales*"],
        "excludeQueues":["Sales test","x"],"oncePer":"rule","rememberHours":0.5,"cardType":"error","cardTitle":"T",
        "cardContent":"a\nb {reason}","cardTtlMinutes":2.5,"maxTries":7,"endAtDisposition":true,"dryRun":true,
        "notify":true}"#;
    let settings = read(text);
    assert_eq!(read(&settings.to_json()), settings);
    let view = settings.view(true);
    assert!(TOLD.iter().all(|told| view.0[*told] == true));
    assert_eq!(read(&serde_json::to_string(&view).unwrap()), settings, "a view can be sent back as it is");
    assert!(!settings.to_json().contains("hasSecret") && !settings.to_json().contains("complete"));
    assert_eq!(read(LEAST).to_json(), read(&read(LEAST).to_json()).to_json());
}

#[test]
fn the_secret_is_handed_over_apart_and_an_empty_one_is_none() {
    let parsed = parse(&with(r#""clientSecret":" s3cr3t ✓ ""#), false).unwrap();
    assert_eq!(parsed.secret.map(|secret| secret.0).as_deref(), Some("s3cr3t ✓"));
    assert!(!parsed.settings.to_json().contains("s3cr3t"));
    assert_eq!(parse(&with(r#""clientSecret":"""#), false).unwrap().secret, None);
    assert_eq!(parse(&with(r#""clientSecret":null"#), false).unwrap().secret, None);
}

#[test]
fn numbers_may_be_written_as_text() {
    let settings = read(&with(r#""sentimentThreshold":" -0.3 ","queueWaitThresholdSeconds":"1e2","maxTries":"5""#));
    assert_eq!(settings.sentiment_threshold, -0.3);
    assert_eq!((settings.queue_wait_threshold, settings.max_tries), (Millis(100_000), Some(5)));
    assert_eq!(read(&with(r#""maxTries":"""#)).max_tries, None);
    assert_eq!(read(&with(r#""historyDays":"""#)).history_days, 7);
    assert_eq!(read(&with(r#""maxTries":null,"cardTtlMinutes":null"#)), read(LEAST));
}

#[test]
fn every_mistake_is_named_at_once() {
    let text = r#"{"organization":"a.b","sentimentThreshold":-1.5,"queueWaitThresholdSeconds":"soon","rememberHours":721,
        "minimumConfidence":[],"maxTries":2.5,"cardTitle":" ","dryRun":"yes","oncePer":"day","colour":"red"}"#;
    assert_eq!(
        errors(text),
        [
            "organization notALabel",
            "clientId required",
            "sentimentThreshold tooLow -1",
            "queueWaitThresholdSeconds notANumber",
            "minimumConfidence wrongType number",
            "oncePer badChoice interaction,rule",
            "rememberHours tooHigh 720",
            "cardTitle required",
            "maxTries wholeNumber",
            "dryRun wrongType switch",
            "colour unknown"
        ]
    );
}

#[test]
fn bounds_belong_to_the_range_and_nothing_beyond_them_does() {
    for (field, low, high) in [
        ("sentimentThreshold", "-1", "1"),
        ("queueWaitThresholdSeconds", "0", "86400"),
        ("minimumConfidence", "0", "1"),
        ("rememberHours", "0.016666666666666666", "720"),
        ("cardTtlMinutes", "0.16666666666666666", "1440"),
        ("maxTries", "1", "100"),
    ] {
        assert!(parse(&with(&format!(r#""{field}":{low}"#)), false).is_ok(), "{field}");
        assert!(parse(&with(&format!(r#""{field}":{high}"#)), false).is_ok(), "{field}");
        assert!(errors(&with(&format!(r#""{field}":-1.1"#)))[0].starts_with(&format!("{field} tooLow")));
        assert!(errors(&with(&format!(r#""{field}":1e9"#)))[0].starts_with(&format!("{field} tooHigh")));
        for odd in [r#""NaN""#, r#""inf""#, r#""0,5""#, r#""1 000""#, r#""0x1""#, r#""1e999""#] {
            assert_eq!(errors(&with(&format!(r#""{field}":{odd}"#))), [format!("{field} notANumber")]);
        }
    }
    assert_eq!(read(&with(r#""rememberHours":0.016666666666666666"#)).remember, Millis(60_000));
    assert_eq!(read(&with(r#""cardTtlMinutes":0.16666666666666666"#)).ttl, Millis(10_000));
    assert_eq!(errors(&with(r#""cardTtlMinutes":"""#)), ["cardTtlMinutes required"]);
}

#[test]
fn an_organisation_may_be_left_out_where_a_service_address_is_set() {
    let text = r#"{"clientId":"c","serviceAddress":"http://127.0.0.1:9/"}"#;
    assert_eq!(parse(text, true).unwrap().settings.base().ws(), "ws://127.0.0.1:9");
    assert_eq!(errors(text), ["serviceAddress needsHttps"]);
    assert_eq!(errors(r#"{"clientId":"c"}"#), ["organization required"]);
    assert_eq!(errors("{}"), ["clientId required", "organization required"]);
    assert_eq!(errors(&with(r#""serviceAddress":"acme""#)), ["serviceAddress notAUrl"]);
}

#[test]
fn queue_names_are_a_list_or_one_a_line() {
    let list = read(&with(r#""includeQueues":[" Sales* ","","Billing"]"#));
    let lines = read(&with(r#""includeQueues":"Sales*\r\n\n  Billing\n""#));
    assert_eq!(list.include_queues, ["Sales*", "Billing"]);
    assert_eq!(list, lines);
    assert_eq!(errors(&with(r#""includeQueues":[1]"#)), ["includeQueues wrongType list"]);
    assert_eq!(errors(&with(r#""excludeQueues":{}"#)), ["excludeQueues wrongType list"]);
    assert_eq!(
        errors(&with(&format!(r#""excludeQueues":["{}"]"#, "q".repeat(201))))[0],
        format!("excludeQueues tooLong 200,{}", "q".repeat(20))
    );
    assert_eq!(errors(&with(&format!(r#""excludeQueues":"{}""#, "q\\n".repeat(201)))), ["excludeQueues tooMany 200"]);
}

#[test]
fn text_has_a_length_and_no_invisible_characters() {
    for field in ["clientId", "clientSecret"] {
        let long = format!(r#"{{"organization":"acme","clientId":"c","{field}":"{}"}}"#, "é".repeat(1_001));
        assert!(errors(&long).contains(&format!("{field} tooLong 1000")), "{field}");
    }
    assert_eq!(errors(&with(r#""clientSecret":"a\u0000b""#)), ["clientSecret controlCharacter U+0000"]);
    assert_eq!(errors(&with(r#""clientSecret":"a\u200bb""#)), ["clientSecret controlCharacter U+200B"]);
    assert_eq!(errors(&with(r#""cardTitle":"a\nb""#)), ["cardTitle controlCharacter U+000A"]);
    assert_eq!(errors(&with(&format!(r#""cardContent":"{}""#, "é".repeat(2_001)))), ["cardContent tooLong 2000"]);
    assert!(parse(&with(&format!(r#""cardContent":"{}""#, "é".repeat(2_000))), false).is_ok());
}

#[test]
fn text_that_is_not_one_json_object_is_refused_with_its_position() {
    let error = |text: &str| parse(text, false).unwrap_err().remove(0);
    let not_json = error("{\n  \"organization\": \"acme\",\n  oops\n}");
    assert_eq!((&*not_json.field, &*not_json.code, not_json.line), ("", "notJson", Some(3)));
    assert_eq!(not_json.values, ["3", "3"]);
    assert_eq!(error("[]").code, "wrongType");
    assert_eq!(error("").code, "notJson");
    assert_eq!(error(&"[".repeat(10_000)).code, "notJson");
    assert_eq!(error(&" ".repeat(4_200_000)).code, "tooLong");
    let many: Vec<String> = (0..101).map(|at| format!(r#""{at}":1"#)).collect();
    assert_eq!(error(&format!("{{{}}}", many.join(","))).code, "tooMany");
}

#[test]
fn errors_name_their_line_and_keys_written_twice_are_refused() {
    let text = "{\n\"organization\": \"ac:me\",\n\"clientId\": \"c\",\n\n\"dry\\u0052un\": 1,\n\"x\": {\"notify\": 1},\n\"clientId\": \"d\"}";
    let errors = parse(text, false).unwrap_err();
    let lines: Vec<_> = errors.iter().map(|error| (&*error.field, &*error.code, error.line)).collect();
    assert_eq!(
        lines,
        [
            ("organization", "notALabel", Some(2)),
            ("dryRun", "wrongType", Some(5)),
            ("x", "unknown", Some(6)),
            ("clientId", "duplicate", Some(7)),
        ]
    );
}

#[test]
fn forms_learn_every_field_from_the_same_source() {
    let properties = properties();
    let mut names: Vec<&str> =
        properties.iter().map(|(name, _)| *name).filter(|name| !SECRETS.contains(name)).collect();
    names.extend(TOLD);
    names.sort_unstable();
    assert_eq!(names, SettingsView::default().0.keys().collect::<Vec<_>>());
    let wait = properties.iter().find(|(name, _)| *name == "queueWaitThresholdSeconds").unwrap();
    assert_eq!(
        wait.1,
        serde_json::json!({ "type": "number", "default": 120, "minimum": 0, "maximum": 86_400,
            "x-control": "number", "x-section": "rules", "x-step": 5, "x-unit": "seconds" })
    );
    assert_eq!(SettingsView::default().number("queueWaitThresholdSeconds"), Some(120.0));
}

#[test]
fn quiet_hours_have_both_ends_or_none() {
    let settings = read(&with(r#""quietHoursFrom":"22:00","quietHoursTo":"06:30""#));
    assert_eq!(settings.quiet_hours(), Some(QuietHours { from: time("22:00"), to: time("06:30") }));
    assert_eq!(read(LEAST).quiet_hours(), None);
    assert_eq!(errors(&with(r#""quietHoursFrom":"22:00""#)), ["quietHoursTo required"]);
    assert_eq!(errors(&with(r#""quietHoursFrom":"","quietHoursTo":"06:30""#)), ["quietHoursFrom required"]);
    assert_eq!(errors(&with(r#""quietHoursFrom":"","quietHoursTo":"6:30""#)), ["quietHoursTo notATime"]);
}

#[test]
fn rules_are_kept_as_they_are_written_and_shown_only_where_there_are_some() {
    let rules = r#"{"rules":[],"version":1}"#;
    let settings = read(&with(&format!(r#""rules":{rules}"#)));
    assert_eq!(settings.rules.as_deref(), Some(rules));
    assert_eq!(read(&settings.to_json()), settings);
    for none in [with(r#""rules":null"#), LEAST.to_owned()] {
        let settings = read(&none);
        assert_eq!(settings.rules, None);
        assert!(!settings.to_json().contains("rules"));
    }
    assert_eq!(errors(&with(r#""rules":"[]""#)), ["rules wrongType object"]);
}

/// A text of the published service.
fn published(fields: &str) -> String {
    format!(r#"{{"service":"published",{fields}}}"#)
}

#[test]
fn a_person_who_signs_in_needs_a_client_id_and_no_secret() {
    let parsed = parse(&published(r#""clientId":"c","clientSecret":"of the stream's client""#), false).unwrap();
    let settings = parsed.settings;
    assert_eq!((settings.way(), settings.needs_secret(), parsed.secret), (Way::Nice, false, None));
    assert_eq!(settings.base().http(), "https://cxone.niceincontact.com");
    assert_eq!(settings.base().service(), ServiceKind::Published);
    assert_eq!(settings.view(true).0["hasSecret"], false);
    assert_eq!(settings.view(true).0["complete"], true);
    assert_eq!(read(&settings.to_json()), settings);
    assert_eq!(errors(r#"{"service":"published"}"#), ["clientId required"]);
}

#[test]
fn an_access_key_needs_its_id_and_a_tenant_and_is_not_kept_by_default() {
    let text = published(r#""signIn":"accessKey","accessKeyId":"k","accessKeySecret":"s","tenantId":"11eb-1""#);
    let parsed = parse(&text, false).unwrap();
    assert_eq!((parsed.settings.way(), parsed.settings.keep()), (Way::AccessKey, KeepSecret::Session));
    assert_eq!(parsed.secret, Some(Secret("s".to_owned())));
    assert_eq!((parsed.settings.client(), parsed.settings.secret_field()), ("k", "accessKeySecret"));
    let written = parsed.settings.to_json();
    assert!(!written.contains("clientSecret") && !written.contains("accessKeySecret"));
    assert_eq!(errors(&published(r#""signIn":"accessKey""#)), ["accessKeyId required", "tenantId required"]);
    let kept = published(r#""signIn":"accessKey","accessKeyId":"k","tenantId":"t","keepAccessKey":"device""#);
    assert_eq!(read(&kept).keep(), KeepSecret::Device);
    assert_eq!(errors(&published(r#""clientId":"c","tenantId":"a/b""#)), ["tenantId notATenant"]);
}

#[test]
fn a_service_address_is_the_issuer_of_the_published_service() {
    let text = published(r#""clientId":"c","serviceAddress":"http://127.0.0.1:9/issuer""#);
    let settings = parse(&text, true).unwrap().settings;
    assert_eq!(settings.base().http(), "http://127.0.0.1:9/issuer");
    assert_eq!(settings.base().service(), ServiceKind::Published);
    assert_eq!(read(LEAST).base().service(), ServiceKind::Contract);
}

#[test]
fn another_service_or_client_or_tenant_is_another_connection() {
    let same = |one: &str, other: &str| read(one).is_same_client(&read(other));
    let person = published(r#""clientId":"c""#);
    let address = r#""clientId":"c","serviceAddress":"https://gate.example""#;
    assert!(same(&person, &published(r#""clientId":"c","dryRun":true"#)));
    assert!(!same(&person, &published(r#""clientId":"d""#)));
    assert!(!same(&person, &published(r#""clientId":"c","tenantId":"t""#)));
    assert!(!same(&published(address), &format!("{{{address}}}")), "the same address, spoken as another service");
    let key = |rest: &str| published(&format!(r#""signIn":"accessKey","accessKeyId":"c","tenantId":"t"{rest}"#));
    assert!(same(&key(""), &key(r#","clientId":"left over""#)));
    assert!(!same(&person, &key("")));
}

#[test]
fn forms_learn_which_fields_belong_to_which_way_to_connect() {
    let ways: Vec<_> = properties()
        .into_iter()
        .filter_map(|(name, property)| Some(format!("{name} {}", property.get("x-for")?)))
        .collect();
    assert_eq!(
        ways,
        [
            r#"signIn ["nice","accessKey"]"#,
            r#"organization ["stream"]"#,
            r#"clientId ["stream","nice"]"#,
            r#"clientSecret ["stream"]"#,
            r#"keepSecret ["stream"]"#,
            r#"accessKeyId ["accessKey"]"#,
            r#"accessKeySecret ["accessKey"]"#,
            r#"keepAccessKey ["accessKey"]"#,
            r#"tenantId ["nice","accessKey"]"#,
            r#"withoutAgent ["nice","accessKey"]"#,
            r#"signalScript ["nice","accessKey"]"#,
        ]
    );
}
