//! The local time of each zone that a schedule names. The host tells the offsets, because the core knows no time zone.

use crate::model::sorted::SortedMap;

use crate::model::time::Millis;
use crate::rules::rule::LocalTime;
use crate::rules::track::Gate;
use crate::rules::{Rule, Schedule};

/// Changes of a zone's offset that are remembered: a recording of a week meets one.
const CHANGES: usize = 8;

/// Local time, as the host told it.
#[derive(Debug, Clone, Default)]
pub(super) struct LocalClock {
    /// How far the clock that only goes forward is ahead of the wall clock.
    pub skew: Millis,
    /// Minutes ahead of UTC and since when by the wall clock, the earliest first; by zone, the browser's own under the
    /// empty name. Offsets of before count too: what began then is open until its hours end by the clock of then.
    offsets: SortedMap<String, Vec<(Millis, i32)>>,
}

impl LocalClock {
    /// Takes the offset of a zone since an instant of the wall clock; the first one also of before. Says whether that is
    /// new.
    pub fn tell(&mut self, zone: &str, since: Millis, minutes: i32) -> bool {
        let told = self.offsets.entry(zone.to_owned()).or_default();
        let before = told.iter().rposition(|(at, _)| *at <= since);
        let known = before.or(if told.is_empty() { None } else { Some(0) }).map(|at| told[at].1);
        if known == Some(minutes) {
            return false;
        }
        told.retain(|(at, _)| *at != since);
        told.insert(told.partition_point(|(at, _)| *at < since), (since, minutes));
        if told.len() > CHANGES {
            told.remove(0);
        }
        true
    }

    /// Whether a rule is active now, by its schedule.
    pub fn gate(&self, rule: &Rule, now: Millis) -> Gate {
        match &rule.schedule {
            None => Gate::Open,
            Some(schedule) => match self.local(schedule, now) {
                None => Gate::Unknown,
                Some((local, _)) if schedule.covers(local) => Gate::Open,
                Some(_) => Gate::Closed,
            },
        }
    }

    /// Whether the host told the time in a rule's zone. Until then nothing of the rule ends by time, because a worker
    /// that starts reads its holds before the host tells the time.
    pub fn knows(&self, rule: &Rule) -> bool {
        rule.schedule.as_ref().is_none_or(|it| self.knows_zone(it.zone.as_deref().unwrap_or_default()))
    }

    /// Whether the time in a zone was told.
    fn knows_zone(&self, zone: &str) -> bool {
        self.offsets.contains_key(zone)
    }

    /// When a rule goes out of force that held or fired since an instant. `None` where nobody knows, or never.
    pub fn closes(&self, rule: &Rule, since: Millis) -> Option<Millis> {
        let schedule = rule.schedule.as_ref()?;
        let mut at = since;
        loop {
            let (local, changes) = self.local(schedule, at)?;
            let Some(span) = schedule.closes_in(local) else { return Some(at) };
            if span.0 == u64::MAX {
                return None;
            }
            match changes.filter(|changes| *changes < at.plus(span)) {
                Some(changes) => at = changes,
                None => return Some(at.plus(span)),
            }
        }
    }

    /// The local time of a schedule, and when its zone's offset changes next.
    fn local(&self, schedule: &Schedule, now: Millis) -> Option<(LocalTime, Option<Millis>)> {
        let told = self.offsets.get(schedule.zone.as_deref().unwrap_or_default())?;
        let wall = now.since(self.skew);
        let next = told.partition_point(|(at, _)| *at <= wall).max(1);
        let (_, minutes) = told.get(next - 1)?;
        let changes = told.get(next).map(|(at, _)| at.plus(self.skew));
        Some((LocalTime::at(wall, *minutes), changes))
    }
}
