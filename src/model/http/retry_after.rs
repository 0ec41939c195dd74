//! `Retry-After` (RFC 9110 §10.2.3): seconds, or a date in one of three forms (§5.6.7).

use std::time::SystemTime;

use crate::model::time::Millis;

/// The longest wait that is obeyed.
pub const CAP: Millis = Millis::from_secs(3_600);

/// The wait where the server names none.
pub const UNSTATED: Millis = Millis::from_secs(5);

/// How long to wait from now; never less than asked, and at most [`CAP`]. A date is read against the server's own
/// `Date`, so that neither clock need be right, else against the wall clock; one that is past asks for no wait.
///
/// `None` where the value is none of the forms.
pub fn parse(value: &str, date: Option<&str>, wall: Millis) -> Option<Millis> {
    let value = value.trim_matches([' ', '\t']);
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Too many digits for a u64 is longer than the cap all the same.
        return Some(value.parse().map_or(CAP, Millis::from_secs).min(CAP));
    }
    let until = instant(value)?;
    // `Date` leaves out the part of its second that had passed, so the difference is at least what was asked.
    let now = date.and_then(instant).unwrap_or(wall);
    Some(until.since(now).min(CAP))
}

/// An instant in one of the three forms.
pub(super) fn instant(text: &str) -> Option<Millis> {
    let time = httpdate::parse_http_date(text.trim_matches([' ', '\t'])).ok()?;
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since_epoch.as_millis()).ok().map(Millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: Millis = Millis(784_111_777_000);

    fn wait(value: &str) -> Option<u64> {
        parse(value, None, NOW).map(|wait| wait.0)
    }

    #[test]
    fn digits_are_seconds() {
        assert_eq!(
            (wait("0"), wait("120"), wait(" 7\t"), wait("007")),
            (Some(0), Some(120_000), Some(7_000), Some(7_000))
        );
    }

    #[test]
    fn long_waits_end_after_an_hour() {
        for value in ["3601", "31536000", "18446744073709551615", "99999999999999999999999999999999"] {
            assert_eq!(wait(value), Some(3_600_000), "{value}");
        }
        assert_eq!(wait("Sun, 06 Nov 2094 08:49:37 GMT"), None, "that day is a Saturday");
        assert_eq!(wait("Sat, 06 Nov 2094 08:49:37 GMT"), Some(3_600_000));
    }

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        for value in ["Sun, 06 Nov 1994 08:50:07 GMT", "Sunday, 06-Nov-94 08:50:07 GMT", "Sun Nov  6 08:50:07 1994"] {
            assert_eq!(wait(value), Some(30_000), "{value}");
        }
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0), "a date that is past");
    }

    #[test]
    fn a_date_is_read_against_the_servers_clock_where_it_shows_one() {
        let until = "Sun, 06 Nov 1994 10:00:10 GMT";
        assert_eq!(parse(until, Some("Sun, 06 Nov 1994 10:00:00 GMT"), NOW), Some(Millis(10_000)));
        assert_eq!(parse(until, Some("Sunday, 06-Nov-94 10:00:00 GMT"), Millis::ZERO), Some(Millis(10_000)));
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:40 GMT", Some("yesterday"), NOW), Some(Millis(3_000)));
        assert_eq!(parse("120", Some("Sun, 06 Nov 1994 10:00:00 GMT"), NOW), Some(Millis(120_000)));
    }

    #[test]
    fn anything_else_says_nothing() {
        for value in [
            "",
            " ",
            "+5",
            "-1",
            "5.0",
            "5s",
            "1e3",
            "0x10",
            "٥",
            "5, 10",
            "soon",
            "5 5",
            "Infinity",
            "Sun, 06 Nov 1994 08:50:07 PST",
            "Sun, 31 Feb 1994 08:50:07 GMT",
            "1994-11-06T08:50:07Z",
        ] {
            assert_eq!(wait(value), None, "{value}");
        }
    }
}
