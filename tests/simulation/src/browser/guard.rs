//! The alarm and the watch page, which bring a dead worker back.

use cuewire::shell::ports::Guard;

use crate::tally::Fault;
use crate::world::World;
use crate::world::event::Event;

/// The alarm's period.
const PERIOD: u64 = 30_000;

impl World {
    /// The worker says what must bring it back once it is dead.
    pub(crate) fn set_guard(&mut self, guard: Guard) {
        self.worker.guard = guard;
        match guard {
            Guard::None => self.worker.alarm = None,
            _ if self.worker.alarm.is_none() => self.set_alarm(),
            _ => {}
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
