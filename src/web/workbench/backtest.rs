//! Rules tried on a recording, in a page's worker. A page loads the recording once; each change of a rule is tried at once,
//! and all rules together in slices.

use crate::api::contract::event;
use crate::api::extras;
use crate::backtest::{Compared, Count, Fired, Lack, Outcome, Sides, Tape, Trial, compare, sides};
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::fingerprint::Fingerprint;
use crate::model::json::ToJson;
use crate::model::time::Millis;
use crate::rules::replay::legend::Legend;
use crate::rules::text::{RuleSpec, parse};
use crate::rules::{Evaluator, Mode, Rule};
use crate::web::host::json::shared;
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
    /// Where lines of a file are read beside the fields with names.
    pointers: Vec<Pointer>,
    /// One rule by itself, and the saved rule of the same id.
    asked: Option<(Arc<Rule>, Option<Arc<Rule>>)>,
    /// All rules of the last text.
    rules: Vec<Arc<Rule>>,
    /// Their result.
    outcome: Option<Outcome>,
}

/// The extent of a recording.
#[derive(Debug, ToJson, Tsify)]
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

/// The result of one rule by itself.
#[derive(Debug, ToJson, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// Counted.
    pub count: Count,
    /// When it fired.
    pub at: Vec<Millis>,
    /// The newest firings, at most 200.
    pub fired: Vec<Fired>,
    /// Compared with the saved rule of the same id; absent where there is none.
    pub compared: Option<Compared>,
    /// The cards of either version, by side; absent where none is saved.
    pub sides: Option<Sides>,
    /// When the saved version fired.
    pub before: Vec<Millis>,
}

/// One rule by itself, under way.
#[derive(Debug, ToJson, Tsify)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Trying {
    /// Call again.
    Running,
    /// The result.
    Done(Box<Tried>),
}

/// The fields that the recording does not hold from its beginning.
#[derive(Debug, ToJson, Tsify)]
pub struct Unrecorded {
    /// The place of each rule that needs one, and its fields.
    pub rules: Vec<(usize, Vec<Missing>)>,
}

/// A field that the recording does not hold from its beginning.
#[derive(Debug, ToJson, Tsify)]
pub struct Missing {
    /// The field, by its JSON pointer.
    pub field: String,
    /// Since when the recording has it; never where absent.
    pub since: Option<Millis>,
}

/// All rules together.
#[derive(Debug, ToJson, Tsify)]
#[serde(tag = "kind", content = "value", rename_all = "camelCase")]
pub enum Progress {
    /// The share that is done, 0 to 1.
    Running(f64),
    /// The result.
    Done(Count),
}

/// The result of each rule beside the others.
#[derive(Debug, ToJson, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Together {
    /// The newest firings, at most 200.
    pub fired: Vec<Fired>,
    /// Each rule that fired, counted.
    pub rules: Vec<(String, Count)>,
}

/// One line of a recording in a file, as the simulator writes it.
#[derive(serde::Deserialize)]
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

    /// Lines of a file that follow are read wherever rules of a text point.
    #[wasm_bindgen(js_name = readFor)]
    pub fn read_for(&mut self, text: &str) {
        for pointer in pointers(text) {
            if !self.pointers.contains(&pointer) {
                self.pointers.push(pointer);
            }
        }
        self.tape.know(&self.pointers);
    }

    /// Whether lines of a file were read wherever rules of a text point. Otherwise the file is to be read again.
    #[wasm_bindgen(js_name = isReadFor)]
    pub fn is_read_for(&self, text: &str) -> bool {
        pointers(text).iter().all(|pointer| self.pointers.contains(pointer))
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
                Some((at, event)) => {
                    let frame = read.as_ref().map_or("", |line| line.event.get()).as_bytes();
                    let event = Event { extra: extras::read(frame, &self.pointers), ..event };
                    self.tape.add(FILE_START.plus(Millis(at)), &event);
                }
                None => wrong += 1,
            }
        }
        wrong
    }

    /// The extent of the recording; nothing where it is empty.
    pub fn about(&self) -> Option<Ts<TapeView>> {
        let tape = self.tape();
        let (from, until) = tape.span()?;
        let (events, interactions) = (tape.events(), tape.interactions());
        Some(shared(&TapeView { from, until, gaps: tape.gaps().to_vec(), events, interactions }))
    }

    /// The IANA names of the zones that schedules of a text name; the browser's own under the empty name.
    pub fn zones(&self, text: &str) -> Vec<String> {
        let mut evaluator = Evaluator::default();
        parse(text).into_iter().for_each(|set| evaluator.adopt(Fingerprint::default(), set.compile()));
        evaluator.zones().into_iter().map(str::to_owned).collect()
    }

    /// Takes how many minutes a zone is ahead of UTC since an instant; the first one counts of before, too.
    #[wasm_bindgen(js_name = setOffset)]
    pub fn set_offset(&mut self, zone: &str, since: f64, minutes_ahead: i32) {
        self.trial().set_offset(zone, Millis(since as u64), minutes_ahead);
    }

    /// The rules of a text that name what the recording does not hold, or holds only since a while.
    pub fn unrecorded(&self, text: &str) -> Ts<Unrecorded> {
        let rules = parse(text).map(|set| set.rules).unwrap_or_default();
        let missing = |rule: &RuleSpec| -> Vec<Missing> {
            let lacks = self.tape().lacks(&rule.compile()).into_iter();
            lacks.map(|Lack { field, since }| Missing { field, since }).collect()
        };
        let needs = rules.iter().map(missing).enumerate();
        shared(&Unrecorded { rules: needs.filter(|(_, fields)| !fields.is_empty()).collect() })
    }

    /// Asks what one rule of a text does by itself, beside the rule of the same id in the saved text. Says no
    /// where the rule cannot be tried by itself, or where a text is wrong.
    pub fn ask(&mut self, text: &str, index: usize, saved: &str) -> bool {
        let rule = parse(text).ok().and_then(|set| set.rules.into_iter().nth(index)).map(|rule| live(&rule));
        let Some(rule) = rule.filter(|rule| Trial::stands_alone(rule)) else { return false };
        let before = parse(saved).ok().and_then(|set| set.rules.into_iter().find(|other| other.id == rule.id));
        let before = before.map(|before| live(&before)).filter(|before| Trial::stands_alone(before));
        self.asked = Some((rule, before));
        true
    }

    /// Goes on for a slice of some ten milliseconds with what was asked last.
    #[wasm_bindgen(js_name = stepAlone)]
    pub fn step_alone(&mut self) -> Option<Ts<Trying>> {
        let (rule, old) = self.asked.clone()?;
        let trial = self.trial();
        let Some(now) = trial.step_alone(&rule) else { return Some(shared(&Trying::Running)) };
        let before = match old.as_ref().map(|old| trial.step_alone(old)) {
            Some(None) => return Some(shared(&Trying::Running)),
            Some(before) => before,
            None => None,
        };
        let trial = self.trial();
        let tell = |rule: &Arc<Rule>, fired: &[Fired]| trial.tell(rule, fired);
        let mut tried = tried(&now, before.as_deref());
        tried.fired = tell(&rule, &tried.fired);
        if let (Some(sides), Some(old)) = (&mut tried.sides, &old) {
            sides.only_first = tell(old, &sides.only_first);
            sides.only_second = tell(&rule, &sides.only_second);
            sides.both = tell(&rule, &sides.both);
        }
        Some(shared(&Trying::Done(Box::new(tried))))
    }

    /// Begins to try all rules of a text together; says whether the text is right.
    pub fn begin(&mut self, text: &str) -> bool {
        self.outcome = None;
        let Ok(set) = parse(text) else { return false };
        self.rules = set.compile();
        let rules = self.rules.clone();
        self.trial().begin(rules);
        true
    }

    /// Goes on for a slice of some ten milliseconds.
    pub fn step(&mut self) -> Ts<Progress> {
        let trial = self.trial();
        shared(&match trial.step() {
            Some(outcome) => Progress::Done(self.outcome.insert(outcome).total),
            None => Progress::Running(trial.progress()),
        })
    }

    /// The result of each rule once all are done; nothing before.
    pub fn together(&self) -> Option<Ts<Together>> {
        let (Some(outcome), Some(trial)) = (&self.outcome, &self.trial) else { return None };
        let newest: Vec<Fired> = outcome.fired.iter().rev().take(LISTED).cloned().collect();
        let fired = trial.tell_together(&self.rules, &newest);
        let rules = outcome.rules.iter().map(|(rule, count)| (rule.clone(), *count)).collect();
        Some(shared(&Together { fired, rules }))
    }

    fn tape(&self) -> &Tape {
        self.trial.as_ref().map_or(&self.tape, Trial::tape)
    }

    fn trial(&mut self) -> &mut Trial {
        self.trial.get_or_insert_with(|| Trial::on(std::mem::take(&mut self.tape)))
    }
}

/// Where rules of a text point, disabled ones too.
fn pointers(text: &str) -> Vec<Pointer> {
    let rules: Vec<Arc<Rule>> = parse(text).map_or_else(|_| Vec::new(), |set| set.rules.iter().map(live).collect());
    Legend::of(rules.iter()).fields().cloned().collect()
}

fn tried(now: &Outcome, before: Option<&Outcome>) -> Tried {
    let instants = |outcome: &Outcome| outcome.fired.iter().map(|one| one.at).collect();
    Tried {
        count: now.total,
        at: instants(now),
        fired: now.fired.iter().rev().take(LISTED).cloned().collect(),
        compared: before.map(|before| compare(before, now)),
        sides: before.map(|before| sides(before, now, LISTED)),
        before: before.map(instants).unwrap_or_default(),
    }
}

/// As it would fire if it were live, whatever it is now.
fn live(rule: &RuleSpec) -> Arc<Rule> {
    Arc::new(Rule { mode: Mode::Live, ..rule.compile() })
}
