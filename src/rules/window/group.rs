//! One card for the trouble of a queue: the first interaction has the card, and all others have none.
//!
//! A rule is about a queue where its condition looks at nothing but figures of the queue. Such a rule becomes true for
//! every interaction of the queue at once, and one agent who reads of it is enough. A group lasts until the queue has
//! calmed, and for the rule's cooldown at least.

use super::queue::key;
use crate::model::fingerprint::Fingerprint;
use crate::model::json::{FromJson, ToJson};
use crate::model::time::Millis;
use crate::rules::{Firing, Mode};

/// A queue that stays in trouble has one further card after this long.
const LONGEST: Millis = Millis::from_mins(60);

/// Groups at once; beyond, the oldest go.
const LIMIT: usize = 200;

/// One group: the stored form.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The rule's id.
    pub rule: String,
    /// The queue's name, case folded.
    pub queue: String,
    /// The fingerprint of the interaction with the card.
    pub carrier: String,
    /// Names rule and episode of the card within its interaction.
    pub occurrence: String,
    /// Since when.
    pub since: Millis,
}

/// The groups of one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToJson, FromJson)]
pub struct Groups(Vec<Group>);

impl Groups {
    /// The group that a firing belongs to, where another interaction has its card.
    pub fn of(&self, firing: &Firing) -> Option<&Group> {
        if !firing.rule.is_about_a_queue() {
            return None;
        }
        self.elsewhere(&firing.rule.id, firing)
    }

    /// Whether the critical rule that mutes a firing has its card at another interaction: then nothing mutes.
    pub fn frees(&self, firing: &Firing) -> bool {
        firing.muted_by.as_deref().is_some_and(|critical| self.elsewhere(critical, firing).is_some())
    }

    fn elsewhere(&self, rule: &str, firing: &Firing) -> Option<&Group> {
        let (queue, interaction) = (key(firing.event.queue.as_deref()?), Fingerprint::of(&firing.event.id).to_string());
        self.0.iter().find(|group| group.rule == rule && group.queue == queue && group.carrier != interaction)
    }

    /// A live rule about a queue has its card, which covers the queue from now on. Says whether there is a group now.
    pub fn begin(&mut self, firing: &Firing, occurrence: &str, now: Millis) -> bool {
        if firing.rule.mode != Mode::Live || !firing.rule.is_about_a_queue() {
            return false;
        }
        let Some(queue) = firing.event.queue.as_deref().map(key) else { return false };
        self.0.retain(|group| group.rule != firing.rule.id || group.queue != queue);
        if self.0.len() == LIMIT {
            self.0.remove(0);
        }
        let (rule, carrier) = (firing.rule.id.clone(), Fingerprint::of(&firing.event.id).to_string());
        self.0.push(Group { rule, queue, carrier, occurrence: occurrence.to_owned(), since: now });
        true
    }

    /// Ends groups of a queue that are over. Says whether any was.
    pub fn end(&mut self, queue: Option<&str>, now: Millis, has_calmed: impl Fn(&Group) -> bool) -> bool {
        let Some(queue) = queue.filter(|_| !self.0.is_empty()).map(key) else { return false };
        let before = self.0.len();
        self.0.retain(|group| group.queue != queue || group.since.plus(LONGEST) > now && !has_calmed(group));
        self.0.len() != before
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it can have been at this instant: the clock it was written by may have been wrong.
    pub fn restored(mut self, now: Millis) -> Groups {
        self.0.iter_mut().for_each(|group| group.since = group.since.min(now));
        self
    }
}
