//! What goes in and comes out.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::codec::{parsed, time};
use crate::inbox::NewItem;

/// Where a definition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlarmOrigin {
    /// The configuration file.
    Toml,
    /// An account, by `alarms import`.
    Import,
    /// The console or the API.
    Api,
}

impl AlarmOrigin {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Toml => "toml",
            Self::Import => "import",
            Self::Api => "api",
        }
    }
}

impl FromStr for AlarmOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "toml" => Ok(Self::Toml),
            "import" => Ok(Self::Import),
            "api" => Ok(Self::Api),
            other => Err(format!("'{other}' is none of toml, import and api")),
        }
    }
}

/// An alarm to keep, with the state it starts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    /// Its ARN, or its name where it has none.
    pub id: String,
    /// `AlarmName`.
    pub name: String,
    /// `MetricAlarm` or `CompositeAlarm`.
    pub kind: String,
    /// Where it comes from.
    pub origin: AlarmOrigin,
    /// The account, where it is known.
    pub account_id: Option<String>,
    /// The Region, where it is known.
    pub region: Option<String>,
    /// JSON in the shape of the API.
    pub definition: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// JSON.
    pub reason_data: String,
    /// When the reason was given.
    pub updated_at: DateTime<Utc>,
    /// When the state changed.
    pub transitioned_at: DateTime<Utc>,
}

/// An alarm that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlarmRow {
    /// Its ARN, or its name where it has none.
    pub id: String,
    /// `AlarmName`.
    pub name: String,
    /// `MetricAlarm` or `CompositeAlarm`.
    pub kind: String,
    /// Where it comes from.
    pub origin: AlarmOrigin,
    /// The account, where it is known.
    pub account_id: Option<String>,
    /// The Region, where it is known.
    pub region: Option<String>,
    /// JSON in the shape of the API.
    pub definition: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// JSON.
    pub reason_data: String,
    /// When the reason was given.
    pub updated_at: DateTime<Utc>,
    /// When the state changed.
    pub transitioned_at: DateTime<Utc>,
    /// When the definition was last kept.
    pub stored_at: DateTime<Utc>,
}

/// The state that an alarm is in from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmStateUpdate {
    /// The alarm. One that is not there is passed over.
    pub id: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// JSON.
    pub reason_data: String,
    /// When the reason was given.
    pub updated_at: DateTime<Utc>,
    /// When the state changed.
    pub transitioned_at: DateTime<Utc>,
}

/// An item of an alarm's history, in the shape of `DescribeAlarmHistory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlarmEvent {
    /// The alarm's ARN, or its name where it has none.
    pub alarm_id: String,
    /// `AlarmName`.
    pub alarm_name: String,
    /// `AlarmType`.
    pub alarm_kind: String,
    /// `Timestamp`.
    pub time: DateTime<Utc>,
    /// `HistoryItemType`: `ConfigurationUpdate`, `StateUpdate` or `Action`.
    pub item_type: String,
    /// `HistorySummary`.
    pub summary: String,
    /// `HistoryData`: JSON.
    pub data: String,
    /// Of a `StateUpdate`, the state before, where it is known.
    pub from_state: Option<String>,
    /// Of a `StateUpdate`, the state after.
    pub to_state: Option<String>,
    /// Of a `StateUpdate`, why.
    pub reason: Option<String>,
    /// The account, where it is known.
    pub account_id: Option<String>,
    /// The Region, where it is known.
    pub region: Option<String>,
}

/// What a tick of the engine brought.
#[derive(Clone, Debug, Default)]
pub struct AlarmCommit {
    /// States that changed.
    pub states: Vec<AlarmStateUpdate>,
    /// Items of history.
    pub events: Vec<AlarmEvent>,
    /// For the inbox: what somebody has to do about it.
    pub items: Vec<NewItem>,
    /// A name (`engine`, `watcher`) and what is to be gone on from.
    pub snapshot: Option<(String, String)>,
}

/// Which alarms.
#[derive(Clone, Debug, Default)]
pub struct AlarmFilter {
    /// Only in these states; any when empty.
    pub states: Vec<String>,
    /// Only those whose name begins so.
    pub name_prefix: Option<String>,
    /// Only of this account.
    pub account_id: Option<String>,
    /// Only of this Region.
    pub region: Option<String>,
    /// Only of this origin.
    pub origin: Option<AlarmOrigin>,
    /// Only `MetricAlarm` or `CompositeAlarm`.
    pub kind: Option<String>,
}

/// An account and a Region that alarms are of, where they are known, and how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlarmScope {
    /// The account.
    pub account_id: Option<String>,
    /// The Region.
    pub region: Option<String>,
    /// Alarms.
    pub alarms: u64,
}

/// Which items of history.
#[derive(Clone, Debug, Default)]
pub struct AlarmHistoryFilter {
    /// Only of this alarm, by ARN or name.
    pub alarm: Option<String>,
    /// Only of this alarm, by its id alone: another account's may have the same name.
    pub id: Option<String>,
    /// Only of this type.
    pub item_type: Option<String>,
    /// Only changes into this state.
    pub to_state: Option<String>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// Only of this account.
    pub account_id: Option<String>,
}

/// Where a page ended. As text: safe in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmCursor {
    pub(crate) time: i64,
    pub(crate) seq: i64,
}

impl fmt::Display for AlarmCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.time, self.seq)
    }
}

impl FromStr for AlarmCursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (time, seq) = text.split_once('_')?;
            Some(Self { time: time.parse().ok()?, seq: seq.parse().ok()? })
        };
        parse().ok_or_else(|| "the page's cursor is damaged; start again at the first page".to_owned())
    }
}

/// Items, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlarmHistoryPage {
    /// The items.
    pub items: Vec<AlarmEvent>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<AlarmCursor>,
}

/// A metric filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MetricFilterRow {
    /// What tells it from others: account, Region, log group and name; or the name.
    pub id: String,
    /// `filterName`.
    pub name: String,
    /// The table whose events it reads.
    pub table_name: String,
    /// Where it comes from.
    pub origin: AlarmOrigin,
    /// The account, where it is known.
    pub account_id: Option<String>,
    /// The Region, where it is known.
    pub region: Option<String>,
    /// JSON in the shape of `PutMetricFilter`.
    pub definition: String,
}

/// What a replacement did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Definitions that are new or others.
    pub changed: u64,
    /// Definitions that went.
    pub removed: u64,
}

pub(crate) fn read_alarm(row: &SqliteRow) -> sqlx::Result<AlarmRow> {
    Ok(AlarmRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        origin: parsed(row, "origin")?,
        account_id: row.try_get("account_id")?,
        region: row.try_get("region")?,
        definition: row.try_get("definition")?,
        state: row.try_get("state")?,
        reason: row.try_get("reason")?,
        reason_data: row.try_get("reason_data")?,
        updated_at: time(row, "updated_at")?,
        transitioned_at: time(row, "transitioned_at")?,
        stored_at: time(row, "stored_at")?,
    })
}

pub(crate) fn read_filter(row: &SqliteRow) -> sqlx::Result<MetricFilterRow> {
    Ok(MetricFilterRow {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        table_name: row.try_get("table_name")?,
        origin: parsed(row, "origin")?,
        account_id: row.try_get("account_id")?,
        region: row.try_get("region")?,
        definition: row.try_get("definition")?,
    })
}

pub(crate) fn read_event(row: &SqliteRow) -> sqlx::Result<AlarmEvent> {
    Ok(AlarmEvent {
        alarm_id: row.try_get("alarm_id")?,
        alarm_name: row.try_get("alarm_name")?,
        alarm_kind: row.try_get("alarm_kind")?,
        time: time(row, "time")?,
        item_type: row.try_get("item_type")?,
        summary: row.try_get("summary")?,
        data: row.try_get("data")?,
        from_state: row.try_get("from_state")?,
        to_state: row.try_get("to_state")?,
        reason: row.try_get("reason")?,
        account_id: row.try_get("account_id")?,
        region: row.try_get("region")?,
    })
}
