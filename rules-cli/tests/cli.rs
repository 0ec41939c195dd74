//! The binary as a person calls it.
#![allow(clippy::unwrap_used, reason = "a test that lacks something has failed")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

/// Files of one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("cuewire-rules-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn call(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cuewire-rules")).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Unhappy for 20 s, and the two rules of the contract.
fn rules() -> Value {
    let low = json!({ "compare": { "field": "sentimentScore", "operator": "below", "value": -0.5 } });
    json!({ "version": 1, "rules": [
        { "id": "unhappy", "name": "Unhappy", "when": low, "holdSeconds": 20, "once": "rule", "examples": [
            { "name": "held",
              "events": [{ "atMs": 1_000, "event": { "id": "i", "sentiment": { "score": -0.9 } } }],
              "fires": [{ "atMs": 21_000, "interaction": "i" }] }
        ] },
        { "id": "vip", "name": "Tried before", "mode": "shadow", "once": "rule",
          "when": { "compare": { "field": "/vip", "operator": "isTrue" } } }
    ] })
}

fn recording() -> String {
    [
        r#"{"atMs":0,"event":{"id":"a","sentiment":{"score":-0.7}}}"#,
        r#"{"atMs":5000,"event":{"id":"b","sentiment":{"score":-0.7},"vip":true}}"#,
        r#"{"atMs":9000,"event":{"id":""}}"#,
        r#"{"atMs":12000,"event":{"id":"b","sentiment":{"score":0.2},"vip":true}}"#,
    ]
    .join("\n")
}

#[test]
fn examples_that_hold_end_well_and_those_that_differ_are_told() {
    let folder = Folder::new("test");
    let good = folder.file("good.json", rules().to_string().as_bytes());
    let output = call(&["test", &good]);
    assert_eq!((output.status.code(), said(&output).trim()), (Some(0), "1 examples of 2 rules hold"));
    let late = folder.file("late.json", rules().to_string().replace("21000", "21001").as_bytes());
    let output = call(&["test", &late]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("did not fire: 21001 ms, interaction i, episode 1"), "{}", said(&output));
    assert!(said(&output).contains("fired:        21000 ms"), "{}", said(&output));
}

#[test]
fn the_rules_of_the_simulator_hold_their_examples() {
    let rich = concat!(env!("CARGO_MANIFEST_DIR"), "/../simulator/rules/rich.json");
    let output = call(&["test", rich]);
    assert_eq!((output.status.code(), said(&output).trim()), (Some(0), "2 examples of 11 rules hold"));
}

#[test]
fn a_rule_set_that_is_wrong_is_named_by_its_places() {
    let folder = Folder::new("wrong");
    let wrong = folder.file("wrong.json", rules().to_string().replace("\"below\"", "\"under\"").as_bytes());
    let output = call(&["explain", &wrong]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("/rules/0/when/compare/operator: badChoice"), "{errors}");
}

#[test]
fn rules_are_read_back() {
    let folder = Folder::new("explain");
    let output = call(&["explain", &folder.file("rules.json", rules().to_string().as_bytes())]);
    assert!(
        said(&output).contains("When sentiment stays below −0.5 for 20 s, send a warning card"),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("When /vip is true, log a trigger without a card"), "{}", said(&output));
}

#[test]
fn a_recording_plain_or_gzip_says_what_would_have_fired() {
    let folder = Folder::new("replay");
    let rules = folder.file("rules.json", rules().to_string().as_bytes());
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(recording().as_bytes()).unwrap();
    let logs = [folder.file("log.ndjson", recording().as_bytes()), folder.file("log.bin", &gzip.finish().unwrap())];
    for log in logs {
        let output = call(&["replay", &log, "--rules", &rules, "--json"]);
        assert_eq!(output.status.code(), Some(0));
        let report: Value = serde_json::from_str(&said(&output)).unwrap();
        assert_eq!([&report["events"], &report["unreadable"], &report["interactions"]], [3, 1, 2]);
        let firings: Vec<_> = report["firings"].as_array().unwrap().iter().collect();
        let seen: Vec<_> = firings.iter().map(|it| (&it["atMs"], &it["rule"], &it["interaction"])).collect();
        assert_eq!(
            seen,
            [(&json!(5_000), &json!("vip"), &json!("b")), (&json!(20_000), &json!("unhappy"), &json!("a"))]
        );
        assert_eq!(firings[1]["evidence"][1]["seen"], json!(-0.7));
        assert_eq!(report["rules"][0]["fired"], 1);
        let table = said(&call(&["replay", &log, "--rules", &rules]));
        assert!(table.contains("(shadow)") && table.contains("3 events of 2 interactions"), "{table}");
    }
}

#[test]
fn a_line_that_is_no_recording_is_named() {
    let folder = Folder::new("broken");
    let rules = folder.file("rules.json", rules().to_string().as_bytes());
    let log = folder.file("log.ndjson", format!("{}\nnonsense\n", recording()).as_bytes());
    let output = call(&["replay", &log, "--rules", &rules]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("line 5"));
    assert!(Path::new(&log).exists());
}
