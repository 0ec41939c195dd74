//! Rules over a recording: the evaluator, and the memory of what fired. Nothing is posted.

pub mod legend;

use crate::model::sorted::SortedSet;
use std::sync::Arc;

use super::window::{Groups, LastQueues};
use super::{Evaluator, Firing, Mode, Once, Rule};
use crate::model::card::occurrence;
use crate::model::event::Event;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;

/// Rules that hear a recording.
#[derive(Debug)]
pub struct Replay {
    /// The rules and what they remember.
    pub evaluator: Evaluator,
    queues: LastQueues,
    fired: Fired,
}

/// The firings, sent or not, each by interaction and occurrence.
#[derive(Debug, Default)]
struct Fired {
    cards: SortedSet<(Fingerprint, String)>,
    /// Interactions with a card of a live rule.
    interactions: SortedSet<Fingerprint>,
    kept: SortedSet<(Fingerprint, String)>,
    groups: Groups,
}

impl Replay {
    /// Rules that heard nothing yet.
    pub fn new(connection: Fingerprint, rules: Vec<Arc<Rule>>) -> Replay {
        let mut evaluator = Evaluator::default();
        evaluator.adopt(connection, rules);
        Replay { evaluator, queues: LastQueues::default(), fired: Fired::default() }
    }

    /// Takes an event. Returns each firing that becomes a card, or would in live mode or without a critical rule or the
    /// card of its queue, once.
    pub fn hear(&mut self, now: Millis, event: &Event<'_>) -> Vec<Firing> {
        let interaction = Fingerprint::of(&event.id);
        match self.queues.hear(interaction, event) {
            None => self.evaluate(now, interaction, event),
            Some(queue) => self.evaluate(now, interaction, &event.in_queue(&queue)),
        }
    }

    fn evaluate(&mut self, now: Millis, interaction: Fingerprint, event: &Event<'_>) -> Vec<Firing> {
        let mut firings = self.pass(now);
        let fired = &self.fired;
        let due = self.evaluator.observe(now, event, |rule, episode| !fired.holds(interaction, rule, episode));
        firings.extend(self.fired.accept(due));
        let evaluator = &self.evaluator;
        self.fired
            .groups
            .end(event.queue.as_deref(), now, |group| evaluator.has_calmed(&group.rule, group.since, event));
        firings
    }

    /// Forgets what was heard and what fired.
    pub fn forget(&mut self) {
        self.evaluator.forget_interactions();
        (self.queues, self.fired) = (LastQueues::default(), Fired::default());
    }

    /// Lets time pass.
    pub fn pass(&mut self, now: Millis) -> Vec<Firing> {
        let firings = self.evaluator.tick(now);
        self.fired.accept(firings)
    }
}

impl Fired {
    /// Whether an episode can have no card any more. Live rules know nothing of shadow ones, nor these of live ones.
    fn holds(&self, interaction: Fingerprint, rule: &Rule, episode: u32) -> bool {
        let settled = rule.once == Once::Interaction && rule.mode == Mode::Live;
        settled && self.interactions.contains(&interaction)
            || self.cards.contains(&(interaction, occurrence(&rule.id, episode).into_owned()))
    }

    fn accept(&mut self, firings: Vec<Firing>) -> Vec<Firing> {
        firings.into_iter().filter_map(|firing| self.taken(firing)).collect()
    }

    fn taken(&mut self, mut firing: Firing) -> Option<Firing> {
        let interaction = Fingerprint::of(&firing.event.id);
        if self.holds(interaction, &firing.rule, firing.episode) {
            return None;
        }
        if self.groups.frees(&firing) {
            firing.muted_by = None;
        }
        firing.grouped = !firing.is_shadow() && firing.muted_by.is_none() && self.groups.of(&firing).is_some();
        let name = occurrence(&firing.rule.id, firing.episode).into_owned();
        if firing.muted_by.is_some() || firing.grouped {
            return self.kept.insert((interaction, name)).then_some(firing);
        }
        self.groups.begin(&firing, &name, firing.at);
        self.cards.insert((interaction, name));
        if !firing.is_shadow() {
            self.interactions.insert(interaction);
        }
        Some(firing)
    }
}
