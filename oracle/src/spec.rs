//! Rules, read from their JSON. A text that the product would refuse is refused only where nothing sensible can be read.

use serde_json::Value;

use crate::condition::{Condition, QUEUE_NAME, TRIGGERS};
use crate::message::{Message, fits, folded};
use crate::schedule::Schedule;

/// How often a rule has a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// Once for the interaction, whichever rule is first.
    Interaction,
    /// Once for each rule.
    Rule,
    /// Once for each time that it becomes true.
    Episode,
}

/// The active rules, in their order.
#[derive(Debug, Clone)]
pub struct RuleSet {
    /// The rules that are enabled.
    pub rules: Vec<Rule>,
    /// Each field with a window.
    pub(crate) windows: Vec<Counted>,
    /// Some rule looks at a queue.
    pub(crate) queues: bool,
}

/// The values of one field that windows count.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub field: String,
    /// How long values count, by window.
    pub spans: Vec<u64>,
    /// How many of the newest count, however old.
    pub most: usize,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id, as in `cardId`.
    pub id: String,
    /// Its firings become cards.
    pub live: bool,
    /// Its card is of type `error`.
    pub critical: bool,
    /// How often.
    pub once: Once,
    pub(crate) when: Condition,
    pub(crate) clears: Option<Condition>,
    /// Milliseconds, as the next two.
    pub(crate) hold: u64,
    pub(crate) keep_firing: u64,
    pub(crate) cooldown: u64,
    pub(crate) schedule: Option<Schedule>,
    include: Vec<String>,
    exclude: Vec<String>,
    /// The field and the milliseconds of each window of seconds: time alone changes the rule's truth.
    pub(crate) spans: Vec<(String, u64)>,
    /// The rule looks at a queue.
    pub(crate) queues: bool,
    /// The rule looks at nothing but figures of a queue, so one card may cover all interactions of the queue.
    pub(crate) is_about_a_queue: bool,
    /// The rule is remembered from one message to the next.
    pub(crate) remembers: bool,
    /// While it fires, lesser rules are muted.
    pub(crate) inhibits: bool,
}

impl Rule {
    /// Whether a hold that rests on one message must be written again as it rests on another: the queue is another one,
    /// or a comparison of a rule that looks at queues has another answer.
    pub(crate) fn tells_apart(&self, before: &Message, now: &Message) -> bool {
        let mut differ = before.queue() != now.queue();
        if self.queues {
            self.when.each(&mut |one| differ |= one.of_message(before) != one.of_message(now));
        }
        differ
    }
}

impl RuleSet {
    /// Reads a rule set.
    ///
    /// # Errors
    /// The first thing that makes no sense, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::read(&json)
    }

    /// Reads a rule set from its JSON.
    ///
    /// # Errors
    /// The first thing that makes no sense, in words.
    pub fn read(json: &Value) -> Result<Self, String> {
        let listed = json["rules"].as_array().ok_or("there is no list `rules`")?;
        let mut rules = Vec::new();
        for rule in listed.iter().filter(|rule| rule["enabled"] != false) {
            rules.push(Rule::read(rule).map_err(|why| format!("{}: {why}", rule["id"]))?);
        }
        let some_are_lesser = rules.iter().any(|rule| !rule.critical);
        let mut set = Self { rules, windows: Vec::new(), queues: false };
        let counted = set.rules.iter().any(|rule| {
            let mut counted = false;
            [Some(&rule.when), rule.clears.as_ref()].into_iter().flatten().for_each(|condition| {
                condition.each(&mut |one| counted |= one.field == TRIGGERS);
            });
            counted
        });
        for rule in &mut set.rules {
            rule.inhibits = some_are_lesser && rule.critical && rule.live;
            let mut look = |condition: &Condition| {
                condition.each(&mut |one| {
                    rule.queues |= one.is_of_queue();
                    let Some(window) = &one.window else { return };
                    let at = set.windows.iter().position(|it| it.field == one.field).unwrap_or_else(|| {
                        set.windows.push(Counted { field: one.field.clone(), spans: Vec::new(), most: 0 });
                        set.windows.len() - 1
                    });
                    let counted = &mut set.windows[at];
                    counted.spans.extend(window.seconds);
                    counted.most = counted.most.max(window.values.unwrap_or_default());
                    rule.spans.extend(window.seconds.map(|span| (one.field.clone(), span)));
                });
            };
            look(&rule.when);
            let mut looks_elsewhere = false;
            rule.when.each(&mut |one| looks_elsewhere |= !one.is_of_queue() && one.field != QUEUE_NAME);
            rule.is_about_a_queue = rule.when.names_a_queue_figure() && !looks_elsewhere;
            rule.clears.iter().for_each(&mut look);
            let times = rule.hold + rule.keep_firing + rule.cooldown > 0;
            rule.remembers = counted && rule.live
                || times
                || rule.clears.is_some()
                || rule.once == Once::Episode
                || rule.inhibits
                || !rule.spans.is_empty();
            set.queues |= rule.queues;
        }
        Ok(set)
    }

    /// The zones that schedules name; the browser's own is empty.
    #[must_use]
    pub fn zones(&self) -> Vec<String> {
        self.rules.iter().filter_map(|rule| rule.schedule.as_ref()).map(|schedule| schedule.zone.clone()).collect()
    }
}

impl Rule {
    fn read(json: &Value) -> Result<Self, String> {
        let text = |key: &str, default: &str| json[key].as_str().unwrap_or(default).to_owned();
        let span = |key: &str| (json[key].as_f64().unwrap_or_default() * 1_000.0).round() as u64;
        let names = |key: &str| -> Vec<String> {
            let names = json["queues"][key].as_array().map(Vec::as_slice).unwrap_or_default();
            names.iter().filter_map(Value::as_str).map(folded).collect()
        };
        let once = match &*text("once", "interaction") {
            "interaction" => Once::Interaction,
            "rule" => Once::Rule,
            "episode" => Once::Episode,
            other => return Err(format!("once per {other}")),
        };
        Ok(Self {
            id: json["id"].as_str().ok_or("a rule without an id")?.to_owned(),
            live: text("mode", "live") == "live",
            critical: text("severity", "warning") == "error",
            once,
            when: Condition::read(&json["when"])?,
            clears: json.get("clears").map(Condition::read).transpose()?,
            hold: span("holdSeconds"),
            keep_firing: span("keepFiringSeconds"),
            cooldown: span("cooldownSeconds"),
            schedule: json.get("schedule").map(Schedule::read).transpose()?,
            include: names("include"),
            exclude: names("exclude"),
            spans: Vec::new(),
            queues: false,
            is_about_a_queue: false,
            remembers: false,
            inhibits: false,
        })
    }

    /// Whether messages of this queue count.
    pub(crate) fn hears(&self, message: &Message) -> bool {
        let Some(queue) = message.queue().map(folded) else { return self.include.is_empty() };
        let any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &queue));
        !any(&self.exclude) && (self.include.is_empty() || any(&self.include))
    }
}
