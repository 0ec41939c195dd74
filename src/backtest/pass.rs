//! One replay over a tape, in slices.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::lens::Lens;
use super::outcome::Fired;
use super::possible::Possible;
use super::tape::{Heard, Ranges, Tape};
use crate::model::time::Millis;
use crate::rules::replay::Replay;
use crate::rules::{Firing, Once, Rule};

/// Events times rules of one slice: some ten milliseconds.
const SLICE: usize = 20_000;

/// One replay over some of the tape.
#[derive(Debug)]
pub(super) struct Pass {
    replay: Replay,
    lens: Lens,
    over: Over,
    next: usize,
    /// Interactions with a firing, in order.
    pub found: Vec<u32>,
    pub fired: Vec<Fired>,
    pub about: About,
}

/// The subject of a pass.
#[derive(Debug)]
pub(super) enum About {
    /// All rules together.
    All,
    /// One rule by itself.
    One(Arc<Rule>),
    /// For which interactions one rule fires by itself.
    Where(Arc<Rule>),
}

#[derive(Debug)]
pub(super) enum Over {
    /// Interaction by interaction: no rule looks beyond one.
    Talks(Vec<u32>),
    /// All events in the order of their time.
    Everything,
}

impl Pass {
    /// With a replay of the rules of a lens.
    pub fn new(replay: Replay, lens: Lens, over: Over, about: About) -> Pass {
        Pass { replay, lens, over, next: 0, found: Vec::new(), fired: Vec::new(), about }
    }

    /// Counts firings only, where one interaction tells the words of its firings later. Many cards of a day have
    /// thousands of times the words of those that a page lists.
    pub fn leave_out_words(&mut self) {
        if matches!(self.over, Over::Talks(_)) {
            self.replay.evaluator.leave_out_words();
        }
    }

    /// Says whether that was the last slice, and how many events were heard, times rules.
    pub fn slice(&mut self, tape: &Tape) -> (bool, usize) {
        let end = tape.span().map_or(Millis::ZERO, |(_, until)| until);
        let rules = self.replay.evaluator.rules().count().max(1);
        let most = SLICE.div_ceil(rules);
        let Pass { replay, lens, over, next, found, fired, .. } = self;
        let about = &self.about;
        let told = |firing: Firing| {
            let talk = tape.talk_of(&firing.event.id).unwrap_or_default();
            lens.fired(firing, talk, tape)
        };
        let Over::Talks(talks) = over else {
            let until = tape.events().min(*next + most);
            let heard = until - *next;
            for place in *next..until {
                let (at, event) = lens.event(tape, tape.in_time(place));
                fired.extend(replay.hear(at, &event).into_iter().map(told));
            }
            *next = until;
            let is_over = until == tape.events();
            if is_over {
                fired.extend(replay.pass(end).into_iter().map(told));
            }
            return (is_over, heard * rules);
        };
        let scan = match about {
            About::All => None,
            About::One(_) => Scan::new(lens, tape, false),
            About::Where(_) => Scan::new(lens, tape, true),
        };
        let mut events = 0;
        while let Some(talk) = talks.get(*next).copied() {
            *next += 1;
            let heard = tape.heard_of(talk);
            events += heard.len();
            if let Some(scan) = scan.as_ref().filter(|scan| scan.is_plain) {
                if let Some(at) = scan.first(heard, &tape.talks()[talk as usize].ranges, end) {
                    found.push(talk);
                    fired.push(Fired::untold(scan.rule, at, talk, tape.gaps()));
                }
                if events >= most {
                    return (false, events * rules);
                }
                continue;
            }
            let firings = match &scan {
                Some(scan) => scan.by_itself(replay, tape, talk),
                None => in_talk(replay, lens, tape, talk),
            };
            if !firings.is_empty() {
                found.push(talk);
            }
            match about {
                About::All => fired.extend(firings.iter().map(|one| Fired::sketch(one, talk, tape.gaps()))),
                About::One(_) => fired.extend(firings.into_iter().map(told)),
                About::Where(_) => {}
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
    rule: &'r Rule,
    lens: &'r Lens,
    possible: Possible<'r>,
    /// Values from before the rule may become true count, too.
    has_windows: bool,
    /// Nothing after the first firing is asked for.
    first_only: bool,
    /// One event after the other decides: no window, no hours, and one firing.
    is_plain: bool,
}

impl<'r> Scan<'r> {
    /// The only rule of a lens. Of a rule that fires no second time nothing more is asked for, either.
    fn new(lens: &'r Lens, tape: &Tape, first_only: bool) -> Option<Scan<'r>> {
        let rule = &**lens.rules.first()?;
        let first_only = first_only || rule.once != Once::Episode;
        let mut has_windows = false;
        for condition in std::iter::once(&rule.condition).chain(&rule.clears) {
            condition.comparisons(&mut |comparison| has_windows |= comparison.window.is_some());
        }
        let possible = Possible::new(rule, lens, tape);
        let is_plain = first_only && rule.schedule.is_none() && possible.is_exact();
        Some(Scan { rule, lens, possible, has_windows, first_only, is_plain })
    }

    /// When a plain rule fires first: its hold begins with an event at which it is true, and ends early with one at
    /// which it is false. The evaluator finds the same; [`Scan::by_itself`] has it say what the card would.
    fn first(&self, heard: &[Heard], ranges: &Ranges, end: Millis) -> Option<Millis> {
        let mut since = None;
        let ended = |since: Option<Millis>, now: Millis| {
            since.map(|at: Millis| at.plus(self.rule.hold)).filter(|at| *at <= now)
        };
        for one in heard {
            if let Some(at) = ended(since, one.at) {
                return Some(at);
            }
            match self.possible.verdict(one, ranges) {
                Some(true) => since = since.or(Some(one.at)),
                Some(false) => since = None,
                None => {}
            }
            if let Some(at) = ended(since, one.at) {
                return Some(at);
            }
            if one.ends {
                since = None;
            }
        }
        ended(since, end)
    }

    /// The rule's firings in one interaction. Before the first event at which it may become true, it remembers nothing.
    fn by_itself(&self, replay: &mut Replay, tape: &Tape, talk: u32) -> Vec<Firing> {
        let (heard, ranges) = (tape.heard_of(talk), &tape.talks()[talk as usize].ranges);
        let Some(first) = heard.iter().position(|one| self.possible.at(one, ranges)) else { return Vec::new() };
        let mut firings = Vec::new();
        for one in &heard[if self.has_windows { 0 } else { first }..] {
            let (at, event) = self.lens.event(tape, one);
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

/// Has the evaluator say what the cards of a rule would: its firings by itself in these interactions.
pub(super) fn tell(replay: &mut Replay, lens: &Lens, tape: &Tape, fired: &[Fired]) -> Vec<Fired> {
    let Some(scan) = Scan::new(lens, tape, false) else { return fired.to_vec() };
    let told = |one: &Fired| {
        if one.is_told() {
            return one.clone();
        }
        let firings = scan.by_itself(replay, tape, one.talk);
        let own = firings.into_iter().find(|firing| firing.at == one.at);
        own.map_or_else(|| one.clone(), |firing| lens.fired(firing, one.talk, tape))
    };
    fired.iter().map(told).collect()
}

/// Has the evaluator say what the cards of rules beside each other would.
pub(super) fn tell_together(replay: &mut Replay, lens: &Lens, tape: &Tape, fired: &[Fired]) -> Vec<Fired> {
    let mut talks: BTreeMap<u32, Vec<Firing>> = BTreeMap::new();
    let told = |one: &Fired| {
        if one.is_told() {
            return one.clone();
        }
        let firings = talks.entry(one.talk).or_insert_with(|| in_talk(replay, lens, tape, one.talk));
        let is_same = |firing: &&Firing| {
            let name = (firing.at, &*firing.rule.id, firing.episode, &firing.muted_by);
            name == (one.at, &*one.rule, one.episode, &one.muted_by)
        };
        firings.iter().find(is_same).map_or_else(|| one.clone(), |it| lens.fired(it.clone(), one.talk, tape))
    };
    fired.iter().map(told).collect()
}

/// The firings of rules beside each other in one interaction.
fn in_talk(replay: &mut Replay, lens: &Lens, tape: &Tape, talk: u32) -> Vec<Firing> {
    let end = tape.span().map_or(Millis::ZERO, |(_, until)| until);
    let mut firings = Vec::new();
    for one in tape.heard_of(talk) {
        let (at, event) = lens.event(tape, one);
        firings.extend(replay.hear(at, &event));
    }
    firings.extend(replay.pass(end));
    replay.forget();
    firings
}

/// The interactions that the only rule of a lens may fire for.
pub(super) fn candidates(tape: &Tape, lens: &Lens) -> Vec<u32> {
    let Some(rule) = lens.rules.first() else { return Vec::new() };
    let possible = Possible::new(rule, lens, tape);
    let is_candidate = |(at, talk): (usize, &super::tape::Talk)| possible.somewhere(&talk.ranges).then_some(at as u32);
    tape.talks().iter().enumerate().filter_map(is_candidate).collect()
}
