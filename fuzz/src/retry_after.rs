//! `Retry-After`.

use cuewire::model::http::retry_after::{CAP, parse};
use cuewire::model::time::Millis;

use crate::timed;

/// The last second of the year 9999, where HTTP dates end.
const LAST: u64 = 253_402_300_799;

/// Checks one input: four bytes of wall clock (seconds), eight bytes for two instants, then the header's value and, after
/// a line feed, the `Date` header.
pub fn check(data: &[u8]) {
    let Some((numbers, text)) = data.split_at_checked(12) else { return };
    let number =
        |at: usize| u64::from(u32::from_le_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]));
    let wall = Millis::from_secs(number(0));
    let text = String::from_utf8_lossy(text);
    let (value, date) = match text.split_once('\n') {
        Some((value, date)) => (value, Some(date)),
        None => (&*text, None),
    };
    value_as_sent(value, date, wall);
    digits(number(4), number(8));
    // Instants near each other, and any.
    dates(number(0).saturating_add(number(4) % 10_000), number(0).saturating_add(number(8) % 10_000), wall);
    dates(number(4) * 59 % LAST, number(8) * 59 % LAST, wall);
}

fn value_as_sent(value: &str, date: Option<&str>, wall: Millis) {
    let wait = timed("reading Retry-After", || parse(value, date, wall));
    assert!(wait.is_none_or(|wait| wait <= CAP));
    let plain = value.trim_matches([' ', '\t']);
    if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let significant = plain.trim_start_matches('0');
        let seconds = if significant.len() > 4 { 9_999 } else { significant.parse().unwrap_or(0) };
        assert_eq!(wait, Some(Millis::from_secs(seconds).min(CAP)), "digits are seconds");
    }
    if parse(value, None, wall).is_none() {
        assert_eq!(wait, None, "what says nothing says nothing with a Date either");
    }
    if let (Some(now), Some(later)) = (parse(value, None, wall), parse(value, None, wall.plus(Millis(1)))) {
        assert!(later <= now, "a date comes nearer");
    }
}

fn digits(one: u64, other: u64) {
    let wait = |seconds: u64| parse(&seconds.to_string(), None, Millis::ZERO);
    let (low, high) = (one.min(other), one.max(other));
    assert!(wait(low).is_some() && wait(low) <= wait(high));
}

/// All forms of a date mean the same; a later one never means a shorter wait.
fn dates(one: u64, other: u64, wall: Millis) {
    let (low, high) = (one.min(other), one.max(other));
    let expected = |until: u64, now: Millis| Some(Millis::from_secs(until).since(now).min(CAP));
    for form in forms(high) {
        assert_eq!(parse(&form, None, wall), expected(high, wall), "{form}");
        for date in forms(low) {
            let server = Millis::from_secs(low);
            assert_eq!(parse(&form, Some(&date), wall), expected(high, server), "{form} at {date}");
        }
        for earlier in forms(low) {
            assert!(parse(&earlier, None, wall) <= parse(&form, None, wall));
        }
    }
}

/// An instant in the forms of RFC 9110 §5.6.7 that can write it: two digits of a year are within fifty years of ours.
fn forms(seconds: u64) -> Vec<String> {
    const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (mut day, time) = (seconds / 86_400, seconds % 86_400);
    let weekday = WEEKDAYS[(day % 7) as usize];
    let (hours, minutes, seconds) = (time / 3_600, time / 60 % 60, time % 60);
    let mut year = 1970;
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    for length in [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (month, day, short) = (MONTHS[month], day + 1, &weekday[..3]);
    let time = format!("{hours:02}:{minutes:02}:{seconds:02}");
    let mut forms = vec![
        format!("{short}, {day:02} {month} {year:04} {time} GMT"),
        format!("{short} {month} {day:2} {time} {year:04}"),
    ];
    if year < 2070 {
        forms.push(format!("{weekday}, {day:02}-{month}-{:02} {time} GMT", year % 100));
    }
    forms
}
