//! Rules tried on a recording, in a page's worker. A page loads the recording once; each change of a rule is tried at once,
//! and all rules together in slices.

use crate::api::contract::event;
use crate::backtest::{Compared, Count, Fired, Outcome, Sides, Tape, Trial, compare, sides};
use crate::model::time::Millis;
use crate::rules::text::{RuleSpec, parse};
use crate::rules::{Mode, Rule};
use crate::web::host::json::shared;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

/// Firings that a page lists; all are counted.
const LISTED: usize = 200;

/// Without a real day, a recording of a file begins here: times count from its first event.
const FILE_START: Millis = Millis(0);

/// A recording, and rules tried on it.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Backtest {
    /// Until the first try.
    tape: Tape,
    trial: Option<Trial>,
    /// What all rules of the last text did.
    outcome: Option<Outcome>,
}

/// What a recording holds.
#[derive(Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct TapeView {
    /// Since when, wall clock.
    pub from: Millis,
    /// Until when.
    pub until: Millis,
    /// From and until of each time that nobody heard.
    pub gaps: Vec<(Millis, Millis)>,
    /// Events heard.
    pub events: usize,
    /// Interactions they are about.
    pub interactions: usize,
}

/// What one rule did by itself.
#[derive(Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// Counted.
    pub count: Count,
    /// When it fired.
    pub at: Vec<Millis>,
    /// The newest firings, at most 200.
    pub fired: Vec<Fired>,
    /// Beside the rule of the same id that is in force; absent where there is none.
    pub compared: Option<Compared>,
    /// The cards of either version, by side; absent where there is none in force.
    pub sides: Option<Sides>,
    /// When the version in force fired.
    pub before: Vec<Millis>,
}

/// All rules together.
#[derive(Debug, Serialize, Tsify)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Progress {
    /// So much is done, 0 to 1.
    Running(f64),
    /// What they did.
    Done(Count),
}

/// What each rule did beside the others.
#[derive(Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Together {
    /// The newest firings, at most 200.
    pub fired: Vec<Fired>,
    /// Each rule that fired, counted.
    pub rules: Vec<(String, Count)>,
}

/// One line of a recording in a file, as the simulator writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line<'l> {
    at_ms: u64,
    #[serde(borrow)]
    event: &'l RawValue,
}

#[wasm_bindgen]
impl Backtest {
    /// With an empty recording.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Backtest {
        Backtest::default()
    }

    /// Adds a piece of the recording; says whether it can be read.
    pub fn add(&mut self, bytes: &[u8]) -> bool {
        self.tape.add_chunk(bytes).is_ok()
    }

    /// Adds lines of a recorded file; returns how many of them are none.
    #[wasm_bindgen(js_name = addLines)]
    pub fn add_lines(&mut self, text: &str) -> u32 {
        let mut wrong = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let read = serde_json::from_str::<Line<'_>>(line).ok();
            let heard =
                read.as_ref().and_then(|line| Some((line.at_ms, event::parse(line.event.get().as_bytes()).ok()?)));
            match heard {
                Some((at, event)) => self.tape.add(FILE_START.plus(Millis(at)), &event),
                None => wrong += 1,
            }
        }
        wrong
    }

    /// What the recording holds; nothing where it is empty.
    pub fn about(&self) -> Option<Ts<TapeView>> {
        let tape = self.trial.as_ref().map_or(&self.tape, Trial::tape);
        let (from, until) = tape.span()?;
        let (events, interactions) = (tape.events(), tape.interactions());
        Some(shared(&TapeView { from, until, gaps: tape.gaps().to_vec(), events, interactions }))
    }

    /// What one rule of a text does by itself, beside the rule of the same id in the text that is in force. Nothing where
    /// the rule cannot be tried by itself, or where a text is wrong.
    pub fn alone(&mut self, text: &str, index: usize, in_force: &str) -> Option<Ts<Tried>> {
        let rule = parse(text).ok().and_then(|set| set.rules.into_iter().nth(index))?;
        let before = parse(in_force).ok().and_then(|set| set.rules.into_iter().find(|other| other.id == rule.id));
        let trial = self.trial();
        let now = trial.alone(&live(&rule))?;
        let before = before.and_then(|before| trial.alone(&live(&before)));
        let compared = before.as_ref().map(|before| compare(before, &now));
        let sides = before.as_ref().map(|before| sides(before, &now, LISTED));
        let instants = |outcome: &Outcome| outcome.fired.iter().map(|one| one.at).collect();
        let (at, before) = (instants(&now), before.as_ref().map(instants).unwrap_or_default());
        let Outcome { fired, total, .. } = now;
        let fired = fired.into_iter().rev().take(LISTED).collect();
        Some(shared(&Tried { count: total, at, fired, compared, sides, before }))
    }

    /// Begins to try all rules of a text together; says whether the text is right.
    pub fn begin(&mut self, text: &str) -> bool {
        let rules = parse(text).map(|set| set.compile());
        self.outcome = None;
        rules.map(|rules| self.trial().begin(rules)).is_ok()
    }

    /// Goes on for a slice of some ten milliseconds.
    pub fn step(&mut self) -> Ts<Progress> {
        let trial = self.trial();
        shared(&match trial.step() {
            Some(outcome) => Progress::Done(self.outcome.insert(outcome).total),
            None => Progress::Running(trial.progress()),
        })
    }

    /// What each rule did once all are done; nothing before.
    pub fn together(&self) -> Option<Ts<Together>> {
        let Some(outcome) = &self.outcome else { return None };
        let fired = outcome.fired.iter().rev().take(LISTED).cloned().collect();
        let rules = outcome.rules.iter().map(|(rule, count)| (rule.clone(), *count)).collect();
        Some(shared(&Together { fired, rules }))
    }

    fn trial(&mut self) -> &mut Trial {
        self.trial.get_or_insert_with(|| Trial::on(std::mem::take(&mut self.tape)))
    }
}

/// As it would fire if it were live, whatever it is now.
fn live(rule: &RuleSpec) -> Arc<Rule> {
    Arc::new(Rule { mode: Mode::Live, ..rule.compile() })
}
