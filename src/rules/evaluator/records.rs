//! The evaluator's memory as records: written, restored, forgotten.

use super::talk::Talk;
use super::{Evaluator, LIMIT, Subject};
use crate::model::time::Millis;
use crate::rules::Track;

/// Forgotten interactions are looked for at most this often.
const SWEEP_INTERVAL: Millis = Millis::from_mins(1);

impl Evaluator {
    /// Whether records changed since they were asked for last.
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The records that changed since this was asked last: written, or removed where there is none.
    pub fn take_changes(&mut self) -> Vec<(Subject, Option<Vec<Track>>)> {
        let mut changes = Vec::new();
        if self.changed.is_empty() {
            return changes;
        }
        for subject in std::mem::take(&mut self.changed) {
            match self.stored(subject).map(<[Track]>::to_vec) {
                Some(tracks) => {
                    self.recorded.insert(subject);
                    changes.push((subject, Some(tracks)));
                }
                None if self.recorded.remove(&subject) => changes.push((subject, None)),
                None => {}
            }
        }
        changes
    }

    /// The part of an interaction that must survive the worker.
    pub fn stored(&self, subject: Subject) -> Option<&[Track]> {
        self.talks.get(&subject).map(|talk| &talk.tracks[..]).filter(|tracks| !tracks.is_empty())
    }

    /// Goes on from what was stored.
    pub fn restore(&mut self, subject: Subject, tracks: Vec<Track>, now: Millis) {
        self.recorded.insert(subject);
        self.resume(now);
        let mut talk = Talk::restored(tracks, now);
        self.plan.place(&mut talk.tracks);
        self.talks.insert(subject, talk);
        self.schedule(subject);
    }

    /// Forgets everything, without a word to the journal.
    pub fn clear(&mut self) {
        let rules = std::mem::take(&mut self.plan).rules;
        let (connection, clock) = (self.connection, std::mem::take(&mut self.clock));
        *self = Evaluator { clock, ..Evaluator::default() };
        self.adopt(connection, rules.into_iter().map(|compiled| compiled.rule).collect());
    }

    /// Forgets every interaction, and keeps the rules as they are.
    pub fn forget_interactions(&mut self) {
        self.talks.clear();
        self.due.clear();
        self.ends.clear();
        self.changed.clear();
        self.recorded.clear();
        self.queues = Default::default();
    }

    /// Forgets interactions that were not heard for a span and hold nothing, and the oldest where there are too many.
    pub fn sweep(&mut self, now: Millis, span: Millis) {
        if now.since(self.swept_at) < SWEEP_INTERVAL && self.talks.len() <= LIMIT {
            return;
        }
        self.swept_at = now;
        let is_over = |talk: &Talk| talk.due.is_none() && talk.heard_at.plus(span) <= now;
        let mut forgotten: Vec<Subject> =
            self.talks.iter().filter(|(_, talk)| is_over(talk)).map(|(subject, _)| *subject).collect();
        if self.talks.len() - forgotten.len() > LIMIT {
            // A hundredth more than needed, so that a full memory is not sorted at every event.
            let mut by_age: Vec<_> = self.talks.iter().map(|(subject, talk)| (talk.heard_at, *subject)).collect();
            by_age.sort_unstable();
            let excess = self.talks.len() - LIMIT + LIMIT / 100;
            forgotten = by_age.into_iter().take(excess).map(|(_, subject)| subject).collect();
        }
        for subject in forgotten {
            self.change(subject, |_, talk| {
                talk.tracks.clear();
                talk.forget_values();
                true
            });
        }
    }
}
