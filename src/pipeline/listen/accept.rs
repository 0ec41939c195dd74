//! From a firing to a card that is accepted, or kept back with the reason in the log.

use crate::delivery::noise::Kept;
use crate::delivery::outbox::{CardState, CardView, Entry};
use crate::journal::history_key;
use crate::model::card::{Card, occurrence};
use crate::model::diagnosis::Diagnosis;
use crate::model::fingerprint::Fingerprint;
use crate::model::history;
use crate::model::history::{End, Trigger};
use crate::model::time::Millis;
use crate::pipeline::Pipeline;
use crate::pipeline::start::tracks_key;
use crate::rules::{Firing, Once};
use crate::settings::{Settings, TimeOfDay};

/// Cards kept for the popup.
const RECENT: usize = 5;

/// A firing in its circumstances.
struct Due<'p> {
    firing: Firing,
    interaction: Fingerprint,
    /// Names rule and episode within the interaction.
    occurrence: String,
    settings: &'p Settings,
    now: Millis,
    wall: Millis,
}

impl Pipeline {
    /// Fires what was held long enough, although no event came.
    pub(in crate::pipeline) fn end_holds(&mut self, now: Millis, wall: Millis) {
        if self.evaluator.next_deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        let Some(profile) = self.profile.take() else { return };
        let firings = self.evaluator.tick(now);
        self.accept_all(firings, &profile.settings, now, wall);
        self.profile = Some(profile);
    }

    /// Accepts what may have a card, then has written what the rules remember: a card must never be stored later than
    /// that its rule has fired, otherwise a worker killed in between loses the card.
    pub(super) fn accept_all(&mut self, firings: Vec<Firing>, settings: &Settings, now: Millis, wall: Millis) {
        let mut settled: Option<Fingerprint> = None;
        for firing in firings {
            let interaction = Fingerprint::of(&firing.event.id);
            let once_per_interaction = firing.rule.once == Once::Interaction;
            // The first that may fire stands for all; one that is snoozed makes way for the next.
            if once_per_interaction && settled == Some(interaction) {
                continue;
            }
            let occurrence = occurrence(&firing.rule.id, firing.episode).into_owned();
            let due = Due { firing, interaction, occurrence, settings, now, wall };
            if self.accept(due) && once_per_interaction {
                settled = Some(interaction);
            }
        }
        for (subject, tracks) in self.evaluator.take_changes() {
            match tracks {
                Some(tracks) => self.journal.put(tracks_key(subject), &tracks),
                None => self.journal.delete(tracks_key(subject)),
            };
        }
    }

    /// Returns whether that settles the event for its interaction.
    fn accept(&mut self, due: Due<'_>) -> bool {
        let Due { interaction, settings, now, wall, .. } = due;
        let rule = &due.firing.rule;
        if self.memory.has_fired(interaction, &due.occurrence, rule.once) {
            return false;
        }
        self.memory.sweep(now, &mut self.journal);
        let kept = self.kept_back(&due);
        if self.memory.was_kept_back(interaction, &due.occurrence) && (settings.dry_run || kept.is_some()) {
            return false; // Told before. What kept it back may end, and then it is due like any other.
        }
        if !settings.dry_run && self.dispatch.outbox.holds(interaction, &due.occurrence) {
            // Its card outlived the memory of it: that card is the one.
            self.memory.fire(interaction, &due.occurrence, now, &mut self.journal);
            return true;
        }
        let event = &due.firing.event;
        let card = rule.card.card(event, &rule.id, &due.firing.reason(), due.firing.episode, wall);
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
            verdicts: self.evaluator.verdicts(event),
            ..Trigger::default()
        };
        if let Some(kept) = kept {
            self.counters.suppressed = self.counters.suppressed.saturating_add(1);
            self.memory.fire_dry(interaction, &due.occurrence, false, now);
            trigger.end = Some(End::Suppressed { by: kept.name().to_owned() });
            self.journal.log(&history::Entry::Trigger(Box::new(trigger)));
            return kept != Kept::Snooze;
        }
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
        if settings.dry_run {
            let whole = rule.once == Once::Interaction;
            self.memory.fire_dry(interaction, &due.occurrence, whole, now);
            trigger.end = Some(End::DryRun);
            self.journal.log(&history::Entry::Trigger(Box::new(trigger)));
            view.state = CardState::DryRun;
        } else {
            if self.dispatch.outbox.is_full() {
                // It does not count as fired: the interaction's next event finds it due again.
                self.diagnoses.raise(wall, Diagnosis::OutboxFull);
                return true;
            }
            self.store_card(card, trigger, &due);
        }
        if settings.notify {
            let entry = history_key(self.journal.meta.history);
            self.alerts.trigger(view.reason.clone(), view.queue.clone(), entry);
        }
        self.metrics.trigger(view.queue.as_deref(), wall);
        self.journal.meta.triggers += 1;
        self.recent.push_front(view);
        self.recent.truncate(RECENT);
        true
    }

    fn store_card(&mut self, card: Card, trigger: Trigger, due: &Due<'_>) {
        let Due { interaction, settings, now, .. } = *due;
        let service = settings.base().http().to_owned();
        let mut entry = Entry::accept(card, trigger, service, now, settings.ttl, &mut self.journal);
        if due.firing.event.ends_interaction {
            entry.end_interaction(&mut self.journal);
        }
        self.memory.fire(interaction, &due.occurrence, now, &mut self.journal);
        self.spent.spend(settings, due.firing.event.queue.as_deref(), now, &mut self.journal);
        self.dispatch.outbox.insert(entry);
    }

    fn kept_back(&self, due: &Due<'_>) -> Option<Kept> {
        let queue = due.firing.event.queue.as_deref();
        if self.pauses.covering(queue, &due.firing.rule.id).is_some() {
            return Some(Kept::Snooze);
        }
        let local = TimeOfDay::at(due.wall.0, self.local_offset);
        self.spent.keeps(due.settings, queue, self.memory.times_fired(due.interaction), due.now, local)
    }
}
