//! A silence as it is written in a form or in an address.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use trailkeep_respond::route::{Matcher, Pattern};

use crate::console::range::{duration, instant};

/// The longest that a silence lasts: nobody remembers one that lasts for ever.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// The longest condition.
const VALUE: usize = 2_048;

/// The fields of the form; the same names stand in an address that fills it in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    pub(super) level: String,
    pub(super) kind: String,
    /// Several with commas between them, as are Regions and owners.
    pub(super) account: String,
    pub(super) region: String,
    pub(super) owner: String,
    pub(super) rule: String,
    pub(super) entity: String,
    pub(super) actor: String,
    pub(super) comment: String,
    /// How long, `4h`; counts unless `until` is given.
    #[serde(rename = "for")]
    pub(super) lasts: String,
    pub(super) until: String,
    pub(super) starts: String,
    /// The incident to go back to.
    pub(super) from: String,
}

impl Fields {
    /// What it holds.
    pub(super) fn matcher(&self) -> Result<Matcher, String> {
        let one = |text: &str| match text.trim() {
            "" => Ok(Vec::new()),
            text if text.len() > VALUE => Err(format!("a condition has {VALUE} bytes at most")),
            text => Pattern::new(text).map(|pattern| vec![pattern]),
        };
        let many = |text: &str| {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(&one).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        };
        Ok(Matcher {
            level: match self.level.as_str() {
                "" => None,
                level => Some(level.parse()?),
            },
            kind: match self.kind.as_str() {
                "" => Vec::new(),
                kind => vec![kind.parse()?],
            },
            account: many(&self.account)?,
            region: many(&self.region)?,
            owner: many(&self.owner)?,
            // A rule may be an alarm, and alarms have commas in their names.
            rule: one(&self.rule)?,
            entity: one(&self.entity)?,
            actor: one(&self.actor)?,
            ..Matcher::default()
        })
    }

    /// From when, and until when.
    pub(super) fn times(&self, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), String> {
        let starts_at = instant(&self.starts)?.unwrap_or(now);
        let ends_at = match instant(&self.until)? {
            Some(at) => at,
            None => {
                let wrong = || format!("'{}' is no span of time; write 30m, 4h or 7d", self.lasts);
                let lasts = duration(&self.lasts).filter(|it| *it <= LONGEST).ok_or_else(wrong)?;
                starts_at.checked_add_signed(lasts).ok_or("it would end after all time")?
            }
        };
        Ok((starts_at, ends_at))
    }
}

/// What no silence may be, wherever it is asked for.
pub(crate) fn check(comment: &str, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> Result<(), String> {
    if comment.trim().is_empty() {
        return Err("say why, for those who miss the messages".to_owned());
    }
    if ends_at - starts_at > LONGEST {
        return Err(
            "a silence lasts a year at most; where it should be for ever, change the routes".to_owned()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &str) -> Fields {
        let pairs: serde_json::Map<_, _> =
            url::form_urlencoded::parse(query.as_bytes()).map(|(k, v)| (k.into_owned(), v.into())).collect();
        serde_json::from_value(pairs.into()).unwrap()
    }

    #[test]
    fn a_form_becomes_a_matcher() {
        let matcher =
            fields("level=high&kind=alarm&account=111122223333, 44*&rule=a,b&csrf=x").matcher().unwrap();
        assert_eq!(
            serde_json::to_value(&matcher).unwrap(),
            serde_json::json!({ "level": "high", "kind": ["alarm"], "account": ["111122223333", "44*"], "rule": ["a,b"] })
        );
        assert!(fields("").matcher().unwrap().is_empty());
        for wrong in ["level=loud", "kind=fax", "rule=a[", &format!("entity={}", "x".repeat(3_000))] {
            assert!(fields(wrong).matcher().is_err(), "{wrong}");
        }
        // What fills the form in matches that very thing.
        let name = "cpu [prod] 50%? *";
        let exact = Pattern::exactly(name);
        let filled = Fields { rule: exact, ..Fields::default() }.matcher().unwrap();
        assert!(filled.rule[0].matches(name) && !filled.rule[0].matches("cpu p 50%x y"));
    }

    #[test]
    fn times_are_spans_or_instants() {
        let now: DateTime<Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
        let times = |query: &str| fields(query).times(now);
        assert_eq!(times("for=4h").unwrap(), (now, now + TimeDelta::hours(4)));
        let (from, to) = times("for=4h&until=2026-06-02T06:00&starts=2026-06-01T22:00").unwrap();
        assert_eq!(
            (from.to_rfc3339(), to.to_rfc3339()),
            ("2026-06-01T22:00:00+00:00".into(), "2026-06-02T06:00:00+00:00".into())
        );
        for wrong in ["", "for=soon", "for=9999d", "until=tomorrow", "for=1h&starts=x"] {
            assert!(times(wrong).is_err(), "{wrong}");
        }
        assert!(check("", now, now + TimeDelta::hours(1)).is_err());
        assert!(check("works", now, now + TimeDelta::days(400)).is_err());
        assert_eq!(check("works", now, now + TimeDelta::days(7)), Ok(()));
    }
}
