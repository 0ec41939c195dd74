//! What is remembered of one rule in one interaction: whether its hold runs, whether it has fired, and how often.

use serde::{Deserialize, Serialize};

use super::{Once, Rule};
use crate::model::event::Event;
use crate::model::time::Millis;

/// One rule in one interaction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// The rule's id.
    pub rule: String,
    phase: Phase,
    /// Firings so far; 0 before the first.
    episode: u32,
    /// When the newest began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fired_at: Option<Millis>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Phase {
    /// The condition is not true, or what fired has cleared.
    Clear,
    /// The condition is true, and the rule has not fired for it.
    Holding {
        since: Millis,
        /// The last event that said so: the card rests on it if the hold ends without a further one.
        event: Box<Event<'static>>,
    },
    /// The rule has fired and not cleared.
    Firing,
}

/// What a track came to.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Step {
    /// The rule is due a card for this event, under this episode.
    pub due: Option<u32>,
    /// What must survive the worker has changed.
    pub changed: bool,
}

impl Track {
    pub(super) fn new(rule: &Rule) -> Track {
        Track { rule: rule.id.clone(), phase: Phase::Clear, episode: 0, fired_at: None }
    }

    /// Takes an event that the rule hears. An event without the data neither begins a hold, nor breaks one, nor clears.
    pub(super) fn observe(&mut self, rule: &Rule, now: Millis, event: &Event<'_>) -> Step {
        let truth = rule.condition.evaluate(event);
        match (&mut self.phase, truth) {
            (Phase::Clear, Some(true)) => {
                self.phase = Phase::Holding { since: now, event: Box::new(event.kept()) };
                let due = self.ripen(rule, now).map(|_| self.episode);
                Step { due, changed: true }
            }
            (Phase::Clear, _) => Step::default(),
            (Phase::Holding { event: last, .. }, Some(true)) => {
                **last = event.kept();
                let due = self.ripen(rule, now).map(|_| self.episode);
                Step { due, changed: due.is_some() }
            }
            (Phase::Holding { .. }, Some(false)) => self.clear(),
            (Phase::Holding { .. }, None) => Step::default(),
            (Phase::Firing, truth) => {
                let clears = match &rule.clears {
                    Some(clears) => clears.evaluate(event) == Some(true),
                    None => truth == Some(false),
                };
                match clears {
                    true => self.clear(),
                    // Due as long as the rule fires: whoever could not take its card before may take it now.
                    false => Step { due: (truth == Some(true)).then_some(self.episode), changed: false },
                }
            }
        }
    }

    /// Ends a hold whose time has come. Returns the event that it rests on, and the episode it begins.
    pub(super) fn ripen(&mut self, rule: &Rule, now: Millis) -> Option<(Event<'static>, u32)> {
        let due = self.due(rule).filter(|due| *due <= now)?;
        let Phase::Holding { event, .. } = std::mem::replace(&mut self.phase, Phase::Firing) else { return None };
        self.episode = if rule.once == Once::Episode { self.episode.saturating_add(1) } else { 1 };
        self.fired_at = Some(due);
        Some((*event, self.episode))
    }

    /// When a running hold ends, at the earliest after the cooldown.
    pub(super) fn due(&self, rule: &Rule) -> Option<Millis> {
        let Phase::Holding { since, .. } = &self.phase else { return None };
        let cooled = self.fired_at.map_or(Millis::ZERO, |at| at.plus(rule.cooldown));
        Some(since.plus(rule.hold).max(cooled))
    }

    /// Nothing is true any more. The episodes stay counted.
    pub(super) fn clear(&mut self) -> Step {
        let changed = self.phase != Phase::Clear;
        self.phase = Phase::Clear;
        Step { due: None, changed }
    }

    /// Whether the rule has fired and not cleared.
    pub(super) fn is_firing(&self) -> bool {
        self.phase == Phase::Firing
    }

    /// Whether nothing needs to be remembered.
    pub(super) fn is_spent(&self, rule: &Rule) -> bool {
        let counts = rule.once == Once::Episode || rule.cooldown > Millis::ZERO;
        self.phase == Phase::Clear && !(counts && self.episode > 0)
    }

    /// As it can have been at this instant: the clock it was written by may have been wrong.
    pub(super) fn restored(mut self, now: Millis) -> Track {
        if let Phase::Holding { since, .. } = &mut self.phase {
            *since = (*since).min(now);
        }
        self.fired_at = self.fired_at.map(|at| at.min(now));
        self
    }
}
