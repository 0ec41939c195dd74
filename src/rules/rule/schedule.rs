//! When a rule is active: days and hours by the clock of a place.

use crate::model::json::{FromJson, IntoName, ToJson};

use crate::model::time::Millis;

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ToJson, FromJson, IntoName)]
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// The week as it goes.
    pub const WEEK: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

    /// The name in a rule.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// An instant by a local clock: milliseconds since the local 1970-01-01, a Thursday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(u64);

impl LocalTime {
    /// The local time at an instant, given how many minutes local time is ahead of UTC.
    pub fn at(wall: Millis, minutes_ahead: i32) -> LocalTime {
        LocalTime(wall.0.saturating_add_signed(i64::from(minutes_ahead) * MINUTE.cast_signed()))
    }

    fn plus(self, span: u64) -> LocalTime {
        LocalTime(self.0.saturating_add(span))
    }
}

/// Hours of some days of the week. Each period begins on a day that is named, and may end on the next.
#[derive(Debug, Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// The days on which a period begins.
    pub days: Vec<Day>,
    /// The first minute of a period, counted from midnight.
    pub from: u16,
    /// The first minute after. At or before `from` it lies on the next day.
    pub to: u16,
    /// The IANA name of the zone whose clock counts; the browser's own where absent.
    pub zone: Option<String>,
}

impl Schedule {
    /// Whether the rule is active at a local time.
    pub fn covers(&self, local: LocalTime) -> bool {
        self.closes(local).is_some()
    }

    /// How long the rule stays active after a local time. `None` where the rule is not active then.
    pub fn closes_in(&self, local: LocalTime) -> Option<Millis> {
        let mut end = self.closes(local)?;
        // A period may begin as the one before ends. After a week of that the schedule never closes.
        for _ in Day::WEEK {
            match self.closes(end) {
                Some(later) => end = later,
                None => return Some(Millis(end.0 - local.0)),
            }
        }
        Some(Millis(u64::MAX))
    }

    /// The end of the period that covers a local time.
    fn closes(&self, local: LocalTime) -> Option<LocalTime> {
        let minutes = match self.to.cmp(&self.from) {
            std::cmp::Ordering::Greater => self.to - self.from,
            _ => self.to + 24 * 60 - self.from,
        };
        let length = u64::from(minutes) * MINUTE;
        let midnight = local.0 - local.0 % DAY;
        // The period of the day before may go on.
        [Some(midnight), midnight.checked_sub(DAY)].into_iter().flatten().find_map(|midnight| {
            let day = Day::WEEK[((midnight / DAY + 3) % 7) as usize];
            let begins = LocalTime(midnight).plus(u64::from(self.from) * MINUTE);
            let ends = begins.plus(length);
            (self.days.contains(&day) && begins <= local && local < ends).then_some(ends)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days after the Monday of the epoch's first whole week, hours and minutes.
    fn local(day: u64, hours: u64, minutes: u64) -> LocalTime {
        LocalTime((4 + day) * DAY + (hours * 60 + minutes) * MINUTE)
    }

    fn schedule(days: &[Day], from: u16, to: u16) -> Schedule {
        Schedule { days: days.to_vec(), from, to, zone: None }
    }

    #[test]
    fn office_hours_cover_their_days_alone() {
        let office = schedule(&Day::WEEK[..5], 9 * 60, 17 * 60);
        assert!(office.covers(local(0, 9, 0)) && office.covers(local(4, 16, 59)));
        assert!(!office.covers(local(0, 8, 59)) && !office.covers(local(0, 17, 0)) && !office.covers(local(5, 12, 0)));
        assert_eq!(office.closes_in(local(1, 16, 30)), Some(Millis::from_mins(30)));
        assert_eq!(office.closes_in(local(1, 18, 0)), None);
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let friday_night = schedule(&[Day::Fri], 22 * 60, 6 * 60);
        assert!(friday_night.covers(local(4, 22, 0)) && friday_night.covers(local(5, 5, 59)));
        assert!(!friday_night.covers(local(4, 3, 0)) && !friday_night.covers(local(5, 22, 0)));
        assert_eq!(friday_night.closes_in(local(4, 23, 0)), Some(Millis::from_mins(7 * 60)));
    }

    #[test]
    fn whole_days_join_and_a_whole_week_never_closes() {
        let weekend = schedule(&[Day::Sat, Day::Sun], 0, 0);
        assert_eq!(weekend.closes_in(local(5, 12, 0)), Some(Millis::from_mins(36 * 60)));
        assert_eq!(schedule(&Day::WEEK, 0, 0).closes_in(local(3, 1, 2)), Some(Millis(u64::MAX)));
    }

    #[test]
    fn local_time_follows_the_offset_both_ways() {
        let sunday = schedule(&[Day::Sun], 0, 0);
        let monday_utc = Millis(4 * DAY);
        assert!(!sunday.covers(LocalTime::at(monday_utc, 0)) && sunday.covers(LocalTime::at(monday_utc, -1)));
        assert!(sunday.covers(LocalTime::at(Millis(3 * DAY - 60 * MINUTE), 60)));
    }
}
