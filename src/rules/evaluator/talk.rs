//! The memory of one interaction, and how an event or the passing of time changes it.

use super::local::LocalClock;
use super::plan::{Compiled, Plan};
use crate::model::event::Event;
use crate::model::sorted;
use crate::model::time::Millis;
use crate::rules::track::{Gate, Step};
use crate::rules::window::{Figures, QueueBook, Scene, Series};
use crate::rules::{Field, Track};

/// The memory of one interaction.
#[derive(Debug, Default)]
pub(super) struct Talk {
    pub tracks: Vec<Track>,
    /// The newest values of the fields that windows count.
    pub series: Vec<Series>,
    /// The last event, where some rule's truth changes without one.
    last: Option<Box<Event<'static>>>,
    pub heard_at: Millis,
    /// When time itself changes something here next, as scheduled.
    pub due: Option<Millis>,
    /// When a hold, a firing or hours end here next, as scheduled.
    pub ends: Option<Millis>,
    /// Windows were last looked at then.
    moved_at: Millis,
}

/// The circumstances of an interaction that lie outside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub now: Millis,
    pub plan: &'a Plan,
    pub queues: &'a QueueBook,
    pub clock: &'a LocalClock,
    pub resumed: Option<Millis>,
    /// Where rules look at the same event, its figures.
    pub figures: Option<&'a Figures>,
}

/// A rule that is due by the passing of time, and the event that it rests on.
pub(super) struct Ripe {
    /// The rule's place in the plan.
    pub at: usize,
    pub episode: u32,
    pub event: Event<'static>,
}

impl<'a> Around<'a> {
    pub fn scene<'s>(self, event: &'s Event<'s>, series: &'s [Series]) -> Scene<'s>
    where
        'a: 's,
    {
        let Around { now, plan, queues, resumed, figures, .. } = self;
        Scene { event, now, series, queues: plan.queues.then_some(queues), resumed, figures }
    }
}

impl Talk {
    /// Goes on from what was stored.
    pub fn restored(tracks: Vec<Track>, now: Millis) -> Talk {
        let tracks: Vec<Track> = tracks.into_iter().map(|track| track.restored(now)).collect();
        let mut series: Vec<Series> = Vec::new();
        for stored in tracks.iter().flat_map(|track| &track.series) {
            match series.iter_mut().find(|series| series.field == stored.field) {
                Some(series) if series.newest() < stored.newest() => *series = stored.clone(),
                Some(_) => {}
                None => series.push(stored.clone()),
            }
        }
        let last = tracks.iter().find_map(Track::held).cloned().map(Box::new);
        // A value that left a window before the record was written is past; another time would clear what began since.
        let known = tracks.iter().filter_map(Track::changed_at);
        let moved_at = series.iter().filter_map(Series::newest).chain(known).max().unwrap_or_default();
        Talk { tracks, series, last, heard_at: now, due: None, ends: None, moved_at }
    }

    /// Keeps what windows count of an event.
    pub fn note(&mut self, plan: &Plan, now: Millis, event: &Event<'_>) {
        if self.last.is_none() {
            // A value that left a window before this worker knew an event of the interaction is past.
            self.moved_at = self.moved_at.max(now);
        }
        for windowed in &plan.windowed {
            let Some(value) = windowed.value(event) else { continue };
            let at = self.series.iter().position(|series| series.field == windowed.field).unwrap_or_else(|| {
                self.series.push(Series::new(windowed.field.clone()));
                self.series.len() - 1
            });
            self.series[at].push(now, value);
            self.series[at].trim(now, windowed.longest(), windowed.most);
        }
        self.heard_at = now;
        if plan.moves {
            match &mut self.last {
                Some(last) => last.keep(event),
                None => self.last = Some(Box::new(event.kept())),
            }
        }
    }

    /// Whether a rule without a memory is active and true.
    pub fn is_true(&self, compiled: &Compiled, event: &Event<'_>, around: Around<'_>) -> bool {
        around.clock.gate(&compiled.rule, around.now) == Gate::Open
            && compiled.rule.condition.evaluate_in(&around.scene(event, &self.series)) == Some(true)
    }

    /// Shows an event to a rule with a memory.
    pub fn show(&mut self, compiled: &Compiled, event: &Event<'_>, around: Around<'_>) -> Step {
        let Talk { tracks, series, .. } = self;
        show(tracks, series, compiled, event, around)
    }

    /// When time itself changes something next.
    pub fn next(&self, plan: &Plan, clock: &LocalClock) -> Option<Millis> {
        self.next_end(plan, clock).into_iter().chain(self.next_move(plan)).min()
    }

    /// When a hold, a firing or the hours of a rule end next.
    pub fn next_end(&self, plan: &Plan, clock: &LocalClock) -> Option<Millis> {
        self.tracks.iter().filter_map(|track| Talk::next_of(track, plan, clock)).min()
    }

    fn next_of(track: &Track, plan: &Plan, clock: &LocalClock) -> Option<Millis> {
        let rule = &plan.of(track).filter(|it| clock.knows(&it.rule))?.rule;
        let closes = track.since().and_then(|since| clock.closes(rule, since));
        track.due(rule).into_iter().chain(closes).min()
    }

    pub fn next_move(&self, plan: &Plan) -> Option<Millis> {
        self.last.as_ref()?;
        let moves = plan.windowed.iter().filter_map(|windowed| {
            let series = self.series.iter().find(|series| series.field == windowed.field)?;
            windowed.spans.iter().filter_map(|span| series.next_move(*span, self.moved_at)).min()
        });
        moves.min()
    }

    /// Does what is due at this instant: ends holds first, then lets values leave their windows. Says whether what must
    /// survive the worker has changed.
    pub fn pass(&mut self, around: Around<'_>, ripe: &mut Vec<Ripe>) -> bool {
        let mut changed = false;
        while self.next(around.plan, around.clock).is_some_and(|next| next <= around.now) {
            match self.end_holds(around, ripe) {
                true => changed = true,
                false => changed |= self.move_windows(around, ripe),
            }
        }
        changed
    }

    fn end_holds(&mut self, around: Around<'_>, ripe: &mut Vec<Ripe>) -> bool {
        let now = around.now;
        let mut acted = false;
        let is_due = |track: &Track| Talk::next_of(track, around.plan, around.clock).is_some_and(|due| due <= now);
        if !self.tracks.iter().any(is_due) {
            return false;
        }
        // Rules take their turn in the order of the set.
        let place = |(at, track): (usize, &Track)| Some((track.place.0?, at));
        let mut tracks: Vec<(usize, usize)> = self.tracks.iter().enumerate().filter_map(place).collect();
        sorted::sort(&mut tracks);
        for (at, number) in tracks {
            let Some(compiled) = around.plan.rules.get(at).filter(|it| around.clock.knows(&it.rule)) else { continue };
            let (rule, track) = (&compiled.rule, &mut self.tracks[number]);
            if track.due(rule).is_some_and(|due| due <= now) {
                acted = true;
                let is_over = compiled.queues
                    && track.held().is_some_and(|event| {
                        rule.condition.evaluate_in(&around.scene(event, &self.series)) == Some(false)
                    });
                if is_over {
                    track.clear();
                } else if let Some(event) = track.ripen(rule, now) {
                    track.series = compiled.values(&self.series);
                    ripe.push(Ripe { at, episode: track.episode(), event });
                }
            } else if track.since().and_then(|since| around.clock.closes(rule, since)).is_some_and(|it| it <= now) {
                acted = true;
                track.clear();
            }
        }
        acted
    }

    fn move_windows(&mut self, around: Around<'_>, ripe: &mut Vec<Ripe>) -> bool {
        let since = std::mem::replace(&mut self.moved_at, around.now);
        let Talk { tracks, series, last, .. } = self;
        let Some(event) = last.as_deref() else { return false };
        let mut changed = false;
        let leaves = |(field, span): &(Field, Millis)| {
            let series = series.iter().find(|series| series.field == *field);
            series.and_then(|series| series.next_move(*span, since)).is_some_and(|leaves| leaves <= around.now)
        };
        around.plan.figures.renew();
        let around = Around { figures: Some(&around.plan.figures), ..around };
        let moved = around.plan.moved(event, leaves);
        let mut next = 0;
        while let Some(at) = moved.next(next) {
            next = at + 1;
            let compiled = &around.plan.rules[at];
            let step = show(tracks, series, compiled, event, around);
            changed |= step.changed;
            if let Some(episode) = step.due.filter(|_| step.begins) {
                ripe.push(Ripe { at, episode, event: event.clone() });
            }
        }
        around.plan.give_back(moved);
        for windowed in &around.plan.windowed {
            if let Some(series) = series.iter_mut().find(|series| series.field == windowed.field) {
                series.trim(around.now, windowed.longest(), windowed.most);
            }
        }
        changed
    }

    /// Forgets the values.
    pub fn forget_values(&mut self) {
        self.series.clear();
        self.last = None;
    }

    /// Whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty() && self.series.iter().all(Series::is_empty)
    }
}

fn show(
    tracks: &mut Vec<Track>,
    series: &[Series],
    compiled: &Compiled,
    event: &Event<'_>,
    around: Around<'_>,
) -> Step {
    let rule = &compiled.rule;
    let gate = around.clock.gate(rule, around.now);
    let scene = around.scene(event, series);
    let at = match tracks.iter().position(|track| track.is_of(compiled.place)) {
        Some(at) => at,
        None if gate == Gate::Open && rule.condition.evaluate_in(&scene) == Some(true) => {
            tracks.push(Track::new(rule, compiled.place));
            tracks.len() - 1
        }
        None => return Step::default(),
    };
    let step = tracks[at].observe(rule, gate, &scene);
    if step.changed && tracks[at].since().is_some() {
        tracks[at].series = compiled.values(series);
    }
    step
}
