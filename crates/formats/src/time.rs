//! Timestamps as logs write them, to microseconds since the epoch (UTC).

use chrono::{DateTime, NaiveDate};

/// Microseconds in a day.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// The day (since 1970-01-01) that a time falls on.
pub fn day_of(micros: i64) -> i32 {
    i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or(0)
}

/// Parses RFC 3339 (`2023-07-10T11:52:40Z`, fractions and offsets too).
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    if let Some(fast) = parse_zulu(text.as_bytes()) {
        return Some(fast);
    }
    let parsed = DateTime::parse_from_rfc3339(text).ok()?;
    in_range(parsed.timestamp_micros())
}

/// The form nearly every AWS record has, `YYYY-MM-DDTHH:MM:SSZ`, without the general parser.
fn parse_zulu(b: &[u8]) -> Option<i64> {
    if b.len() != 20
        || b[4] != b'-'
        || b[7] != b'-'
        || b[10] != b'T'
        || b[13] != b':'
        || b[16] != b':'
        || b[19] != b'Z'
    {
        return None;
    }
    let two = |i: usize| -> Option<i64> {
        let (h, l) = (b[i].wrapping_sub(b'0'), b[i + 1].wrapping_sub(b'0'));
        (h < 10 && l < 10).then_some(i64::from(h) * 10 + i64::from(l))
    };
    let year = two(0)? * 100 + two(2)?;
    let (month, day, hour, minute, second) = (two(5)?, two(8)?, two(11)?, two(14)?, two(17)?);
    if !(1..=12).contains(&month) || day < 1 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let in_month = DAYS[usize::try_from(month - 1).ok()?] + i64::from(leap && month == 2);
    if day > in_month {
        return None;
    }
    let days = days_from_civil(year, month, day);
    in_range((days * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000_000)
}

/// Days since the epoch of a proleptic Gregorian date (H. Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let doy = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// Seconds since the epoch, as VPC flow logs write them.
pub fn from_seconds(seconds: i64) -> Option<i64> {
    in_range(seconds.checked_mul(1_000_000)?)
}

/// Milliseconds since the epoch, as WAF and CloudWatch Logs write them.
pub fn from_millis(millis: i64) -> Option<i64> {
    in_range(millis.checked_mul(1_000)?)
}

/// A year far outside of what a log can hold would make a partition of its own and so is a
/// wrong value, not a time.
fn in_range(micros: i64) -> Option<i64> {
    const FIRST: i64 = 0;
    const LAST: i64 = 7_258_118_400_000_000; // 2200-01-01
    (FIRST..LAST).contains(&micros).then_some(micros)
}

/// Parses `10/Oct/2000:13:55:36 -0700` (Common Log Format; S3 server access, API Gateway).
pub fn parse_clf(text: &str) -> Option<i64> {
    let parsed = DateTime::parse_from_str(text, "%d/%b/%Y:%H:%M:%S %z").ok()?;
    in_range(parsed.timestamp_micros())
}

/// A date and a time of day that stand apart (`2019-12-04` and `21:02:31`; CloudFront), in UTC.
pub fn parse_date_and_time(date: &str, time: &str) -> Option<i64> {
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let time = chrono::NaiveTime::parse_from_str(time, "%H:%M:%S%.f").ok()?;
    in_range(date.and_time(time).and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_time() {
        for bad in [
            "",
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-07-10T24:00:00Z",
            "yesterday",
            "9999-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_rfc3339(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_path_equals_the_general_parser(seconds in 0i64..7_000_000_000) {
            let text = DateTime::from_timestamp(seconds, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
            prop_assert_eq!(parse_zulu(text.as_bytes()), Some(seconds * 1_000_000));
        }

        #[test]
        fn never_panics(text in "\\PC{0,30}") {
            let _ = parse_rfc3339(&text);
            let _ = parse_clf(&text);
        }
    }
}
