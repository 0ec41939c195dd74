//! When an update of the extension may take the place of what runs.

use super::{Effects, Phase, Pipeline};
use crate::model::time::Millis;
use crate::pipeline::effect::Effect;

/// An update waits for a quiet moment, but no longer than this.
const LONGEST_WAIT: Millis = Millis::from_mins(60);

impl Pipeline {
    /// Loads the extension again where the browser holds an update ready and nothing is lost by it.
    pub(super) fn update_when_quiet(&mut self, now: Millis, wall: Millis, effects: &mut Effects) {
        let Some(since) = self.update.filter(|since| self.is_quiet() || since.plus(LONGEST_WAIT) <= now) else {
            return;
        };
        // Should the browser not do it, it is asked again an hour later and not at once.
        self.update = Some(since.max(now));
        self.reloading = true;
        effects.push(Effect::KeepAlive { vitals: self.vitals(wall) });
        effects.push(Effect::Reload);
    }

    /// The latest instant of the update.
    pub(super) fn update_deadline(&self) -> Option<Millis> {
        self.update.map(|since| since.plus(LONGEST_WAIT))
    }

    /// Nothing is in flight, nothing is being written, nothing waits, and nobody looks or is about to be answered.
    fn is_quiet(&self) -> bool {
        !self.reloading
            && self.phase != Phase::Starting
            && self.recall.is_none()
            && self.dispatch.outbox.open() == 0
            && self.journal.is_idle()
            && self.orders.is_empty()
            && self.awaiting.is_empty()
            && self.probe.is_none()
            && self.pages.open == 0
    }
}
