//! A sentence in plain English, for the command line and for logs.

use super::{Hours, Phrase, Said, Sentence, Unit};
use crate::model::history::evidence::{Value, WindowSeen};
use crate::rules::Operator;
use crate::rules::text::RuleSpec;

impl RuleSpec {
    /// The rule as one paragraph of plain English.
    pub fn english(&self) -> String {
        let text = Sentence::of(self).english();
        if self.enabled { text } else { format!("(Off) {text}") }
    }
}

impl Sentence {
    /// As one paragraph of plain English.
    pub fn english(&self) -> String {
        let mut text = format!("When {}", self.when.english(self.hold_ms.is_some(), true));
        if let Some(hold) = self.hold_ms {
            text += &format!(" for {}", duration(hold));
        }
        if !self.in_queues.is_empty() {
            text += &format!(" in {}", list(&self.in_queues, "or"));
        }
        if !self.not_in_queues.is_empty() {
            text += &format!(", not in {}", list(&self.not_in_queues, "or"));
        }
        if let Some(hours) = &self.hours {
            text += &format!(", {}", hours.english());
        }
        let card = match (&*self.mode, &*self.severity) {
            ("shadow", _) => "log a trigger without a card".to_owned(),
            (_, "info" | "error") => format!("send an {} card", self.severity),
            _ => format!("send a {} card", self.severity),
        };
        let once = match &*self.once {
            "interaction" => "once per interaction, whichever rule is first",
            "rule" => "once per interaction",
            _ => "each time",
        };
        text += &format!(", {card}, {once}.");
        if let Some(clears) = &self.clears {
            text += &format!(" It clears when {}.", clears.english(false, true));
        }
        if let Some(keep) = self.keep_firing_ms {
            text += &format!(" It keeps firing for {} after that ends.", duration(keep));
        }
        if let Some(cooldown) = self.cooldown_ms {
            text += &format!(" It fires at most once in {}.", duration(cooldown));
        }
        text
    }
}

impl Hours {
    fn english(&self) -> String {
        let time = |minutes: u16| format!("{}:{:02}", minutes / 60, minutes % 60);
        let day = |day: &String| {
            let mut letters = day.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        };
        let days: Vec<String> = self.days.iter().map(day).collect();
        let days = if days.is_empty() { "every day".to_owned() } else { format!("on {}", list(&days, "and")) };
        let hours = match self.from == self.to {
            true if self.from == 0 => String::new(),
            true => format!(" from {} for 24 h", time(self.from)),
            false => format!(" from {} to {}", time(self.from), time(self.to)),
        };
        let zone = self.zone.as_ref().map(|zone| format!(" ({zone})")).unwrap_or_default();
        format!("{days}{hours}{zone}")
    }
}

impl Phrase {
    /// `stays` where it must last; a group inside another stands in brackets.
    fn english(&self, stays: bool, is_outermost: bool) -> String {
        let several = |parts: &[Phrase], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.english(stays, false)).collect();
            let text = parts.join(&format!(" {word} "));
            if is_outermost { text } else { format!("({text})") }
        };
        match self {
            Phrase::All(parts) => several(parts, "and"),
            Phrase::Any(parts) => several(parts, "or"),
            Phrase::Not(part) => format!("it is not so that {}", part.english(stays, false)),
            Phrase::Compare(said) => said.english(stays),
        }
    }
}

impl Said {
    fn english(&self, stays: bool) -> String {
        let words = Operator::ALL.iter().find(|it| it.name() == self.operator).map_or("", |it| it.words());
        let words = match words.strip_prefix("is ") {
            Some(rest) if stays => format!("stays {rest}"),
            _ => words.to_owned(),
        };
        let field = name(&self.field);
        let field = self.window.as_ref().map_or(field.clone(), |window| figure(window, &field));
        match &self.value {
            Some(value) => format!("{field} {words} {}", self.value(value)),
            None => format!("{field} {words}"),
        }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => match self.unit {
                Unit::Plain => plain(*number),
                Unit::Percent => format!("{} %", plain((number * 10_000.0).round() / 100.0)),
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
                Unit::Duration if *number >= 0.0 => duration(*number as u64),
                Unit::Duration => format!("{} ms", plain(*number)),
            },
            Value::Bool(flag) => flag.to_string(),
            Value::Text(text) => format!("“{text}”"),
            Value::Texts(texts) => list(&texts.iter().map(|text| format!("“{text}”")).collect::<Vec<_>>(), "or"),
        }
    }
}

fn name(field: &str) -> String {
    match field {
        "sentimentScore" => "sentiment",
        "sentimentConfidence" => "confidence",
        "queueWaitMs" => "wait",
        "queueWaiting" => "the number waiting in the queue",
        "queueLongestWaitMs" => "the longest wait in the queue",
        "queueMeanSentiment" => "mean sentiment in the queue",
        "queueArrivalsPerMinute" => "arrivals per minute in the queue",
        "queueTriggersPerMinute" => "triggers per minute in the queue",
        field => field,
    }
    .to_owned()
}

fn figure(window: &WindowSeen, field: &str) -> String {
    let over = match (window.values, window.seconds) {
        (Some(1), _) => "the last value".to_owned(),
        (Some(values), _) => format!("the last {values} values"),
        (None, seconds) => format!("the last {}", duration(u64::from(seconds.unwrap_or_default()) * 1_000)),
    };
    match &*window.figure {
        "mean" => format!("mean {field} over {over}"),
        "min" => format!("the lowest {field} of {over}"),
        "max" => format!("the highest {field} of {over}"),
        "count" => format!("the number of {field} values in {over}"),
        "change" => format!("the change of {field} over {over}"),
        _ => format!("the change of {field} per minute over {over}"),
    }
}

/// With a true minus.
fn plain(number: f64) -> String {
    number.to_string().replace('-', "−")
}

/// `1 h 2 min 3 s`; parts of a second as decimals.
fn duration(millis: u64) -> String {
    let (hours, minutes, rest) = (millis / 3_600_000, millis / 60_000 % 60, millis % 60_000);
    let mut parts = Vec::new();
    if hours > 0 {
        parts.push(format!("{hours} h"));
    }
    if minutes > 0 {
        parts.push(format!("{minutes} min"));
    }
    if rest > 0 || parts.is_empty() {
        let (seconds, thousandths) = (rest / 1_000, rest % 1_000);
        let decimals = format!("{thousandths:03}");
        let decimals = decimals.trim_end_matches('0');
        parts.push(if decimals.is_empty() { format!("{seconds} s") } else { format!("{seconds}.{decimals} s") });
    }
    parts.join(" ")
}

fn list(texts: &[String], word: &str) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}
