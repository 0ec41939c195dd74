//! Records of single interactions are folded into buckets, so that a start reads a few hundred records and not a quarter
//! of a million.
//!
//! A settlement writes a record of its interaction alone. A batch that is written anyway also folds the bucket with the
//! most such records: it writes the bucket and removes them. A single record that is read counts instead of a line.

use super::bucket::{self, Line, Place, StoredState};
use super::marks::Marks;
use super::state::State;
use super::table::Seen;
use super::{Memory, key, old_key};
use crate::journal::{Journal, RecordFault};
use crate::model::ask::Store;
use crate::model::sorted::SortedMap;
use crate::model::time::Millis;

/// A bucket is folded once it has at least this many single records …
const FEWEST: usize = 2;

/// … and one for every 16 lines, because folding writes all lines again …
const LINES_PER_SINGLE: usize = 16;

/// … or while there are more single records than this in all, because a start reads them.
const MOST_SINGLES: usize = 2_000;

impl Memory {
    /// Takes a bucket that was read back. An interaction that has a record of its own keeps what that says.
    pub fn restore_bucket(&mut self, place: Place, text: &str, now: Millis) -> Result<(), RecordFault> {
        let (states, lines) = bucket::read(text, place.first)?;
        self.take_lines(place, &states, &lines, now);
        Ok(())
    }

    /// Takes what a damaged bucket still tells, and writes the bucket again. An interaction whose line is damaged does
    /// not fire again.
    pub fn salvage_bucket(&mut self, place: Place, text: &str, now: Millis, journal: &mut Journal) {
        let salvaged = bucket::salvage(text, place.first);
        self.take_lines(place, &salvaged.states, &salvaged.lines, now);
        for interaction in salvaged.unknown {
            self.edit(place.subject(interaction), |fired| {
                fired.state.rules = Marks::Every;
                fired.state.bucket = true;
                fired.at.seen = now;
            });
        }
        self.fold_bucket(place, now, journal);
    }

    fn take_lines(&mut self, place: Place, states: &[StoredState], lines: &[Line], now: Millis) {
        let states: Vec<State> = states
            .iter()
            .map(|stored| {
                let (rules, lost) = (self.marks(&stored.rules), self.marks(&stored.lost));
                State { rules, lost, bucket: true, ..State::default() }
            })
            .collect();
        let slack = self.slack();
        let taken = |line: &Line| {
            let at = Seen { seen: line.seen.plus(slack).min(now), stored: line.seen.min(now) };
            (line.interaction, line.state, at)
        };
        if self.fired.fill(place, &states, &lines.iter().map(taken).collect::<Vec<_>>()) {
            return;
        }
        for line in lines {
            let State { rules, lost, .. } = states[line.state].clone();
            self.restored(place.subject(line.interaction), line.seen, now, |state| {
                if !state.single {
                    (state.rules, state.lost) = (rules, lost);
                }
                state.bucket = true;
            });
        }
    }

    /// Folds one bucket, if one is worth it. Call this where a batch is about to be written.
    pub fn fold(&mut self, now: Millis, journal: &mut Journal) {
        let Some((place, singles, lines)) = self.fired.loosest() else { return };
        let enough = singles >= FEWEST.max(lines / LINES_PER_SINGLE);
        if enough || self.fired.loose() > MOST_SINGLES {
            self.fold_bucket(place, now, journal);
        }
    }

    /// Writes a bucket, and removes the single records of its interactions in the same commit.
    fn fold_bucket(&mut self, place: Place, now: Millis, journal: &mut Journal) {
        journal.next_group();
        let mut numbers: SortedMap<StoredState, usize> = SortedMap::new();
        let (mut states, mut lines) = (Vec::new(), Vec::new());
        let mut had_bucket = false;
        for (interaction, state, at) in self.fired.shelf(place) {
            let subject = place.subject(interaction);
            let is_recorded = state.single || state.old || state.bucket;
            had_bucket |= state.bucket;
            let mut state = state;
            // A card that is carried says by itself what fired; when its interaction was seen may be later than it says.
            let keeps = is_recorded && state.has_any() && at.seen.plus(self.remember) > now;
            if state.single {
                journal.delete(key(subject));
            }
            if state.old {
                journal.delete(old_key(interaction));
            }
            if keeps {
                let stored = StoredState { rules: self.named(&state.rules), lost: self.named(&state.lost) };
                let number = *numbers.entry(stored.clone()).or_insert_with(|| {
                    states.push(stored);
                    states.len() - 1
                });
                lines.push(Line { interaction, seen: at.seen, state: number });
            }
            (state.single, state.old, state.bucket) = (false, false, keeps);
            let at = if keeps { Seen { stored: at.seen, ..at } } else { at };
            if keeps || state.has_any() || !state.dry.is_empty() {
                self.fired.set(subject, state, at);
            } else {
                self.fired.remove(subject);
            }
        }
        if !lines.is_empty() {
            journal.put_text(Store::Journal, place.key(), bucket::write(states, &lines));
        } else if had_bucket {
            journal.delete(place.key());
        }
        journal.next_group();
    }
}

#[cfg(test)]
#[path = "fold/tests.rs"]
mod tests;
