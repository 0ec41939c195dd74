//! A settings text.

use std::collections::BTreeSet;

use cuewire::settings::{FieldError, Parsed, parse, properties};
use serde_json::{Map, Value};

use crate::{grown, timed};

/// Every code that an error may have: the words are found by it.
const CODES: [&str; 17] = [
    "required",
    "unknown",
    "duplicate",
    "notJson",
    "wrongType",
    "notALabel",
    "notAUrl",
    "needsHttps",
    "notANumber",
    "wholeNumber",
    "tooLow",
    "tooHigh",
    "tooLong",
    "tooMany",
    "badChoice",
    "controlCharacter",
    "notATime",
];

/// Checks one input: a text, or one that [`grown`] makes.
pub fn check(data: &[u8]) {
    let large = grown(data);
    let Ok(text) = std::str::from_utf8(large.as_deref().unwrap_or(data)) else { return };
    let strict = timed("reading settings", || parse(text, false));
    let lenient = timed("reading settings", || parse(text, true));
    match (strict, lenient) {
        (Ok(strict), lenient) => {
            assert_eq!(lenient.as_ref(), Ok(&strict), "a release accepts no more than development");
            accepted(text, &strict, false);
        }
        (Err(errors), lenient) => {
            rejected(text, &errors);
            match lenient {
                Ok(lenient) => accepted(text, &lenient, true),
                Err(errors) => rejected(text, &errors),
            }
        }
    }
}

fn accepted(text: &str, parsed: &Parsed, loopback_allowed: bool) {
    let written = parsed.settings.to_json();
    let again = parse(&written, loopback_allowed).expect("what is written can be read");
    assert_eq!(again.settings, parsed.settings, "{written}");
    assert_eq!(again.secret, None);

    let view = parsed.settings.view(true);
    let told = serde_json::to_string(&view).expect("a view is JSON");
    assert_eq!(serde_json::from_str::<cuewire::settings::SettingsView>(&told).ok().as_ref(), Some(&view));
    let back = parse(&told, loopback_allowed).expect("a view can be sent back");
    assert_eq!(back.settings, parsed.settings);

    // The written text does not depend on the secret: another one makes no difference.
    let fields: Map<String, Value> = serde_json::from_str(&written).expect("it is an object");
    assert!(!fields.contains_key("clientSecret") && !fields.contains_key("hasSecret"));
    let mut other: Map<String, Value> = serde_json::from_str(text).expect("it was read as an object");
    other.insert("clientSecret".to_owned(), "another secret".into());
    let other = parse(&Value::Object(other).to_string(), loopback_allowed).expect("the secret may be any");
    assert_eq!(other.settings.to_json(), written);
}

fn rejected(text: &str, errors: &[FieldError]) {
    assert!(!errors.is_empty(), "refused without a reason");
    let known: BTreeSet<&str> = properties().into_iter().map(|(name, _)| name).collect();
    let fields = serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let secret = fields.get("clientSecret").and_then(Value::as_str).filter(|secret| secret.len() >= 12);
    let secret = secret.filter(|secret| text.matches(secret).count() == 1);
    for error in errors {
        let field = &error.field;
        assert!(field.is_empty() || known.contains(&**field) || fields.contains_key(field), "{error:?}");
        assert!(CODES.contains(&&*error.code), "{error:?}");
        let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
        assert!(error.line.is_none_or(|line| (1..=lines).contains(&(line as usize))), "{error:?}");
        if let Some(secret) = secret {
            assert!(error.values.iter().all(|value| !value.contains(secret)), "{error:?}");
        }
    }
}
