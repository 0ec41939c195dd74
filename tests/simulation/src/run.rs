//! The loop of a schedule: its events happen one after another.

use crate::checks::in_time::TICK;
use crate::outcome::Outcome;
use crate::tally::{Check, Fault};
use crate::world::World;
use crate::world::event::Event;
use crate::world::interaction::Interaction;
use crate::world::wish::Wish;

/// The most events of a schedule: more is a loop.
const EVENT_LIMIT: u32 = 60_000;

/// Further events allowed for each interaction of a crowd.
const EVENTS_OF_A_CARD: u32 = 60;

impl World {
    /// Lets everything happen.
    pub fn run(mut self) -> Outcome {
        self.begin();
        let mut events = 0;
        let limit = EVENT_LIMIT + EVENTS_OF_A_CARD * self.plan.crowd as u32;
        while let Some((at, event)) = self.agenda.next() {
            if at < self.asleep_until && event.is_local() {
                self.postponed.push(event);
                continue;
            }
            self.now = at;
            self.trace.now = at;
            self.happen(event);
            events += 1;
            if events > limit {
                self.fail(Check::NoBusyLoop, || format!("more than {limit} events"));
            }
            if self.finished || self.violation.is_some() {
                break;
            }
        }
        self.tally.schedules = 1;
        self.tally.virtual_time = self.now;
        Outcome {
            hash: self.trace.hash(),
            tally: self.tally,
            violation: self.violation,
            lines: self.trace.into_lines(),
        }
    }

    fn begin(&mut self) {
        let odd = self.steps.is_empty();
        let crowd = self.plan.interactions - self.plan.crowd;
        for number in 0..self.plan.interactions {
            let host = usize::from(number % 4 == 3 && number < crowd);
            self.interactions.push(Interaction::new(number, host, odd, &mut self.dice));
        }
        for at in 0..crowd {
            if self.twins || odd && self.dice.chance(100) {
                let other = 1 - self.interactions[at].host;
                let mut twin = Interaction::with_id(self.interactions[at].id.clone(), other);
                twin.twin = Some(at);
                self.interactions[at].twin = Some(self.interactions.len());
                self.interactions.push(twin);
            }
        }
        for host in 0..2 {
            let rate = u32::from(self.plan.rates[Fault::IgnoresCardId as usize]);
            self.servers[host].ignores_card_id = self.dice.chance(rate);
        }
        if self.plan.set_up {
            self.storage.save(0, &self.setups[0]);
        } else {
            self.act_in(200, Wish::Save(0));
        }
        self.begin_troubles();
        self.at(0, Event::Wake);
        self.after(TICK, Event::Judges);
        let heal_at = self.plan.heal_at;
        self.at(heal_at, Event::Heals);
        let pause = self.dice.between(50, self.plan.speak_every.max(51));
        self.after(pause, Event::Speaks);
        self.after(self.plan.weather_every, Event::Weather);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Alarm(arming) => self.alarm(arming),
            Event::Wake => self.wake(),
            Event::Loaded(life) => self.loaded(life),
            Event::Recalled(at) => self.recalled(at),
            Event::Timer(life, arming) => self.timer(life, arming),
            Event::Idle(life) => self.idle(life),
            Event::Durable(serial) => self.come_to(serial),
            Event::CommitAnswer(serial) => self.commit_answered(serial),
            Event::GoesOn(life) => self.goes_on(life),
            Event::RecordingListed(life) => self.recording_listed(life),
            Event::SettingsStored(order) => self.settings_stored(order),
            Event::Arrives(request) => self.arrives(request),
            Event::Responds(response) => self.responds(response),
            Event::Upgrades(socket) => self.upgrades(socket),
            Event::Opens(socket) => self.opens(socket),
            Event::Says(socket, utterance) => self.says(socket, utterance),
            Event::Closes(socket, code) => self.closes(socket, code),
            Event::Speaks => self.speaks(),
            Event::Weather => self.weather(),
            Event::Acts(action) => self.acts(action),
            Event::Older if self.storage.ours.is_some() => {
                self.end_worker();
                self.storage.become_ours();
            }
            Event::Older => {}
            Event::Steps(at) => self.step(at),
            Event::Crowds => self.crowds(),
            Event::Judges => self.judge_time(),
            Event::Awakes => self.awake(),
            Event::Heals => self.heals(),
            Event::Looks => self.looks(),
        }
    }
}
