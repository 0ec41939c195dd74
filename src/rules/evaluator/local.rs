//! The local time of each zone that a schedule names. The host tells the offsets, because the core knows no time zone.

use crate::model::sorted::SortedMap;

use crate::model::time::Millis;
use crate::rules::rule::LocalTime;
use crate::rules::track::Gate;
use crate::rules::{Rule, Schedule};

/// Local time, as the host told it.
#[derive(Debug, Clone, Default)]
pub(super) struct LocalClock {
    /// How far the clock that only goes forward is ahead of the wall clock.
    pub skew: Millis,
    /// Minutes ahead of UTC, by zone; the browser's own under the empty name.
    pub offsets: SortedMap<String, i32>,
}

impl LocalClock {
    /// Whether a rule is active now, by its schedule.
    pub fn gate(&self, rule: &Rule, now: Millis) -> Gate {
        match &rule.schedule {
            None => Gate::Open,
            Some(schedule) => match self.local(schedule, now) {
                None => Gate::Unknown,
                Some(local) if schedule.covers(local) => Gate::Open,
                Some(_) => Gate::Closed,
            },
        }
    }

    /// Whether the time in a rule's zone was told. Until then nothing of the rule ends by time, for a worker that starts
    /// is told later than it reads what is held.
    pub fn knows(&self, rule: &Rule) -> bool {
        rule.schedule.as_ref().is_none_or(|it| self.offsets.contains_key(it.zone.as_deref().unwrap_or_default()))
    }

    /// When a rule goes out of force that held or fired since an instant. `None` where nobody knows, or never.
    pub fn closes(&self, rule: &Rule, since: Millis) -> Option<Millis> {
        let schedule = rule.schedule.as_ref()?;
        let local = self.local(schedule, since)?;
        let span = schedule.closes_in(local).unwrap_or_default();
        (span.0 != u64::MAX).then(|| since.plus(span))
    }

    fn local(&self, schedule: &Schedule, now: Millis) -> Option<LocalTime> {
        let offset = self.offsets.get(schedule.zone.as_deref().unwrap_or_default())?;
        Some(LocalTime::at(now.since(self.skew), *offset))
    }
}
