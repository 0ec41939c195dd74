//! The path of a frame, or of an event in the answer to a poll: parsed, remembered, evaluated, and almost always nothing more.

mod accept;
mod handled;
mod record;

use super::effect::Effects;
use super::profile::Profile;
use super::{PUBLISH_INTERVAL, Phase, Pipeline};
use crate::api;
use crate::api::extras;
use crate::model::ask::SocketId;
use crate::model::card::occurrence;
use crate::model::diagnosis::Diagnosis;
use crate::model::event::{Event, Rejection, text};
use crate::model::fingerprint::{Fingerprint, Subject};
use crate::model::http::Outcome;
use crate::model::time::{Millis, Moment};
use crate::rules::Mode;
use crate::rules::window::Group;

impl Pipeline {
    /// Takes a frame, and the firings that time brings with it.
    pub fn handle_frame(&mut self, conn: SocketId, bytes: &[u8], wall: Millis, effects: &mut Effects) {
        let now = self.clock.read(wall);
        let quiet = !self.frame(conn, bytes, now, wall);
        self.pages.news = true;
        if !quiet || self.deadline.is_some_and(|deadline| deadline <= now) {
            self.advance(wall, effects);
            return;
        }
        // A value that this event said may leave its window before anything else is due.
        let publish_at = self.pages.published_at.plus(PUBLISH_INTERVAL);
        let publish_at = (self.pages.open > 0).then_some(publish_at);
        let moves = self.evaluator.next_wake().filter(|_| self.phase == Phase::Running && self.profile.is_some());
        self.deadline = [self.deadline, publish_at, moves].into_iter().flatten().min();
    }

    /// Takes a frame. Says whether it made anything due.
    fn frame(&mut self, conn: SocketId, bytes: &[u8], now: Millis, wall: Millis) -> bool {
        if !self.stream.is_current(conn) {
            return false;
        }
        let Some(profile) = &self.profile else { return false };
        let connection = profile.connection;
        self.stream.heard(now, wall);
        match &mut self.recall {
            Some(recall) => recall.keep_frame(bytes, connection, Moment { now, wall }),
            None => self.hear(bytes, now, wall),
        }
    }

    /// Takes what a frame says.
    pub(super) fn hear(&mut self, bytes: &[u8], now: Millis, wall: Millis) -> bool {
        let Some(profile) = &self.profile else { return false };
        match api::of(profile.settings.base()).event(bytes) {
            Ok(Some(mut event)) => {
                let pointers = self.evaluator.pointers();
                if !pointers.is_empty() {
                    event.extra = extras::read(bytes, pointers);
                }
                self.heard(&event, now, wall)
            }
            Ok(None) => false,
            Err(rejection) => self.rejected(rejection, wall),
        }
    }

    /// Takes the answer of a poll. Says whether it could be read.
    pub(super) fn polled(&mut self, poll: usize, outcome: &Outcome, now: Millis, wall: Millis) -> bool {
        let Some(mut poller) = self.polling.take() else { return false };
        // A card that comes of an event asks the poller who reads the card, so the events wait until it is back.
        let mut events = Vec::new();
        let read = poller.read(poll, outcome, Moment { now, wall }, &mut |event| events.push(event.kept()));
        self.polling.put(poller);
        for event in &events {
            self.heard(event, now, wall);
        }
        self.dispatch.outbox.recall();
        match read {
            Err(rejection) => drop(self.rejected(rejection, wall)),
            // An answer in which nothing is new is understood, too.
            Ok(()) if events.is_empty() => drop(self.note_frame(None, wall)),
            Ok(()) => {}
        }
        read.is_ok()
    }

    fn heard(&mut self, event: &Event<'_>, now: Millis, wall: Millis) -> bool {
        self.counters.events = self.counters.events.saturating_add(1);
        let understood = self.note_frame(None, wall);
        self.event(event, now, wall) || understood
    }

    fn rejected(&mut self, rejection: Rejection, wall: Millis) -> bool {
        let counter = &mut self.counters.rejected[rejection as usize];
        *counter = counter.saturating_add(1);
        self.note_frame(Some(rejection), wall)
    }

    /// Says whether that changes what is wrong.
    #[inline(always)]
    fn note_frame(&mut self, rejection: Option<Rejection>, wall: Millis) -> bool {
        self.frames.note(rejection) && self.tell_understood(wall)
    }

    fn tell_understood(&mut self, wall: Millis) -> bool {
        match self.frames.not_understood() {
            Some(why) => self.diagnoses.raise(wall, Diagnosis::EventsNotUnderstood { why }),
            None => self.diagnoses.clear(|wrong| matches!(wrong, Diagnosis::EventsNotUnderstood { .. })),
        }
    }

    fn event(&mut self, event: &Event<'_>, now: Millis, wall: Millis) -> bool {
        let interaction = Fingerprint::of(&event.id);
        match self.queues.hear(interaction, event) {
            None => self.evaluate(event, interaction, now, wall),
            Some(queue) => self.evaluate(&event.in_queue(&queue), interaction, now, wall),
        }
    }

    fn evaluate(&mut self, event: &Event<'_>, interaction: Fingerprint, now: Millis, wall: Millis) -> bool {
        self.metrics.event(event, interaction, wall);
        match self.legend.is_empty() {
            true => self.recorder.hear(now, interaction, event, &[]),
            false => self.recorder.hear(now, interaction, event, &self.legend.said(event)),
        }
        let Some(profile) = self.profile.take() else { return false };
        let subject = Subject { connection: profile.connection, interaction };
        let revision = self.journal.revision();
        if event.ends_interaction {
            self.dispatch.end_interaction(subject, &profile.settings, wall, &mut self.journal);
        }
        self.dispatch.memory.see(subject, now, &mut self.journal);
        self.evaluator.sweep(now, profile.settings.remember);
        // A firing that time has brought has its card first; otherwise a rule that can have none any more counts as a
        // trigger.
        self.pass(&profile, now, wall);
        if !self.evaluator.passes_by(now, event) || self.evaluator.has_changes() {
            self.observe(event, subject, &profile, Moment { now, wall });
        }
        self.end_handled(subject, event, now);
        let evaluator = &self.evaluator;
        let has_calmed = |group: &Group| evaluator.has_calmed(&group.rule, group.since, event);
        self.grouped.end(subject.connection, text(&event.queue), now, has_calmed, &mut self.journal);
        self.profile = Some(profile);
        self.journal.revision() != revision || self.diagnoses.has_news()
    }

    /// Has the rules hear an event that may change something. Apart, because nearly no event does.
    #[inline(never)]
    fn observe(&mut self, event: &Event<'_>, subject: Subject, profile: &Profile, at: Moment) {
        let (memory, tried) = (&self.dispatch.memory, &self.tried);
        let firings = self.evaluator.observe(at.now, event, |rule, episode| {
            let occurrence = occurrence(&rule.id, episode);
            match rule.mode {
                Mode::Live => !memory.has_fired(subject, &occurrence, rule.once),
                Mode::Shadow => !tried.has(subject.interaction, &occurrence),
            }
        });
        self.accept_all(firings, profile, at.now, at.wall);
    }
}
