//! Triggers that a person marks as handled.

use super::kept_note;
use crate::delivery::handled::{HandledView, Mark};
use crate::delivery::noise::Kept;
use crate::delivery::outbox::CardState;
use crate::journal::turn::Turn;
use crate::model::fingerprint::Subject;
use crate::model::history::{End, Entry, Pointed};
use crate::model::time::Millis;
use crate::pipeline::effect::Effects;
use crate::pipeline::{Pipeline, turn};

/// The longest id of an interaction that an event may have, in bytes.
const ID_LIMIT: usize = 1_024;

impl Pipeline {
    /// Withdraws the trigger's card unless a server has it, and keeps its rule quiet until it clears.
    pub(super) fn mark_handled(
        &mut self,
        trigger: Pointed,
        note: Option<String>,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) {
        let trigger = kept(trigger);
        let by = self.profile.as_ref().and_then(|profile| profile.settings.your_name.clone());
        let note = note.map(kept_note).filter(|note| !note.is_empty());
        let subject = self.subject_of(&trigger);
        // The mark's changes are one group: the card's removal, the mark and its log entry.
        self.journal.next_group();
        let withdrew = subject.and_then(|subject| self.withdraw(subject, &trigger, now, wall, effects));
        let Pointed { entry, rule, .. } = trigger.clone();
        let mark = Mark { rule, since: now, at: wall, by: by.clone(), note: note.clone(), entry, withdrew };
        for recent in self.recent.iter_mut().filter(|recent| recent.entry == entry) {
            recent.handled = Some(HandledView::from(&mark));
            if mark.withdrew.is_some() {
                recent.state = CardState::Withdrawn;
            }
        }
        if let Some(subject) = subject
            && (mark.withdrew.is_some() || !self.evaluator.has_cleared(subject, &mark.rule, now, None))
        {
            self.handled.mark(subject, mark, now, &mut self.journal);
        }
        self.journal.log(&Entry::Handled { at: wall, trigger, by, note });
    }

    /// Takes a mark back: what it kept quiet is due again as soon as an event finds it true.
    pub(super) fn unmark_handled(&mut self, entry: u64, now: Millis, wall: Millis) {
        self.journal.next_group();
        if let Some((subject, mark)) = self.handled.unmark(entry, &mut self.journal)
            && let Some(occurrence) = mark.withdrew
        {
            self.dispatch.memory.lose(subject, &occurrence, now, &mut self.journal);
        }
        self.recent.iter_mut().filter(|recent| recent.entry == entry).for_each(|recent| recent.handled = None);
        self.journal.log(&Entry::Unhandled { at: wall, entry });
    }

    fn subject_of(&self, trigger: &Pointed) -> Option<Subject> {
        self.profile.as_ref().map(|profile| Subject::of(profile.connection, &trigger.interaction))
    }

    /// Closes the trigger's card where no server has it. Returns its occurrence.
    fn withdraw(
        &mut self,
        subject: Subject,
        trigger: &Pointed,
        now: Millis,
        wall: Millis,
        effects: &mut Effects,
    ) -> Option<String> {
        let turn = turn!(self, now, wall, effects);
        let outbox = &mut self.dispatch.outbox;
        let is_meant = |entry: &crate::delivery::outbox::Entry| {
            entry.log() == trigger.entry && entry.subject() == subject && !entry.is_leaving()
        };
        let sequence = outbox.iter().find(|entry| is_meant(entry))?.sequence();
        let mut entry = outbox.take(sequence)?;
        if let Some(sending) = entry.sending() {
            outbox.flights.give_up(sending.id);
            turn.effects.abort(sending.id);
        }
        let occurrence = entry.card().occurrence().into_owned();
        entry.close(End::Suppressed { by: Kept::Handled.name().to_owned() }, &mut self.dispatch.memory, turn);
        outbox.put(entry);
        Some(occurrence)
    }
}

/// Whatever a page sends, no more is stored than an event can bring.
fn kept(trigger: Pointed) -> Pointed {
    let cut = |text: &str| text[..text.floor_char_boundary(ID_LIMIT)].to_owned();
    Pointed { interaction: cut(&trigger.interaction), rule: cut(&trigger.rule), ..trigger }
}
