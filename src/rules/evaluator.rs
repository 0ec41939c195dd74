//! Events and time in, firings out.
//!
//! **The evaluator remembers an interaction only while a rule with a hold, hysteresis, a cooldown or episodes was true for
//! it.** The rules that ship have none of these, so nothing is remembered and nothing is written for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Firing, Rule, Track};
use crate::model::event::Event;
use crate::model::fingerprint::Fingerprint;
use crate::model::time::Millis;

/// Interactions remembered at once; beyond, those heard longest ago are forgotten, and their holds never end. Each takes one
/// [`Track`] for each rule with a memory that was true for it, at most about 3 KiB with the event that its hold rests on.
pub const LIMIT: usize = 20_000;

/// Forgotten interactions are looked for at most this often.
const SWEEP_INTERVAL: Millis = Millis::from_mins(1);

/// One interaction of one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The base address it was heard at.
    pub connection: Fingerprint,
    /// The interaction's id.
    pub interaction: Fingerprint,
}

/// Rules, and what they remember.
#[derive(Debug, Default)]
pub struct Evaluator {
    connection: Fingerprint,
    rules: Vec<Arc<Rule>>,
    /// Some rule has a memory.
    remembers: bool,
    talks: BTreeMap<Subject, Talk>,
    /// When the next hold of each interaction ends.
    due: BTreeSet<(Millis, Subject)>,
    /// Interactions whose record is not as it should be.
    changed: BTreeSet<Subject>,
    /// Interactions that have a record.
    recorded: BTreeSet<Subject>,
    swept_at: Millis,
}

/// What is remembered of one interaction.
#[derive(Debug, Default)]
struct Talk {
    tracks: Vec<Track>,
    heard_at: Millis,
    /// As in [`Evaluator::due`].
    due: Option<Millis>,
}

/// A rule that is due, before its evidence is gathered.
struct Due {
    rule: Arc<Rule>,
    episode: u32,
    event: Event<'static>,
}

impl Evaluator {
    /// Puts rules in force for a connection. What a changed rule held ends, and so does what another connection's
    /// interactions held, because nobody hears them any more; their episodes stay counted.
    pub fn adopt(&mut self, connection: Fingerprint, rules: Vec<Arc<Rule>>) {
        let before = std::mem::replace(&mut self.rules, rules);
        let (is_first, same_connection) = (before.is_empty(), self.connection == connection);
        self.connection = connection;
        self.remembers = self.rules.iter().any(|rule| rule.has_memory());
        for subject in self.talks.keys().copied().collect::<Vec<_>>() {
            self.change(subject, |rules, talk| {
                let mut changed = false;
                for track in &mut talk.tracks {
                    let is_same = before.iter().any(|rule| rule.id == track.rule && rules.contains(rule));
                    let is_heard = subject.connection == connection;
                    if !is_heard || !(is_first || is_same && same_connection) {
                        changed |= track.clear().changed;
                    }
                }
                changed
            });
        }
    }

    /// Takes an event. `wanted` says whether a rule's episode can still have a card: what cannot is not gathered.
    pub fn observe(&mut self, now: Millis, event: &Event<'_>, wanted: impl Fn(&Rule, u32) -> bool) -> Vec<Firing> {
        let mut firings = Vec::new();
        let subject = self.subject(event);
        if self.remembers {
            // A hold that has ended before this event does not depend on it.
            self.ripen(subject, now, &mut firings);
        }
        let mut due = Vec::new();
        for at in 0..self.rules.len() {
            let rule = &self.rules[at];
            let episode = match rule.has_memory() {
                false => rule.is_true(event).then_some(1),
                true => self.track(subject, at, now, event),
            };
            let rule = &self.rules[at];
            let Some(episode) = episode.filter(|episode| wanted(rule, *episode)) else { continue };
            if !firings.iter().any(|firing: &Firing| firing.rule.id == rule.id && firing.episode == episode) {
                due.push(Due { rule: Arc::clone(rule), episode, event: event.kept() });
            }
        }
        firings.extend(due.into_iter().map(|due| self.firing(subject, due)));
        if self.remembers && event.ends_interaction {
            self.change(subject, |_, talk| {
                let cleared = talk.tracks.iter_mut().filter_map(|track| track.clear().changed.then_some(()));
                cleared.count() > 0
            });
        }
        firings
    }

    /// Ends the holds whose time has come, the earliest first.
    pub fn tick(&mut self, now: Millis) -> Vec<Firing> {
        let mut firings = Vec::new();
        while let Some((_, subject)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.ripen(subject, now, &mut firings);
        }
        firings
    }

    /// The rules in force, in the order in which they fire.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// When a hold ends if no event comes.
    pub fn next_deadline(&self) -> Option<Millis> {
        self.due.first().map(|(due, _)| *due)
    }

    /// The records that changed since this was asked last: written, or removed where there is none.
    pub fn take_changes(&mut self) -> Vec<(Subject, Option<Vec<Track>>)> {
        let mut changes = Vec::new();
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

    /// What must survive the worker of an interaction.
    pub fn stored(&self, subject: Subject) -> Option<&[Track]> {
        self.talks.get(&subject).map(|talk| &talk.tracks[..])
    }

    /// Goes on from what was stored.
    pub fn restore(&mut self, subject: Subject, tracks: Vec<Track>, now: Millis) {
        self.recorded.insert(subject);
        let tracks = tracks.into_iter().map(|track| track.restored(now)).collect();
        self.talks.insert(subject, Talk { tracks, heard_at: now, due: None });
        self.schedule(subject);
    }

    /// Forgets everything, without a word to the journal.
    pub fn clear(&mut self) {
        let rules = std::mem::take(&mut self.rules);
        let connection = self.connection;
        *self = Evaluator::default();
        self.adopt(connection, rules);
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
                true
            });
        }
    }

    fn subject(&self, event: &Event<'_>) -> Subject {
        match self.remembers {
            true => Subject { connection: self.connection, interaction: Fingerprint::of(&event.id) },
            false => Subject::default(),
        }
    }

    /// Shows an event to a rule with a memory. Returns the episode that is due a card.
    fn track(&mut self, subject: Subject, at: usize, now: Millis, event: &Event<'_>) -> Option<u32> {
        let rule = Arc::clone(&self.rules[at]);
        if !rule.queues.hear(event.queue.as_deref()) {
            return None;
        }
        let knows = |talk: &Talk| talk.tracks.iter().any(|track| track.rule == rule.id);
        if !self.talks.get(&subject).is_some_and(knows) {
            if rule.condition.evaluate(event) != Some(true) {
                return None;
            }
            self.talks.entry(subject).or_default().tracks.push(Track::new(&rule));
        }
        let mut due = None;
        self.change(subject, |_, talk| {
            talk.heard_at = now;
            let Some(track) = talk.tracks.iter_mut().find(|track| track.rule == rule.id) else { return false };
            let step = track.observe(&rule, now, event);
            due = step.due;
            step.changed
        });
        due
    }

    fn ripen(&mut self, subject: Subject, now: Millis, firings: &mut Vec<Firing>) {
        let mut ripe: Vec<(Millis, Due)> = Vec::new();
        self.change(subject, |rules, talk| {
            for rule in rules {
                let Some(track) = talk.tracks.iter_mut().find(|track| track.rule == rule.id) else { continue };
                let at = track.due(rule);
                if let (Some(at), Some((event, episode))) = (at, track.ripen(rule, now)) {
                    ripe.push((at, Due { rule: Arc::clone(rule), episode, event }));
                }
            }
            !ripe.is_empty()
        });
        ripe.sort_by_key(|(at, _)| *at);
        firings.extend(ripe.into_iter().map(|(_, due)| self.firing(subject, due)));
    }

    fn firing(&self, subject: Subject, due: Due) -> Firing {
        let Due { rule, episode, event } = due;
        let tracks = self.stored(subject).unwrap_or_default();
        let is_due = |other: &Arc<Rule>| {
            let fires = || tracks.iter().any(|track| track.rule == other.id && track.is_firing());
            other.id == rule.id || other.is_true(&event) && (!other.has_memory() || fires())
        };
        let with = self.rules.iter().filter(|rule| is_due(rule)).cloned().collect();
        Firing::new(&rule, episode, event, with, &self.rules)
    }

    /// Changes an interaction, then drops what needs no memory, notes whether its record must be written, and schedules
    /// its next hold.
    fn change(&mut self, subject: Subject, act: impl FnOnce(&[Arc<Rule>], &mut Talk) -> bool) {
        let rules = &self.rules;
        let Some(talk) = self.talks.get_mut(&subject) else { return };
        let mut changed = act(rules, talk);
        let before = talk.tracks.len();
        let rule_of = |track: &Track| rules.iter().find(|rule| rule.id == track.rule);
        talk.tracks.retain(|track| rule_of(track).is_some_and(|rule| !track.is_spent(rule)));
        changed |= talk.tracks.len() != before;
        if changed {
            self.changed.insert(subject);
        }
        self.schedule(subject);
    }

    fn schedule(&mut self, subject: Subject) {
        let rules = &self.rules;
        let Some(talk) = self.talks.get_mut(&subject) else { return };
        let due_of = |track: &Track| track.due(rules.iter().find(|rule| rule.id == track.rule)?);
        let due = talk.tracks.iter().filter_map(due_of).min();
        if talk.due != due {
            if let Some(old) = std::mem::replace(&mut talk.due, due) {
                self.due.remove(&(old, subject));
            }
            self.due.extend(due.map(|due| (due, subject)));
        }
        if talk.tracks.is_empty() {
            self.talks.remove(&subject);
        }
    }
}

#[cfg(test)]
#[path = "evaluator/tests.rs"]
mod tests;
