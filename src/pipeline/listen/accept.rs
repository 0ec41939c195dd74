//! From a firing to an accepted card, or to a log entry that says why there is no card.

use crate::delivery::noise::Kept;
use crate::delivery::outbox::{CardState, CardView, Entry};
use crate::model::card::{Card, occurrence};
use crate::model::diagnosis::Diagnosis;
use crate::model::fingerprint::Subject;
use crate::model::history;
use crate::model::history::{Course, End, Trigger};
use crate::model::time::{Millis, Moment};
use crate::pipeline::Pipeline;
use crate::pipeline::profile::Profile;
use crate::pipeline::start::tracks_key;
use crate::rules::{Firing, Once};
use crate::settings::{Settings, TimeOfDay};
use crate::views::status::RuleView;

/// Cards kept for the popup.
const RECENT: usize = 5;

/// A firing in its circumstances.
struct Due<'p> {
    firing: Firing,
    subject: Subject,
    /// Names rule and episode within the interaction.
    occurrence: String,
    settings: &'p Settings,
    now: Millis,
    wall: Millis,
}

impl Pipeline {
    /// Fires what was held long enough, although no event came.
    pub(in crate::pipeline) fn end_holds(&mut self, now: Millis, wall: Millis) {
        if self.evaluator.next_deadline().is_some_and(|deadline| deadline <= now)
            && let Some(profile) = self.profile.take()
        {
            self.pass(&profile, now, wall);
            self.profile = Some(profile);
        }
    }

    /// Accepts the firings that time has brought by now.
    pub(super) fn pass(&mut self, profile: &Profile, now: Millis, wall: Millis) {
        self.evaluator.set_skew(now.since(wall));
        if self.evaluator.next_deadline().is_some_and(|deadline| deadline <= now) {
            let firings = self.evaluator.tick(now);
            self.accept_all(firings, profile, now, wall);
        }
    }

    /// Accepts what may have a card, then has written what the rules remember: a card must never be stored later than
    /// that its rule has fired, otherwise a worker killed in between loses the card.
    #[inline(always)]
    pub(super) fn accept_all(&mut self, firings: Vec<Firing>, profile: &Profile, now: Millis, wall: Millis) {
        if !firings.is_empty() || self.evaluator.has_changes() {
            self.accept_some(firings, profile, now, wall);
        }
    }

    fn accept_some(&mut self, firings: Vec<Firing>, profile: &Profile, now: Millis, wall: Millis) {
        let settings = &profile.settings;
        let mut settled: Option<Subject> = None;
        for firing in firings {
            let subject = Subject::of(profile.connection, &firing.event.id);
            let once_per_interaction = firing.rule.once == Once::Interaction;
            if firing.is_shadow() {
                self.tell_shadow(subject, &firing, Moment { now, wall });
                continue;
            }
            // The first rule that may fire has the card. A snoozed rule leaves the card to the next rule.
            if once_per_interaction && settled == Some(subject) {
                continue;
            }
            let occurrence = occurrence(&firing.rule.id, firing.episode).into_owned();
            let due = Due { firing, subject, occurrence, settings, now, wall };
            if self.accept(due) && once_per_interaction {
                settled = Some(subject);
            }
        }
        for (subject, tracks) in self.evaluator.take_changes() {
            self.end_cleared(subject);
            match tracks {
                Some(tracks) => self.journal.put(tracks_key(subject), &tracks),
                None => self.journal.delete(tracks_key(subject)),
            };
        }
    }

    /// Logs once what a rule that is only tried would have had a card for. Live rules know nothing of it.
    fn tell_shadow(&mut self, subject: Subject, firing: &Firing, moment: Moment) {
        let Subject { connection, interaction } = subject;
        let occurrence = occurrence(&firing.rule.id, firing.episode);
        let is_muted = firing.muted_by.is_some() && !self.grouped.frees(connection, firing);
        if is_muted || self.tried.has(interaction, &occurrence) {
            return;
        }
        self.tried.tell(interaction, &occurrence);
        self.log_unsent(&card_of(firing, moment), firing, End::Shadow);
    }

    /// Returns whether that settles the event for its interaction.
    fn accept(&mut self, due: Due<'_>) -> bool {
        let Due { subject, settings, now, wall, .. } = due;
        let rule = &due.firing.rule;
        if self.dispatch.memory.has_fired(subject, &due.occurrence, rule.once) {
            return false;
        }
        self.dispatch.memory.sweep(now, &mut self.journal);
        let kept = self.kept_back(&due);
        if self.dispatch.memory.was_kept_back(subject, &due.occurrence) && (settings.dry_run || kept.is_some()) {
            return false; // Told before. What kept it back may end, and then it is due like any other.
        }
        if !settings.dry_run && self.dispatch.outbox.holds(subject, &due.occurrence) {
            // Its card outlived the memory of it: that card is the one.
            self.dispatch.memory.regain(subject, &due.occurrence, now, &mut self.journal);
            return true;
        }
        let card = card_of(&due.firing, Moment { now, wall });
        if let Some(kept) = kept {
            self.counters.suppressed = self.counters.suppressed.saturating_add(1);
            self.dispatch.memory.fire_dry(subject, &due.occurrence, false, now);
            self.log_unsent(&card, &due.firing, End::Suppressed { by: kept.name().to_owned() });
            return !matches!(kept, Kept::Snooze | Kept::Handled | Kept::Inhibition | Kept::Group);
        }
        let mut view = CardView::new(subject.connection, &card, &due.firing.evidence, 0);
        if settings.dry_run {
            let whole = rule.once == Once::Interaction;
            self.dispatch.memory.fire_dry(subject, &due.occurrence, whole, now);
            view.state = CardState::DryRun;
            view.entry = self.log_unsent(&card, &due.firing, End::DryRun);
            self.grouped.begin(subject.connection, &due.firing, &due.occurrence, &mut self.journal);
        } else {
            if self.dispatch.outbox.is_full() {
                // The rule does not count as fired: the interaction's next event finds it due again.
                self.diagnoses.raise(wall, Diagnosis::OutboxFull);
                return true;
            }
            view.entry = self.store_card(card, &due);
        }
        if settings.notify {
            self.alerts.trigger(view.clone(), RuleView::from(&**rule));
        }
        self.metrics.trigger(view.queue.as_deref(), wall);
        self.journal.meta.triggers += 1;
        self.recent.push_front(view);
        self.recent.truncate(RECENT);
        true
    }

    /// Logs a trigger whose card is never sent. Returns the number of the entry.
    fn log_unsent(&mut self, card: &Card, firing: &Firing, end: End) -> u64 {
        let course = Course { evidence: firing.evidence.clone(), end: Some(end), ..Course::default() };
        self.journal.log(&history::Entry::Trigger(Box::new(Trigger::of(card, course))))
    }

    /// Returns the number of the log entry.
    fn store_card(&mut self, card: Card, due: &Due<'_>) -> u64 {
        let Due { subject, settings, now, .. } = *due;
        let evidence = due.firing.evidence.clone();
        let mut entry = Entry::accept(card, evidence, settings, now, &mut self.journal);
        if due.firing.event.ends_interaction {
            entry.end_interaction(&mut self.journal);
        }
        if let Some(reader) = self.polling.readers(settings).of(&entry.card().interaction, now) {
            entry.accept_for(reader, &mut self.journal);
        }
        self.dispatch.memory.carry(subject, &due.occurrence, now);
        self.spent.spend(settings, due.firing.event.queue.as_deref(), now, &mut self.journal);
        self.grouped.begin(subject.connection, &due.firing, &due.occurrence, &mut self.journal);
        let log = entry.log();
        self.dispatch.outbox.insert(entry);
        log
    }

    fn kept_back(&self, due: &Due<'_>) -> Option<Kept> {
        let queue = due.firing.event.queue.as_deref();
        if self.pauses.covering(queue, &due.firing.rule.id).is_some() {
            return Some(Kept::Snooze);
        }
        if self.is_handled(due.subject, &due.firing) {
            return Some(Kept::Handled);
        }
        let (connection, firing) = (due.subject.connection, &due.firing);
        if firing.muted_by.is_some() && !self.grouped.frees(connection, firing) {
            return Some(Kept::Inhibition);
        }
        if self.grouped.keeps(connection, firing, &self.dispatch.outbox) {
            return Some(Kept::Group);
        }
        let local = TimeOfDay::at(due.wall.0, self.local_offset);
        self.spent.keeps(due.settings, queue, self.dispatch.memory.times_fired(due.subject), due.now, local)
    }
}

/// The card says when its rule fired: a hold may have ended while no worker was awake.
fn card_of(firing: &Firing, Moment { now, wall }: Moment) -> Card {
    let (rule, wall) = (&firing.rule, wall.since(now.since(firing.at)));
    rule.card.card(&firing.event, &rule.id, &firing.reason(), firing.episode, wall)
}
