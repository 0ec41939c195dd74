//! Times as text: ISO 8601 in UTC, written with the seven decimals that NICE writes, read with any number of them.

/// Microseconds in a second, signed.
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// Writes microseconds since 1970 with seven decimals.
#[must_use]
pub fn seven_decimals(unix: i64) -> String {
    format!("{}.{:06}0Z", to_the_second(unix), unix.rem_euclid(SECOND))
}

/// Writes microseconds since 1970 with three decimals, rounded down.
#[must_use]
pub fn three_decimals(unix: i64) -> String {
    format!("{}.{:03}Z", to_the_second(unix), unix.rem_euclid(SECOND) / 1_000)
}

fn to_the_second(unix: i64) -> String {
    let seconds = unix.div_euclid(SECOND);
    let (day, within) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, date) = date_of(day);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}", within / 3_600, within / 60 % 60, within % 60)
}

/// Reads a date and time with `Z` or an offset, as microseconds since 1970. Without either it is UTC.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let mut whole = || parts.next().and_then(digits);
    let (year, month, day) = (whole()?, whole()?, whole()?);
    let (clock, offset) = split_offset(rest)?;
    let mut parts = clock.split(':');
    let (hour, minute) = (parts.next().and_then(digits)?, parts.next().and_then(digits)?);
    let (second, micros) = fraction(parts.next().unwrap_or("0"))?;
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && hour <= 24 && minute < 60 && second <= 60;
    let seconds = day_of(year, month, day) * DAY + hour * 3_600 + minute * 60 + second - offset * 60;
    fits.then_some(seconds * SECOND + micros)
}

fn digits(text: &str) -> Option<i64> {
    (!text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Cuts the zone off a time of day, as minutes ahead of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let (hours, minutes) = text[at + 1..].split_once(':')?;
    let minutes = digits(hours)? * 60 + digits(minutes)?;
    Some((&text[..at], if text[at..].starts_with('-') { -minutes } else { minutes }))
}

fn fraction(text: &str) -> Option<(i64, i64)> {
    let (second, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let six: String = decimals.chars().chain("000000".chars()).take(6).collect();
    Some((digits(second)?, digits(&six)?))
}

/// The number of a day since 1970, by years that begin in March so that a leap day is a year's last.
fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

fn date_of(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let within = shifted.rem_euclid(146_097);
    let year = (within - within / 1_460 + within / 36_524 - within / 146_096) / 365;
    let day_of_year = within - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for unix in [0, 951_782_400_000_000, 1_626_874_695_356_057, 1_795_999_999_999_999, 4_102_444_800_000_000] {
            assert_eq!(read(&seven_decimals(unix)), Some(unix));
            assert_eq!(read(&three_decimals(unix)), Some(unix - unix % 1_000));
        }
        assert_eq!(seven_decimals(1_626_874_695_356_057), "2021-07-21T13:38:15.3560570Z");
        assert_eq!(three_decimals(951_782_400_000_000), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn offsets_and_fractions_of_any_length_are_read() {
        let noon = read("2026-11-24T12:00:00Z");
        assert_eq!(read("2026-11-24T13:00:00+01:00"), noon);
        assert_eq!(read("2026-11-24T06:30:00.0000000-05:30"), noon);
        assert_eq!(read("2026-11-24 12:00"), noon);
        for wrong in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-24", "2026-11-24T1a:00:00Z"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
