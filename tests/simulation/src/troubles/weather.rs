//! The fate of a computer: sleep, clocks that are set, networks that fail, disks that fill up.

use cuewire::pipeline::input::Input;

use crate::tally::Fault;
use crate::world::World;
use crate::world::event::Event;
use crate::world::worker::State;

/// A record that a newer version wrote.
const FROM_THE_FUTURE: &str = "9:b888110c:{\"from\":\"the future\"}";

impl World {
    /// Maybe something happens; maybe it is over.
    pub(crate) fn weather(&mut self) {
        if self.healed_at.is_some() {
            return;
        }
        self.after(self.plan.weather_every, Event::Weather);
        self.feel_like_something();
        self.change_troubles();
        self.change_clock();
        if self.strikes(Fault::Outage) {
            self.down_until = self.now + self.dice.between(1_000, 60_000);
            for at in 0..self.sockets.len() {
                if self.sockets[at].served && self.dice.chance(500) {
                    self.after(5, Event::Closes(at, 1006));
                } else if self.sockets[at].served {
                    self.sockets[at].half_open = true;
                }
            }
        }
        if self.strikes(Fault::NotPermitted) {
            self.forbidden_until = self.now + self.dice.between(1_000, 30_000);
        }
        if self.strikes(Fault::OnlineFlaps) {
            self.ledger.pushes.push(self.now + self.forward);
            self.ledger.stream_not_before = 0;
            self.feed(Input::OnlineChanged(false));
            self.feed(Input::OnlineChanged(true));
        }
        if self.storage.capacity.is_some() {
            if self.dice.chance(300) {
                self.storage.capacity = None;
            }
        } else if self.chance_of(Fault::QuotaFull) {
            let room = self.dice.below(600) as usize;
            self.storage.fill_up(room);
        }
        if self.chance_of(Fault::Unreadable) {
            self.storage.unreadable_until = self.now + self.dice.between(1_000, 40_000);
            self.end_worker();
        }
        if self.storage.ours.is_none() && self.worker.state != State::Dead && self.strikes(Fault::Newer) {
            self.end_worker();
            let meta = self.storage.journal.insert("meta".to_owned(), FROM_THE_FUTURE.to_owned());
            self.storage.ours = Some(meta);
            self.storage.count();
            self.ledger.newer_copy = Some(self.storage.journal.clone());
            let span = self.dice.between(2_000, 40_000);
            self.after(span, Event::Older);
            self.after(span, Event::Wake);
        }
        if self.worker.state != State::Dead && self.strikes(Fault::KilledBeforeInput) {
            self.kill(None);
        }
    }

    /// Whether a fault may strike; what comes of it counts later.
    fn chance_of(&mut self, fault: Fault) -> bool {
        self.healed_at.is_none() && self.dice.chance(u32::from(self.plan.rates[fault as usize]))
    }

    fn change_clock(&mut self) {
        if self.strikes(Fault::Sleep) {
            self.clock_was_odd = true;
            let span = self.dice.pick(&[5_000, 40_000, 120_000, 1_200_000, 28_800_000]);
            let span = self.dice.between(span / 2, span);
            self.sleep(span);
            for at in 0..self.sockets.len() {
                if self.sockets[at].served {
                    match self.dice.chance(300) {
                        true => self.sockets[at].half_open = true,
                        false => self.after(10, Event::Closes(at, 1006)),
                    }
                }
            }
        }
        let span = self.dice.pick(&[1_000, 30_000, 600_000, 3_600_000, 172_800_000]);
        let jump = self.dice.between(span / 10, span);
        if self.strikes(Fault::ClockForward) {
            self.clock_was_odd = true;
            self.skew += jump as i64;
            self.forward += jump;
        }
        if self.strikes(Fault::ClockBack) {
            (self.clock_was_odd, self.clock_went_back) = (true, true);
            self.skew -= jump as i64;
        }
    }

    /// Ends a worker for a reason of the world's.
    pub(crate) fn end_worker(&mut self) {
        if self.worker.state != State::Dead {
            self.kill(None);
            self.after(50, Event::Wake);
        }
    }

    /// Damage to stored records while no worker ran.
    pub(crate) fn damage_storage(&mut self) {
        if self.storage.ours.is_some() || self.now < self.storage.unreadable_until {
            return;
        }
        let has_records = !self.storage.journal.is_empty() && self.storage.marker;
        if has_records && self.strikes(Fault::Emptied) {
            self.storage.journal.clear();
            self.storage.history.clear();
            self.storage.count();
            self.note_emptied();
            return;
        }
        if has_records && self.strikes(Fault::OldRecords) {
            self.become_old();
        }
        if let Some(key) = self.storage.journal.keys().find(|key| key.starts_with("hold/")).cloned()
            && !self.storage.damaged.contains(&key)
            && self.strikes(Fault::HoldDamaged)
        {
            self.damage(key);
        }
        let sound = |key: &&String| !key.starts_with("aside/") && !self.storage.damaged.contains(key);
        let keys: Vec<String> = self.storage.journal.keys().filter(sound).cloned().collect();
        if !keys.is_empty() && self.strikes(Fault::RecordDamaged) {
            let key = keys[self.dice.below(keys.len() as u64) as usize].clone();
            self.damage(key);
        }
    }

    /// Flips one bit of a record.
    pub(crate) fn damage(&mut self, key: String) {
        let (place, bit) = (self.dice.roll(), self.dice.below(6));
        let lines = self.storage.lines_in(&key);
        if let Some(text) = self.storage.journal.get_mut(&key) {
            let mut bytes = std::mem::take(text).into_bytes();
            let at = (place % bytes.len() as u64) as usize;
            let at = (at..bytes.len()).find(|at| bytes[*at].is_ascii()).unwrap_or(0);
            bytes[at] ^= 1 << bit;
            *text = String::from_utf8(bytes).unwrap_or_default();
        }
        self.note_damage(&key);
        lines.into_keys().for_each(|key| self.note_damaged_line(&key));
        self.storage.damaged.push(key);
    }
}
