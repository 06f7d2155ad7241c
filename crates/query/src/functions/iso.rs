//! ISO 8601 instants, read the way Trino's `from_iso8601_timestamp` does.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Parses an ISO 8601 date or date-time into microseconds since 1970, UTC.
///
/// A text without an offset is UTC. The separator may be `T` or a blank;
/// seconds and their fraction are optional. Anything else is `None`.
pub(crate) fn parse_micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let date = parse_date(text.get(..10)?)?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(at_midnight(date));
    }
    if !matches!(rest.as_bytes()[0], b'T' | b't' | b' ') {
        return None;
    }
    let (clock, offset) = split_offset(&rest[1..])?;
    let time = parse_time(clock)?;
    let local = NaiveDateTime::new(date, time).and_utc().timestamp_micros();
    local.checked_sub(offset.checked_mul(1_000_000)?)
}

/// Parses `YYYY-MM-DD`.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    NaiveDate::from_ymd_opt(digits(&b[..4])? as i32, digits(&b[5..7])?, digits(&b[8..10])?)
}

/// Microseconds since 1970 at the start of a UTC day.
pub(crate) fn at_midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}

/// The instant as chrono has it; `None` outside of chrono's range.
pub(crate) fn to_datetime(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    let mut n: u32 = 0;
    for b in bytes {
        if !b.is_ascii_digit() {
            return None;
        }
        n = n.checked_mul(10)?.checked_add(u32::from(b - b'0'))?;
    }
    (!bytes.is_empty()).then_some(n)
}

/// Splits `HH:MM:SS.fffZ` into the clock and the offset in seconds.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    if let Some(clock) = text.strip_suffix(" UTC") {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    let zone: Vec<u8> = text[at + 1..].bytes().filter(|b| *b != b':').collect();
    let (hours, minutes) = match zone.len() {
        2 => (digits(&zone)?, 0),
        4 => (digits(&zone[..2])?, digits(&zone[2..])?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some((&text[..at], sign * i64::from(hours * 3600 + minutes * 60)))
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let (clock, fraction) = match text.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, fraction),
        None => (text, ""),
    };
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?.as_bytes())?;
    let minute = parts.next().map_or(Some(0), |p| digits(p.as_bytes()))?;
    let second = parts.next().map_or(Some(0), |p| digits(p.as_bytes()))?;
    if parts.next().is_some() {
        return None;
    }
    let micros = if fraction.is_empty() {
        0
    } else {
        // Digits beyond microseconds are cut, as the tables keep microseconds.
        let kept = &fraction.as_bytes()[..fraction.len().min(6)];
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits(kept)? * 10u32.pow(6 - kept.len() as u32)
    };
    NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_logs_use() {
        let base = parse_micros("2024-03-01T12:34:56Z").unwrap();
        assert_eq!(to_datetime(base).unwrap().to_rfc3339(), "2024-03-01T12:34:56+00:00");
        assert_eq!(parse_micros("2024-03-01T12:34:56.000Z"), Some(base));
        assert_eq!(parse_micros("2024-03-01 12:34:56"), Some(base));
        assert_eq!(parse_micros("2024-03-01T14:34:56+02:00"), Some(base));
        assert_eq!(parse_micros("2024-03-01T07:04:56-0530"), Some(base));
        assert_eq!(parse_micros("2024-03-01T12:34:56.1234567Z"), Some(base + 123_456));
        assert_eq!(parse_micros("2024-03-01"), Some(at_midnight(parse_date("2024-03-01").unwrap())));
    }

    #[test]
    fn refuses_everything_else() {
        for bad in [
            "",
            "2024",
            "2024-13-01",
            "2024-02-30T00:00:00Z",
            "20240301T000000Z",
            "2024-03-01X12:00",
            "2024-03-01T25:00:00Z",
            "2024-03-01T12:00:00+99:99",
            "é024-03-011T",
        ] {
            assert_eq!(parse_micros(bad), None, "{bad}");
        }
    }
}
