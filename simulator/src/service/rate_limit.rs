//! The organisation-wide limit on cards, and the forms in which a server says when to come back.

use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, Micros, SECOND};

/// How the allowance comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Window {
    /// A token bucket: one card's worth at a time.
    Bucket,
    /// All at once, at the start of each window.
    Fixed,
}

/// Allows `rate` cards a second for the whole organisation.
#[derive(Debug)]
pub struct RateLimit {
    window: Window,
    rate: f64,
    most: f64,
    allowance: f64,
    since: Micros,
}

impl RateLimit {
    /// Starts with a full allowance. `rate` is cards per second, above zero.
    #[must_use]
    pub fn new(rate: f64, window: Window) -> Self {
        let most = rate.max(1.0).floor();
        Self { window, rate, most, allowance: most, since: 0 }
    }

    /// A token bucket that holds more than a second's worth, for limits by the hour.
    #[must_use]
    pub fn with_burst(rate: f64, burst: f64) -> Self {
        let most = burst.max(1.0).floor();
        Self { window: Window::Bucket, rate, most, allowance: most, since: 0 }
    }

    /// Takes one card's allowance, or says in how many microseconds there will be one.
    ///
    /// # Errors
    /// The wait, when nothing is left.
    pub fn take(&mut self, now: Micros) -> Result<(), Micros> {
        let most = self.most;
        let next = match self.window {
            Window::Bucket => {
                let grown = now.saturating_sub(self.since) as f64 / SECOND as f64 * self.rate;
                self.allowance = (self.allowance + grown).min(most);
                self.since = self.since.max(now);
                ((1.0 - self.allowance) / self.rate * SECOND as f64).ceil()
            }
            Window::Fixed => {
                let length = (SECOND as f64 / self.rate).max(SECOND as f64);
                let start = ((now as f64 / length).floor() * length) as Micros;
                if start > self.since || self.since == 0 {
                    self.allowance = most;
                    self.since = start.max(1);
                }
                start as f64 + length - now as f64
            }
        };
        if self.allowance >= 1.0 {
            self.allowance -= 1.0;
            return Ok(());
        }
        Err(next.max(1.0) as Micros)
    }
}

/// How `Retry-After` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetryAfterForm {
    /// Whole seconds.
    Digits,
    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    Date,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    Rfc850,
    /// `Sun Nov  6 08:49:37 1994`.
    Asctime,
    /// Not at all.
    Absent,
    /// Something that is neither.
    Invalid,
}

/// The wait of a client when `Retry-After` is absent or cannot be read, in seconds.
const UNSAID_SECONDS: u64 = 5;
/// The longest wait a client has to honour, in seconds.
const LONGEST_SECONDS: u64 = 3_600;

/// A `Retry-After` as it is sent, and the first moment at which a request is not early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryAfter {
    /// The header's value, unless there is none.
    pub header: Option<String>,
    /// Not before.
    pub until: Micros,
}

impl RetryAfter {
    /// Asks for at least `wait` from `now` on, rounded up to whole seconds.
    #[must_use]
    pub fn after(wait: Micros, form: RetryAfterForm, clock: &Clock, now: Micros) -> Self {
        let seconds = wait.div_ceil(SECOND).max(1);
        let relative = now + seconds.min(LONGEST_SECONDS) * SECOND;
        let date = whole_second_after(clock.wall_at(now + wait));
        let dated = |header: Option<String>| {
            let until = clock.at_wall(date).min(now + LONGEST_SECONDS * SECOND);
            Self { header, until }
        };
        match form {
            RetryAfterForm::Digits => Self { header: Some(seconds.to_string()), until: relative },
            RetryAfterForm::Date => dated(Some(httpdate::fmt_http_date(date))),
            RetryAfterForm::Rfc850 => dated(Some(rfc850(date))),
            RetryAfterForm::Asctime => dated(Some(asctime(date))),
            RetryAfterForm::Absent => Self { header: None, until: now + UNSAID_SECONDS * SECOND },
            RetryAfterForm::Invalid => Self { header: Some("shortly".into()), until: now + UNSAID_SECONDS * SECOND },
        }
    }
}

fn whole_second_after(wall: SystemTime) -> SystemTime {
    let since = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs() + u64::from(since.subsec_nanos() > 0))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`, made from the preferred form.
fn rfc850(date: SystemTime) -> String {
    let preferred = httpdate::fmt_http_date(date);
    let fields: Vec<&str> = preferred.split([' ', ',']).filter(|field| !field.is_empty()).collect();
    let [day, number, month, year, time, zone] = fields[..] else { return preferred };
    let day = match day {
        "Mon" => "Monday",
        "Tue" => "Tuesday",
        "Wed" => "Wednesday",
        "Thu" => "Thursday",
        "Fri" => "Friday",
        "Sat" => "Saturday",
        _ => "Sunday",
    };
    format!("{day}, {number}-{month}-{} {time} {zone}", &year[2..])
}

/// `Sun Nov  6 08:49:37 1994`, made from the preferred form.
fn asctime(date: SystemTime) -> String {
    let preferred = httpdate::fmt_http_date(date);
    let fields: Vec<&str> = preferred.split([' ', ',']).filter(|field| !field.is_empty()).collect();
    let [day, number, month, year, time, _] = fields[..] else { return preferred };
    format!("{day} {month} {:>2} {time} {year}", number.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_capacity_at_once_and_then_its_rate() {
        let mut limit = RateLimit::new(5.0, Window::Bucket);
        assert!((0..5).all(|_| limit.take(0).is_ok()));
        assert_eq!(limit.take(0), Err(200_000));
        assert!(limit.take(200_000).is_ok());
        assert!(limit.take(200_000).is_err());
    }

    #[test]
    fn a_limit_by_the_hour_gives_a_burst_and_then_its_rate() {
        let mut limit = RateLimit::with_burst(2.0, 10.0);
        assert!((0..10).all(|_| limit.take(0).is_ok()));
        assert_eq!(limit.take(0), Err(SECOND / 2));
    }

    #[test]
    fn a_slow_bucket_still_holds_one() {
        let mut limit = RateLimit::new(0.5, Window::Bucket);
        assert!(limit.take(0).is_ok());
        assert_eq!(limit.take(0), Err(2 * SECOND));
        assert!(limit.take(2 * SECOND).is_ok());
    }

    #[test]
    fn a_fixed_window_gives_everything_again_when_it_turns() {
        let mut limit = RateLimit::new(2.0, Window::Fixed);
        assert!(limit.take(1).is_ok() && limit.take(400_000).is_ok());
        assert_eq!(limit.take(400_000), Err(600_000));
        assert!(limit.take(SECOND).is_ok() && limit.take(SECOND).is_ok());
        assert!(limit.take(SECOND + 1).is_err());
    }

    #[test]
    fn all_three_date_forms_name_the_same_second() {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(httpdate::fmt_http_date(date), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(rfc850(date), "Sunday, 06-Nov-94 08:49:37 GMT");
        assert_eq!(asctime(date), "Sun Nov  6 08:49:37 1994");
    }

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds() {
        let clock = Clock::start(0);
        let asked = RetryAfter::after(1_200_000, RetryAfterForm::Digits, &clock, 0);
        assert_eq!((asked.header.as_deref(), asked.until), (Some("2"), 2 * SECOND));
        let dated = RetryAfter::after(1_200_000, RetryAfterForm::Date, &clock, 0);
        assert!(dated.until >= 1_200_000 && dated.until <= 2_200_000);
        assert_eq!(RetryAfter::after(SECOND, RetryAfterForm::Absent, &clock, 0).until, 5 * SECOND);
    }
}
