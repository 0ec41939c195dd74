//! What fired before, so that it does not fire again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::core::fingerprint::Fingerprint;
use crate::core::journal::{FIRED_PREFIX, Journal};
use crate::core::settings::OncePer;
use crate::core::time::Millis;

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
}

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
    /// One bit for each of [`Memory::rules`].
    rules: u64,
    seen: Millis,
    stored: Millis,
    /// Fired in a dry run only: never stored, forgotten when the dry run ends.
    dry: bool,
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

    /// Takes a record that was read back.
    pub fn restore(&mut self, interaction: Fingerprint, stored: &StoredFired) {
        let rules = stored.rules.iter().fold(0, |bits, rule| bits | self.bit(rule));
        let seen = stored.seen.plus(self.slack());
        self.fired.insert(interaction, Fired { rules, seen, stored: stored.seen, dry: false });
    }

    /// Takes an interaction whose record is damaged: that it fired is in the key, so it does not fire again.
    pub fn restore_unknown(&mut self, interaction: Fingerprint, now: Millis) {
        self.fired.insert(interaction, Fired { rules: u64::MAX, seen: now, stored: Millis::ZERO, dry: false });
    }

    /// Forgets one interaction, so that it can fire again.
    pub fn forget(&mut self, interaction: Fingerprint, journal: &mut Journal) {
        if self.fired.remove(&interaction).is_some_and(|fired| !fired.dry) {
            journal.delete(key(interaction));
        }
    }

    /// Forgets everything, without a word to the journal.
    pub fn clear(&mut self) {
        self.fired.clear();
    }

    /// Forgets what fired in a dry run.
    pub fn end_dry_run(&mut self) {
        self.fired.retain(|_, fired| !fired.dry);
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
            let fired = self.fired.remove(&interaction);
            if fired.is_some_and(|fired| !fired.dry) {
                journal.delete(key(interaction));
            }
            return;
        }
        fired.seen = fired.seen.max(now);
        if !fired.dry && now.since(fired.stored) > slack {
            self.store(interaction, now, journal);
        }
    }

    /// Whether this rule may not fire for this interaction (any more). Call [`Memory::see`] first.
    pub fn has_fired(&self, interaction: Fingerprint, rule: &str, once_per: OncePer) -> bool {
        self.fired.get(&interaction).is_some_and(|fired| match once_per {
            OncePer::Interaction => true,
            OncePer::Rule => {
                fired.rules == u64::MAX
                    || self.rules.iter().position(|known| known == rule).is_some_and(|at| fired.rules & bit_at(at) != 0)
            }
        })
    }

    /// How many rules have fired for an interaction.
    pub fn times_fired(&self, interaction: Fingerprint) -> u32 {
        self.fired.get(&interaction).map_or(0, |fired| fired.rules.count_ones())
    }

    /// Remembers that a rule fired.
    pub fn fire(&mut self, interaction: Fingerprint, rule: &str, now: Millis, dry: bool, journal: &mut Journal) {
        self.sweep(now, journal);
        let bit = self.bit(rule);
        let fired = self.fired.entry(interaction).or_insert(Fired { rules: 0, seen: now, stored: now, dry });
        fired.rules |= bit;
        fired.seen = fired.seen.max(now);
        fired.dry &= dry;
        if !fired.dry {
            self.store(interaction, now, journal);
        }
    }

    fn store(&mut self, interaction: Fingerprint, now: Millis, journal: &mut Journal) {
        let Some(fired) = self.fired.get_mut(&interaction) else { return };
        fired.stored = now;
        let set = |at: &usize| fired.rules & bit_at(*at) != 0;
        let rules = (0..self.rules.len()).filter(set).map(|at| self.rules[at].clone()).collect();
        journal.put(key(interaction), &StoredFired { rules, seen: now });
    }

    fn sweep(&mut self, now: Millis, journal: &mut Journal) {
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
            self.forget(interaction, journal);
        }
    }

    fn slack(&self) -> Millis {
        Millis(self.remember.0 / SLACK_PARTS)
    }

    fn bit(&mut self, rule: &str) -> u64 {
        let at = self.rules.iter().position(|known| known == rule).unwrap_or_else(|| {
            self.rules.push(rule.to_owned());
            self.rules.len() - 1
        });
        bit_at(at)
    }
}

/// The 64th rule and all after it share a bit: rather one card too few than one twice.
fn bit_at(at: usize) -> u64 {
    1 << at.min(62)
}

/// The journal key of an interaction's record.
pub fn key(interaction: Fingerprint) -> String {
    format!("{FIRED_PREFIX}{interaction}")
}
