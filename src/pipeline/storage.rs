//! Answers to commits, and the steps taken where storage does not answer.

use super::{Effects, Pipeline};
use crate::model::ask::{CommitFailure, CommitId};
use crate::model::diagnosis::Diagnosis;
use crate::model::time::Millis;
use crate::pipeline::effect::Effect;

impl Pipeline {
    /// Keeps the activity log within its bounds. Looked at only when something is to be written anyway.
    pub(super) fn trim_history(&mut self, now: Millis) {
        if let Some(profile) = &self.profile
            && self.journal.has_changes()
        {
            let days = Millis::from_mins(u64::from(profile.settings.history_days) * 24 * 60);
            self.journal.trim_history(u64::from(profile.settings.history_entries), now, days);
        }
    }

    pub(super) fn committed(&mut self, id: CommitId, now: Millis, wall: Millis, effects: &mut Effects) {
        if !self.journal.committed(id, now, effects) {
            return;
        }
        if !self.journal.is_failing() {
            self.diagnoses.clear(Diagnosis::is_about_commits);
        }
        for span in self.dispatch.outbox.note_durable(now, wall, &self.journal) {
            self.metrics.durable_after(span);
        }
        self.dispatch.outbox.remove_closed(&self.journal);
        self.answer_durable(effects);
    }

    pub(super) fn commit_failed(
        &mut self,
        id: CommitId,
        failure: &CommitFailure,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        let Some(wrong) = self.journal.failed(id, failure, now, &mut self.random) else { return };
        if wrong == Diagnosis::StorageFull {
            let half = self.dispatch.outbox.given_up() / 2;
            self.dispatch.outbox.shed_given_up(half, &mut self.dispatch.memory, now, &mut self.journal);
        }
        self.diagnoses.raise(wall, wrong);
        self.answer_stuck(effects);
    }

    /// Has what changed written. A commit that nobody answers is shown; where a database opened again does not help,
    /// a fresh engine may.
    pub(super) fn write(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        self.journal.is_watched = self.pages.open > 0;
        if self.journal.is_about_to_write(now) {
            self.dispatch.outbox.move_old(&mut self.journal);
            if !self.journal.is_failing() {
                self.dispatch.memory.fold(now, &mut self.journal);
            }
        }
        if let Some(stall) = self.journal.flush(now, &mut self.ids, effects) {
            let seconds = stall.unanswered.0 / 1_000;
            self.diagnoses.raise(wall, Diagnosis::StorageSlow { seconds });
            if stall.restart {
                self.restarting = Some(seconds);
                effects.push(Effect::KeepAlive { vitals: self.vitals(wall) });
                effects.push(Effect::Restart);
            }
        }
        self.answer_stuck(effects);
    }
}
