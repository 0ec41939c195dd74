//! What brings a dead worker back: the alarm, and the watch page.

use crate::shell::Guard;
use crate::tally::Fault;
use crate::world::{Event, World};

/// The alarm's period.
const PERIOD: u64 = 30_000;

/// The watch page is there while something is due sooner than this.
const WATCHED: u64 = 60_000;

impl World {
    /// Sees to what must bring a dead worker back.
    pub(crate) fn secure(&mut self) {
        let due = self.worker.pipeline.next_deadline().map(|due| due.0.saturating_sub(self.wall()));
        let guard = match due {
            None => Guard::None,
            Some(span) if span < WATCHED => Guard::Watch,
            Some(_) => Guard::Alarm,
        };
        if guard != self.worker.guard || !self.worker.told {
            (self.worker.guard, self.worker.told) = (guard, true);
            match guard {
                Guard::None => self.worker.alarm = None,
                _ if self.worker.alarm.is_none() => self.set_alarm(),
                _ => {}
            }
        }
    }

    pub(crate) fn set_alarm(&mut self) {
        self.worker.alarms += 1;
        let alarm = self.worker.alarms;
        self.worker.alarm = Some(alarm);
        self.after(PERIOD, Event::Alarm(alarm));
    }

    pub(crate) fn alarm(&mut self, arming: u32) {
        if self.worker.alarm != Some(arming) {
            return;
        }
        let mut next = PERIOD;
        if self.strikes(Fault::AlarmLate) {
            next += self.dice.between(1_000, 60_000);
        }
        self.after(next, Event::Alarm(arming));
        if self.strikes(Fault::AlarmMissing) {
            return;
        }
        self.wake();
        if self.strikes(Fault::AlarmDoubled) {
            self.wake();
        }
    }
}
