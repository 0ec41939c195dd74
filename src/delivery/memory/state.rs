//! Which rules of one interaction fired, and where that is written.

use super::marks::Marks;

/// The rules of one interaction, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    /// Fired, by the record of what fired.
    pub rules: Marks,
    /// Of these, the ones that may fire once more.
    pub lost: Marks,
    /// Fired, by the records of their cards.
    pub carried: Marks,
    /// Of these, the ones that may fire once more, because no server had the card before it expired.
    pub freed: Marks,
    /// Rules that became true and asked for no card (a dry run, a pause): never stored, forgotten when that ends.
    pub dry: Marks,
    /// There is a record of this interaction.
    pub single: bool,
    /// There is a line in a bucket. A record counts instead.
    pub bucket: bool,
    /// There is a record under the key of version 1.
    pub old: bool,
}

impl State {
    /// Whether the interaction has a record of its own.
    pub fn is_loose(&self) -> bool {
        self.single || self.old
    }

    /// Whether anything is stored of it but cards.
    pub fn is_stored(&self) -> bool {
        self.is_loose() || self.bucket
    }

    /// Whether nothing is marked: a forgotten interaction whose line is still in a bucket.
    pub fn is_forgotten(&self) -> bool {
        !self.has_any() && self.dry.is_empty()
    }

    /// Whether any rule fired.
    pub fn has_any(&self) -> bool {
        !self.rules.is_empty() || !self.carried.is_empty()
    }

    /// Whether a rule fired, and may fire once more. The card of a rule knows better than an older record.
    pub fn is_free(&self, rule: usize) -> bool {
        if self.carried.has(rule) { self.freed.has(rule) } else { self.lost.has(rule) }
    }

    /// Whether a rule fired.
    pub fn has(&self, rule: usize) -> bool {
        self.rules.has(rule) || self.carried.has(rule)
    }

    /// A card says that its rule fired.
    pub fn carry(&mut self, rule: usize, freed: bool) {
        self.carried.insert(rule);
        self.free(rule, freed);
    }

    /// Notes whether a rule with a card may fire once more.
    pub fn free(&mut self, rule: usize, freed: bool) {
        match freed {
            true => self.freed.insert(rule),
            false => self.freed.remove(rule),
        }
    }

    /// A rule's card goes: from here on the record says that the rule fired.
    pub fn settle(&mut self, rule: usize) {
        self.rules.insert(rule);
        match self.freed.has(rule) {
            true => self.lost.insert(rule),
            false => self.lost.remove(rule),
        }
        self.carried.remove(rule);
        self.freed.remove(rule);
    }
}
