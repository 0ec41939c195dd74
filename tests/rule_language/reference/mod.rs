//! A slow and obvious evaluator of rule sets, by its own code: it reads the JSON itself, steps through every instant of a
//! grid, and computes each truth from the whole list of past events. It shares with the core only the order in which
//! interactions take their turn within one instant.

mod comparison;
mod figures;
mod message;
mod scope;

use std::collections::BTreeMap;

use cuewire::model::fingerprint::Fingerprint;
use serde_json::Value;

use self::comparison::compare;
use self::figures::QUEUE_FIGURES;
use self::message::{id, seen, span, text};
pub use self::scope::ZONES;
use self::scope::{hears, is_open};

/// All times are multiples of it, in milliseconds.
pub const GRID: u64 = 500;

/// A firing: its instant, rule, interaction and episode, and the rule that mutes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fired {
    pub at: u64,
    pub rule: String,
    pub interaction: String,
    pub episode: u32,
    pub muted_by: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Since when the condition is true, before it fired; and the event that said so last.
    holding: Option<(u64, usize)>,
    firing: bool,
    /// Since when the condition of a firing rule has ended.
    ended: Option<u64>,
    episode: u32,
    fired_at: Option<u64>,
}

pub struct Reference<'r> {
    rules: Vec<&'r Value>,
    /// Each with its time.
    past: Vec<(u64, Value)>,
    /// The event that rules are just looking at.
    hearing: Option<usize>,
    states: BTreeMap<(usize, String), State>,
    /// Firings that count for their queue.
    triggers: Vec<(u64, String)>,
    fired: Vec<Fired>,
}

struct Due {
    rule: usize,
    episode: u32,
    begins: bool,
    event: usize,
}

/// Every firing of a rule set for a history, until an instant.
pub fn run(set: &Value, history: &[(u64, Value)], from: u64, until: u64) -> Vec<Fired> {
    let rules = set["rules"].as_array().unwrap().iter().collect();
    let mut reference = Reference {
        rules,
        past: Vec::new(),
        hearing: None,
        states: BTreeMap::new(),
        triggers: Vec::new(),
        fired: Vec::new(),
    };
    let mut at = from;
    while at <= until {
        reference.pass(at);
        for (_, event) in history.iter().filter(|(when, _)| *when == at) {
            reference.hear(at, event);
        }
        at += GRID;
    }
    reference.fired
}

impl Reference<'_> {
    fn pass(&mut self, at: u64) {
        let mut interactions: Vec<String> = self.past.iter().map(|(_, event)| id(event)).collect();
        interactions.sort_by_key(|id| Fingerprint::of(id));
        interactions.dedup();
        for interaction in interactions {
            let mut due = Vec::new();
            self.end_holds(at, &interaction, &mut due);
            let moved: Vec<usize> =
                (0..self.rules.len()).filter(|rule| self.some_value_leaves(at, *rule, &interaction)).collect();
            if !moved.is_empty() {
                let last = self.past.iter().rposition(|(_, event)| id(event) == interaction).unwrap();
                for rule in moved {
                    if hears(self.rules[rule], &self.past[last].1) {
                        let found = self.show(at, rule, last);
                        due.extend(found.filter(|due| due.begins));
                    }
                }
                self.end_holds(at, &interaction, &mut due);
            }
            self.emit(at, &interaction, due);
        }
    }

    /// Until nothing more changes at this instant.
    fn end_holds(&mut self, at: u64, interaction: &str, due: &mut Vec<Due>) {
        loop {
            let mut acted = false;
            for rule in 0..self.rules.len() {
                let key = (rule, interaction.to_owned());
                let Some(state) = self.states.get(&key).cloned() else { continue };
                let spec = self.rules[rule];
                let is_open = is_open(spec, at);
                if let Some((since, event)) = state.holding {
                    let cooled = state.fired_at.map_or(0, |fired| fired + span(spec, "cooldownSeconds"));
                    if at >= (since + span(spec, "holdSeconds")).max(cooled) {
                        acted = true;
                        let over = self.looks_at_queue(rule) && self.truth(&spec["when"], event, at) == Some(false);
                        let state = self.states.get_mut(&key).unwrap();
                        state.holding = None;
                        if !over {
                            state.fire(at, spec);
                            due.push(Due { rule, episode: state.episode, begins: true, event });
                        }
                    } else if is_open == Some(false) {
                        acted = true;
                        self.states.get_mut(&key).unwrap().holding = None;
                    }
                } else if state.firing {
                    let is_over = state.ended.is_some_and(|ended| at >= ended + span(spec, "keepFiringSeconds"));
                    if is_over || is_open == Some(false) {
                        acted = true;
                        let state = self.states.get_mut(&key).unwrap();
                        (state.firing, state.ended) = (false, None);
                    }
                }
            }
            if !acted {
                return;
            }
        }
    }

    fn hear(&mut self, at: u64, event: &Value) {
        self.past.push((at, event.clone()));
        let this = self.past.len() - 1;
        self.hearing = Some(this);
        let mut due = Vec::new();
        for rule in 0..self.rules.len() {
            let spec = self.rules[rule];
            if !hears(spec, event) {
                continue;
            }
            if self.remembers(rule) {
                due.extend(self.show(at, rule, this));
            } else if is_open(spec, at) == Some(true) && self.truth(&spec["when"], this, at) == Some(true) {
                due.push(Due { rule, episode: 1, begins: true, event: this });
            }
        }
        let interaction = id(event);
        self.emit(at, &interaction, due);
        self.hearing = None;
        if event["type"] == "disposition" {
            for ((_, of), state) in &mut self.states {
                if *of == interaction {
                    (state.holding, state.firing, state.ended) = (None, false, None);
                }
            }
        }
    }

    /// Shows an event to a rule with a memory.
    fn show(&mut self, at: u64, rule: usize, event: usize) -> Option<Due> {
        let spec = self.rules[rule];
        let key = (rule, id(&self.past[event].1));
        let open = is_open(spec, at);
        let truth = if open == Some(true) { self.truth(&spec["when"], event, at) } else { None };
        let clears = match &spec["clears"] {
            Value::Null => truth == Some(false),
            clears => open == Some(true) && self.truth(clears, event, at) == Some(true),
        };
        let state = self.states.entry(key).or_default();
        if open == Some(false) {
            (state.holding, state.firing, state.ended) = (None, false, None);
            return None;
        }
        if state.firing {
            if clears && span(spec, "keepFiringSeconds") == 0 {
                (state.firing, state.ended) = (false, None);
                return None;
            }
            if clears {
                state.ended = state.ended.or(Some(at));
            } else if truth == Some(true) {
                state.ended = None;
            }
            return (truth == Some(true)).then_some(Due { rule, episode: state.episode, begins: false, event });
        }
        match truth {
            Some(true) => {
                let since = state.holding.map_or(at, |(since, _)| since);
                state.holding = Some((since, event));
                let cooled = state.fired_at.map_or(0, |fired| fired + span(spec, "cooldownSeconds"));
                if at < (since + span(spec, "holdSeconds")).max(cooled) {
                    return None;
                }
                state.holding = None;
                state.fire(at, spec);
                Some(Due { rule, episode: state.episode, begins: true, event })
            }
            Some(false) => {
                state.holding = None;
                None
            }
            None => None,
        }
    }

    fn emit(&mut self, at: u64, interaction: &str, due: Vec<Due>) {
        let critical = (0..self.rules.len()).find(|rule| {
            let is_firing = self.states.get(&(*rule, interaction.to_owned())).is_some_and(|state| state.firing);
            is_firing && self.inhibits(*rule)
        });
        for due in due {
            let spec = self.rules[due.rule];
            let muted_by = critical.filter(|_| spec["severity"] != "error").map(|rule| text(self.rules[rule], "id"));
            if due.begins && muted_by.is_none() && spec["mode"] != "shadow" {
                let queue = self.queue_of(due.event);
                self.triggers.extend(queue.map(|queue| (at, queue)));
            }
            let (rule, interaction) = (text(spec, "id"), interaction.to_owned());
            self.fired.push(Fired { at, rule, interaction, episode: due.episode, muted_by });
        }
    }

    fn some_value_leaves(&self, at: u64, rule: usize, interaction: &str) -> bool {
        self.comparisons(rule).iter().any(|one| {
            one["window"]["seconds"].as_u64().is_some_and(|seconds| {
                let values = self.values(&text(one, "field"), interaction);
                values.iter().any(|(heard, _)| heard + 1_000 * seconds == at)
            })
        })
    }

    fn truth(&self, condition: &Value, event: usize, at: u64) -> Option<bool> {
        let parts = |name: &str| -> Vec<Option<bool>> {
            condition[name].as_array().unwrap().iter().map(|part| self.truth(part, event, at)).collect()
        };
        if condition.get("all").is_some() {
            let parts = parts("all");
            return if parts.contains(&Some(false)) { Some(false) } else { (!parts.contains(&None)).then_some(true) };
        }
        if condition.get("any").is_some() {
            let parts = parts("any");
            return if parts.contains(&Some(true)) { Some(true) } else { (!parts.contains(&None)).then_some(false) };
        }
        if condition.get("not").is_some() {
            return self.truth(&condition["not"], event, at).map(|known| !known);
        }
        let one = &condition["compare"];
        let field = text(one, "field");
        let message = &self.past[event].1;
        let value = if one["window"].is_object() {
            self.figure(&one["window"], &field, &id(message), at).map(Value::from)
        } else if field.starts_with("queue") && field != "queue" && field != "queueWaitMs" {
            self.queue_figure(&field, event, at).map(Value::from)
        } else {
            seen(&field, message).cloned()
        };
        compare(&text(one, "operator"), value.as_ref(), &one["value"])
    }

    fn comparisons(&self, rule: usize) -> Vec<&Value> {
        let mut comparisons = Vec::new();
        every_comparison(self.rules[rule], &mut comparisons);
        comparisons
    }

    fn has_seconds(&self, rule: usize) -> bool {
        self.comparisons(rule).iter().any(|one| one["window"]["seconds"].is_u64())
    }

    fn looks_at_queue(&self, rule: usize) -> bool {
        self.comparisons(rule).iter().any(|one| QUEUE_FIGURES.contains(&&*text(one, "field")))
    }

    /// A critical live rule, where there are lesser ones.
    fn inhibits(&self, rule: usize) -> bool {
        let spec = self.rules[rule];
        let some_are_lesser = self.rules.iter().any(|rule| rule["severity"] != "error");
        some_are_lesser && spec["severity"] == "error" && spec["mode"] != "shadow"
    }

    fn remembers(&self, rule: usize) -> bool {
        let spec = self.rules[rule];
        let times = ["holdSeconds", "keepFiringSeconds", "cooldownSeconds"];
        times.iter().any(|key| span(spec, key) > 0)
            || spec["clears"].is_object()
            || spec["once"] == "episode"
            || self.inhibits(rule)
            || self.has_seconds(rule)
            || spec["mode"] != "shadow" && self.counts_triggers()
    }

    fn counts_triggers(&self) -> bool {
        (0..self.rules.len())
            .any(|rule| self.comparisons(rule).iter().any(|one| one["field"] == "queueTriggersPerMinute"))
    }
}

impl State {
    fn fire(&mut self, at: u64, spec: &Value) {
        self.firing = true;
        self.fired_at = Some(at);
        self.episode = if spec["once"] == "episode" { self.episode + 1 } else { 1 };
    }
}

fn every_comparison<'v>(part: &'v Value, found: &mut Vec<&'v Value>) {
    match part {
        Value::Object(map) => map.iter().for_each(|(key, inner)| match key.as_str() {
            "compare" => found.push(inner),
            _ => every_comparison(inner, found),
        }),
        Value::Array(parts) => parts.iter().for_each(|inner| every_comparison(inner, found)),
        _ => {}
    }
}
