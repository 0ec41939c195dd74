//! Events that change nothing: nearly all of them.

use super::Evaluator;
use super::plan::Compiled;
use super::talk::Talk;
use crate::model::event::{Event, text};
use crate::model::time::Millis;

impl Evaluator {
    /// Whether an event leaves everything as it is, so that nothing has to be made for it: no rule remembers anything or
    /// looks at queues, and none is true. Otherwise the event has not been taken.
    #[inline(always)]
    pub fn passes_by(&mut self, now: Millis, event: &Event<'_>) -> bool {
        let plan = &self.plan;
        if plan.remembers || plan.queues || event.ends_interaction || !self.due.is_empty() {
            return false;
        }
        self.now = now;
        let fields = self.plan.fields_of(event);
        let (around, talk) = (self.around(now), Talk::default());
        let is_true = |compiled: &Compiled| {
            compiled.may_be_true(event)
                && compiled.is_touched_by(fields)
                && compiled.rule.queues.hear(text(&event.queue))
                && talk.is_true(compiled, event, around)
        };
        !self.plan.rules.iter().any(is_true)
    }
}
