//! The path of a frame: parsed, remembered, evaluated, and almost always nothing more.

use super::{Pipeline, Profile};
use crate::api::contract;
use crate::delivery::noise::Kept;
use crate::delivery::outbox::{CardState, CardView, Entry};
use crate::journal::history_key;
use crate::model::ask::SocketId;
use crate::model::diagnosis::Diagnosis;
use crate::model::event::{Event, Rejection};
use crate::model::fingerprint::Fingerprint;
use crate::model::history;
use crate::model::history::{End, Trigger};
use crate::model::time::Millis;
use crate::pipeline::effect::Effects;
use crate::rules;
use crate::rules::Rule;
use crate::settings::{OncePer, Settings, TimeOfDay};

/// The shipped rules have one episode for each interaction: they fire once.
const EPISODE: u32 = 1;

/// Cards kept for the popup.
const RECENT: usize = 5;

impl Pipeline {
    /// Takes a frame. Says whether it made anything due.
    pub(super) fn frame(
        &mut self,
        conn: SocketId,
        bytes: &[u8],
        now: Millis,
        wall: Millis,
        _effects: &mut Effects,
    ) -> bool {
        if !self.stream.is_current(conn) {
            return false;
        }
        self.stream.heard(now, wall);
        match contract::event::parse(bytes) {
            Ok(event) => {
                self.counters.events = self.counters.events.saturating_add(1);
                let understood = self.note_frame(None, wall);
                self.event(&event, now, wall) || understood
            }
            Err(rejection) => {
                let counter = &mut self.counters.rejected[rejection as usize];
                *counter = counter.saturating_add(1);
                self.note_frame(Some(rejection), wall)
            }
        }
    }

    /// Says whether that changes what is wrong.
    fn note_frame(&mut self, rejection: Option<Rejection>, wall: Millis) -> bool {
        let before = self.frames.not_understood();
        self.frames.note(rejection);
        let why = self.frames.not_understood();
        if why == before {
            return false;
        }
        match why {
            Some(why) => self.diagnoses.raise(wall, Diagnosis::EventsNotUnderstood { why }),
            None => self.diagnoses.clear(|wrong| matches!(wrong, Diagnosis::EventsNotUnderstood { .. })),
        }
    }

    fn event(&mut self, event: &Event<'_>, now: Millis, wall: Millis) -> bool {
        let interaction = Fingerprint::of(&event.id);
        self.metrics.event(event, interaction, wall);
        let Some(profile) = self.profile.take() else { return false };
        let revision = self.journal.revision();
        if event.ends_interaction {
            self.dispatch.end_interaction(interaction, &profile.settings, wall, &mut self.journal);
        }
        self.memory.see(interaction, now, &mut self.journal);
        match profile.settings.once_per {
            OncePer::Interaction => {
                // The first that may fire stands for all; one that is snoozed makes way for the next.
                for (_, rule) in profile.rules.true_rules(event) {
                    let reason = || rules::joined_reason(profile.rules.true_rules(event).map(|(_, rule)| rule), event);
                    if self.rule_is_true(rule, reason, event, interaction, &profile, now, wall) {
                        break;
                    }
                }
            }
            OncePer::Rule => {
                for (_, rule) in profile.rules.true_rules(event) {
                    let reason = || rules::reason(rule, event);
                    self.rule_is_true(rule, reason, event, interaction, &profile, now, wall);
                }
            }
        }
        self.profile = Some(profile);
        self.journal.revision() != revision || self.diagnoses.has_news()
    }

    /// Says whether that settles the event for its interaction.
    #[expect(clippy::too_many_arguments, reason = "one trigger's whole circumstances, used nowhere else")]
    fn rule_is_true(
        &mut self,
        rule: &Rule,
        reason: impl FnOnce() -> String,
        event: &Event<'_>,
        interaction: Fingerprint,
        profile: &Profile,
        now: Millis,
        wall: Millis,
    ) -> bool {
        let settings = &profile.settings;
        if self.memory.has_fired(interaction, &rule.id, settings.once_per) {
            return false;
        }
        self.memory.sweep(now, &mut self.journal);
        let kept = self.kept_back(rule, event, interaction, settings, now, wall);
        if self.memory.was_kept_back(interaction, &rule.id) && (settings.dry_run || kept.is_some()) {
            return false; // Told before. What kept it back may end, and then it is due like any other.
        }
        if !settings.dry_run && self.dispatch.outbox.holds(interaction, &rule.id) {
            // Its card outlived the memory of it: that card is the one.
            self.memory.fire(interaction, &rule.id, now, &mut self.journal);
            return true;
        }
        let card = rule.card.card(event, &rule.id, &reason(), EPISODE, wall);
        let mut trigger = Trigger {
            at: wall,
            interaction: card.interaction.clone(),
            rule: card.rule.clone(),
            reason: card.reason.clone(),
            queue: card.queue.clone(),
            score: event.sentiment_score,
            confidence: event.sentiment_confidence,
            wait_ms: event.queue_wait_ms,
            sentiment_threshold: settings.sentiment_threshold,
            wait_threshold_ms: settings.queue_wait_threshold,
            minimum_confidence: settings.minimum_confidence,
            verdicts: profile.rules.verdicts(event),
            ..Trigger::default()
        };
        let mut view = CardView {
            card_id: card.card_id.clone(),
            interaction: card.interaction.clone(),
            reason: card.reason.clone(),
            queue: card.queue.clone(),
            rule: card.rule.clone(),
            at: wall,
            state: CardState::Accepting,
            tries: 0,
            next_try: None,
        };
        if let Some(kept) = kept {
            self.counters.suppressed = self.counters.suppressed.saturating_add(1);
            self.memory.fire_dry(interaction, &rule.id, false, now);
            trigger.end = Some(End::Suppressed { by: kept.name().to_owned() });
            self.journal.log(&history::Entry::Trigger(Box::new(trigger)));
            return kept != Kept::Snooze;
        }
        if settings.dry_run {
            let whole = settings.once_per == OncePer::Interaction;
            self.memory.fire_dry(interaction, &rule.id, whole, now);
            trigger.end = Some(End::DryRun);
            self.journal.log(&history::Entry::Trigger(Box::new(trigger)));
            view.state = CardState::DryRun;
        } else {
            if self.dispatch.outbox.is_full() {
                // It does not count as fired: the interaction's next event finds it due again.
                self.diagnoses.raise(wall, Diagnosis::OutboxFull);
                return true;
            }
            let service = settings.base().http().to_owned();
            let mut entry = Entry::accept(card, trigger, service, now, settings.ttl, &mut self.journal);
            if event.ends_interaction {
                entry.end_interaction(&mut self.journal);
            }
            self.memory.fire(interaction, &rule.id, now, &mut self.journal);
            self.spent.spend(settings, event.queue.as_deref(), now, &mut self.journal);
            self.dispatch.outbox.insert(entry);
        }
        if settings.notify {
            let entry = history_key(self.journal.meta.history);
            self.alerts.trigger(view.reason.clone(), view.queue.clone(), entry);
        }
        self.metrics.trigger(event.queue.as_deref(), wall);
        self.journal.meta.triggers += 1;
        self.recent.push_front(view);
        self.recent.truncate(RECENT);
        true
    }

    fn kept_back(
        &self,
        rule: &Rule,
        event: &Event<'_>,
        interaction: Fingerprint,
        settings: &Settings,
        now: Millis,
        wall: Millis,
    ) -> Option<Kept> {
        let queue = event.queue.as_deref();
        if self.pauses.covering(queue, &rule.id).is_some() {
            return Some(Kept::Snooze);
        }
        let local = TimeOfDay::at(wall.0, self.local_offset);
        self.spent.keeps(settings, queue, self.memory.times_fired(interaction), now, local)
    }
}
