//! Settings files that past versions exported. See `tests/golden/README.md`.

use std::collections::BTreeSet;

use cuewire::settings;
use cuewire::views::protocol::{Reply, Request};
use serde_json::{Map, Value};

use crate::browser::{Browser, Records, Stored};
use crate::versions::golden::{file, read};

/// Settings that no file holds.
const SECRETS: [&str; 2] = ["clientSecret", "accessKeySecret"];

#[test]
fn settings_exported_by_any_past_version_are_imported_whole() {
    for exported in exports() {
        let parsed = settings::parse(&exported, false).unwrap().settings;
        let then = fields(&exported);
        let now = fields(&parsed.to_json());
        for (field, value) in then.iter().filter(|(field, _)| *field != "$schema") {
            assert_eq!(now.get(field), Some(value), "{field}");
        }
        // Imported, and with the secret entered for their address, the settings are saved and used.
        let mut browser = Browser::start(Stored::set_up(""));
        let Reply::Rejected(errors) = browser.ask(Request::Save { text: exported.clone(), check_only: false }) else {
            panic!("the stored secret must not go to the address of a file");
        };
        let lacking: Vec<_> = errors.iter().map(|error| &*error.field).collect();
        let [secret] = lacking[..] else { panic!("one secret is asked for: {lacking:?}") };
        assert!(SECRETS.contains(&secret), "{secret}");
        let text = exported.replacen('{', &format!(r#"{{"{secret}":"hush","#), 1);
        assert_eq!(browser.ask(Request::Save { text, check_only: false }), Reply::Done);
        assert_eq!(browser.stored.settings, Some(parsed.to_json()));
        assert_eq!(browser.pipeline().status().organization, "gate.example");
    }
}

#[test]
fn every_setting_is_in_an_exported_file_with_a_value_that_is_not_its_default() {
    let defaults = fields(&settings::SettingsView::default().to_json());
    let changed: BTreeSet<String> = exports()
        .iter()
        .flat_map(|exported| fields(exported))
        .filter(|(field, value)| defaults.get(field) != Some(value))
        .map(|(field, _)| field)
        .collect();
    for (name, _) in settings::properties().iter().filter(|(name, _)| !SECRETS.contains(name)) {
        assert!(changed.contains(*name), "{name} needs a file, see tests/golden/README.md");
    }
}

/// The exported settings files, oldest first.
fn exports() -> Vec<String> {
    let names = (1..).map(|number| format!("settings-{number}.json"));
    let found: Vec<String> = names.take_while(|name| file(name).exists()).map(|name| read(&name)).collect();
    assert!(!found.is_empty());
    found
}

fn fields(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}
