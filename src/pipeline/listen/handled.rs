//! Triggers marked as handled: quiet until their rules clear, then as any other.

use crate::model::event::Event;
use crate::model::fingerprint::Subject;
use crate::model::time::Millis;
use crate::pipeline::Pipeline;
use crate::rules::Firing;

impl Pipeline {
    /// Whether a person handled what fires, and it has not cleared since.
    pub(super) fn is_handled(&self, subject: Subject, firing: &Firing) -> bool {
        let mark = self.handled.of(subject, &firing.rule.id);
        mark.is_some_and(|mark| !self.evaluator.has_cleared(subject, &mark.rule, mark.since, Some(&firing.event)))
    }

    /// Ends the marks of an interaction whose rules clear with this event, and all of them with the interaction.
    pub(super) fn end_handled(&mut self, subject: Subject, event: &Event<'_>, now: Millis) {
        if self.handled.see(subject, now, &mut self.journal) {
            let evaluator = &self.evaluator;
            let is_over = |rule: &str, since| evaluator.has_cleared(subject, rule, since, Some(event));
            self.handled.end(
                subject,
                |mark| event.ends_interaction || is_over(&mark.rule, mark.since),
                &mut self.journal,
            );
        }
    }

    /// Ends the marks of an interaction whose rules have cleared by the passing of time.
    pub(super) fn end_cleared(&mut self, subject: Subject) {
        let evaluator = &self.evaluator;
        let is_over = |rule: &str, since| evaluator.has_cleared(subject, rule, since, None);
        self.handled.end(subject, |mark| is_over(&mark.rule, mark.since), &mut self.journal);
    }
}
