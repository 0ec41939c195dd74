//! Events and time in, firings out.
//!
//! **The evaluator remembers an interaction only while a rule needs it**: a hold, hysteresis, a cooldown, episodes, or
//! values that a window counts. The rules that ship have none of these, so nothing is remembered and nothing is written
//! for them.
//!
//! An event costs a rule one look at a bit mask unless it has a field that the rule names. Time costs nothing until
//! [`Evaluator::next_deadline`].
//!
//! At one instant, holds end first, then values leave their windows, and then the event is heard.

mod calm;
mod local;
mod plan;
mod records;
mod talk;
mod time;
mod touch;

use crate::model::sorted::{SortedMap, SortedSet};
use std::sync::Arc;

use self::local::LocalClock;
use self::plan::{Compiled, Plan};
use self::talk::{Around, Talk};
use super::firing::evidence;
use super::track::Gate;
use super::window::QueueBook;
use super::{Firing, Mode, Rule, Track};
use crate::model::card::CardKind;
use crate::model::event::Event;
use crate::model::event::pointer::Pointer;
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::time::Millis;

/// Interactions remembered at once; beyond, those heard longest ago are forgotten, and their holds never end.
/// [`Evaluator::bytes_per_interaction`] says how much each takes at most.
pub const LIMIT: usize = 20_000;

/// Rules, and what they remember.
#[derive(Debug, Default)]
pub struct Evaluator {
    connection: Fingerprint,
    plan: Plan,
    talks: SortedMap<Subject, Talk>,
    queues: QueueBook,
    clock: LocalClock,
    /// When time itself changes something of each interaction.
    due: SortedSet<(Millis, Subject)>,
    /// When a hold, a firing or hours end of each interaction.
    ends: SortedSet<(Millis, Subject)>,
    /// Interactions whose record is not as it should be.
    changed: SortedSet<Subject>,
    /// Interactions that have a record.
    recorded: SortedSet<Subject>,
    /// When the worker started, if an earlier one may have heard the stream.
    resumed: Option<Millis>,
    /// The latest instant that something was heard.
    now: Millis,
    swept_at: Millis,
    /// Nobody reads what firings say.
    is_wordless: bool,
}

/// A rule that is due, before its evidence is gathered.
struct Due {
    rule: Arc<Rule>,
    at: Millis,
    episode: u32,
    event: Event<'static>,
}

impl Evaluator {
    /// Uses these rules for a connection from now on. What a changed rule held ends, and so does what another
    /// connection's interactions held, because nobody hears them any more; their episodes stay counted.
    pub fn adopt(&mut self, connection: Fingerprint, rules: Vec<Arc<Rule>>) {
        let before = std::mem::replace(&mut self.plan, Plan::new(rules)).rules;
        let (is_first, same_connection) = (before.is_empty(), self.connection == connection);
        self.connection = connection;
        if !is_first && !same_connection {
            self.queues = QueueBook::default();
        }
        for subject in self.talks.keys().copied().collect::<Vec<_>>() {
            self.change(subject, |plan, talk| {
                let mut changed = false;
                plan.place(&mut talk.tracks);
                for track in &mut talk.tracks {
                    let rule_now = plan.of(track).map(|compiled| &compiled.rule);
                    let is_same = rule_now.is_some_and(|rule| before.iter().any(|old| old.rule == *rule));
                    let is_heard = subject.connection == connection;
                    if !is_heard || !(is_first || is_same && same_connection) {
                        changed |= track.clear().changed;
                    }
                }
                talk.series.retain(|series| plan.windowed.iter().any(|windowed| windowed.field == series.field));
                changed
            });
        }
    }

    /// The JSON pointers that rules name. The reader of a frame fills [`Event::extra`] with these; empty while no rule
    /// names one.
    pub fn pointers(&self) -> &[Pointer] {
        &self.plan.pointers
    }

    /// The IANA names of the zones that schedules name; the browser's own under the empty name.
    pub fn zones(&self) -> SortedSet<&str> {
        let schedules = self.plan.rules.iter().filter_map(|compiled| compiled.rule.schedule.as_ref());
        schedules.map(|schedule| schedule.zone.as_deref().unwrap_or_default()).collect()
    }

    /// Takes how many minutes a zone is ahead of UTC now; the browser's own under the empty name. A schedule whose zone
    /// nobody told is no data.
    pub fn set_offset(&mut self, zone: &str, minutes_ahead: i32) {
        self.set_offset_since(zone, self.now.since(self.clock.skew), minutes_ahead);
    }

    /// The same since an instant of the wall clock, which may lie ahead. The first offset counts of before, too.
    pub fn set_offset_since(&mut self, zone: &str, since: Millis, minutes_ahead: i32) {
        if self.clock.tell(zone, since, minutes_ahead) {
            self.reschedule();
        }
    }

    /// Takes how far the clock that only goes forward is ahead of the wall clock.
    pub fn set_skew(&mut self, skew: Millis) {
        if std::mem::replace(&mut self.clock.skew, skew) != skew {
            self.reschedule();
        }
    }

    /// Notes that this worker starts now, so that windows say what they lack of the time before.
    pub fn resume(&mut self, now: Millis) {
        self.resumed = Some(now);
    }

    /// The most memory that one interaction takes under these rules, in bytes.
    pub fn bytes_per_interaction(&self) -> usize {
        self.plan.bytes_per_interaction()
    }

    /// Takes an event. `wanted` says whether a rule's episode can still have a card: what cannot is not gathered. What
    /// time has brought until now, of this interaction and of others, comes first.
    pub fn observe(&mut self, now: Millis, event: &Event<'_>, wanted: impl Fn(&Rule, u32) -> bool) -> Vec<Firing> {
        let mut firings = self.tick(now);
        self.now = now;
        let subject = self.subject(event);
        if self.plan.queues {
            self.queues.hear(now, subject.interaction, event);
        }
        self.note(subject, now, event);
        let (mut due, mut begun, mut changed) = (Vec::new(), Vec::new(), false);
        let Evaluator { plan, talks, queues, clock, resumed, .. } = self;
        plan.figures.renew();
        let around = Around { now, plan, queues, clock, resumed: *resumed, figures: Some(&plan.figures) };
        let mut known = if plan.remembers { talks.get_mut(&subject) } else { None };
        let mut fresh = Talk::default();
        let touched = plan.touched_by(event);
        let mut next = 0;
        while let Some(at) = touched.next(next) {
            next = at + 1;
            let compiled = &plan.rules[at];
            let rule = &compiled.rule;
            let talk = known.as_deref_mut().unwrap_or(&mut fresh);
            let episode = match compiled.remembers {
                false if !compiled.may_be_true(event) => None,
                false => talk.is_true(compiled, event, around).then_some(1),
                true => {
                    let step = talk.show(compiled, event, around);
                    changed |= step.changed;
                    if step.begins && plan.triggers {
                        begun.push(at);
                    }
                    step.due
                }
            };
            let Some(episode) = episode.filter(|episode| wanted(rule, *episode)) else { continue };
            let is_told = |told: &Firing| {
                let is_same = told.rule.id == rule.id && told.episode == episode && told.event.id == event.id;
                // The rule that mutes the firing may clear with this event.
                is_same && told.muted_by.is_none()
            };
            if !firings.iter().any(is_told) {
                due.push(Due { rule: Arc::clone(rule), at: now, episode, event: event.kept() });
            }
        }
        plan.give_back(touched);
        if !fresh.is_empty() {
            fresh.note(plan, now, event);
            talks.insert(subject, fresh);
        }
        for due in due {
            firings.push(self.firing(subject, due));
        }
        for at in begun {
            self.count(at, now, subject, event.queue.as_deref());
        }
        if event.ends_interaction {
            self.queues.end(subject.interaction);
        }
        if self.plan.remembers {
            self.change(subject, |_, talk| {
                if event.ends_interaction {
                    talk.forget_values();
                    changed |=
                        talk.tracks.iter_mut().filter_map(|track| track.clear().changed.then_some(())).count() > 0;
                }
                changed
            });
        }
        firings
    }

    /// Firings say neither evidence nor which other rules were due: for who counts firings of a long recording.
    pub fn leave_out_words(&mut self) {
        self.is_wordless = true;
    }

    /// The active rules, in the order in which they fire.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.plan.rules.iter().map(|compiled| &compiled.rule)
    }

    /// Whether a rule that fired for an interaction before an instant has cleared since, as far as the evaluator knows.
    /// A rule without a memory clears by the event that says so.
    pub fn has_cleared(&self, subject: Subject, rule: &str, since: Millis, event: Option<&Event<'_>>) -> bool {
        let Some(compiled) = self.plan.rule(rule) else { return true };
        let talk = self.talks.get(&subject);
        if compiled.remembers {
            let track = talk.and_then(|talk| talk.tracks.iter().find(|track| track.rule == rule));
            return track.and_then(Track::firing_since).is_none_or(|began| began > since);
        }
        let Some(event) = event.filter(|event| compiled.rule.queues.hear(event.queue.as_deref())) else { return false };
        let around = self.around(self.now);
        let scene = around.scene(event, talk.map(|talk| &talk.series[..]).unwrap_or_default());
        match around.clock.gate(&compiled.rule, self.now) {
            Gate::Open => compiled.rule.condition.evaluate_in(&scene) == Some(false),
            Gate::Closed => true,
            Gate::Unknown => false,
        }
    }

    /// Whether a queue has calmed, as far as an event of the queue tells: what a rule about the queue asks for is over,
    /// and so is the rule's cooldown since an instant. A figure that lacks what was heard before a restart tells
    /// nothing.
    pub fn has_calmed(&self, rule: &str, since: Millis, event: &Event<'_>) -> bool {
        let Some(rule) = self.plan.rule(rule).map(|compiled| &compiled.rule) else { return true };
        let around = self.around(self.now);
        let scene = around.scene(event, &[]);
        let mut is_whole = true;
        for condition in [Some(&rule.condition), rule.clears.as_ref()].into_iter().flatten() {
            condition.comparisons(&mut |one| is_whole &= !scene.is_incomplete(&one.field, one.window.as_ref()));
        }
        let may_end = since.plus(rule.cooldown.max(rule.keep_firing)) <= self.now;
        match around.clock.gate(rule, self.now) {
            Gate::Closed => true,
            Gate::Unknown => false,
            Gate::Open if !is_whole || !may_end => false,
            // Nobody who waits is no data for the longest wait, and calm all the same.
            Gate::Open => {
                let clears = rule.clears.as_ref().is_none_or(|clears| clears.evaluate_in(&scene) != Some(false));
                clears && rule.condition.evaluate_in(&scene) != Some(true)
            }
        }
    }

    fn subject(&self, event: &Event<'_>) -> Subject {
        match self.plan.remembers || self.plan.queues {
            true => Subject { connection: self.connection, interaction: Fingerprint::of(&event.id) },
            false => Subject::default(),
        }
    }

    fn around(&self, now: Millis) -> Around<'_> {
        let Evaluator { plan, queues, clock, resumed, .. } = self;
        Around { now, plan, queues, clock, resumed: *resumed, figures: None }
    }

    /// Keeps what windows count.
    fn note(&mut self, subject: Subject, now: Millis, event: &Event<'_>) {
        let plan = &self.plan;
        if plan.windowed.iter().any(|windowed| windowed.value(event).is_some()) {
            self.talks.entry(subject).or_default().note(plan, now, event);
        } else if plan.remembers
            && let Some(talk) = self.talks.get_mut(&subject)
        {
            talk.note(plan, now, event);
        }
    }

    /// Counts for its queue that a live rule began to fire, unless a critical rule mutes it. Whether a card is still due
    /// does not matter: the memory of cards is not the evaluator's.
    fn count(&mut self, at: usize, now: Millis, subject: Subject, queue: Option<&str>) {
        let rule = &self.plan.rules[at].rule;
        if rule.mode == Mode::Live && self.muted_by(subject, rule).is_none() {
            self.queues.fired(now, queue, subject.interaction);
        }
    }

    fn fires(&self, subject: Subject, compiled: &Compiled) -> bool {
        let is_firing = |track: &Track| track.is_of(compiled.place) && track.is_firing();
        self.talks.get(&subject).is_some_and(|talk| talk.tracks.iter().any(is_firing))
    }

    /// The critical rule that mutes a rule of an interaction.
    fn muted_by(&self, subject: Subject, rule: &Rule) -> Option<String> {
        let critical = self.plan.rules.iter().find(|other| other.inhibits && self.fires(subject, other));
        critical.filter(|_| rule.card.kind != CardKind::Error).map(|it| it.rule.id.clone())
    }

    fn firing(&self, subject: Subject, due: Due) -> Firing {
        let Due { rule, at, episode, event } = due;
        let muted_by = self.muted_by(subject, &rule);
        if self.is_wordless {
            let (with, evidence) = (Vec::new(), Vec::new());
            return Firing { rule, episode, at, event, with, evidence, muted_by, grouped: false };
        }
        let talk = self.talks.get(&subject);
        let scene = self.around(at).scene(&event, talk.map(|talk| &talk.series[..]).unwrap_or_default());
        let is_due = |other: &&Compiled| {
            other.rule.id == rule.id
                || other.rule.mode == Mode::Live
                    && self.clock.gate(&other.rule, at) == Gate::Open
                    && other.rule.is_true(&scene)
                    && (!other.remembers || self.fires(subject, other))
        };
        let with: Vec<Arc<Rule>> = self.plan.rules.iter().filter(is_due).map(|it| Arc::clone(&it.rule)).collect();
        let evidence = evidence(&rule, self.plan.rules.iter().map(|it| &*it.rule), &scene);
        Firing { rule, episode, at, event, with, evidence, muted_by, grouped: false }
    }

    /// Changes an interaction, then drops what needs no memory, notes whether its record must be written, and schedules
    /// what time brings next.
    fn change(&mut self, subject: Subject, act: impl FnOnce(&Plan, &mut Talk) -> bool) {
        let plan = &self.plan;
        let Some(talk) = self.talks.get_mut(&subject) else { return };
        let mut changed = act(plan, talk);
        let before = talk.tracks.len();
        talk.tracks.retain(|track| plan.of(track).is_some_and(|it| !track.is_spent(&it.rule)));
        changed |= talk.tracks.len() != before;
        if changed {
            self.changed.insert(subject);
        }
        self.schedule(subject);
    }

    fn schedule(&mut self, subject: Subject) {
        let Some(talk) = self.talks.get_mut(&subject) else { return };
        let ends = talk.next_end(&self.plan, &self.clock);
        let due = ends.into_iter().chain(talk.next_move(&self.plan)).min();
        if talk.ends != ends {
            if let Some(old) = std::mem::replace(&mut talk.ends, ends) {
                self.ends.remove(&(old, subject));
            }
            self.ends.extend(ends.map(|ends| (ends, subject)));
        }
        if talk.due != due {
            if let Some(old) = std::mem::replace(&mut talk.due, due) {
                self.due.remove(&(old, subject));
            }
            self.due.extend(due.map(|due| (due, subject)));
        }
        if talk.is_empty() {
            self.talks.remove(&subject);
        }
    }

    fn reschedule(&mut self) {
        if self.plan.schedules {
            self.talks.keys().copied().collect::<Vec<_>>().into_iter().for_each(|subject| self.schedule(subject));
        }
    }
}

#[cfg(test)]
#[path = "evaluator/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "evaluator/language_tests.rs"]
mod language_tests;
