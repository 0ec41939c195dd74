//! Rules over a tape, in slices, so that whoever runs it stays able to answer, to show progress and to stop.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::outcome::{Fired, Outcome};
use super::possible::Possible;
use super::tape::Tape;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::rules::{Firing, Once, Rule};
use crate::rules::replay::Replay;

/// Events times rules of one slice: some ten milliseconds.
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
    /// Interactions with a firing, in order.
    found: Vec<u32>,
    fired: Vec<Fired>,
    about: About,
}

/// What a pass is about.
#[derive(Debug)]
enum About {
    /// What all rules do together.
    All,
    /// What one rule does by itself.
    One(Arc<Rule>),
    /// For which interactions one rule fires by itself.
    Where(Arc<Rule>),
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
    pub fn on(mut tape: Tape) -> Trial {
        tape.group();
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
        let all = self.tape.events() * (unknown.len() + rules.len());
        self.work = Some(Work { rules, unknown, pass: None, done: 0, all });
    }

    /// Goes on for a slice. Returns what the rules did, once that is known.
    pub fn step(&mut self) -> Option<Outcome> {
        let mut work = self.work.take()?;
        let mut pass = match work.pass.take() {
            Some(pass) => pass,
            None => self.next_pass(&mut work),
        };
        let (is_over, done) = pass.slice(&self.tape);
        work.done += done;
        if !is_over {
            work.pass = Some(pass);
            self.work = Some(work);
            return None;
        }
        match pass.about {
            About::All => Some(Outcome::of(pass.fired)),
            About::One(rule) | About::Where(rule) => {
                self.learn(rule, pass.found);
                self.work = Some(work);
                None
            }
        }
    }

    /// What a rule does by itself, at once: for a person who moves a slider. A rule that looks at other interactions of
    /// its queue is tried by [`Trial::begin`].
    pub fn alone(&mut self, rule: &Arc<Rule>) -> Option<Outcome> {
        if looks_beyond(rule) {
            return None;
        }
        let talks = candidates(&self.tape, rule);
        let mut pass = Pass::new(vec![Arc::clone(rule)], Over::Talks(talks), About::One(Arc::clone(rule)));
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

    fn learn(&mut self, rule: Arc<Rule>, talks: Vec<u32>) {
        self.known.retain(|known| known.rule != rule);
        if self.known.len() == KNOWN {
            self.known.remove(0);
        }
        self.known.push(Known { rule, talks });
    }

    fn known(&self, rule: &Rule) -> Option<&Known> {
        self.known.iter().find(|known| *known.rule == *rule)
    }

    fn next_pass(&self, work: &mut Work) -> Pass {
        if let Some(rule) = work.unknown.pop() {
            let talks = candidates(&self.tape, &rule);
            return Pass::new(vec![Arc::clone(&rule)], Over::Talks(talks), About::Where(rule));
        }
        let over = if work.rules.iter().any(|rule| looks_beyond(rule)) {
            Over::Everything
        } else {
            let known = work.rules.iter().filter_map(|rule| self.known(rule));
            let talks: BTreeSet<u32> = known.flat_map(|known| known.talks.iter().copied()).collect();
            Over::Talks(talks.into_iter().collect())
        };
        Pass::new(work.rules.clone(), over, About::All)
    }
}

impl Pass {
    fn new(rules: Vec<Arc<Rule>>, over: Over, about: About) -> Pass {
        let replay = Replay::new(Fingerprint::default(), rules);
        Pass { replay, over, next: 0, found: Vec::new(), fired: Vec::new(), about }
    }

    /// Says whether that was the last slice, and how many events were heard, times rules.
    fn slice(&mut self, tape: &Tape) -> (bool, usize) {
        let end = tape.span().map_or(Millis::ZERO, |(_, until)| until);
        let rules = self.replay.evaluator.rules().count().max(1);
        let most = SLICE.div_ceil(rules);
        let Pass { replay, over, next, found, fired, .. } = self;
        let about = &self.about;
        let mut keep = |firings: Vec<Firing>| {
            fired.extend(firings.into_iter().map(|firing| Fired::of(firing, tape.gaps())));
        };
        let Over::Talks(talks) = over else {
            let until = tape.events().min(*next + most);
            let heard = until - *next;
            for place in *next..until {
                let (at, event) = tape.event(tape.in_time(place));
                keep(replay.hear(at, &event));
            }
            *next = until;
            let is_over = until == tape.events();
            if is_over {
                keep(replay.pass(end));
            }
            return (is_over, heard * rules);
        };
        let scan = match about {
            About::All => None,
            About::One(rule) => Some(Scan::new(rule, tape, rule.once != Once::Episode)),
            About::Where(rule) => Some(Scan::new(rule, tape, true)),
        };
        let mut events = 0;
        while let Some(talk) = talks.get(*next).copied() {
            *next += 1;
            let heard = tape.heard_of(talk);
            events += heard.len();
            let firings = match &scan {
                Some(scan) => scan.by_itself(replay, tape, talk),
                None => {
                    let mut firings = Vec::new();
                    for one in heard {
                        let (at, event) = tape.event(one);
                        firings.extend(replay.hear(at, &event));
                    }
                    firings.extend(replay.pass(end));
                    replay.forget();
                    firings
                }
            };
            if !firings.is_empty() {
                found.push(talk);
            }
            if !matches!(about, About::Where(_)) {
                keep(firings);
            }
            if events >= most {
                return (false, events * rules);
            }
        }
        (true, events * rules)
    }
}

/// One rule that looks at interactions one by one.
struct Scan<'r> {
    possible: Possible<'r>,
    /// Values from before the rule may become true count, too.
    has_windows: bool,
    /// Nothing after the first firing is asked for.
    first_only: bool,
}

impl<'r> Scan<'r> {
    fn new(rule: &'r Rule, tape: &Tape, first_only: bool) -> Scan<'r> {
        let mut has_windows = false;
        for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
            condition.comparisons(&mut |comparison| has_windows |= comparison.window.is_some());
        }
        Scan { possible: Possible::new(rule, tape.names()), has_windows, first_only }
    }

    /// What the rule does in one interaction. Before the first event at which it may become true, it remembers nothing.
    fn by_itself(&self, replay: &mut Replay, tape: &Tape, talk: u32) -> Vec<Firing> {
        let (heard, ranges) = (tape.heard_of(talk), &tape.talks()[talk as usize].ranges);
        let Some(first) = heard.iter().position(|one| self.possible.at(one, ranges)) else { return Vec::new() };
        let mut firings = Vec::new();
        for one in &heard[if self.has_windows { 0 } else { first }..] {
            let (at, event) = tape.event(one);
            firings.extend(replay.hear(at, &event));
            if self.first_only && !firings.is_empty() {
                break;
            }
        }
        if firings.is_empty() || !self.first_only {
            let end = tape.span().map_or(Millis::ZERO, |(_, until)| until);
            firings.extend(replay.pass(end));
        }
        replay.forget();
        firings
    }
}

/// The interactions that a rule may fire for.
fn candidates(tape: &Tape, rule: &Rule) -> Vec<u32> {
    let possible = Possible::new(rule, tape.names());
    let is_candidate = |(at, talk): (usize, &super::tape::Talk)| possible.somewhere(&talk.ranges).then_some(at as u32);
    tape.talks().iter().enumerate().filter_map(is_candidate).collect()
}

/// Whether a rule looks at other interactions of a queue.
fn looks_beyond(rule: &Rule) -> bool {
    let mut beyond = false;
    for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
        condition.comparisons(&mut |comparison| beyond |= comparison.field.is_of_queue());
    }
    beyond
}
