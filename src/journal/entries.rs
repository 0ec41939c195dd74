//! The entries of the activity log among what the journal writes.

use crate::model::json;
use crate::model::json::ToJson;

use super::Journal;
use super::keys::history_key;
use super::queue::Mark;
use super::writing::HISTORY_PATIENCE;
use crate::model::ask::Store;
use crate::model::time::Millis;

impl Journal {
    /// Adds an entry to the history and says under which number.
    pub fn log(&mut self, entry: &dyn ToJson) -> u64 {
        self.meta.history += 1;
        let key = (Store::History, history_key(self.meta.history));
        self.set(key, Some(json::write(entry)), Mark::None);
        self.meta.history
    }

    /// Adds an entry about a card to the history and says under which number. It is written a little later.
    pub fn log_card(&mut self, entry: &dyn ToJson) -> u64 {
        self.meta.history += 1;
        self.relog_card(self.meta.history, entry);
        self.meta.history
    }

    /// Writes an entry about a card again, unless it was removed.
    pub fn relog_card(&mut self, number: u64, entry: &dyn ToJson) {
        if number > self.meta.history_removed {
            self.revision += 1;
            self.queue.set_history(history_key(number), Some(json::write(entry)));
        }
    }

    /// Removes the history entries beyond `entries` and those older than `span`, to within six hours.
    pub fn trim_history(&mut self, entries: u64, now: Millis, span: Millis) {
        let number = self.meta.outdated(entries, now, span);
        self.remove_history_through(number);
    }

    pub(super) fn remove_history_through(&mut self, number: u64) {
        if number > self.meta.history_removed {
            self.meta.history_removed = number;
            self.queue.remove_history_through(number);
        }
    }

    /// Whether the next batch takes entries of the history: where it has nothing else to take, or they have waited long.
    pub(super) fn history_is_due(&self, now: Millis) -> bool {
        !self.queue.is_urgent() || self.history_at.is_some_and(|at| at.plus(HISTORY_PATIENCE) <= now)
    }
}
