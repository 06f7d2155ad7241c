//! What is only to be read, once an hour or a day.

use chrono::{DateTime, Days, DurationRound, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use trailkeep_detect::Level;

use super::window::{hhmm, instant, zone};

/// How often a digest is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// On the hour.
    Hour,
    /// Once a day.
    Day,
}

/// Incidents below a level are gathered and told together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// How often.
    pub every: Every,
    /// When on the day, `HH:MM`. Default: `08:00`.
    #[serde(default = "morning", with = "hhmm")]
    pub at: NaiveTime,
    /// The time zone of `at`. Default: `UTC`.
    #[serde(default = "utc", with = "zone")]
    pub zone: Tz,
    /// Incidents of this level and above are told at once. Default: `medium`.
    #[serde(default = "medium")]
    pub below: Level,
}

fn morning() -> NaiveTime {
    NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default()
}

fn utc() -> Tz {
    Tz::UTC
}

fn medium() -> Level {
    Level::Medium
}

impl Digest {
    /// When what came at `since` is told.
    #[must_use]
    pub fn due(&self, since: DateTime<Utc>) -> DateTime<Utc> {
        match self.every {
            Every::Hour => {
                let hour = TimeDelta::hours(1);
                since.duration_trunc(hour).map_or(since, |begun| begun + hour)
            }
            Every::Day => {
                let today = since.with_timezone(&self.zone).date_naive();
                (0..3)
                    .filter_map(|ahead| today.checked_add_days(Days::new(ahead)))
                    .filter_map(|day| instant(self.zone, day, self.at))
                    .find(|due| *due > since)
                    .unwrap_or(since + TimeDelta::days(1))
            }
        }
    }
}
