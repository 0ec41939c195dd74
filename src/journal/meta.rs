//! The record about the journal itself, and which part of the activity log it keeps.

use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// Every count and every instant of ours is below this.
pub const COUNT_LIMIT: u64 = 1 << 53;

/// How far apart the marks of the history's age are, at least: they are in every batch.
const MARK_INTERVAL: Millis = Millis::from_mins(6 * 60);

/// The record about the journal itself, in every batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// Time at the newest batch.
    pub clock: Millis,
    /// The last sequence number given to a card.
    pub sequence: u64,
    /// The last sequence number given to a history entry.
    pub history: u64,
    /// The history entries up to this one are removed.
    pub history_removed: u64,
    /// Only entries after this one are counted, because a damaged record left unknown how many there were before.
    #[serde(skip_serializing_if = "is_zero")]
    pub history_counted: u64,
    /// Every six hours or so, the newest number of the history, and when: finds old entries.
    pub history_marks: Vec<(u64, Millis)>,
    /// Triggers accepted, ever.
    pub triggers: u64,
    /// Cards delivered, ever.
    pub delivered: u64,
}

impl Meta {
    /// A record in place of a damaged one. History numbers only need to go up, and the wall clock is above
    /// any that counting from 1 can have reached.
    pub fn after_damage(wall: Millis) -> Meta {
        let history = wall.0.min(COUNT_LIMIT - 1);
        Meta { history, history_counted: history, ..Meta::default() }
    }

    /// Whether counting from 1, at any pace, can have reached these numbers.
    pub fn is_plausible(&self) -> bool {
        let counts = [self.clock.0, self.sequence, self.history, self.triggers, self.delivered];
        counts.iter().all(|count| *count < COUNT_LIMIT)
            && self.history_removed.max(self.history_counted) <= self.history
            && self.history_marks.iter().all(|(number, at)| *number <= self.history && *at <= self.clock)
    }

    /// Up to which entry the history goes where it may hold `entries` of them, none older than `span` (to within six
    /// hours). Their age is that of a clock that only goes forward: a wall clock that was wrong for a while must neither
    /// keep them nor end them.
    pub(super) fn outdated(&mut self, entries: u64, now: Millis, span: Millis) -> u64 {
        let last = self.history;
        let marks = &mut self.history_marks;
        if marks.last().is_none_or(|(_, at)| at.plus(MARK_INTERVAL) <= now) && last > self.history_removed {
            marks.push((last, now));
        }
        let old = marks.iter().take_while(|(_, at)| at.plus(span) <= now).count();
        let aged = marks.drain(..old).next_back().map_or(0, |(number, _)| number);
        // A tenth more than needed, so that a full log is not trimmed at every entry.
        let excess = if last - self.first_counted() > entries { last - (entries - entries / 10) } else { 0 };
        aged.max(excess)
    }

    /// How many entries the history holds.
    pub fn history_entries(&self) -> u64 {
        self.history - self.first_counted()
    }

    /// The entry in the middle of the history: up to it, the older half goes where there is no room.
    pub(super) fn older_half(&self) -> u64 {
        let first = self.first_counted();
        first + (self.history - first).div_ceil(2)
    }

    fn first_counted(&self) -> u64 {
        self.history_removed.max(self.history_counted).min(self.history)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it; the lint strikes where pointers are small")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
