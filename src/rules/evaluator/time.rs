//! Firings and changes that the passing of time brings.

use std::sync::Arc;

use super::talk::{Around, Ripe};
use super::{Due, Evaluator};
use crate::model::fingerprint::Subject;
use crate::model::time::Millis;
use crate::rules::Firing;

/// Values that leave their windows within this span, in milliseconds, wake the worker once.
const GRAIN: u64 = 100;

impl Evaluator {
    /// Does what time has brought until now, the earliest first: holds end, values leave their windows, schedules close.
    /// In line, because each event asks and nearly none finds anything.
    #[inline(always)]
    pub fn tick(&mut self, now: Millis) -> Vec<Firing> {
        match self.next_deadline() {
            Some(due) if due <= now => self.catch_up(now),
            _ => Vec::new(),
        }
    }

    /// When time itself changes something if no event comes.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.due.first().map(|(due, _)| *due)
    }

    /// When the worker must be awake if no event comes: as holds and hours end, and soon after a value leaves its window.
    /// Values leave as often as events come, and each wake costs more than what it does. What a value that leaves brings
    /// has the instant at which the value left.
    pub fn next_wake(&self) -> Option<Millis> {
        let ends = self.ends.first().map(|(ends, _)| *ends);
        let moves = self.next_deadline().map(|due| Millis(due.0.div_ceil(GRAIN) * GRAIN));
        ends.into_iter().chain(moves).min()
    }

    fn catch_up(&mut self, now: Millis) -> Vec<Firing> {
        let mut firings = Vec::new();
        while let Some((at, subject)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.pass(subject, at, &mut firings);
        }
        firings
    }

    /// Ends the holds and windows of one interaction that are due at an instant.
    fn pass(&mut self, subject: Subject, at: Millis, firings: &mut Vec<Firing>) {
        let mut ripe: Vec<Ripe> = Vec::new();
        let Evaluator { plan, talks, queues, clock, resumed, .. } = self;
        let around = Around { now: at, plan, queues, clock, resumed: *resumed, figures: None };
        let changed = talks.get_mut(&subject).is_some_and(|talk| talk.pass(around, &mut ripe));
        let begun: Vec<usize> = ripe.iter().map(|ripe| ripe.at).collect();
        let due = ripe.into_iter().map(|ripe| Due {
            rule: Arc::clone(&plan.rules[ripe.at].rule),
            at,
            episode: ripe.episode,
            event: ripe.event,
        });
        let due: Vec<Due> = due.collect();
        let from = firings.len();
        for due in due {
            firings.push(self.firing(subject, due));
        }
        if self.plan.triggers {
            for (at, firing) in begun.into_iter().zip(&firings[from..]) {
                self.count(at, firing.at, subject, firing.event.queue.as_deref());
            }
        }
        self.change(subject, |_, _| changed);
    }
}
