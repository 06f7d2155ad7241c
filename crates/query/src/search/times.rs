//! Times of `since:` and `until:`.

use chrono::{DateTime, Days, Duration, NaiveTime, Utc};

use crate::functions::iso;

/// Which end of a range a time is for: a day means its start or its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The first instant that counts.
    Since,
    /// The first instant that no longer counts.
    Until,
}

/// Reads `24h`, `now`, `today`, `yesterday`, `2024-01-05`,
/// `2024-01-05T10:00:00Z`, seconds or milliseconds since 1970.
pub(crate) fn parse(text: &str, end: End, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let midnight = |days_ago: u64| {
        let day = now.date_naive().checked_sub_days(Days::new(days_ago))?;
        let day = if end == End::Until { day.checked_add_days(Days::new(1))? } else { day };
        Some(day.and_time(NaiveTime::MIN).and_utc())
    };
    match text.to_ascii_lowercase().as_str() {
        "now" => return Some(now),
        "today" => return midnight(0),
        "yesterday" => return midnight(1),
        _ => {}
    }
    if let Some(ago) = duration(text) {
        return now.checked_sub_signed(ago);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let n: i64 = text.parse().ok()?;
        return match text.len() {
            9..=10 => DateTime::from_timestamp(n, 0),
            13 => DateTime::from_timestamp_millis(n),
            _ => None,
        };
    }
    let at = iso::to_datetime(iso::parse_micros(text)?)?;
    if text.len() == 10 && end == End::Until {
        return at.checked_add_days(Days::new(1));
    }
    Some(at)
}

/// Reads `90s`, `30m`, `24h`, `7d`, `2w`, and sums of them (`1d12h`).
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::zero();
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let n: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let seconds = match unit {
            's' | 'S' => 1,
            'm' | 'M' => 60,
            'h' | 'H' => 3600,
            'd' | 'D' => 86_400,
            'w' | 'W' => 7 * 86_400,
            _ => return None,
        };
        total = total.checked_add(&Duration::try_seconds(n.checked_mul(seconds)?)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_relative_and_absolute_times() {
        let now: DateTime<Utc> = "2024-03-05T12:00:00Z".parse().unwrap();
        let since = |t: &str| parse(t, End::Since, now).map(|t| t.to_rfc3339());
        assert_eq!(since("24h").as_deref(), Some("2024-03-04T12:00:00+00:00"));
        assert_eq!(since("1d12h").as_deref(), Some("2024-03-04T00:00:00+00:00"));
        assert_eq!(since("today").as_deref(), Some("2024-03-05T00:00:00+00:00"));
        assert_eq!(since("yesterday").as_deref(), Some("2024-03-04T00:00:00+00:00"));
        assert_eq!(since("2024-03-01").as_deref(), Some("2024-03-01T00:00:00+00:00"));
        assert_eq!(since("1709640000").as_deref(), Some("2024-03-05T12:00:00+00:00"));
        let until = |t: &str| parse(t, End::Until, now).map(|t| t.to_rfc3339());
        assert_eq!(until("2024-03-01").as_deref(), Some("2024-03-02T00:00:00+00:00"));
        assert_eq!(until("2024-03-01T10:00").as_deref(), Some("2024-03-01T10:00:00+00:00"));
        for bad in ["", "h", "24", "5x", "tomorrowish", "99999999999999999999h", "9999999999999w"] {
            assert_eq!(parse(bad, End::Since, now), None, "{bad}");
        }
    }
}
