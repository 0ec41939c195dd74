//! Times of day, by the local clock.

/// Minutes since local midnight, below 1 440.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(u16);

/// From one time of day to another, over midnight where it ends before it starts. The end is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// The first quiet minute.
    pub from: TimeOfDay,
    /// The first minute after.
    pub to: TimeOfDay,
}

impl TimeOfDay {
    /// Reads `hh:mm`.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |text: &str| {
            (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u16>().ok())?
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (hours < 24 && minutes < 60).then_some(TimeOfDay(hours * 60 + minutes))
    }

    /// The time of day so many milliseconds after the epoch, where local time is so many minutes ahead of UTC.
    pub fn at(wall: u64, minutes_ahead: i32) -> TimeOfDay {
        let minute = i128::from(wall / 60_000) + i128::from(minutes_ahead);
        TimeOfDay(minute.rem_euclid(1_440) as u16)
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl QuietHours {
    /// Whether it is quiet at a time of day. Equal ends mean the whole day.
    pub fn contains(self, time: TimeOfDay) -> bool {
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }
}

impl PartialOrd for TimeOfDay {
    fn partial_cmp(&self, other: &TimeOfDay) -> Option<std::cmp::Ordering> {
        Some(self.0.cmp(&other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> TimeOfDay {
        TimeOfDay::parse(text).unwrap()
    }

    #[test]
    fn quiet_hours_may_cross_midnight() {
        let night = QuietHours { from: time("22:00"), to: time("06:30") };
        assert!(night.contains(time("23:59")) && night.contains(time("00:00")) && night.contains(time("22:00")));
        assert!(!night.contains(time("06:30")) && !night.contains(time("12:00")));
    }

    #[test]
    fn local_time_follows_the_offset_both_ways() {
        assert_eq!(TimeOfDay::at(0, -60), time("23:00"));
        assert_eq!(TimeOfDay::at(23 * 3_600_000, 90), time("00:30"));
    }

    #[test]
    fn only_plain_times_are_read() {
        for text in ["24:00", "12:60", "1:00", "+1:00", "12", "", "12:0x"] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
        assert_eq!(time("09:05").to_string(), "09:05");
    }
}
