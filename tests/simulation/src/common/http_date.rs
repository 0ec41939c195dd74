//! Dates in the three forms that HTTP allows, written by hand: the core has a reader of its own.

const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Day of the week, year, month, day, and the time of day.
fn calendar(millis: u64) -> (&'static str, u64, &'static str, u64, String) {
    let seconds = millis / 1_000;
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let weekday = DAYS[(days % 7) as usize];
    let mut year = 1970;
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let time = format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60);
    (weekday, year, MONTHS[month], days + 1, time)
}

pub fn imf(millis: u64) -> String {
    let (weekday, year, month, day, time) = calendar(millis);
    format!("{}, {day:02} {month} {year} {time} GMT", &weekday[..3])
}

pub fn rfc850(millis: u64) -> String {
    let (weekday, year, month, day, time) = calendar(millis);
    format!("{weekday}, {day:02}-{month}-{:02} {time} GMT", year % 100)
}

pub fn asctime(millis: u64) -> String {
    let (weekday, year, month, day, time) = calendar(millis);
    format!("{} {month} {day:>2} {time} {year}", &weekday[..3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_all_three_forms() {
        assert_eq!(imf(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(rfc850(784_111_777_000), "Sunday, 06-Nov-94 08:49:37 GMT");
        assert_eq!(asctime(784_111_777_000), "Sun Nov  6 08:49:37 1994");
        assert_eq!(imf(1_771_320_600_000), "Tue, 17 Feb 2026 09:30:00 GMT");
    }
}
