//! A slow and obvious evaluator of rule sets, by its own code: it reads the JSON itself, steps through every instant of a
//! grid, and computes each truth from the whole list of past events. It shares with the core only the order in which
//! interactions take their turn within one instant.

use std::collections::BTreeMap;

use cuewire::model::fingerprint::Fingerprint;
use serde_json::Value;

/// All times are multiples of it, in milliseconds.
pub const GRID: u64 = 500;

/// What fired: when, which rule, for which interaction, which episode, and who mutes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fired {
    pub at: u64,
    pub rule: String,
    pub interaction: String,
    pub episode: u32,
    pub muted_by: Option<String>,
}

/// Minutes ahead of UTC, by zone; the host's own under the empty name.
pub const ZONES: [(&str, u64); 2] = [("", 0), ("Europe/Berlin", 60)];

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
            if self.some_value_leaves(at, &interaction) {
                let last = self.past.iter().rposition(|(_, event)| id(event) == interaction).unwrap();
                for rule in 0..self.rules.len() {
                    if self.has_seconds(rule) && hears(self.rules[rule], &self.past[last].1) {
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

    fn some_value_leaves(&self, at: u64, interaction: &str) -> bool {
        let mut comparisons = Vec::new();
        self.rules.iter().for_each(|rule| every_comparison(rule, &mut comparisons));
        comparisons.iter().any(|one| {
            one["window"]["seconds"].as_u64().is_some_and(|seconds| {
                let values = self.values(&text(one, "field"), interaction);
                values.iter().any(|(heard, _)| heard + 1_000 * seconds == at)
            })
        })
    }

    /// The numbers that an interaction's past events said in a field, since it ended last.
    fn values(&self, field: &str, interaction: &str) -> Vec<(u64, f64)> {
        let mut values = Vec::new();
        for (place, (at, event)) in self.past.iter().enumerate().filter(|(_, (_, event))| id(event) == interaction) {
            if let Some(number) = seen(field, event).and_then(Value::as_f64) {
                values.push((*at, number));
            }
            if self.is_over(place) {
                values.clear();
            }
        }
        values
    }

    /// Whether an event ended its interaction. Rules still see the event that ends it.
    fn is_over(&self, place: usize) -> bool {
        self.past[place].1["type"] == "disposition" && self.hearing != Some(place)
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

    fn figure(&self, window: &Value, field: &str, interaction: &str, at: u64) -> Option<f64> {
        let mut values = self.values(field, interaction);
        match (window["values"].as_u64(), window["seconds"].as_u64()) {
            (Some(newest), _) => {
                let skipped = values.len().saturating_sub(usize::try_from(newest).unwrap());
                values.drain(..skipped);
            }
            (_, seconds) => values.retain(|(heard, _)| heard + 1_000 * seconds.unwrap() > at),
        }
        let (oldest, newest) = (*values.first()?, *values.last()?);
        let count = values.len() as f64;
        let mean = values.iter().map(|(_, value)| value).sum::<f64>() / count;
        match window["figure"].as_str().unwrap() {
            "mean" => Some(mean),
            "min" => values.iter().map(|(_, value)| *value).min_by(f64::total_cmp),
            "max" => values.iter().map(|(_, value)| *value).max_by(f64::total_cmp),
            "count" => Some(count),
            "change" => Some(newest.1 - oldest.1),
            "slope" => {
                let minutes: Vec<f64> = values.iter().map(|(heard, _)| *heard as f64 / 60_000.0).collect();
                let middle = minutes.iter().sum::<f64>() / count;
                let spread: f64 = minutes.iter().map(|minute| (minute - middle).powi(2)).sum();
                let both: f64 = minutes.iter().zip(&values).map(|(minute, it)| (minute - middle) * (it.1 - mean)).sum();
                (values.iter().any(|(heard, _)| *heard != oldest.0)).then(|| both / spread)
            }
            other => panic!("{other}"),
        }
    }

    /// The queue that an event names, or the one that its interaction named last.
    fn queue_of(&self, event: usize) -> Option<String> {
        let message = &self.past[event].1;
        let named = |message: &Value| seen("queue", message).and_then(Value::as_str).map(|it| it.trim().to_lowercase());
        let before = || {
            let mut last = None;
            for (place, (_, other)) in self.past.iter().enumerate().filter(|(_, (_, it))| id(it) == id(message)) {
                last = named(other).or(last);
                if self.is_over(place) {
                    last = None;
                }
            }
            last
        };
        named(message).or_else(before)
    }

    fn queue_figure(&self, figure: &str, event: usize, at: u64) -> Option<f64> {
        let queue = self.queue_of(event)?;
        // Where each interaction is, and since when it waits.
        let mut places: BTreeMap<String, (String, Option<u64>)> = BTreeMap::new();
        let (mut arrivals, mut scores, mut known) = (0, Vec::new(), false);
        for (place, (heard, message)) in self.past.iter().enumerate() {
            let before = places.remove(&id(message));
            let named = seen("queue", message).and_then(Value::as_str).map(|it| it.trim().to_lowercase());
            let Some(here) = named.or_else(|| before.as_ref().map(|(queue, _)| queue.clone())) else { continue };
            let stayed = before.filter(|(queue, _)| *queue == here);
            if here == queue {
                known = true;
                arrivals += u64::from(stayed.is_none() && heard + 60_000 > at);
                let score = seen("sentimentScore", message).and_then(Value::as_f64);
                scores.extend(score.filter(|_| heard + 300_000 > at));
            }
            let waited = seen("queueWaitMs", message).and_then(Value::as_f64).unwrap_or_default() as u64;
            let since = match message["type"].as_str() {
                Some("queued" | "waiting") => {
                    let since = stayed.and_then(|(_, since)| since).unwrap_or(*heard);
                    Some(since.min(heard - waited))
                }
                Some(_) => None,
                None => stayed.and_then(|(_, since)| since),
            };
            if !self.is_over(place) {
                places.insert(id(message), (here, since));
            }
        }
        if !known {
            return None;
        }
        let waiting: Vec<u64> = places.values().filter(|(here, _)| *here == queue).filter_map(|(_, it)| *it).collect();
        match figure {
            "queueWaiting" => Some(waiting.len() as f64),
            "queueLongestWaitMs" => waiting.iter().map(|since| (at - since) as f64).max_by(f64::total_cmp),
            "queueMeanSentiment" => (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64),
            "queueArrivalsPerMinute" => Some(arrivals as f64),
            "queueTriggersPerMinute" => {
                Some(self.triggers.iter().filter(|(when, of)| *of == queue && when + 60_000 > at).count() as f64)
            }
            other => panic!("{other}"),
        }
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
    }
}

impl State {
    fn fire(&mut self, at: u64, spec: &Value) {
        self.firing = true;
        self.fired_at = Some(at);
        self.episode = if spec["once"] == "episode" { self.episode + 1 } else { 1 };
    }
}

const QUEUE_FIGURES: [&str; 5] =
    ["queueWaiting", "queueLongestWaitMs", "queueMeanSentiment", "queueArrivalsPerMinute", "queueTriggersPerMinute"];

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

/// What an event says in a field; `null` is no data.
fn seen<'e>(field: &str, event: &'e Value) -> Option<&'e Value> {
    let pointer = match field {
        "sentimentScore" => "/sentiment/score",
        "sentimentConfidence" => "/sentiment/confidence",
        "queueWaitMs" => "/routing/queueWaitTimeMs",
        "queue" => "/routing/queueName",
        "type" => "/type",
        "direction" => "/participant/direction",
        pointer => pointer,
    };
    event.pointer(pointer).filter(|value| !value.is_null())
}

fn compare(operator: &str, seen: Option<&Value>, wanted: &Value) -> Option<bool> {
    if operator == "present" || operator == "absent" {
        return Some(seen.is_some() == (operator == "present"));
    }
    let seen = seen?;
    match operator {
        "isTrue" => seen.as_bool(),
        "isFalse" => seen.as_bool().map(|flag| !flag),
        "below" => Some(seen.as_f64()? < wanted.as_f64()?),
        "atMost" => Some(seen.as_f64()? <= wanted.as_f64()?),
        "above" => Some(seen.as_f64()? > wanted.as_f64()?),
        "atLeast" => Some(seen.as_f64()? >= wanted.as_f64()?),
        "equals" => Some(seen.as_f64()? == wanted.as_f64()?),
        "oneOf" => {
            let seen = seen.as_str()?.to_lowercase();
            Some(wanted.as_array()?.iter().any(|one| one.as_str().is_some_and(|one| one.to_lowercase() == seen)))
        }
        _ => {
            let (seen, wanted) = (seen.as_str()?.to_lowercase(), wanted.as_str()?.to_lowercase());
            Some(match operator {
                "is" => seen == wanted,
                "contains" => seen.contains(&wanted),
                "startsWith" => seen.starts_with(&wanted),
                "endsWith" => seen.ends_with(&wanted),
                "matches" => fits(wanted.as_bytes(), seen.as_bytes()),
                other => panic!("{other}"),
            })
        }
    }
}

fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skipped| fits(rest, &name[skipped..])),
        Some((first, rest)) => name.first() == Some(first) && fits(rest, &name[1..]),
    }
}

fn hears(spec: &Value, event: &Value) -> bool {
    let names = |key: &str| -> Vec<String> {
        let names = spec["queues"][key].as_array().cloned().unwrap_or_default();
        names.iter().map(|name| name.as_str().unwrap().trim().to_lowercase()).collect()
    };
    let (include, exclude) = (names("include"), names("exclude"));
    let Some(queue) = seen("queue", event).and_then(Value::as_str) else { return include.is_empty() };
    let queue = queue.trim().to_lowercase();
    let any = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern.as_bytes(), queue.as_bytes()));
    !any(&exclude) && (include.is_empty() || any(&include))
}

/// Whether a rule's schedule is open; unknown where nobody knows the time in its zone.
fn is_open(spec: &Value, at: u64) -> Option<bool> {
    let schedule = &spec["schedule"];
    if !schedule.is_object() {
        return Some(true);
    }
    let zone = schedule["zone"].as_str().unwrap_or_default();
    let ahead = ZONES.iter().find(|(name, _)| *name == zone)?.1;
    let week = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    let minutes = |key: &str| {
        let time = schedule[key].as_str().unwrap_or("00:00");
        time[..2].parse::<u64>().unwrap() * 60 + time[3..].parse::<u64>().unwrap()
    };
    let (from, to) = (minutes("from"), minutes("to"));
    let length = if to > from { to - from } else { to + 1_440 - from };
    let now = at / 60_000 + ahead;
    let begins_on = |day: u64| {
        let name = week[(day % 7) as usize];
        schedule["days"].as_array().is_none_or(|days| days.iter().any(|one| one == name))
    };
    // The minute is open if some period of today or yesterday began at most its length ago.
    let today = now / 1_440;
    Some([today, today - 1].into_iter().any(|day| {
        let begin = day * 1_440 + from;
        begins_on(day) && begin <= now && now < begin + length
    }))
}

fn id(event: &Value) -> String {
    text(event, "id")
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn span(spec: &Value, key: &str) -> u64 {
    (spec[key].as_f64().unwrap_or_default() * 1_000.0) as u64
}
