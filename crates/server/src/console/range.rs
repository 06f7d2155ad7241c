//! The span of time a page looks at.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::link::Link;
use super::parts::rfc3339;

/// Spans that have a button.
pub(crate) const PRESETS: [(&str, &str); 6] =
    [("1h", "1 h"), ("6h", "6 h"), ("24h", "24 h"), ("7d", "7 d"), ("30d", "30 d"), ("all", "All")];

/// `since`, `from` and `to` as they stand in an address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct RangeParams {
    #[serde(default)]
    since: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

impl RangeParams {
    /// The address says nothing of time.
    pub(crate) fn is_empty(&self) -> bool {
        self.since.is_empty() && self.from.is_empty() && self.to.is_empty()
    }
}

/// A span of time, both ends open or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TimeRange {
    /// The preset it came from.
    pub(crate) preset: Option<String>,
    /// First instant.
    pub(crate) from: Option<DateTime<Utc>>,
    /// The instant after the last.
    pub(crate) to: Option<DateTime<Utc>>,
    /// The data ends long ago, and so does the span.
    pub(crate) anchored: bool,
}

impl TimeRange {
    /// Reads the address. Without anything in it: the last day; the last day *of the data* when
    /// nothing newer than that is there.
    ///
    /// # Errors
    /// A text that is neither a preset nor an instant, in words.
    pub(crate) fn read(
        params: &RangeParams,
        now: DateTime<Utc>,
        newest: Option<DateTime<Utc>>,
    ) -> Result<Self, String> {
        if !params.from.is_empty() || !params.to.is_empty() {
            let (from, to) = (instant(&params.from)?, instant(&params.to)?);
            if let (Some(from), Some(to)) = (from, to)
                && from >= to
            {
                return Err("the range ends before it begins; swap from and to".to_owned());
            }
            return Ok(Self { from, to, ..Self::default() });
        }
        if params.since == "all" {
            return Ok(Self { preset: Some("all".to_owned()), ..Self::default() });
        }
        if params.since.is_empty() {
            return Ok(Self::last_day(now, newest));
        }
        let span = duration(&params.since)
            .ok_or_else(|| format!("'{}' is no span of time; write 30m, 24h or 7d", params.since))?;
        Ok(Self { preset: Some(params.since.clone()), from: now.checked_sub_signed(span), ..Self::default() })
    }

    fn last_day(now: DateTime<Utc>, newest: Option<DateTime<Utc>>) -> Self {
        match newest {
            Some(newest) if newest < now - TimeDelta::hours(24) => {
                let to = newest + TimeDelta::seconds(1);
                Self { from: Some(to - TimeDelta::hours(24)), to: Some(to), anchored: true, preset: None }
            }
            _ => Self {
                preset: Some("24h".to_owned()),
                from: Some(now - TimeDelta::hours(24)),
                ..Self::default()
            },
        }
    }

    /// Puts the range into an address.
    pub(crate) fn link(&self, link: Link) -> Link {
        match &self.preset {
            Some(preset) => link.with("since", preset.as_str()).with("from", "").with("to", ""),
            None => link
                .with("since", "")
                .with("from", self.from.map(rfc3339).unwrap_or_default())
                .with("to", self.to.map(rfc3339).unwrap_or_default()),
        }
    }

    /// The range in words.
    pub(crate) fn words(&self) -> String {
        let show = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        match (&self.preset, self.from, self.to) {
            (Some(preset), ..) if preset == "all" => "all time".to_owned(),
            (Some(preset), ..) => format!("last {preset}"),
            (None, Some(from), Some(to)) => format!("{} to {} UTC", show(from), show(to)),
            (None, Some(from), None) => format!("from {} UTC", show(from)),
            (None, None, Some(to)) => format!("until {} UTC", show(to)),
            (None, None, None) => "all time".to_owned(),
        }
    }
}

/// `90s`, `30m`, `24h`, `7d`, `2w`; at most ten years.
pub(crate) fn duration(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().last()?;
    let amount: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|n| *n > 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let span = TimeDelta::try_seconds(amount.checked_mul(seconds)?)?;
    (span <= TimeDelta::days(3_660)).then_some(span)
}

/// An instant: RFC 3339, or a date, or what `<input type=datetime-local>` gives (as UTC).
pub(crate) fn instant(text: &str) -> Result<Option<DateTime<Utc>>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let naive =
        |format: &str| chrono::NaiveDateTime::parse_from_str(text, format).ok().map(|at| at.and_utc());
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .ok()
        .or_else(|| naive("%Y-%m-%dT%H:%M"))
        .or_else(|| naive("%Y-%m-%dT%H:%M:%S"))
        .or_else(|| naive("%Y-%m-%d %H:%M:%S"))
        .or_else(|| naive("%Y-%m-%d %H:%M"))
        .or_else(|| {
            let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            Some(date.and_time(chrono::NaiveTime::MIN).and_utc())
        })
        .map(Some)
        .ok_or_else(|| format!("'{text}' is no instant; write 2026-05-04T12:30:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(since: &str, from: &str, to: &str) -> RangeParams {
        RangeParams { since: since.into(), from: from.into(), to: to.into() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_day_of_old_data() {
        let now = at("2026-05-04T12:00:00Z");
        let fresh = TimeRange::read(&params("", "", ""), now, Some(now - TimeDelta::hours(1))).unwrap();
        assert_eq!(fresh.preset.as_deref(), Some("24h"));
        let old = TimeRange::read(&params("", "", ""), now, Some(at("2024-01-02T00:00:00Z"))).unwrap();
        assert!(old.anchored);
        assert_eq!(old.from, Some(at("2024-01-01T00:00:01Z")));
    }

    #[test]
    fn what_an_address_may_say() {
        let now = at("2026-05-04T12:00:00Z");
        let custom = TimeRange::read(&params("", "2026-05-01", "2026-05-02T10:00"), now, None).unwrap();
        assert_eq!(custom.words(), "2026-05-01 00:00:00 to 2026-05-02 10:00:00 UTC");
        assert_eq!(
            custom.link(Link::to("/s")).href(),
            "/s?from=2026-05-01T00%3A00%3A00Z&to=2026-05-02T10%3A00%3A00Z"
        );
        assert!(TimeRange::read(&params("", "2026-05-02", "2026-05-01"), now, None).is_err());
        assert!(TimeRange::read(&params("soon", "", ""), now, None).is_err());
        assert!(TimeRange::read(&params("99999999999w", "", ""), now, None).is_err());
        assert!(TimeRange::read(&params("5é", "", ""), now, None).is_err());
    }
}
