//! Hours of the week, where a team lives.

use chrono::{
    DateTime, Datelike, Days as ChronoDays, LocalResult, NaiveTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Days of the week: `mon-fri`, `sat,sun`, `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Days(u8);

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    /// Every day.
    pub const ALL: Self = Self(0x7f);

    fn has(self, day: Weekday) -> bool {
        self.0 & (1 << day.num_days_from_monday()) != 0
    }
}

impl TryFrom<String> for Days {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let index = |name: &str| {
            let name = name.trim().to_ascii_lowercase();
            NAMES
                .iter()
                .position(|known| *known == name)
                .ok_or_else(|| format!("'{name}' is no day: write mon, tue, wed, thu, fri, sat or sun"))
        };
        if text.trim().eq_ignore_ascii_case("all") {
            return Ok(Self::ALL);
        }
        let mut days = 0;
        for part in text.split(',') {
            let (first, last) = match part.split_once('-') {
                Some((first, last)) => (index(first)?, index(last)?),
                None => (index(part)?, index(part)?),
            };
            let mut day = first;
            loop {
                days |= 1 << day;
                if day == last {
                    break;
                }
                day = (day + 1) % 7;
            }
        }
        Ok(Self(days))
    }
}

impl From<Days> for String {
    fn from(days: Days) -> Self {
        let names: Vec<&str> =
            (0..7).filter(|day| days.0 & (1 << day) != 0).map(|day| NAMES[day as usize]).collect();
        names.join(",")
    }
}

/// Hours on some days of the week. `to` at or before `from` means on the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeWindow {
    /// Days on which it begins. Default: all.
    #[serde(default = "every_day")]
    pub days: Days,
    /// `HH:MM`. Default: `00:00`.
    #[serde(default, with = "hhmm")]
    pub from: NaiveTime,
    /// `HH:MM`. Default: `00:00`, the end of the day.
    #[serde(default, with = "hhmm")]
    pub to: NaiveTime,
    /// A time zone of the IANA database, `Europe/Berlin`. Default: `UTC`.
    #[serde(default = "utc", with = "zone")]
    pub zone: Tz,
}

fn every_day() -> Days {
    Days::ALL
}

fn utc() -> Tz {
    Tz::UTC
}

impl TimeWindow {
    /// Whether a moment is in it.
    #[must_use]
    pub fn contains(&self, moment: DateTime<Utc>) -> bool {
        let local = moment.with_timezone(&self.zone);
        // One that began yesterday may last into today.
        [0, 1].into_iter().any(|ago| {
            let Some(day) = local.date_naive().checked_sub_days(ChronoDays::new(ago)) else { return false };
            self.days.has(day.weekday())
                && self.span(day).is_some_and(|(from, to)| (from..to).contains(&moment))
        })
    }

    /// When it begins next, after a moment.
    #[must_use]
    pub fn next_start(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = after.with_timezone(&self.zone).date_naive();
        (0..=8)
            .filter_map(|ahead| today.checked_add_days(ChronoDays::new(ahead)))
            .filter(|day| self.days.has(day.weekday()))
            .filter_map(|day| self.span(day))
            .map(|(from, _)| from)
            .find(|from| *from > after)
    }

    fn span(&self, day: chrono::NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let last = if self.to > self.from { day } else { day.checked_add_days(ChronoDays::new(1))? };
        Some((instant(self.zone, day, self.from)?, instant(self.zone, last, self.to)?))
    }
}

/// The moment of a local time. Of two (the clock went back) the first; where there is none (it went
/// forward), the one an hour later.
pub(super) fn instant(zone: Tz, day: chrono::NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    let local = day.and_time(time);
    match zone.from_local_datetime(&local) {
        LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => Some(found.to_utc()),
        LocalResult::None => {
            zone.from_local_datetime(&(local + TimeDelta::hours(1))).earliest().map(|it| it.to_utc())
        }
    }
}

pub(super) mod hhmm {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        time: &NaiveTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time.format("%H:%M").to_string())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        let end_of_day = if text == "24:00" { "00:00" } else { &text };
        NaiveTime::parse_from_str(end_of_day, "%H:%M")
            .map_err(|_| serde::de::Error::custom(format!("'{text}' is no time: write HH:MM, such as 08:30")))
    }
}

pub(super) mod zone {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(format!(
                "'{text}' is no time zone: write one such as Europe/Berlin or UTC"
            ))
        })
    }
}
