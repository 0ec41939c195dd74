//! The manifest of each flavour, made from the one in `extension/`.
//!
//! The source manifest is the release one. Development adds what tests and the simulator need: every optional host is
//! granted at install (automation cannot answer a permission prompt), and loopback may be reached. Asking is the same, but
//! for the hosts: all of them stay optional.

use super::Flavour;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// Any port: a match pattern without one.
const LOOPBACK_HOSTS: [&str; 2] = ["http://127.0.0.1/*", "http://localhost/*"];
const LOOPBACK_SOURCES: [&str; 4] =
    ["http://127.0.0.1:*", "ws://127.0.0.1:*", "http://localhost:*", "ws://localhost:*"];

/// The text of this flavour's manifest.
pub fn of(flavour: Flavour, source: &str) -> Result<String> {
    let mut manifest: Map<String, Value> = serde_json::from_str(source).context("is no JSON object")?;
    match flavour {
        Flavour::Development => {
            grant_hosts(&mut manifest)?;
            allow_loopback(&mut manifest)?;
            mark_name(&mut manifest, flavour);
        }
        Flavour::Asking => {
            ask_for_hosts(&mut manifest)?;
            allow_loopback(&mut manifest)?;
            mark_name(&mut manifest, flavour);
        }
        Flavour::Release => refuse_loopback(&manifest)?,
    }
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

fn grant_hosts(manifest: &mut Map<String, Value>) -> Result<()> {
    let hosts = take_hosts(manifest)?;
    manifest.insert("host_permissions".into(), hosts);
    Ok(())
}

fn ask_for_hosts(manifest: &mut Map<String, Value>) -> Result<()> {
    let hosts = take_hosts(manifest)?;
    manifest.insert("optional_host_permissions".into(), hosts);
    Ok(())
}

/// Every host that the manifest names, and the loopback; each once.
fn take_hosts(manifest: &mut Map<String, Value>) -> Result<Value> {
    let mut hosts = strings(manifest.remove("host_permissions"))?;
    hosts.extend(strings(manifest.remove("optional_host_permissions"))?);
    hosts.extend(LOOPBACK_HOSTS.map(String::from));
    let mut all: Vec<Value> = Vec::new();
    for host in hosts.into_iter().map(Value::String) {
        if !all.contains(&host) {
            all.push(host);
        }
    }
    Ok(Value::Array(all))
}

fn mark_name(manifest: &mut Map<String, Value>, flavour: Flavour) {
    if let Some(Value::String(name)) = manifest.get_mut("name").filter(|name| !is_message(name)) {
        name.push_str(&format!(" ({})", flavour.name()));
    }
}

fn allow_loopback(manifest: &mut Map<String, Value>) -> Result<()> {
    let policy = manifest.get_mut("content_security_policy").and_then(|policy| policy.get_mut("extension_pages"));
    let Some(Value::String(policy)) = policy else { bail!("has no content_security_policy.extension_pages") };
    let mut directives: Vec<String> =
        policy.split(';').map(|directive| directive.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    let connect = directives.iter_mut().find(|directive| directive.split_whitespace().next() == Some("connect-src"));
    let connect = connect.context("has no connect-src: what the extension may reach must be said")?;
    for source in LOOPBACK_SOURCES {
        if !connect.split_whitespace().any(|before| before == source) {
            connect.push(' ');
            connect.push_str(source);
        }
    }
    *policy = directives.join("; ");
    Ok(())
}

fn refuse_loopback(manifest: &Map<String, Value>) -> Result<()> {
    let text = Value::Object(manifest.clone()).to_string();
    match ["127.0.0.1", "localhost", "[::1]"].iter().find(|host| text.contains(**host)) {
        Some(host) => bail!("names {host}: a published extension has no business on the loopback"),
        None => Ok(()),
    }
}

fn strings(list: Option<Value>) -> Result<Vec<String>> {
    list.map_or_else(|| Ok(Vec::new()), |list| serde_json::from_value(list).context("hosts must be a list of text"))
}

fn is_message(name: &Value) -> bool {
    name.as_str().is_some_and(|name| name.starts_with("__MSG_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SOURCE: &str = r#"{
        "name": "Cuewire",
        "host_permissions": ["https://granted.example/*"],
        "optional_host_permissions": ["https://*.cxone.com/*", "https://granted.example/*"],
        "content_security_policy": { "extension_pages": "default-src 'none'; connect-src 'self' https:; script-src 'self'" }
    }"#;

    fn made(flavour: Flavour, source: &str) -> Value {
        serde_json::from_str(&of(flavour, source).expect("a good manifest")).expect("JSON")
    }

    #[test]
    fn development_grants_every_host_once_and_the_loopback() {
        let manifest = made(Flavour::Development, SOURCE);
        let hosts =
            json!(["https://granted.example/*", "https://*.cxone.com/*", "http://127.0.0.1/*", "http://localhost/*"]);
        assert_eq!(manifest["host_permissions"], hosts);
        assert_eq!(manifest.get("optional_host_permissions"), None);
        assert_eq!(manifest["name"], "Cuewire (development)");
    }

    #[test]
    fn asking_grants_no_host_and_may_be_given_each() {
        let manifest = made(Flavour::Asking, SOURCE);
        let hosts =
            json!(["https://granted.example/*", "https://*.cxone.com/*", "http://127.0.0.1/*", "http://localhost/*"]);
        assert_eq!(manifest["optional_host_permissions"], hosts);
        assert_eq!(manifest.get("host_permissions"), None);
        let policy = manifest["content_security_policy"]["extension_pages"].as_str().unwrap_or_default();
        assert!(policy.contains(" http://127.0.0.1:* ") && policy.contains(" ws://localhost:*"), "{policy}");
    }

    #[test]
    fn development_may_connect_to_the_loopback_and_keeps_the_rest_of_the_policy() {
        let manifest = made(Flavour::Development, SOURCE);
        assert_eq!(
            manifest["content_security_policy"]["extension_pages"],
            "default-src 'none'; connect-src 'self' https: http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* \
             ws://localhost:*; script-src 'self'"
        );
    }

    #[test]
    fn a_policy_that_does_not_say_what_may_be_reached_is_refused() {
        let source = r#"{ "content_security_policy": { "extension_pages": "script-src 'self'" } }"#;
        assert!(of(Flavour::Development, source).is_err());
        assert!(of(Flavour::Development, "{}").is_err());
    }

    #[test]
    fn release_is_the_source_as_it_is() {
        assert_eq!(made(Flavour::Release, SOURCE), serde_json::from_str::<Value>(SOURCE).expect("JSON"));
    }

    #[test]
    fn release_refuses_the_loopback() {
        let source = SOURCE.replace("https:;", "https: http://localhost:*;");
        assert!(of(Flavour::Release, &source).is_err());
    }

    #[test]
    fn a_translated_name_keeps_its_key() {
        let source = SOURCE.replace("\"Cuewire\"", "\"__MSG_name__\"");
        assert_eq!(made(Flavour::Development, &source)["name"], "__MSG_name__");
    }
}
