//! Messages and time in, firings out.
//!
//! At one instant holds end first, then values leave their windows, and then the message is heard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::condition::{Condition, Window, pointer_of};
use crate::message::Message;
use crate::queues::Queues;
use crate::schedule::Zones;
use crate::spec::{Counted, Rule, RuleSet};
use crate::talk::{Phase, Scene, Step, Talk, Track, Values, values_of};

/// Whose turn comes first where several interactions are due at one instant.
pub type Turn = fn(&str) -> u128;

/// The records that outlive a worker, by interaction.
#[derive(Debug, Clone, Default)]
pub struct Records(BTreeMap<String, Vec<(usize, Track)>>);

/// A firing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fired {
    /// When it became due.
    pub at: u64,
    /// Its rule's place in the set.
    pub rule: usize,
    /// Whose.
    pub interaction: String,
    /// Which of its rule's firings for it.
    pub episode: u32,
    /// The place of the critical rule that mutes it.
    pub muted_by: Option<usize>,
}

/// Rules, and what they remember.
#[derive(Debug, Clone)]
pub struct Evaluator {
    set: Arc<RuleSet>,
    zones: Arc<Zones>,
    turn: Turn,
    talks: BTreeMap<String, Talk>,
    queues: Queues,
    due: BTreeSet<(u64, u128, String)>,
    records: Records,
    /// Nobody told the named zones to this worker yet.
    untold: bool,
}

struct Due {
    rule: usize,
    episode: u32,
    begins: bool,
    /// A card may still be due.
    wanted: bool,
    message: Arc<Message>,
}

impl Evaluator {
    /// Rules that have heard nothing.
    #[must_use]
    pub fn new(set: Arc<RuleSet>, zones: Arc<Zones>, turn: Turn) -> Self {
        Self {
            set,
            zones,
            turn,
            talks: BTreeMap::new(),
            queues: Queues::default(),
            due: BTreeSet::new(),
            records: Records::default(),
            untold: false,
        }
    }

    /// The rules.
    #[must_use]
    pub fn set(&self) -> &Arc<RuleSet> {
        &self.set
    }

    /// The records that outlive the worker, as they are now.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// A worker ended, and the next one goes on from these records. Values are those that a record holds; queues begin
    /// empty.
    pub fn restart(&mut self, records: Records) {
        let fresh = Self::new(self.set.clone(), self.zones.clone(), self.turn);
        *self = Self { records, ..fresh };
        for (interaction, tracks) in self.records.0.clone() {
            let mut values = Values::new();
            for (field, stored) in tracks.iter().flat_map(|(_, track)| track.values.clone()) {
                let newest = |values: &[(u64, f64)]| values.last().map(|(at, _)| *at);
                let known = values.entry(field).or_default();
                if newest(known) < newest(&stored) {
                    *known = stored;
                }
            }
            let held = tracks.iter().find_map(|(_, track)| track.held()).cloned();
            let newest = values.values().filter_map(|it| it.last()).map(|(at, _)| *at);
            let changed = tracks.iter().map(|(_, track)| track.changed_at());
            let moved_at = newest.chain(changed).max().unwrap_or_default();
            self.talks.insert(interaction.clone(), Talk { tracks, values, last: held, moved_at, scheduled: None });
            self.schedule(&interaction);
        }
    }

    /// The message that the first running hold of each interaction rests on.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.talks.values().filter_map(|talk| talk.tracks.iter().find_map(|(_, track)| track.held()))
    }

    /// A worker starts without the offsets of named zones. Until they are known, nothing of their rules begins or ends.
    pub fn tell_zones(&mut self, are_told: bool) {
        self.untold = !are_told;
        for interaction in self.talks.keys().cloned().collect::<Vec<_>>() {
            self.schedule(&interaction);
        }
    }

    fn waits_for_zone(&self, rule: &Rule) -> bool {
        self.untold && rule.schedule.as_ref().is_some_and(|schedule| !schedule.zone.is_empty())
    }

    fn is_open(&self, rule: &Rule, now: u64) -> Option<bool> {
        match &rule.schedule {
            _ if self.waits_for_zone(rule) => None,
            None => Some(true),
            Some(schedule) => schedule.is_open(now, &self.zones),
        }
    }

    /// When time itself changes something next.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        self.due.first().map(|(at, ..)| *at)
    }

    /// The figure of a window of an interaction's values, as it is now.
    #[must_use]
    pub fn figure(&self, interaction: &str, field: &str, window: &Value, now: u64) -> Option<f64> {
        let values = self.talks.get(interaction)?.values.get(pointer_of(field)?)?;
        Window::read(window).figure(values, now)
    }

    /// Lets time pass until an instant, each step at its own.
    pub fn pass(&mut self, until: u64, fired: &mut Vec<Fired>) {
        while let Some((at, _, interaction)) = self.due.first().cloned().filter(|(at, ..)| *at <= until) {
            let mut due = Vec::new();
            let mut changed = false;
            while self.next_of(&interaction).is_some_and(|next| next <= at) {
                match self.end_holds(at, &interaction, &mut due) {
                    true => changed = true,
                    false => changed |= self.move_windows(at, &interaction, &mut due),
                }
            }
            self.emit(at, &interaction, due, fired);
            self.tidy(&interaction, changed);
        }
    }

    /// Takes a message. `wanted` says whether a rule's episode may still have a card. Call [`Evaluator::pass`] before.
    pub fn hear(
        &mut self,
        now: u64,
        message: &Arc<Message>,
        wanted: impl Fn(usize, u32) -> bool,
        fired: &mut Vec<Fired>,
    ) {
        let interaction = message.id().to_owned();
        if self.set.queues {
            self.queues.hear(now, message);
        }
        self.keep_values(now, message);
        let (mut due, mut changed) = (Vec::new(), false);
        for (at, rule) in self.set.clone().rules.iter().enumerate() {
            if !rule.hears(message) {
                continue;
            }
            let step = match rule.remembers {
                true => self.show(at, now, message),
                false => Step { due: self.is_true(rule, now, message).then_some(1), begins: true, changed: false },
            };
            changed |= step.changed;
            let Some(episode) = step.due else { continue };
            let wanted = wanted(at, episode);
            if wanted || step.begins {
                due.push(Due { rule: at, episode, begins: step.begins, wanted, message: message.clone() });
            }
        }
        self.emit(now, &interaction, due, fired);
        if message.ends() {
            self.queues.end(&interaction);
            if let Some(talk) = self.talks.get_mut(&interaction) {
                talk.values.clear();
                talk.last = None;
                for (_, track) in &mut talk.tracks {
                    changed |= track.clear();
                }
            }
        }
        self.tidy(&interaction, changed);
    }

    fn keep_values(&mut self, now: u64, message: &Arc<Message>) {
        let said: Vec<(&str, f64)> =
            self.set.windows.iter().filter_map(|it| Some((&*it.field, message.number(&it.field)?))).collect();
        if said.is_empty() && !self.talks.contains_key(message.id()) {
            return;
        }
        let talk = self.talks.entry(message.id().to_owned()).or_default();
        remember(talk, now, message, &said);
        talk.trim(now, &self.set.windows);
    }

    /// Shows a message to a rule that remembers.
    fn show(&mut self, at: usize, now: u64, message: &Arc<Message>) -> Step {
        let set = self.set.clone();
        let rule = &set.rules[at];
        let open = self.is_open(rule, now);
        let none = Values::new();
        let known = self.talks.get(message.id());
        let scene = Scene { now, values: known.map_or(&none, |talk| &talk.values), queues: &self.queues };
        let ask = |condition: &Condition| open.filter(|open| *open).and_then(|_| condition.truth(message, &scene));
        let truth = ask(&rule.when);
        let clears = match &rule.clears {
            Some(clears) => ask(clears) == Some(true),
            None => truth == Some(false),
        };
        let has_track = known.is_some_and(|talk| talk.track(at).is_some());
        if !has_track && truth != Some(true) {
            return Step::default();
        }
        if !self.talks.contains_key(message.id()) {
            remember(self.talks.entry(message.id().to_owned()).or_default(), now, message, &[]);
        }
        let Some(talk) = self.talks.get_mut(message.id()) else { return Step::default() };
        let place = talk.tracks.iter().position(|(rule, _)| *rule == at).unwrap_or_else(|| {
            talk.tracks.push((at, Track::default()));
            talk.tracks.len() - 1
        });
        let track = &mut talk.tracks[place].1;
        if open == Some(false) {
            return Step { changed: track.clear(), ..Step::default() };
        }
        let step = track.show(rule, now, message, truth, clears);
        if step.changed && track.since().is_some() {
            track.values = values_of(rule, &talk.values);
        }
        step
    }

    fn is_true(&self, rule: &Rule, now: u64, message: &Message) -> bool {
        let none = Values::new();
        let values = self.talks.get(message.id()).map_or(&none, |talk| &talk.values);
        let open = self.is_open(rule, now);
        open == Some(true) && rule.when.truth(message, &Scene { now, values, queues: &self.queues }) == Some(true)
    }

    fn next_of(&self, interaction: &str) -> Option<u64> {
        let talk = self.talks.get(interaction)?;
        let ends = |at: &usize| !self.waits_for_zone(&self.set.rules[*at]);
        let tracks = talk.tracks.iter().filter(|(at, _)| ends(at)).flat_map(|(at, track)| {
            let rule = &self.set.rules[*at];
            let since = track.since();
            let closes = rule.schedule.as_ref().zip(since).and_then(|(it, since)| it.closes_from(since, &self.zones));
            track.due(rule).into_iter().chain(closes)
        });
        let moves = talk.last.iter().flat_map(|_| &self.set.windows).flat_map(|Counted { field, spans, .. }| {
            let values = talk.values.get(field).map(Vec::as_slice).unwrap_or_default();
            spans.iter().flat_map(|span| values.iter().map(move |(at, _)| at + span)).filter(|at| *at > talk.moved_at)
        });
        tracks.chain(moves).min()
    }

    /// Ends the holds that are due at this instant. Says whether there was one.
    fn end_holds(&mut self, now: u64, interaction: &str, due: &mut Vec<Due>) -> bool {
        let set = self.set.clone();
        let waits: Vec<bool> = set.rules.iter().map(|rule| self.waits_for_zone(rule)).collect();
        let Some(talk) = self.talks.get_mut(interaction) else { return false };
        let mut acted = false;
        for (at, rule) in set.rules.iter().enumerate().filter(|(at, _)| !waits[*at]) {
            let Some((_, track)) = talk.tracks.iter_mut().find(|(rule, _)| *rule == at) else { continue };
            let closes = || {
                let since = track.since()?;
                rule.schedule.as_ref()?.closes_from(since, &self.zones)
            };
            if track.due(rule).is_some_and(|due| due <= now) {
                acted = true;
                let Phase::Holding(_, message) = track.phase.clone() else {
                    track.clear();
                    continue;
                };
                let scene = Scene { now, values: &talk.values, queues: &self.queues };
                if rule.queues && rule.when.truth(&message, &scene) == Some(false) {
                    track.clear();
                    continue;
                }
                track.fire(rule, now);
                track.values = values_of(rule, &talk.values);
                due.push(Due { rule: at, episode: track.episode, begins: true, wanted: true, message });
            } else if closes().is_some_and(|closes| closes <= now) {
                acted = true;
                track.clear();
            }
        }
        acted
    }

    /// Values leave their windows: the rules with these windows look at the last message again.
    fn move_windows(&mut self, now: u64, interaction: &str, due: &mut Vec<Due>) -> bool {
        let Some(talk) = self.talks.get_mut(interaction) else { return false };
        let since = std::mem::replace(&mut talk.moved_at, now);
        let Some(message) = talk.last.clone() else { return false };
        let values = talk.values.clone();
        let left = |(field, span): &(String, u64)| {
            let values = values.get(field).map(Vec::as_slice).unwrap_or_default();
            values.iter().map(|(at, _)| at + span).any(|leaves| leaves > since && leaves <= now)
        };
        let mut changed = false;
        for (at, rule) in self.set.clone().rules.iter().enumerate() {
            if rule.spans.iter().any(left) && rule.hears(&message) {
                let step = self.show(at, now, &message);
                changed |= step.changed;
                if let Some(episode) = step.due.filter(|_| step.begins) {
                    due.push(Due { rule: at, episode, begins: true, wanted: true, message: message.clone() });
                }
            }
        }
        if let Some(talk) = self.talks.get_mut(interaction) {
            talk.trim(now, &self.set.windows);
        }
        changed
    }

    fn emit(&mut self, now: u64, interaction: &str, due: Vec<Due>, fired: &mut Vec<Fired>) {
        for Due { rule, episode, begins, wanted, message } in due {
            let fires =
                |at: usize| self.talks.get(interaction).and_then(|talk| talk.track(at)).is_some_and(Track::is_firing);
            let critical = (0..self.set.rules.len()).find(|at| self.set.rules[*at].inhibits && fires(*at));
            let muted_by = critical.filter(|_| !self.set.rules[rule].critical);
            if self.set.queues && begins && muted_by.is_none() && self.set.rules[rule].live {
                self.queues.fired(now, &message);
            }
            if wanted {
                fired.push(Fired { at: now, rule, interaction: interaction.to_owned(), episode, muted_by });
            }
        }
    }

    /// Drops what needs no memory, and writes the record of an interaction that changed.
    fn tidy(&mut self, interaction: &str, mut changed: bool) {
        if let Some(talk) = self.talks.get_mut(interaction) {
            let before = talk.tracks.len();
            talk.tracks.retain(|(at, track)| !track.is_spent(&self.set.rules[*at]));
            changed |= talk.tracks.len() != before;
            if changed && talk.tracks.is_empty() {
                self.records.0.remove(interaction);
            } else if changed {
                self.records.0.insert(interaction.to_owned(), talk.tracks.clone());
            }
        }
        self.schedule(interaction);
    }

    fn schedule(&mut self, interaction: &str) {
        let next = self.next_of(interaction);
        let Some(talk) = self.talks.get_mut(interaction) else { return };
        let place = |at: u64| (at, (self.turn)(interaction), interaction.to_owned());
        if let Some(before) = std::mem::replace(&mut talk.scheduled, next) {
            self.due.remove(&place(before));
        }
        self.due.extend(next.map(place));
        if self.talks.get(interaction).is_some_and(Talk::is_empty) {
            self.talks.remove(interaction);
        }
    }
}

/// An interaction is heard: its message, and the values that windows count.
fn remember(talk: &mut Talk, now: u64, message: &Arc<Message>, said: &[(&str, f64)]) {
    if talk.last.is_none() {
        talk.moved_at = talk.moved_at.max(now);
    }
    said.iter().for_each(|(field, value)| talk.keep(field, now, *value));
    talk.last = Some(message.clone());
}
