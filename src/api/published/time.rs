//! Instants as the published service writes them: ISO 8601, with any number of decimals of a second.

use crate::model::time::Millis;

/// Reads an instant. A year before 1970, a bare date and a local time are no instants.
pub fn parse(text: &str) -> Option<Millis> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = fields(date, '-')?;
    let (time, ahead) = zone(time)?;
    let (time, fraction) = time.split_once(['.', ',']).unwrap_or((time, ""));
    let [hour, minute, second] = fields(time, ':')?;
    let is_a_time = (1970..=9999).contains(&year) && hour < 24 && minute < 60 && second < 61;
    if !is_a_time || !(1..=12).contains(&month) || day == 0 || day > days_of(year, month) {
        return None;
    }
    let seconds = days_before(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let millis = (seconds * 1_000 + thousandths(fraction)?).checked_add_signed(-ahead * 60_000)?;
    Some(Millis(millis))
}

/// The time without its zone, and how many minutes the zone is ahead of UTC. Where none is named, it is UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (time, zone) = (time[..at].trim_end(), &time[at..]);
    let (hours, minutes) = zone[1..].split_once(':').or_else(|| zone[1..].split_at_checked(2))?;
    let ahead = number(hours)? * 60 + number(minutes)?;
    let ahead = i64::try_from(ahead).ok().filter(|ahead| *ahead < 24 * 60)?;
    Some((time, if zone.starts_with('-') { -ahead } else { ahead }))
}

fn fields(text: &str, separator: char) -> Option<[u64; 3]> {
    let mut fields = text.split(separator).map(number);
    let found = [fields.next()??, fields.next()??, fields.next()??];
    fields.next().is_none().then_some(found)
}

fn number(text: &str) -> Option<u64> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn thousandths(fraction: &str) -> Option<u64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{:0<3}", fraction).get(..3)?.parse().ok()
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whole days from 1970-01-01.
fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    years + (1..month).map(|month| days_of(year, month)).sum::<u64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::contract::card::iso8601;

    #[test]
    fn instants_read_with_any_number_of_decimals_and_with_a_zone() {
        for (text, millis) in [
            ("2021-07-21T13:38:15.3560573Z", 1_626_874_695_356),
            ("2026-02-17T09:30:00.250Z", 1_771_320_600_250),
            ("2026-02-17T09:30:00Z", 1_771_320_600_000),
            ("2026-02-17T09:30:00", 1_771_320_600_000),
            ("2026-02-17 09:30:00.2", 1_771_320_600_200),
            ("2026-02-17t09:30:00,2504567890z", 1_771_320_600_250),
            ("2026-02-17 09:30:00 +00:00", 1_771_320_600_000),
            ("2026-02-17T14:30:00.000+5:00", 1_771_320_600_000),
            ("2026-02-17T11:30:00+02:00", 1_771_320_600_000),
            ("2026-02-17T04:00:00-0530", 1_771_320_600_000),
            ("1970-01-01T00:00:00.000Z", 0),
        ] {
            assert_eq!(parse(text), Some(Millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_no_data() {
        for text in [
            "",
            "N/A",
            "2026-02-17",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "0001-01-01T00:00:00",
            "2026-02-17T25:00:00Z",
            "2026-02-17T09:30",
            "T",
            "2026-02-17T09:30:00.x",
            "1970-01-01T00:00:00+01:00",
            "é-é-éTé:é:é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_that_is_written_reads_back() {
        for millis in (0..400).map(|step| step * 631_154_321_987 % 253_402_300_799_999) {
            assert_eq!(parse(&iso8601(Millis(millis))), Some(Millis(millis)));
        }
    }
}
