//! What fired before, so that it does not fire again.

mod marks;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::marks::Marks;
use crate::journal::{FIRED_PREFIX, Journal};
use crate::model::fingerprint::Fingerprint;
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredFired {
    /// Ids of the rules that fired.
    pub rules: Vec<String>,
    /// When the interaction was last seen, to within the slack.
    pub seen: Millis,
    /// Of these rules, the ones whose cards were damaged before they were settled: they alone may fire once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

/// Stands for every rule: a record that was damaged no longer tells which ones fired.
const EVERY_RULE: &str = "*";

/// Remembers interactions that fired, for a set time after they were last seen.
#[derive(Debug)]
pub struct Memory {
    fired: BTreeMap<Fingerprint, Fired>,
    rules: Vec<String>,
    remember: Millis,
    swept_at: Millis,
}

#[derive(Debug, Clone)]
struct Fired {
    /// By place in [`Memory::rules`]; every rule where it is not known which.
    rules: Marks,
    /// Of these, the rules whose cards were damaged.
    lost: Marks,
    /// What became true and asked for no card (a dry run, a pause): never stored, forgotten when that ends.
    dry: Marks,
    /// What rules that are only tried have told: never stored.
    shadow: Marks,
    seen: Millis,
    stored: Millis,
}

impl Fired {
    fn new(seen: Millis) -> Fired {
        let none = Marks::default;
        Fired { rules: none(), lost: none(), dry: none(), shadow: none(), seen, stored: Millis::ZERO }
    }

    fn is_stored(&self) -> bool {
        !self.rules.is_empty()
    }
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            fired: BTreeMap::new(),
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
    pub fn restore(&mut self, interaction: Fingerprint, stored: &StoredFired, now: Millis) {
        let (rules, lost) = (self.marks(&stored.rules), self.marks(&stored.lost));
        // As late as it can have been seen, and not later than now: the clock it was written by may have been wrong.
        let seen = stored.seen.plus(self.slack()).min(now);
        self.fired.insert(interaction, Fired { rules, lost, stored: stored.seen.min(now), ..Fired::new(seen) });
    }

    /// Takes an interaction whose record is damaged: that it fired is in the key, so it does not fire again.
    pub fn restore_unknown(&mut self, interaction: Fingerprint, now: Millis, journal: &mut Journal) {
        self.fired.insert(interaction, Fired { rules: Marks::Every, ..Fired::new(now) });
        self.store(interaction, now, journal);
    }

    /// A rule's card was damaged before it was settled: the rule may fire once more, under the same `cardId`. No other
    /// may in its place, for the server may have the card.
    pub fn lose(&mut self, interaction: Fingerprint, rule: &str, now: Millis, journal: &mut Journal) {
        let rule = self.number(rule);
        let Some(fired) = self.fired.get_mut(&interaction) else { return };
        fired.rules.insert(rule);
        fired.lost.insert(rule);
        self.store(interaction, now, journal);
    }

    /// The card that was lost is on its way again: its rule may not fire once more.
    pub fn regain(&mut self, interaction: Fingerprint, rule: &str, now: Millis, journal: &mut Journal) {
        let number = self.number(rule);
        if self.fired.get(&interaction).is_some_and(|fired| fired.lost.has(number)) {
            self.fire(interaction, rule, now, journal);
        }
    }

    /// Forgets one interaction, so that it can fire again.
    pub fn forget(&mut self, interaction: Fingerprint, journal: &mut Journal) {
        if self.fired.remove(&interaction).is_some_and(|fired| fired.is_stored()) {
            journal.delete(key(interaction));
        }
    }

    /// Forgets everything, without a word to the journal.
    pub fn clear(&mut self) {
        self.fired.clear();
    }

    /// Forgets what became true and asked for no card.
    pub fn end_dry_run(&mut self) {
        self.fired.retain(|_, fired| {
            fired.dry = Marks::default();
            fired.is_stored() || !fired.shadow.is_empty()
        });
    }

    /// How many interactions are remembered.
    pub fn len(&self) -> usize {
        self.fired.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.fired.is_empty()
    }

    /// An event of this interaction was heard.
    pub fn see(&mut self, interaction: Fingerprint, now: Millis, journal: &mut Journal) {
        let slack = self.slack();
        let remember = self.remember;
        let Some(fired) = self.fired.get_mut(&interaction) else { return };
        if fired.seen.plus(remember) <= now {
            self.forget(interaction, journal);
            return;
        }
        fired.seen = fired.seen.max(now);
        if fired.is_stored() && now.since(fired.stored) > slack {
            self.store(interaction, now, journal);
        }
    }

    /// Whether this rule became true for this interaction and asked for no card.
    pub fn was_kept_back(&self, interaction: Fingerprint, rule: &str) -> bool {
        let Some(fired) = self.fired.get(&interaction) else { return false };
        fired.dry.is_every() || self.known(rule).is_some_and(|rule| fired.dry.has(rule))
    }

    /// Whether this rule may not fire for this interaction (any more). Call [`Memory::see`] first.
    pub fn has_fired(&self, interaction: Fingerprint, rule: &str, once: Once) -> bool {
        let Some(fired) = self.fired.get(&interaction) else { return false };
        let has = |marks: &Marks| self.known(rule).is_some_and(|rule| marks.has(rule));
        let other = once == Once::Interaction && fired.is_stored();
        !has(&fired.lost) && (other || fired.rules.is_every() || has(&fired.rules))
    }

    /// How many rules have fired for an interaction.
    pub fn times_fired(&self, interaction: Fingerprint) -> u32 {
        let Some(fired) = self.fired.get(&interaction) else { return 0 };
        if fired.rules.is_every() {
            return u32::MAX;
        }
        let counts = |rule: &usize| fired.rules.has(*rule) && !fired.lost.has(*rule);
        (0..self.rules.len()).filter(counts).count() as u32
    }

    /// Remembers that a rule fired.
    pub fn fire(&mut self, interaction: Fingerprint, rule: &str, now: Millis, journal: &mut Journal) {
        let rule = self.number(rule);
        let fired = self.fired.entry(interaction).or_insert(Fired::new(now));
        fired.rules.insert(rule);
        fired.lost.remove(rule);
        fired.seen = fired.seen.max(now);
        self.store(interaction, now, journal);
    }

    /// Remembers that a rule became true and asked for no card, so that it is told once. Other rules of the interaction
    /// are not held up, unless `all`.
    pub fn fire_dry(&mut self, interaction: Fingerprint, rule: &str, all: bool, now: Millis) {
        let rule = self.number(rule);
        let fired = self.fired.entry(interaction).or_insert(Fired::new(now));
        if all {
            fired.dry = Marks::Every;
        }
        fired.dry.insert(rule);
        fired.seen = fired.seen.max(now);
    }

    /// Whether a rule that is only tried has told this for this interaction.
    pub fn was_tried(&self, interaction: Fingerprint, rule: &str) -> bool {
        let Some(fired) = self.fired.get(&interaction) else { return false };
        self.known(rule).is_some_and(|rule| fired.shadow.has(rule))
    }

    /// Remembers what a rule that is only tried has told. It holds up no card.
    pub fn try_once(&mut self, interaction: Fingerprint, rule: &str, now: Millis) {
        let rule = self.number(rule);
        let fired = self.fired.entry(interaction).or_insert(Fired::new(now));
        fired.shadow.insert(rule);
        fired.seen = fired.seen.max(now);
    }

    fn store(&mut self, interaction: Fingerprint, now: Millis, journal: &mut Journal) {
        let Some(fired) = self.fired.get_mut(&interaction) else { return };
        fired.stored = now;
        let named = |marks: &Marks| match marks {
            Marks::Every => vec![EVERY_RULE.to_owned()],
            _ => (0..self.rules.len()).filter(|at| marks.has(*at)).map(|at| self.rules[at].clone()).collect(),
        };
        let (rules, lost) = (named(&fired.rules), named(&fired.lost));
        journal.put(key(interaction), &StoredFired { rules, seen: now, lost });
    }

    /// Makes room before a rule fires: forgets what was not seen for long. Each goes in a commit of its own, if need be,
    /// because no commit is to hold thousands.
    pub fn sweep(&mut self, now: Millis, journal: &mut Journal) {
        if now.since(self.swept_at) < SWEEP_INTERVAL && self.fired.len() < LIMIT {
            return;
        }
        self.swept_at = now;
        let remember = self.remember;
        let mut forgotten: Vec<Fingerprint> =
            self.fired.iter().filter(|(_, fired)| fired.seen.plus(remember) <= now).map(|(id, _)| *id).collect();
        let kept = self.fired.len() - forgotten.len();
        if kept >= LIMIT {
            // A hundredth more than needed, so that a full memory is not swept at every trigger.
            let mut by_age: Vec<(Millis, Fingerprint)> =
                self.fired.iter().map(|(id, fired)| (fired.seen, *id)).collect();
            by_age.sort_unstable();
            forgotten = by_age.into_iter().take(self.fired.len() - LIMIT + LIMIT / 100).map(|(_, id)| id).collect();
        }
        for interaction in forgotten {
            journal.next_group();
            self.forget(interaction, journal);
        }
        journal.next_group();
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

/// The journal key of an interaction's record.
pub fn key(interaction: Fingerprint) -> String {
    format!("{FIRED_PREFIX}{interaction}")
}
