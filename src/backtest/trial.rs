//! Rules over a tape, in slices, so that whoever runs it stays able to answer, to show progress and to stop.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::outcome::{Fired, Outcome};
use super::possible::can;
use super::tape::Tape;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::rules::Rule;
use crate::rules::replay::Replay;

/// Events of one slice: some ten milliseconds.
const SLICE: usize = 20_000;

/// Rules remembered with what they did: a person who moves a slider changes one of them.
const KNOWN: usize = 64;

/// A tape, and what rules did on it before.
#[derive(Debug, Default)]
pub struct Trial {
    tape: Tape,
    known: Vec<Known>,
    work: Option<Work>,
}

/// For which interactions a rule fires by itself.
#[derive(Debug)]
struct Known {
    rule: Arc<Rule>,
    talks: Vec<u32>,
}

/// What is under way.
#[derive(Debug)]
struct Work {
    rules: Vec<Arc<Rule>>,
    /// Rules of which it is not known yet for which interactions they fire.
    unknown: Vec<Arc<Rule>>,
    pass: Option<Pass>,
    done: usize,
    all: usize,
}

/// One replay over some of the tape.
#[derive(Debug)]
struct Pass {
    replay: Replay,
    over: Over,
    next: usize,
    found: BTreeSet<u32>,
    fired: Vec<Fired>,
    /// The rule that it is about, or all.
    rule: Option<Arc<Rule>>,
}

#[derive(Debug)]
enum Over {
    /// Interaction by interaction: no rule looks beyond one.
    Talks(Vec<u32>),
    /// All events in the order of their time.
    Everything,
}

impl Trial {
    /// Rules are tried on this tape.
    pub fn on(tape: Tape) -> Trial {
        Trial { tape, ..Trial::default() }
    }

    /// The tape.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Begins with these rules; what was under way is given up.
    pub fn begin(&mut self, rules: Vec<Arc<Rule>>) {
        let unknown: Vec<Arc<Rule>> = match rules.iter().any(|rule| looks_beyond(rule)) {
            true => Vec::new(),
            false => rules.iter().filter(|rule| self.known(rule).is_none()).cloned().collect(),
        };
        let all = self.tape.events() * (unknown.len() + 1);
        self.work = Some(Work { rules, unknown, pass: None, done: 0, all });
    }

    /// Goes on for a slice. Returns what the rules did, once that is known.
    pub fn step(&mut self) -> Option<Outcome> {
        let mut work = self.work.take()?;
        let mut pass = match work.pass.take() {
            Some(pass) => pass,
            None => self.next_pass(&mut work),
        };
        let (is_over, events) = pass.slice(&self.tape);
        work.done += events;
        if !is_over {
            work.pass = Some(pass);
            self.work = Some(work);
            return None;
        }
        match pass.rule {
            Some(rule) => {
                self.learn(rule, pass.found);
                self.work = Some(work);
                None
            }
            None => Some(Outcome::of(pass.fired)),
        }
    }

    /// What a rule does by itself, at once: for a person who moves a slider. A rule that looks at other interactions of
    /// its queue is tried by [`Trial::begin`].
    pub fn alone(&mut self, rule: &Arc<Rule>) -> Option<Outcome> {
        if looks_beyond(rule) {
            return None;
        }
        let talks = candidates(&self.tape, rule);
        let mut pass = Pass::new(vec![Arc::clone(rule)], Over::Talks(talks), None);
        while !pass.slice(&self.tape).0 {}
        self.learn(Arc::clone(rule), pass.found);
        Some(Outcome::of(pass.fired))
    }

    /// Runs to the end.
    pub fn run(&mut self, rules: Vec<Arc<Rule>>) -> Outcome {
        self.begin(rules);
        loop {
            if let Some(outcome) = self.step() {
                return outcome;
            }
        }
    }

    /// How much is done of what is under way, 0 to 1.
    pub fn progress(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "for a bar on a page")]
        self.work.as_ref().map_or(1.0, |work| (work.done as f64 / work.all.max(1) as f64).min(1.0))
    }

    fn learn(&mut self, rule: Arc<Rule>, found: BTreeSet<u32>) {
        self.known.retain(|known| known.rule != rule);
        if self.known.len() == KNOWN {
            self.known.remove(0);
        }
        self.known.push(Known { rule, talks: found.into_iter().collect() });
    }

    fn known(&self, rule: &Rule) -> Option<&Known> {
        self.known.iter().find(|known| *known.rule == *rule)
    }

    fn next_pass(&self, work: &mut Work) -> Pass {
        if let Some(rule) = work.unknown.pop() {
            let talks = candidates(&self.tape, &rule);
            return Pass::new(vec![Arc::clone(&rule)], Over::Talks(talks), Some(rule));
        }
        let over = if work.rules.iter().any(|rule| looks_beyond(rule)) {
            Over::Everything
        } else {
            let known = work.rules.iter().filter_map(|rule| self.known(rule));
            let talks: BTreeSet<u32> = known.flat_map(|known| known.talks.iter().copied()).collect();
            Over::Talks(talks.into_iter().collect())
        };
        Pass::new(work.rules.clone(), over, None)
    }
}

impl Pass {
    fn new(rules: Vec<Arc<Rule>>, over: Over, rule: Option<Arc<Rule>>) -> Pass {
        let replay = Replay::new(Fingerprint::default(), rules);
        Pass { replay, over, next: 0, found: BTreeSet::new(), fired: Vec::new(), rule }
    }

    /// Says whether that was the last slice, and how many events were heard.
    fn slice(&mut self, tape: &Tape) -> (bool, usize) {
        let end = tape.span().map_or(Millis::ZERO, |(_, until)| until);
        let mut events = 0;
        let Over::Talks(talks) = &self.over else {
            let until = tape.events().min(self.next + SLICE);
            for place in self.next..until {
                let (at, event) = tape.event(place);
                let firings = self.replay.hear(at, &event);
                self.fired.extend(firings.into_iter().map(|firing| Fired::of(firing, tape.gaps())));
            }
            let heard = until - self.next;
            self.next = until;
            let is_over = until == tape.events();
            if is_over {
                let firings = self.replay.pass(end);
                self.fired.extend(firings.into_iter().map(|firing| Fired::of(firing, tape.gaps())));
            }
            return (is_over, heard);
        };
        while let Some(talk) = talks.get(self.next).copied() {
            self.next += 1;
            let mut firings = Vec::new();
            for (at, event) in tape.events_of(talk) {
                events += 1;
                firings.extend(self.replay.hear(at, &event));
            }
            firings.extend(self.replay.pass(end));
            self.replay.forget();
            if !firings.is_empty() {
                self.found.insert(talk);
            }
            if self.rule.is_none() {
                self.fired.extend(firings.into_iter().map(|firing| Fired::of(firing, tape.gaps())));
            }
            if events >= SLICE {
                return (false, events);
            }
        }
        (true, events)
    }
}

/// The interactions that a rule may fire for.
fn candidates(tape: &Tape, rule: &Rule) -> Vec<u32> {
    let is_possible =
        |(at, talk): (usize, &super::tape::Talk)| can(&rule.condition, &talk.ranges).be_true.then_some(at as u32);
    tape.talks().iter().enumerate().filter_map(is_possible).collect()
}

/// Whether a rule looks at other interactions of a queue.
fn looks_beyond(rule: &Rule) -> bool {
    let mut beyond = false;
    for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
        condition.comparisons(&mut |comparison| beyond |= comparison.field.is_of_queue());
    }
    beyond
}
