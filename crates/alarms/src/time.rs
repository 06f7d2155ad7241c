//! Times as CloudWatch writes them, and as people do.

use chrono::{DateTime, NaiveDateTime, Utc};

/// Reads a time: RFC 3339 (`2026-11-25T06:00:00Z`), the same with an offset without a colon
/// (`+0000`, as CloudWatch's events have it), `2026-11-25 06:00:00` in UTC, or seconds since 1970 with
/// or without a fraction.
///
/// `None` for anything else, and for times outside of the years 1970 to 9999.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let time = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|time| time.with_timezone(&Utc))
        .ok()
        .or_else(|| from_plain(text))
        .or_else(|| from_epoch(text))?;
    let years = 0..=253_402_300_799;
    years.contains(&time.timestamp()).then_some(time)
}

fn from_plain(text: &str) -> Option<DateTime<Utc>> {
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|time| time.and_utc())
}

fn from_epoch(text: &str) -> Option<DateTime<Utc>> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    epoch(text.parse().ok()?)
}

/// Seconds since 1970, as AWS's JSON protocols write times.
pub(crate) fn epoch(seconds: f64) -> Option<DateTime<Utc>> {
    if !(0.0..=253_402_300_799.0).contains(&seconds) {
        return None;
    }
    // Within the range that was asked for, the product is far from the limits of i64.
    DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64)
}

/// `2026-11-25T06:00:00.000+0000`: times in reason data and events.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// `25/11/26 06:00:00`: times of datapoints in reasons.
pub(crate) fn short(time: DateTime<Utc>) -> String {
    time.format("%d/%m/%y %H:%M:%S").to_string()
}

/// `Wednesday 25 November, 2026 06:00:00 UTC`: times in the reasons of composite alarms.
pub(crate) fn long(time: DateTime<Utc>) -> String {
    time.format("%A %d %B, %Y %H:%M:%S UTC").to_string()
}

/// The last multiple of `step` seconds at or before `seconds`.
pub(crate) fn floor(seconds: i64, step: i64) -> i64 {
    seconds - seconds.rem_euclid(step.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_occur() {
        let noon = DateTime::from_timestamp(1_795_608_000, 0);
        for text in [
            "2026-11-25T12:00:00Z",
            "2026-11-25T12:00:00.000+0000",
            "2026-11-25T13:00:00+01:00",
            "2026-11-25 12:00:00",
            " 2026-11-25 12:00 ",
            "1795608000",
            "1795608000.0",
        ] {
            assert_eq!(parse_time(text), noon, "{text}");
        }
        for text in ["", "now", "2026-13-01T00:00:00Z", "-5", "1e9", "99999999999999", "2026-11-25"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_written_as_cloudwatch_does() {
        let time = parse_time("2023-08-04T12:54:46.138+0000").unwrap();
        assert_eq!(stamp(time), "2023-08-04T12:54:46.138+0000");
        assert_eq!(short(time), "04/08/23 12:54:46");
        assert_eq!(long(time), "Friday 04 August, 2023 12:54:46 UTC");
    }
}
