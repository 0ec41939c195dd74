//! One message of the stream, read field by field.

use std::sync::Arc;

use serde_json::Value;

/// A longer text is no data.
const LONGEST_TEXT: usize = 1_024;

/// A message, and the queue it belongs to.
#[derive(Debug, Clone)]
pub struct Message {
    json: Arc<Value>,
    /// The queue that it names, or the one that its interaction named last.
    queue: Option<String>,
    /// The numbers at `NUMBERS`, which almost every rule asks for.
    numbers: [Option<f64>; 3],
}

const NUMBERS: [&str; 3] = ["/sentiment/score", "/sentiment/confidence", "/routing/queueWaitTimeMs"];

impl Message {
    /// A message that belongs to the queue it names.
    #[must_use]
    pub fn new(json: impl Into<Arc<Value>>) -> Self {
        let json = json.into();
        let queue = json.pointer("/routing/queueName").and_then(Value::as_str).map(str::to_owned);
        let numbers = NUMBERS.map(|pointer| json.pointer(pointer).and_then(Value::as_f64));
        Self { json, queue, numbers }
    }

    /// The interaction.
    #[must_use]
    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_default()
    }

    /// The same in a queue that it does not name itself.
    #[must_use]
    pub fn in_queue(&self, queue: &str) -> Self {
        Self { queue: Some(queue.to_owned()), ..self.clone() }
    }

    /// The queue it belongs to, as it is written.
    #[must_use]
    pub fn queue(&self) -> Option<&str> {
        self.queue.as_deref()
    }

    /// The lifecycle step.
    pub(crate) fn step(&self) -> Option<&str> {
        self.json["type"].as_str()
    }

    /// Whether it ends its interaction.
    pub(crate) fn ends(&self) -> bool {
        self.step() == Some("disposition")
    }

    /// The value at a pointer; nothing for `null` and for a text that is too long.
    pub(crate) fn at(&self, pointer: &str) -> Option<Value> {
        if let Some(at) = NUMBERS.iter().position(|it| *it == pointer) {
            return self.numbers[at].map(Value::from);
        }
        let found = match pointer {
            "/routing/queueName" => self.queue.clone().map(Value::from)?,
            pointer => self.json.pointer(pointer)?.clone(),
        };
        let no_data = found.is_null() || found.as_str().is_some_and(|text| text.len() > LONGEST_TEXT);
        (!no_data).then_some(found)
    }

    /// The number that it says at a pointer.
    pub(crate) fn number(&self, pointer: &str) -> Option<f64> {
        match NUMBERS.iter().position(|it| *it == pointer) {
            Some(at) => self.numbers[at],
            None => self.at(pointer)?.as_f64(),
        }
    }
}

/// Upper and lower case are the same, and white space around a name does not count.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Whether a whole text fits a pattern, in which `*` is any run of characters.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = &parts[..] else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
