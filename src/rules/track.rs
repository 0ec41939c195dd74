//! The memory of one rule in one interaction: whether its hold runs, whether it has fired, and how often.

use super::window::{Scene, Series};
use super::{Once, Rule};
use crate::model::event::Event;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;

/// One rule in one interaction.
#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Track {
    /// The rule's id.
    pub rule: String,
    /// The rule's place among the active rules.
    #[serde(skip)]
    pub(super) place: Place,
    phase: Phase,
    /// Firings so far; 0 before the first.
    episode: u32,
    /// When the newest began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fired_at: Option<Millis>,
    /// The values that the rule's windows counted as the phase began: a card depends on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) series: Vec<Series>,
}

/// Where a rule stands: comparing places is quicker than comparing ids. A place is no part of what is remembered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place(pub Option<usize>);

impl PartialEq for Place {
    fn eq(&self, _: &Place) -> bool {
        true
    }
}

#[derive(Debug, Clone, PartialEq, ToJson, FromJson)]
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
    Firing {
        /// Since when its condition has ended, while the rule keeps firing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<Millis>,
    },
}

/// The result of a step of a track.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Step {
    /// The rule is due a card for this event, under this episode.
    pub due: Option<u32>,
    /// The episode begins now.
    pub begins: bool,
    /// The record that must survive the worker has changed.
    pub changed: bool,
}

impl Step {
    const CHANGED: Step = Step { due: None, begins: false, changed: true };
}

/// Whether a rule is active at an instant, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Active.
    Open,
    /// Not active.
    Closed,
    /// Nobody knows the time in its zone.
    Unknown,
}

impl Track {
    pub(super) fn new(rule: &Rule, place: usize) -> Track {
        let (rule, place) = (rule.id.clone(), Place(Some(place)));
        Track { rule, place, phase: Phase::Clear, episode: 0, fired_at: None, series: Vec::new() }
    }

    /// Whether it is of the rule that stands there.
    pub(super) fn is_of(&self, place: usize) -> bool {
        self.place.0 == Some(place)
    }

    /// Takes an event that the rule hears. An event without the data neither begins a hold, nor breaks one, nor clears.
    pub(super) fn observe(&mut self, rule: &Rule, gate: Gate, scene: &Scene<'_>) -> Step {
        let truth = match gate {
            Gate::Open => rule.condition.evaluate_in(scene),
            Gate::Closed => return self.clear(),
            Gate::Unknown => None,
        };
        match (&mut self.phase, truth) {
            (Phase::Clear, Some(true)) => {
                self.phase = Phase::Holding { since: scene.now, event: Box::new(scene.event.kept()) };
                self.begin(rule, scene.now, true)
            }
            (Phase::Clear, _) => Step::default(),
            (Phase::Holding { event: last, .. }, Some(true)) => {
                // The record would otherwise hold an event by which the hold may end otherwise after a restart.
                let is_other = rule.tells_apart(last, scene.event);
                last.keep(scene.event);
                self.begin(rule, scene.now, is_other)
            }
            (Phase::Holding { .. }, Some(false)) => self.clear(),
            (Phase::Holding { .. }, None) => Step::default(),
            (Phase::Firing { ended }, truth) => {
                let clears = match &rule.clears {
                    Some(clears) => gate == Gate::Open && clears.evaluate_in(scene) == Some(true),
                    None => truth == Some(false),
                };
                let before = *ended;
                if clears {
                    if rule.keep_firing == Millis::ZERO {
                        return self.clear();
                    }
                    *ended = Some(ended.unwrap_or(scene.now));
                } else if truth == Some(true) {
                    *ended = None;
                }
                let changed = *ended != before;
                // Due as long as the rule fires: whoever could not take its card before may take it now.
                Step { due: (truth == Some(true)).then_some(self.episode), begins: false, changed }
            }
        }
    }

    fn begin(&mut self, rule: &Rule, now: Millis, is_other: bool) -> Step {
        let fired = self.due(rule).is_some_and(|due| due <= now) && self.ripen(rule, now).is_some();
        Step { due: fired.then_some(self.episode), begins: fired, changed: is_other || fired }
    }

    /// The event that a running hold rests on.
    pub fn held(&self) -> Option<&Event<'static>> {
        match &self.phase {
            Phase::Holding { event, .. } => Some(event),
            _ => None,
        }
    }

    /// Ends a hold whose time has come, or the time for which the rule kept firing. Returns the event that a firing
    /// rests on.
    pub(super) fn ripen(&mut self, rule: &Rule, at: Millis) -> Option<Event<'static>> {
        match std::mem::replace(&mut self.phase, Phase::Clear) {
            Phase::Holding { event, .. } => {
                self.phase = Phase::Firing { ended: None };
                self.episode = if rule.once == Once::Episode { self.episode.saturating_add(1) } else { 1 };
                self.fired_at = Some(at);
                Some(*event)
            }
            Phase::Firing { .. } | Phase::Clear => {
                self.series.clear();
                None
            }
        }
    }

    /// When a running hold ends, at the earliest after the cooldown; or when a rule whose condition ended stops firing.
    pub(super) fn due(&self, rule: &Rule) -> Option<Millis> {
        match &self.phase {
            Phase::Clear => None,
            Phase::Holding { since, .. } => {
                let cooled = self.fired_at.map_or(Millis::ZERO, |at| at.plus(rule.cooldown));
                Some(since.plus(rule.hold).max(cooled))
            }
            Phase::Firing { ended } => ended.map(|ended| ended.plus(rule.keep_firing)),
        }
    }

    /// Since when it holds or fires: a rule that goes out of force after that clears.
    pub(super) fn since(&self) -> Option<Millis> {
        match &self.phase {
            Phase::Clear => None,
            Phase::Holding { since, .. } => Some(*since),
            Phase::Firing { .. } => self.fired_at,
        }
    }

    /// When its phase changed last, as far as the phase tells: windows had been looked at until then.
    pub(super) fn changed_at(&self) -> Option<Millis> {
        match &self.phase {
            Phase::Firing { ended } => ended.or(self.fired_at),
            _ => self.since().or(self.fired_at),
        }
    }

    /// Nothing is true any more. The episodes stay counted.
    pub(super) fn clear(&mut self) -> Step {
        if self.phase == Phase::Clear {
            return Step::default();
        }
        self.phase = Phase::Clear;
        self.series.clear();
        Step::CHANGED
    }

    /// Whether the rule has fired and not cleared.
    pub(super) fn is_firing(&self) -> bool {
        matches!(self.phase, Phase::Firing { .. })
    }

    /// Since when the rule fires, if it has fired and not cleared.
    pub(super) fn firing_since(&self) -> Option<Millis> {
        self.fired_at.filter(|_| self.is_firing())
    }

    /// The episode that it is in.
    pub(super) fn episode(&self) -> u32 {
        self.episode
    }

    /// Whether nothing needs to be remembered.
    pub(super) fn is_spent(&self, rule: &Rule) -> bool {
        let counts = rule.once == Once::Episode || rule.cooldown > Millis::ZERO;
        self.phase == Phase::Clear && !(counts && self.episode > 0)
    }

    /// As it can have been at this instant: the clock it was written by may have been wrong.
    pub(super) fn restored(mut self, now: Millis) -> Track {
        match &mut self.phase {
            Phase::Holding { since, .. } => *since = (*since).min(now),
            Phase::Firing { ended } => *ended = ended.map(|at| at.min(now)),
            Phase::Clear => {}
        }
        self.fired_at = self.fired_at.map(|at| at.min(now));
        self.series = self.series.into_iter().map(|series| series.restored(now)).collect();
        self
    }
}
