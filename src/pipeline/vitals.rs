//! Vitals outlive the worker but not the browser: counts, the last moment of the stream, and the spells of trouble.

use crate::model::json;
use crate::model::json::{FromJson, ToJson};

use super::{Effects, KEEP_ALIVE, Phase, Pipeline, turn};
use crate::api::poll::Legacy;
use crate::journal::Meta;
use crate::journal::turn::Turn;
use crate::link::frames::Frames;
use crate::link::polling::Spending;
use crate::link::probe::Probe;
use crate::model::diagnosis::Diagnosis;
use crate::model::event::Rejection;
use crate::model::history;
use crate::model::history::{Gap, GapCause};
use crate::model::time::Millis;
use crate::pipeline::effect::Effect;
use crate::views::trouble::Trouble;

/// Counts of one span: since the browser started, or since everything was cleared.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Wall clock.
    pub since: Millis,
    pub events: u64,
    pub rejected: [u64; Rejection::ALL.len()],
    pub suppressed: u64,
    /// The journal's counts as the span began.
    pub triggers_before: u64,
    pub delivered_before: u64,
}

impl Counters {
    pub(super) fn since(wall: Millis, meta: &Meta) -> Counters {
        Counters {
            since: wall,
            triggers_before: meta.triggers,
            delivered_before: meta.delivered,
            ..Counters::default()
        }
    }
}

/// When the worker before this one was alive for certain, wall clock, and whether it heard the service.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Alive {
    pub at: Millis,
    pub streaming: bool,
    /// The gap that lasted then.
    pub gap: Option<Gap>,
}

/// The stored form.
#[derive(Debug, Default, ToJson, FromJson)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Vitals {
    pub since: Millis,
    pub triggers_before: u64,
    pub delivered_before: u64,
    pub alive_at: Millis,
    pub streaming: bool,
    pub events: u64,
    pub rejected: Vec<u64>,
    pub suppressed: u64,
    pub minutes: Vec<(u64, [u32; 3])>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub frames: Vec<u8>,
    #[serde(skip_serializing_if = "Trouble::is_empty")]
    pub trouble: Trouble,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// The budgets that polls spent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub polls: Vec<Spending>,
    /// How polls tell of interactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Legacy>,
    /// The engine was restarted because a commit was unanswered for this many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<u64>,
    /// Triggers that the restarted engine had not stored.
    pub unsaved: u32,
}

impl Pipeline {
    /// Resumes from the vitals of an earlier worker of this browser session.
    pub(super) fn take_vitals(&mut self, vitals: Option<&Vitals>, now: Millis, wall: Millis) {
        if self.has_journal() {
            self.counters = Counters::since(wall, &self.journal.meta);
        } // Else the journal's counts are unknown, and the span begins when the journal is read.
        let Some(vitals) = vitals else { return };
        if vitals.since != Millis::ZERO {
            self.counters.since = vitals.since.min(wall);
            self.counters.triggers_before = vitals.triggers_before;
            self.counters.delivered_before = vitals.delivered_before;
        }
        self.counters.events = vitals.events;
        self.counters.suppressed = vitals.suppressed;
        for (counter, stored) in self.counters.rejected.iter_mut().zip(&vitals.rejected) {
            *counter = *stored;
        }
        self.alive = Alive { at: vitals.alive_at, streaming: vitals.streaming, gap: vitals.gap };
        self.metrics.restore_minutes(&vitals.minutes, wall);
        self.polling.resume(&vitals.polls, vitals.told);
        self.trouble = Trouble::resume(vitals.trouble.clone(), now);
        self.frames = Frames::restore(&vitals.frames);
        if let Some(why) = self.frames.not_understood() {
            self.diagnoses.raise(wall, Diagnosis::EventsNotUnderstood { why });
        }
        if let Some(seconds) = vitals.stuck {
            self.diagnoses.raise(wall, Diagnosis::EngineRestarted { seconds });
            self.journal.keep_engine_after_restart(now);
        }
        if vitals.unsaved > 0 {
            self.diagnoses.raise(wall, Diagnosis::TriggersUnsaved { triggers: vitals.unsaved });
        }
    }

    /// Records the gap since an earlier worker last heard the stream.
    pub(super) fn resume_hearing(&mut self, known: bool, wall: Millis) {
        let Alive { at, streaming, gap } = self.alive;
        if self.profile.is_some() && !known {
            self.journal.log(&history::Entry::Started { at: wall });
        }
        if self.profile.is_none() {
            return;
        }
        // The worker may have died before it could note that a person paused it.
        let paused = self.pauses.everything().is_some();
        let cause = if paused { GapCause::Person } else { GapCause::Restart };
        match gap {
            Some(gap) => self.stream.resume_gap(gap.from.min(wall), gap.cause),
            None if streaming => self.stream.resume_gap(at.min(wall), cause),
            None => {}
        }
        if streaming && !paused {
            self.diagnoses.raise(wall, Diagnosis::WorkerRestarted { gap: wall.since(at) });
        }
    }

    /// Makes the polls that are due, and sends a signal. The next worker counts them before they are made, because a
    /// worker that is killed cannot tell of them any more.
    pub(super) fn poll(&mut self, sending: bool, now: Millis, wall: Millis, effects: &mut Effects) {
        if self.session.token(now).is_none() {
            return;
        }
        let signals = sending && self.dispatch.signal_at(self.polling.room_at()).is_some_and(|at| at <= now);
        if self.polling.outspends(usize::from(signals), now) {
            self.keep_alive_at = now.plus(KEEP_ALIVE);
            effects.push(Effect::KeepAlive { vitals: self.vitals(wall) });
        }
        let (Some(profile), Some(token)) = (&self.profile, self.session.token(now)) else { return };
        let (settings, turn) = (&profile.settings, turn!(self, now, wall, effects));
        if signals && self.dispatch.outbox.signals.send(settings, token, turn) {
            self.polling.spend(now);
        }
        self.polling.ask(token, settings, turn);
    }

    /// Whether the worker should be kept from idling to death.
    pub(super) fn is_busy(&self) -> bool {
        !self.stream.is_off() || self.polling.is_on() || self.awaits_person()
    }

    /// Whether a sign-in window is open: it ends with the worker that opened it.
    pub(super) fn awaits_person(&self) -> bool {
        self.probe.as_ref().is_some_and(Probe::awaits_person)
    }

    /// Whether the service is heard: by an open stream, or by polls in its place.
    pub(super) fn is_hearing(&self, now: Millis) -> bool {
        self.stream.is_open() || self.stream.is_off() && self.polling.is_watching(now)
    }

    /// The vitals for the next worker, in case the browser kills this one.
    pub(super) fn vitals(&mut self, wall: Millis) -> String {
        self.polling.reserve(self.clock.latest());
        // Until all of the journal is read, keep the earlier worker's last moment; otherwise its gap is lost, and so is
        // what waits for the rest.
        let alive = match self.phase {
            Phase::Running => {
                let streaming = self.is_hearing(self.clock.latest());
                Alive { at: wall, streaming, gap: self.stream.open_gap() }
            }
            _ => self.alive,
        };
        let vitals = Vitals {
            since: self.counters.since,
            triggers_before: self.counters.triggers_before,
            delivered_before: self.counters.delivered_before,
            alive_at: alive.at,
            streaming: alive.streaming,
            events: self.counters.events,
            rejected: self.counters.rejected.to_vec(),
            suppressed: self.counters.suppressed,
            minutes: self.metrics.stored_minutes(wall),
            frames: self.frames.stored(),
            trouble: self.trouble.clone(),
            gap: alive.gap,
            polls: self.polling.spending(),
            told: self.polling.legacy(),
            stuck: self.restarting,
            unsaved: if self.restarting.is_some() { self.journal.unsaved() } else { 0 },
        };
        json::write(&vitals)
    }
}
