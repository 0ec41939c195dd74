//! Faults given on the command line: `KIND[=VALUE][:FIELD=VALUE,…][@START][+DURATION][/EVERY]`.

use std::str::FromStr;

use serde_json::{Map, Value};

use super::Request;

/// A fault and when it comes.
#[derive(Debug, Clone)]
pub struct Scheduled {
    /// The fault; its `seconds` is the duration.
    pub request: Request,
    /// Seconds after traffic starts.
    pub start: f64,
    /// How often the fault comes back, in seconds.
    pub every: Option<f64>,
}

impl FromStr for Scheduled {
    type Err = String;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        let (head, every) = cut(spec, '/')?;
        let (head, duration) = cut(head, '+')?;
        let (head, start) = cut(head, '@')?;
        let (name, fields) = head.split_once(':').unwrap_or((head, ""));
        let (kind, value) = name.split_once('=').map_or((name, None), |(kind, value)| (kind, Some(value)));
        let mut given = Map::new();
        given.insert("kind".into(), kind.into());
        if let Some(value) = value {
            let main = main_field(kind).ok_or_else(|| format!("{kind} takes no single value"))?;
            given.insert(main.into(), scalar(value));
        }
        for field in fields.split(',').filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once('=').ok_or_else(|| format!("{field:?} is not FIELD=VALUE"))?;
            given.insert(camel(name), scalar(value));
        }
        if let Some(seconds) = duration {
            given.insert("seconds".into(), seconds.into());
        }
        let request: Request = serde_json::from_value(Value::Object(given)).map_err(|error| error.to_string())?;
        request.check()?;
        if every.is_some_and(|every| every < 0.1) {
            return Err("a fault can come again every 0.1 s at most".into());
        }
        Ok(Self { request, start: start.unwrap_or(0.0), every })
    }
}

/// The text behind the last `mark`, as seconds.
fn cut(text: &str, mark: char) -> Result<(&str, Option<f64>), String> {
    let Some((head, tail)) = text.rsplit_once(mark) else { return Ok((text, None)) };
    let (number, unit) = match tail.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => match tail.strip_suffix('m') {
            Some(number) => (number, 60.0),
            None => (tail.strip_suffix('s').unwrap_or(tail), 1.0),
        },
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((head, Some(number * unit))),
        _ => Err(format!("{mark}{tail} is not a time; write {mark}10s, {mark}500ms or {mark}2m")),
    }
}

/// The field that `KIND=VALUE` means.
fn main_field(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "429" => "retryAfter",
        "token-expiry" => "tokenSeconds",
        "token-reject" | "token-error" | "5xx" | "4xx" | "3xx" | "upgrade-refused" | "html" => "status",
        "skew" => "skewSeconds",
        "contacts-vanish" | "agents-change" => "share",
        "slow" => "ms",
        "drop" => "code",
        "garbage" => "garbage",
        _ => return None,
    })
}

fn scalar(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => text.parse::<f64>().ok().filter(|number| number.is_finite()).map_or_else(|| text.into(), Value::from),
    }
}

/// `retry-after` is `retryAfter`.
fn camel(name: &str) -> String {
    let mut parts = name.trim().split('-');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        whole.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        whole.push_str(letters.as_str());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;
    use crate::service::rate_limit::RetryAfterForm;

    fn parse(spec: &str) -> Scheduled {
        spec.parse().unwrap_or_else(|error| panic!("{spec}: {error}"))
    }

    #[test]
    fn a_burst_has_a_start_and_a_duration() {
        let burst = parse("429@10s+5s");
        assert_eq!((burst.start, burst.request.seconds, burst.every), (10.0, Some(5.0), None));
    }

    #[test]
    fn fields_are_the_same_as_over_the_wire() {
        let fault = parse("429:retry-after=3,form=date@1500ms+1m/2m");
        assert_eq!((fault.start, fault.request.seconds, fault.every), (1.5, Some(60.0), Some(120.0)));
        assert_eq!(
            fault.request.check(),
            Ok(Fault::CardAnswer { status: 429, retry_after: Some((3.0, RetryAfterForm::Date)) })
        );
        assert_eq!(parse("drop=1006@2").request.check(), Ok(Fault::Drop(1006)));
        assert_eq!(parse("slow=20000").request.check().ok(), parse("slow:ms=20000").request.check().ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_reason() {
        for (spec, word) in [
            ("drop@soon", "time"),
            ("jam", "jam"),
            ("silent=3", "single value"),
            ("429:form", "FIELD"),
            ("drop/0", "every"),
        ] {
            assert!(spec.parse::<Scheduled>().expect_err(spec).contains(word), "{spec}");
        }
    }
}
