//! The engine behind a shell that keeps everything in memory: its records, their order, and what pages hear.
#![cfg(target_arch = "wasm32")]

use cuewire::web::engine::Engine;
use cuewire::web::host::Host;
use js_sys::JSON;
use tsify::Ts;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

/// Stores in memory, notes every call, and lets nothing reach the network.
const SHELL: &str = r"(() => {
  const calls = [];
  const stored = { settings: undefined, secret: undefined, records: new Map(), full: false };
  const note = (name) => (...values) => void calls.push([name, ...values]);
  return {
    calls,
    stored,
    load: async (later) => ({
      journal: { records: [...stored.records].filter(([key]) => !key.startsWith(later)).sort() },
      marker: stored.records.size > 0,
      settings: stored.settings,
      secret: stored.secret,
    }),
    recall: async (prefix, after, limit) =>
      [...stored.records].filter(([key]) => key.startsWith(prefix) && key > after).sort().slice(0, limit),
    commit: async (changes) => {
      calls.push(['commit']);
      if (stored.full) throw new DOMException('no room', 'QuotaExceededError');
      for (const { change, store, key, value } of changes)
        if (store === 'journal' && change === 'put') stored.records.set(key, value);
    },
    readHistory: async (before, limit) => {
      calls.push(['readHistory', before, limit]);
      if (stored.full) throw new DOMException('no disk', 'UnknownError');
      return [['0000000000000012', JSON.stringify({ kind: 'started', at: 7 })], ['0000000000000011', 'damaged']];
    },
    storeSettings: async (settings, secret) => {
      calls.push(['storeSettings', secret.do]);
      stored.settings = settings;
      if (secret.do === 'onDevice') stored.secret = secret.secret;
    },
    openStream: () => { throw new DOMException('not here', 'SecurityError'); },
    permitted: async () => false,
    storeMarker: note('storeMarker'),
    storeToken: note('storeToken'),
    keepAlive: note('keepAlive'),
    showBadge: note('showBadge'),
    notify: note('notify'),
    publish: note('publish'),
    guard: note('guard'),
    failed: note('failed'),
  };
})()";

fn shell() -> Host {
    js_sys::eval(SHELL).expect("plain JavaScript").unchecked_into()
}

/// The answer to a page's request.
async fn ask(engine: &Engine, request: &str) -> String {
    let request = Ts::new_unchecked(JSON::parse(request).expect("JSON"));
    let reply = JsFuture::from(engine.message(request)).await.expect("a reply, whatever it is");
    String::from(JSON::stringify(&reply).expect("plain data"))
}

async fn started(host: &Host) -> Engine {
    let engine = Engine::new(host.clone());
    assert!(engine.start().await.is_ok());
    engine
}

fn calls(host: &Host) -> String {
    let calls = js_sys::Reflect::get(host, &"calls".into()).expect("the shell notes calls");
    String::from(JSON::stringify(&calls).expect("plain data"))
}

/// A request to save these settings.
fn save(settings: &str) -> String {
    let text = String::from(JSON::stringify(&JsValue::from_str(settings)).expect("text"));
    format!(r#"{{"kind":"save","checkOnly":false,"text":{text}}}"#)
}

const ACME: &str = r#"{"organization":"acme","clientId":"id","clientSecret":"correct horse"}"#;

#[wasm_bindgen_test]
async fn a_fresh_profile_is_not_set_up_and_needs_no_guard() {
    let host = shell();
    let engine = started(&host).await;
    assert!(ask(&engine, r#"{"kind":"status"}"#).await.contains(r#""state":{"word":"notSetUp"}"#));
    assert!(calls(&host).contains(r#"["guard","none"]"#), "{}", calls(&host));
}

#[wasm_bindgen_test]
async fn what_is_no_request_is_answered_all_the_same() {
    let engine = started(&shell()).await;
    assert!(ask(&engine, r#"{"kind":"nonsense"}"#).await.contains(r#""kind":"notUnderstood""#));
}

#[wasm_bindgen_test]
async fn settings_are_stored_with_the_secret_apart_and_found_by_the_next_engine() {
    let host = shell();
    let engine = started(&host).await;
    assert_eq!(ask(&engine, &save(ACME)).await, r#"{"kind":"done"}"#);
    assert!(calls(&host).contains(r#"["storeSettings","onDevice"]"#), "{}", calls(&host));
    drop(engine);
    let next = started(&host).await;
    let settings = ask(&next, r#"{"kind":"settings"}"#).await;
    assert!(settings.contains(r#""organization":"acme""#) && settings.contains(r#""hasSecret":true"#), "{settings}");
    assert!(!settings.contains("correct horse"), "a secret is never shown again");
}

/// A worker killed right after would find nobody who wakes it for what it stored.
#[wasm_bindgen_test]
async fn what_must_bring_a_worker_back_is_said_before_anything_is_stored_that_asks_for_more() {
    let host = shell();
    let engine = started(&host).await;
    assert_eq!(ask(&engine, &save(ACME)).await, r#"{"kind":"done"}"#);
    assert_eq!(guard_before(&host, "storeSettings").as_deref(), Some("watch"));
    assert_eq!(ask(&engine, r#"{"kind":"pause","scope":null,"minutes":null,"note":null}"#).await, r#"{"kind":"done"}"#);
    gloo_timers::future::TimeoutFuture::new(50).await;
    assert_eq!(guard_before(&host, "end").as_deref(), Some("none"), "{}", calls(&host));
    assert_eq!(ask(&engine, r#"{"kind":"resume","scope":null}"#).await, r#"{"kind":"done"}"#);
    assert_eq!(guard_before(&host, "commit").as_deref(), Some("watch"), "{}", calls(&host));
}

/// The last call before the last of that name, or the last of all.
fn guard_before(host: &Host, name: &str) -> Option<String> {
    let calls = calls(host);
    let before = calls.rfind(&format!(r#"["{name}""#)).map_or(calls.as_str(), |at| &calls[..at]);
    let said = before.rsplit_once(r#"["guard",""#)?.1;
    Some(said.split('"').next()?.to_owned())
}

#[wasm_bindgen_test]
async fn a_page_of_the_log_comes_as_data_and_a_failure_with_its_reason() {
    let host = shell();
    let engine = started(&host).await;
    let page = ask(&engine, r#"{"kind":"log","before":13,"limit":1000000}"#).await;
    let entries = r#"[{"number":12,"entry":{"kind":"started","at":7}},{"number":11}]"#;
    assert_eq!(page, format!(r#"{{"kind":"log","value":{{"entries":{entries},"removed":0}}}}"#));
    assert!(calls(&host).contains(r#"["readHistory","0000000000000013",500]"#), "{}", calls(&host));
    let stored = js_sys::Reflect::get(&host, &"stored".into()).expect("the shell stores");
    js_sys::Reflect::set(&stored, &"full".into(), &true.into()).expect("a plain object");
    let failed = ask(&engine, r#"{"kind":"log","limit":1}"#).await;
    assert!(failed.contains(r#""kind":"failed""#) && failed.contains("no disk"), "{failed}");
}

#[wasm_bindgen_test]
async fn wrong_settings_are_named_and_not_stored() {
    let host = shell();
    let engine = started(&host).await;
    let reply =
        ask(&engine, &save(r#"{"organization":"acme","clientId":"id","clientSecret":"s","sentimentThreshold":"-3"}"#))
            .await;
    assert!(reply.contains(r#""field":"sentimentThreshold""#) && reply.contains("tooLow"), "{reply}");
    assert!(!calls(&host).contains("storeSettings"));
}

#[wasm_bindgen_test]
async fn a_host_that_is_not_permitted_is_a_diagnosis() {
    let host = shell();
    let engine = started(&host).await;
    // A name that never resolves (RFC 6761).
    let nowhere = r#"{"serviceAddress":"https://cuewire.invalid","clientId":"id","clientSecret":"s"}"#;
    assert_eq!(ask(&engine, &save(nowhere)).await, r#"{"kind":"done"}"#);
    let mut status = String::new();
    for _ in 0..50 {
        status = ask(&engine, r#"{"kind":"status"}"#).await;
        if status.contains("permissionMissing") {
            return;
        }
        gloo_timers::future::TimeoutFuture::new(100).await;
    }
    panic!("{status}");
}
