//! Rules over a tape, in slices, so that whoever runs it stays able to answer, to show progress and to stop.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::lens::Lens;
use super::needs::looks_beyond;
use super::outcome::{Fired, Outcome};
use super::pass::{About, Over, Pass, candidates, tell, tell_together};
use super::tape::Tape;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;
use crate::rules::Rule;
use crate::rules::replay::Replay;

/// Rules remembered with what they did: a person who moves a slider changes one of them.
const KNOWN: usize = 64;

/// Outcomes of single rules remembered whole: of the saved rule, and of the version before the last change.
const LATELY: usize = 2;

/// A tape, and what rules did on it before.
#[derive(Debug, Default)]
pub struct Trial {
    tape: Tape,
    /// Minutes ahead of UTC and since when, by zone; the browser's own under the empty name.
    offsets: Vec<(String, Millis, i32)>,
    known: Vec<Known>,
    /// Outcomes of single rules; the rule asked for last stands at the end.
    lately: Vec<(Arc<Rule>, Arc<Outcome>)>,
    /// One rule by itself, under way.
    one: Option<Pass>,
    work: Option<Work>,
}

/// For which interactions a rule fires by itself.
#[derive(Debug)]
struct Known {
    rule: Arc<Rule>,
    talks: Vec<u32>,
}

/// The pass that is under way.
#[derive(Debug)]
struct Work {
    rules: Vec<Arc<Rule>>,
    /// Rules of which it is not known yet for which interactions they fire.
    unknown: Vec<Arc<Rule>>,
    pass: Option<Pass>,
    done: usize,
    all: usize,
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

    /// Goes on for a slice. Returns what the rules did, once that is known; [`Trial::tell_together`] adds the words.
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

    /// Takes how many minutes a zone is ahead of UTC since an instant; the browser's own under the empty name. The first
    /// offset counts of before, too. Without any a schedule is no data.
    pub fn set_offset(&mut self, zone: &str, since: Millis, minutes_ahead: i32) {
        let told = (zone.to_owned(), since, minutes_ahead);
        if self.offsets.contains(&told) {
            return;
        }
        self.offsets.retain(|(known, at, _)| known != zone || *at != since);
        self.offsets.push(told);
        self.known.retain(|known| known.rule.schedule.is_none());
        self.lately.retain(|(rule, _)| rule.schedule.is_none());
        (self.one, self.work) = (None, None);
    }

    /// Whether a rule can be tried by itself. One that looks at other interactions of its queue is tried by
    /// [`Trial::begin`].
    pub fn stands_alone(rule: &Rule) -> bool {
        !looks_beyond(rule)
    }

    /// Continues a rule by itself for one slice, for a person who moves a slider. Another rule than the last one starts
    /// from the beginning. Returns what the rule does, once that is known; [`Trial::tell`] adds the words.
    pub fn step_alone(&mut self, rule: &Arc<Rule>) -> Option<Arc<Outcome>> {
        if let Some(at) = self.lately.iter().position(|(known, _)| known == rule) {
            let known = self.lately.remove(at);
            self.lately.push(known.clone());
            return Some(known.1);
        }
        let under_way = self.one.take().filter(|pass| matches!(&pass.about, About::One(one) if one == rule));
        let mut pass = under_way.unwrap_or_else(|| {
            let lens = Lens::new(&self.tape, std::slice::from_ref(rule));
            let over = Over::Talks(candidates(&self.tape, &lens));
            self.pass(lens, over, About::One(Arc::clone(rule)))
        });
        if !pass.slice(&self.tape).0 {
            self.one = Some(pass);
            return None;
        }
        self.learn(Arc::clone(rule), pass.found);
        let outcome = Arc::new(Outcome::of(pass.fired));
        if self.lately.len() == LATELY {
            self.lately.remove(0);
        }
        self.lately.push((Arc::clone(rule), Arc::clone(&outcome)));
        Some(outcome)
    }

    /// The outcome of a rule by itself. Nothing where the rule does not stand alone.
    pub fn alone(&mut self, rule: &Arc<Rule>) -> Option<Outcome> {
        if !Trial::stands_alone(rule) {
            return None;
        }
        let outcome = loop {
            if let Some(outcome) = self.step_alone(rule) {
                break outcome;
            }
        };
        let fired = self.tell(rule, &outcome.fired);
        Some(Outcome::of(fired))
    }

    /// Adds to firings of a rule by itself what their cards would say, and why.
    pub fn tell(&self, rule: &Arc<Rule>, fired: &[Fired]) -> Vec<Fired> {
        let lens = Lens::new(&self.tape, std::slice::from_ref(rule));
        tell(&mut self.replay(&lens), &lens, &self.tape, fired)
    }

    /// Adds to firings of rules beside each other what their cards would say, and why.
    pub fn tell_together(&self, rules: &[Arc<Rule>], fired: &[Fired]) -> Vec<Fired> {
        let lens = Lens::new(&self.tape, rules);
        tell_together(&mut self.replay(&lens), &lens, &self.tape, fired)
    }

    /// Runs to the end, every firing with its words.
    pub fn run(&mut self, rules: Vec<Arc<Rule>>) -> Outcome {
        self.begin(rules.clone());
        loop {
            if let Some(outcome) = self.step() {
                return Outcome::of(self.tell_together(&rules, &outcome.fired));
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

    fn next_pass(&mut self, work: &mut Work) -> Pass {
        if let Some(rule) = work.unknown.pop() {
            let lens = Lens::new(&self.tape, std::slice::from_ref(&rule));
            let talks = candidates(&self.tape, &lens);
            return self.pass(lens, Over::Talks(talks), About::Where(rule));
        }
        let over = if work.rules.iter().any(|rule| looks_beyond(rule)) {
            Over::Everything
        } else {
            let known = work.rules.iter().filter_map(|rule| self.known(rule));
            let talks: BTreeSet<u32> = known.flat_map(|known| known.talks.iter().copied()).collect();
            Over::Talks(talks.into_iter().collect())
        };
        let mut pass = self.pass(Lens::new(&self.tape, &work.rules), over, About::All);
        pass.leave_out_words();
        pass
    }

    fn pass(&self, lens: Lens, over: Over, about: About) -> Pass {
        Pass::new(self.replay(&lens), lens, over, about)
    }

    fn replay(&self, lens: &Lens) -> Replay {
        let mut replay = Replay::new(Fingerprint::default(), lens.rules.clone());
        if let Some(from) = self.tape.heard_since() {
            replay.evaluator.resume(from);
        }
        let offsets = self.offsets.iter();
        offsets.for_each(|(zone, since, minutes)| replay.evaluator.set_offset_since(zone, *since, *minutes));
        replay
    }
}
