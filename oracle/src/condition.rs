//! Conditions in Kleene's logic: what is missing is unknown, and unknown is neither true nor false.

use serde_json::Value;

use crate::message::{Message, fits};

/// How often rules began to fire in a queue lately.
pub(crate) const TRIGGERS: &str = "queueTriggersPerMinute";
/// Where a message names its queue.
pub(crate) const QUEUE_NAME: &str = "/routing/queueName";

/// The figures of a queue.
const OF_QUEUE: [&str; 5] =
    ["queueWaiting", "queueLongestWaitMs", "queueMeanSentiment", "queueArrivalsPerMinute", "queueTriggersPerMinute"];

/// Operators without a value.
const FLAGS: [&str; 4] = ["present", "absent", "isTrue", "isFalse"];

/// Values of a window at most.
const MOST: usize = 64;

#[derive(Debug, Clone)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Comparison),
}

#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// A figure of a queue by its name, anything else by its pointer.
    pub field: String,
    pub window: Option<Window>,
    operator: String,
    value: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Window {
    figure: String,
    pub values: Option<usize>,
    /// Milliseconds.
    pub seconds: Option<u64>,
}

/// Where a message says a field; a figure of a queue has its name.
pub(crate) fn pointer_of(field: &str) -> Option<&str> {
    match field {
        "sentimentScore" => Some("/sentiment/score"),
        "sentimentConfidence" => Some("/sentiment/confidence"),
        "queueWaitMs" => Some("/routing/queueWaitTimeMs"),
        "queue" => Some(QUEUE_NAME),
        "type" => Some("/type"),
        "direction" => Some("/participant/direction"),
        other => (other.starts_with('/') || OF_QUEUE.contains(&other)).then_some(other),
    }
}

/// The figures and events that a condition reads beside its message.
pub(crate) trait Around {
    /// The values of a field that the interaction said, oldest first.
    fn values(&self, field: &str) -> &[(u64, f64)];
    /// A figure of the message's queue.
    fn queue_figure(&self, figure: &str, message: &Message) -> Option<f64>;
    /// The instant.
    fn now(&self) -> u64;
}

impl Condition {
    pub fn read(json: &Value) -> Result<Self, String> {
        let several = |parts: &Value| -> Result<Vec<Self>, String> {
            parts.as_array().ok_or("conditions are a list")?.iter().map(Self::read).collect()
        };
        let (key, part) = json.as_object().and_then(|map| map.iter().next()).ok_or("a condition is an object")?;
        match &**key {
            "all" => several(part).map(Self::All),
            "any" => several(part).map(Self::Any),
            "not" => Ok(Self::Not(Box::new(Self::read(part)?))),
            "compare" => Comparison::read(part).map(Self::Compare),
            other => Err(format!("there is no condition {other}")),
        }
    }

    /// Whether some comparison is of a figure of a queue.
    pub fn names_a_queue_figure(&self) -> bool {
        let mut names = false;
        self.each(&mut |one| names |= one.is_of_queue());
        names
    }

    /// Looks at each comparison.
    pub fn each(&self, look: &mut impl FnMut(&Comparison)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each(look)),
            Self::Not(part) => part.each(look),
            Self::Compare(one) => look(one),
        }
    }

    pub fn truth(&self, message: &Message, around: &impl Around) -> Option<bool> {
        let truths =
            |parts: &[Self]| -> Vec<Option<bool>> { parts.iter().map(|part| part.truth(message, around)).collect() };
        match self {
            Self::All(parts) => {
                let parts = truths(parts);
                if parts.contains(&Some(false)) { Some(false) } else { (!parts.contains(&None)).then_some(true) }
            }
            Self::Any(parts) => {
                let parts = truths(parts);
                if parts.contains(&Some(true)) { Some(true) } else { (!parts.contains(&None)).then_some(false) }
            }
            Self::Not(part) => part.truth(message, around).map(|known| !known),
            Self::Compare(one) => one.truth(message, around),
        }
    }
}

impl Comparison {
    fn read(json: &Value) -> Result<Self, String> {
        let field = json["field"].as_str().ok_or("a comparison names a field")?;
        let pointer = pointer_of(field).ok_or_else(|| format!("there is no field {field}"))?;
        let window = json.get("window").map(Window::read);
        let operator = json["operator"].as_str().ok_or("a comparison has an operator")?.to_owned();
        // An operator that the oracle does not know would otherwise be judged by the meaning of another one.
        let known = FLAGS.contains(&&*operator) || of_numbers(&operator).is_some() || of_texts(&operator).is_some();
        known.then_some(()).ok_or_else(|| format!("there is no operator {operator}"))?;
        Ok(Self { field: pointer.to_owned(), window, operator, value: json["value"].clone() })
    }

    pub fn is_of_queue(&self) -> bool {
        OF_QUEUE.contains(&&*self.field)
    }

    /// Its truth for a message by itself; nothing for windows and queues.
    pub fn of_message(&self, message: &Message) -> Option<bool> {
        if self.window.is_some() || self.is_of_queue() { None } else { self.judge(message.at(&self.field)) }
    }

    fn truth(&self, message: &Message, around: &impl Around) -> Option<bool> {
        let seen = match &self.window {
            Some(window) => window.figure(around.values(&self.field), around.now()).map(Value::from),
            None if self.is_of_queue() => around.queue_figure(&self.field, message).map(Value::from),
            None => message.at(&self.field),
        };
        self.judge(seen)
    }

    fn judge(&self, seen: Option<Value>) -> Option<bool> {
        match &*self.operator {
            "present" => return Some(seen.is_some()),
            "absent" => return Some(seen.is_none()),
            "isTrue" => return seen?.as_bool(),
            "isFalse" => return seen?.as_bool().map(|flag| !flag),
            _ => {}
        }
        let (seen, wanted) = (seen?, &self.value);
        if let Some(test) = of_numbers(&self.operator) {
            return Some(test(seen.as_f64()?, wanted.as_f64()?));
        }
        let test = of_texts(&self.operator)?;
        let seen = seen.as_str()?.to_lowercase();
        let fits = |wanted: &str| test(&seen, &wanted.to_lowercase());
        match wanted {
            Value::Array(several) => Some(several.iter().filter_map(Value::as_str).any(fits)),
            wanted => Some(fits(wanted.as_str()?)),
        }
    }
}

/// How an operator compares two numbers.
fn of_numbers(operator: &str) -> Option<fn(f64, f64) -> bool> {
    Some(match operator {
        "below" => |seen, wanted| seen < wanted,
        "atMost" => |seen, wanted| seen <= wanted,
        "above" => |seen, wanted| seen > wanted,
        "atLeast" => |seen, wanted| seen >= wanted,
        "equals" => |seen, wanted| seen == wanted,
        _ => return None,
    })
}

/// How an operator compares two texts in lower case.
fn of_texts(operator: &str) -> Option<fn(&str, &str) -> bool> {
    Some(match operator {
        "is" | "oneOf" => |seen, wanted| seen == wanted,
        "contains" => |seen, wanted| seen.contains(wanted),
        "startsWith" => |seen, wanted| seen.starts_with(wanted),
        "endsWith" => |seen, wanted| seen.ends_with(wanted),
        "matches" => |seen, wanted| fits(wanted, seen),
        _ => return None,
    })
}

impl Window {
    pub fn read(json: &Value) -> Self {
        Self {
            figure: json["figure"].as_str().unwrap_or_default().to_owned(),
            values: json["values"].as_u64().map(|values| values as usize),
            seconds: json["seconds"].as_u64().map(|seconds| seconds * 1_000),
        }
    }

    /// The figure of those values that count now; unknown where none does.
    pub fn figure(&self, all: &[(u64, f64)], now: u64) -> Option<f64> {
        let newest = &all[all.len().saturating_sub(self.values.unwrap_or(MOST).min(MOST))..];
        let counted: Vec<(u64, f64)> =
            newest.iter().copied().filter(|(at, _)| self.seconds.is_none_or(|span| at + span > now)).collect();
        let ((first_at, oldest), (last_at, newest)) = (*counted.first()?, *counted.last()?);
        let count = counted.len() as f64;
        let mean = counted.iter().map(|(_, value)| value).sum::<f64>() / count;
        match &*self.figure {
            "mean" => Some(mean),
            "min" => counted.iter().map(|(_, value)| *value).reduce(f64::min),
            "max" => counted.iter().map(|(_, value)| *value).reduce(f64::max),
            "count" => Some(count),
            "change" => Some(newest - oldest),
            _ => {
                let minutes: Vec<f64> = counted.iter().map(|(at, _)| (at - first_at) as f64 / 60_000.0).collect();
                let middle = minutes.iter().sum::<f64>() / count;
                let spread: f64 = minutes.iter().map(|minute| (minute - middle) * (minute - middle)).sum();
                let both: f64 =
                    minutes.iter().zip(&counted).map(|(minute, (_, value))| (minute - middle) * (value - mean)).sum();
                (first_at != last_at).then(|| both / spread)
            }
        }
    }
}
