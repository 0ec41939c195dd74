//! The memory of rules that fired, so that none fires twice.
//!
//! A card's record implies that its rule fired. The commit that removes the card writes a record of what fired in
//! its place, so a card that is accepted costs one record and a card that is settled another.

mod bucket;
mod fold;
mod marks;
mod state;
mod table;

pub use self::bucket::{Place, newest_of};
use self::marks::Marks;
use self::state::State;
use self::table::{Seen, Table};
use crate::journal::{FIRED_PREFIX, Journal};
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::rules::Once;

/// How many interactions are remembered at most; beyond, those seen longest ago are forgotten first.
pub const LIMIT: usize = 250_000;

/// The stored instant may lag behind the last event by this part of the span, so that an interaction which fired is
/// written again at most this often while it lives. What is read back is taken to be as late as it can have been.
const SLACK_PARTS: u64 = 16;

/// How often forgotten records are looked for, at most: the sweep rides on a batch that is written anyway.
const SWEEP_INTERVAL: Millis = Millis::from_mins(1);

/// The stored form.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct StoredFired {
    /// Ids of the rules that fired and whose cards are settled.
    pub rules: Vec<String>,
    /// When the interaction was last seen, to within the slack.
    pub seen: Millis,
    /// Of these rules, the ones that may fire once more: their cards were damaged, or expired before any server had them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

/// Means every rule, because a damaged record no longer says which rules fired.
const EVERY_RULE: &str = "*";

/// Remembers interactions that fired, for a set time after they were last seen.
#[derive(Debug)]
pub struct Memory {
    fired: Table,
    rules: Vec<String>,
    remember: Millis,
    swept_at: Millis,
}

/// One interaction, taken out to be changed.
#[derive(Default)]
struct Fired {
    state: State,
    at: Seen,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            fired: Table::default(),
            rules: Vec::new(),
            remember: Millis::from_mins(24 * 60),
            swept_at: Millis::ZERO,
        }
    }
}

impl Memory {
    /// How long an interaction is remembered after it was last seen.
    pub fn remember_for(&mut self, span: Millis) {
        self.remember = span;
    }

    /// Takes a record that was read back. How long it is remembered must be known before.
    pub fn restore(&mut self, subject: Subject, stored: &StoredFired, now: Millis) {
        let (rules, lost) = (self.marks(&stored.rules), self.marks(&stored.lost));
        self.restored(subject, stored.seen, now, |state| (state.rules, state.lost, state.single) = (rules, lost, true));
    }

    /// Takes a record of version 1, whose key names no connection: it counts for every connection, until it lapses.
    /// A record that was written since has been read, or is read later, and counts instead.
    pub fn restore_old(&mut self, interaction: Fingerprint, stored: &StoredFired, now: Millis) {
        let (rules, lost) = (self.marks(&stored.rules), self.marks(&stored.lost));
        self.restored(Subject::anywhere(interaction), stored.seen, now, |state| {
            if !state.single && !state.bucket {
                (state.rules, state.lost) = (rules, lost);
            }
            state.old = true;
        });
    }

    /// Takes that a rule fired from the record of its card. `freed`: the card expired before any server had it.
    pub fn restore_card(&mut self, subject: Subject, rule: &str, freed: bool, accepted: Millis, now: Millis) {
        let rule = self.number(rule);
        self.restored(subject, accepted, now, |state| state.carry(rule, freed));
    }

    /// Takes an interaction whose record is damaged: that it fired is in the key, so it does not fire again.
    pub fn restore_unknown(&mut self, subject: Subject, now: Millis, journal: &mut Journal) {
        self.edit(subject, |fired| {
            fired.state.rules = Marks::Every;
            fired.at.seen = now;
        });
        self.store(subject, journal);
    }

    /// An interaction can have been seen later than was stored, but not later than now: the clock may have been wrong.
    fn restored(&mut self, subject: Subject, stored: Millis, now: Millis, change: impl FnOnce(&mut State)) {
        let seen = stored.plus(self.slack()).min(now);
        self.edit(subject, |fired| {
            fired.at.seen = fired.at.seen.max(seen);
            fired.at.stored = fired.at.stored.max(stored.min(now));
            change(&mut fired.state);
        });
    }

    /// Changes the state of an interaction, which may be a new one.
    fn edit(&mut self, subject: Subject, change: impl FnOnce(&mut Fired)) {
        let known = self.fired.get(subject).map(|(state, at)| Fired { state: state.clone(), at });
        let mut fired = known.unwrap_or_default();
        change(&mut fired);
        self.fired.set(subject, fired.state, fired.at);
    }

    /// A rule's card was damaged before it was settled: the rule may fire once more, under the same `cardId`. No other
    /// may in its place, for the server may have the card.
    pub fn lose(&mut self, subject: Subject, rule: &str, now: Millis, journal: &mut Journal) {
        let rule = self.number(rule);
        self.edit(subject, |fired| {
            fired.at.seen = if fired.at.seen == Millis::ZERO { now } else { fired.at.seen };
            fired.state.rules.insert(rule);
            fired.state.lost.insert(rule);
        });
        self.store(subject, journal);
    }

    /// A rule's card expired before any server had it, so that the rule may fire once more; or the card is on its way
    /// again. The card's record says as much.
    pub fn free(&mut self, subject: Subject, rule: &str, freed: bool) {
        let rule = self.number(rule);
        if self.fired.get(subject).is_some_and(|(state, _)| state.carried.has(rule)) {
            self.edit(subject, |fired| fired.state.free(rule, freed));
        }
    }

    /// Forgets one interaction, so that it can fire again. Where it has a line in a bucket, a record without rules counts
    /// instead until the bucket is folded.
    pub fn forget(&mut self, subject: Subject, journal: &mut Journal) {
        if self.fired.get(subject).is_some_and(|(state, _)| state.bucket) {
            self.edit(subject, |fired| {
                let State { single, bucket, old, .. } = fired.state;
                fired.state = State { single, bucket, old, ..State::default() };
            });
            self.store(subject, journal);
        } else {
            self.drop_one(subject, journal);
        }
    }

    /// Forgets one interaction and removes its own records.
    fn drop_one(&mut self, subject: Subject, journal: &mut Journal) {
        let Some(state) = self.fired.remove(subject) else { return };
        if state.single {
            journal.delete(key(subject));
        }
        if state.old {
            journal.delete(old_key(subject.interaction));
        }
    }

    /// Forgets what became true and asked for no card.
    pub fn end_dry_run(&mut self) {
        self.fired.change_states(|state| {
            let state = State { dry: Marks::default(), ..state.clone() };
            (state.is_stored() || state.has_any()).then_some(state)
        });
    }

    /// How many interactions are remembered.
    pub fn len(&self) -> usize {
        self.fired.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.fired.len() == 0
    }

    /// An event of this interaction was heard.
    pub fn see(&mut self, subject: Subject, now: Millis, journal: &mut Journal) {
        self.see_one(subject, now, journal);
        self.see_one(Subject::anywhere(subject.interaction), now, journal);
    }

    fn see_one(&mut self, subject: Subject, now: Millis, journal: &mut Journal) {
        let Some((state, at)) = self.fired.get(subject).filter(|(state, _)| !state.is_forgotten()) else { return };
        if at.seen.plus(self.remember) <= now {
            self.forget(subject, journal);
            return;
        }
        let stale = state.has_any() && now.since(at.stored) > self.slack();
        self.fired.touch(subject, at.seen.max(now));
        if stale {
            self.store(subject, journal);
        }
    }

    /// Whether this rule became true for this interaction and asked for no card.
    pub fn was_kept_back(&self, subject: Subject, rule: &str) -> bool {
        let Some((state, _)) = self.fired.get(subject) else { return false };
        state.dry.is_every() || self.known(rule).is_some_and(|rule| state.dry.has(rule))
    }

    /// The states of an interaction: of its connection, and of any.
    fn states(&self, subject: Subject) -> [Option<&State>; 2] {
        [subject, Subject::anywhere(subject.interaction)].map(|subject| Some(self.fired.get(subject)?.0))
    }

    /// Whether this rule may not fire for this interaction (any more). Call [`Memory::see`] first.
    pub fn has_fired(&self, subject: Subject, rule: &str, once: Once) -> bool {
        let (states, rule) = (self.states(subject), self.known(rule));
        let mut known = states.iter().flatten();
        let fired = known.any(|state| {
            let other = once == Once::Interaction && state.has_any();
            other || state.rules.is_every() || rule.is_some_and(|rule| state.has(rule))
        });
        fired && !rule.is_some_and(|rule| is_free(states, rule))
    }

    /// How many rules have fired for an interaction.
    pub fn times_fired(&self, subject: Subject) -> u32 {
        let states = self.states(subject);
        if states.iter().flatten().any(|state| state.rules.is_every()) {
            return u32::MAX;
        }
        let has = |rule: &usize| states.iter().flatten().any(|state| state.has(*rule)) && !is_free(states, *rule);
        (0..self.rules.len()).filter(has).count() as u32
    }

    /// Remembers that a rule fired, as the record of its card says.
    pub fn carry(&mut self, subject: Subject, rule: &str, now: Millis) {
        let rule = self.number(rule);
        self.edit(subject, |fired| {
            fired.state.carry(rule, false);
            (fired.at.seen, fired.at.stored) = (fired.at.seen.max(now), fired.at.stored.max(now));
        });
    }

    /// A card outlived the memory of it: that its interaction was seen now is written beside the card.
    pub fn regain(&mut self, subject: Subject, rule: &str, now: Millis, journal: &mut Journal) {
        self.carry(subject, rule, now);
        self.store(subject, journal);
    }

    /// A card's record goes. Call this in the same group: that the card's rule fired is written in the card's place.
    pub fn settle(&mut self, subject: Subject, rule: &str, now: Millis, journal: &mut Journal) {
        let rule = self.number(rule);
        let Some((state, at)) = self.fired.get(subject) else { return };
        if at.seen.plus(self.remember) <= now {
            self.forget(subject, journal);
        } else if state.carried.has(rule) {
            self.edit(subject, |fired| fired.state.settle(rule));
            self.store(subject, journal);
        }
    }

    /// Remembers that a rule became true and asked for no card, so that the log says so once. Other rules of the
    /// interaction may still fire, unless `all`.
    pub fn fire_dry(&mut self, subject: Subject, rule: &str, all: bool, now: Millis) {
        let rule = self.number(rule);
        self.edit(subject, |fired| {
            if all {
                fired.state.dry = Marks::Every;
            }
            fired.state.dry.insert(rule);
            fired.at.seen = fired.at.seen.max(now);
        });
    }

    fn store(&mut self, subject: Subject, journal: &mut Journal) {
        let Some((state, at)) = self.fired.get(subject) else { return };
        let (rules, lost) = (self.named(&state.rules), self.named(&state.lost));
        journal.put(key(subject), &StoredFired { rules, seen: at.seen, lost });
        if state.old {
            journal.delete(old_key(subject.interaction));
        }
        self.edit(subject, |fired| {
            (fired.at.stored, fired.state.single, fired.state.old) = (fired.at.seen, true, false);
        });
    }

    fn named(&self, marks: &Marks) -> Vec<String> {
        match marks {
            Marks::Every => vec![EVERY_RULE.to_owned()],
            _ => (0..self.rules.len()).filter(|at| marks.has(*at)).map(|at| self.rules[at].clone()).collect(),
        }
    }

    /// Makes room before a rule fires: forgets what was not seen for long. Each goes in a commit of its own, if need be,
    /// because no commit is to hold thousands.
    pub fn sweep(&mut self, now: Millis, journal: &mut Journal) {
        if now.since(self.swept_at) < SWEEP_INTERVAL && self.fired.len() < LIMIT {
            return;
        }
        self.swept_at = now;
        let (remember, slack) = (self.remember, self.slack());
        // A line is forgotten once a worker that reads it would forget it, so that nothing need be written for it.
        let lapsed = |state: &State, at: Seen| {
            let seen = if state.bucket { at.seen.max(at.stored.plus(slack)) } else { at.seen };
            seen.plus(remember) <= now
        };
        let mut forgotten: Vec<Subject> =
            self.fired.iter().filter(|(_, state, at)| lapsed(state, *at)).map(|(subject, ..)| subject).collect();
        let kept = self.fired.len() - forgotten.len();
        if kept >= LIMIT {
            // A hundredth more than needed, so that a full memory is not swept at every trigger. What a bucket still
            // holds of them is remembered for longer if the worker dies before the bucket is folded.
            let mut by_age: Vec<(Millis, Subject)> =
                self.fired.iter().map(|(subject, _, at)| (at.seen, subject)).collect();
            by_age.sort_unstable();
            forgotten = by_age.into_iter().take(self.fired.len() - LIMIT + LIMIT / 100).map(|(_, id)| id).collect();
        }
        for subject in forgotten {
            journal.next_group();
            self.drop_one(subject, journal);
        }
        journal.next_group();
        self.fired.tidy();
    }

    fn slack(&self) -> Millis {
        Millis(self.remember.0 / SLACK_PARTS)
    }

    fn marks(&mut self, rules: &[String]) -> Marks {
        let mut marks = Marks::default();
        for rule in rules {
            if rule == EVERY_RULE {
                return Marks::Every;
            }
            marks.insert(self.number(rule));
        }
        marks
    }

    /// The rule's place in [`Memory::rules`].
    fn number(&mut self, rule: &str) -> usize {
        self.known(rule).unwrap_or_else(|| {
            self.rules.push(rule.to_owned());
            self.rules.len() - 1
        })
    }

    fn known(&self, rule: &str) -> Option<usize> {
        self.rules.iter().position(|known| known == rule)
    }
}

/// Whether a rule fired and may fire once more. The state of the connection counts first.
fn is_free(states: [Option<&State>; 2], rule: usize) -> bool {
    let knows = |state: &&&State| state.has(rule);
    states.iter().flatten().find(knows).is_some_and(|state| state.is_free(rule))
}

/// The journal key of an interaction's record.
pub fn key(subject: Subject) -> String {
    format!("{FIRED_PREFIX}{subject}")
}

/// Where version 1 kept it.
fn old_key(interaction: Fingerprint) -> String {
    format!("{FIRED_PREFIX}{interaction}")
}
