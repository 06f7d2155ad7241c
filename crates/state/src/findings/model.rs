//! The shapes in which findings are given out.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use trailkeep_detect::{Evidence, Finding, Level};

use crate::codec::{count, json, parsed, time, unreadable};

/// Why a finding was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It was real, and it has been dealt with.
    Resolved,
    /// It was nothing.
    FalsePositive,
}

/// How far people are with a finding. As text: `new`, `triaged`, `resolved`, `false_positive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Status {
    /// Nobody has looked at it.
    New,
    /// Somebody is on it.
    Triaged,
    /// Done.
    Closed(Resolution),
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [
        Self::New,
        Self::Triaged,
        Self::Closed(Resolution::Resolved),
        Self::Closed(Resolution::FalsePositive),
    ];
    /// The ones that still want attention.
    pub const OPEN: [Self; 2] = [Self::New, Self::Triaged];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Triaged => "triaged",
            Self::Closed(Resolution::Resolved) => "resolved",
            Self::Closed(Resolution::FalsePositive) => "false_positive",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("unknown status '{text}': use new, triaged, resolved or false_positive"))
    }
}

impl From<Status> for &'static str {
    fn from(status: Status) -> Self {
        status.as_str()
    }
}

impl TryFrom<String> for Status {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// One row: a group of findings within an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingRow {
    /// The row's id, 32 hex digits; the same wherever the same events are ingested.
    pub id: String,
    /// The highest level among the findings.
    pub level: Level,
    /// How far people are with it.
    pub status: Status,
    /// Who is on it.
    pub assignee: Option<String>,
    /// How many events it rests on.
    pub count: u64,
    /// The first of these events.
    pub first_time: DateTime<Utc>,
    /// The last of these events.
    pub last_time: DateTime<Utc>,
    /// When the row appeared here.
    pub created_at: DateTime<Utc>,
    /// When it last changed here.
    pub updated_at: DateTime<Utc>,
    /// The finding shown for the row. Its `evidence` is empty; see [`FindingDetail`].
    pub finding: Finding,
}

/// A row with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingDetail {
    /// The row.
    pub row: FindingRow,
    /// Its events, oldest first, as many as were asked for.
    pub evidence: Vec<Evidence>,
    /// What people wrote, oldest first.
    pub notes: Vec<Note>,
}

/// What somebody wrote about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Who.
    pub author: String,
    /// When.
    pub time: DateTime<Utc>,
    /// What.
    pub text: String,
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FindingPage {
    /// Newest first.
    pub rows: Vec<FindingRow>,
    /// Where the next page starts; none on the last.
    pub next: Option<super::Cursor>,
}

/// How many rows there are, of which kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FindingCounts {
    /// All rows.
    pub total: u64,
    /// Per level, the highest first; levels without rows too.
    pub levels: Vec<(Level, u64)>,
    /// Per status; statuses without rows too.
    pub statuses: Vec<(Status, u64)>,
    /// Per rule, the most frequent first, at most a hundred.
    pub rules: Vec<RuleCount>,
    /// Per hour of the first event and level, oldest first; the newest 5,000 of them.
    pub hours: Vec<HourCount>,
}

/// How often a rule found something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleCount {
    /// The rule.
    pub rule_id: String,
    /// Its title.
    pub rule_title: String,
    /// Its highest level.
    pub level: Level,
    /// Rows.
    pub findings: u64,
    /// Events they rest on.
    pub events: u64,
}

/// How much was found in an hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HourCount {
    /// The hour's beginning.
    pub hour: DateTime<Utc>,
    /// The level.
    pub level: Level,
    /// Rows.
    pub findings: u64,
}

/// Where findings are to be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where to.
    pub to: RouteTo,
    /// Only findings of at least this level.
    pub min_level: Level,
}

/// Where an announcement goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTo {
    /// The outbox, for a channel: its name, as the sender knows it.
    Channel(String),
    /// The inbox, for who works off this kind of items.
    Inbox(String),
}

impl Route {
    /// To a channel.
    pub fn channel(name: impl Into<String>, min_level: Level) -> Self {
        Self { to: RouteTo::Channel(name.into()), min_level }
    }

    /// To the inbox.
    pub fn inbox(kind: impl Into<String>, min_level: Level) -> Self {
        Self { to: RouteTo::Inbox(kind.into()), min_level }
    }
}

/// The payload of an announcement: of an outbox message of the kind [`Notification::KIND`], or of an
/// item of the inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// The idempotency key: one message per row and channel, however often it is sent.
    pub key: String,
    /// The row as it was when it was announced.
    pub finding: FindingRow,
    /// The first few events it rests on.
    pub evidence: Vec<Evidence>,
}

impl Notification {
    /// The kind of outbox messages that carry this payload.
    pub const KIND: &'static str = "finding";
}

/// What an upsert did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Upserted {
    /// Rows that are new, to be told about once.
    pub new: Vec<FindingRow>,
    /// Ids of rows that have more evidence, a higher level or other words than before.
    pub changed: Vec<String>,
    /// Ids, among the changed, of rows that were resolved and are new again because events were added.
    pub reopened: Vec<String>,
    /// Rows that were there exactly so.
    pub unchanged: usize,
}

/// The number by which a level is stored and compared.
pub(super) fn level_number(level: Level) -> i64 {
    match level {
        Level::Informational => 0,
        Level::Low => 1,
        Level::Medium => 2,
        Level::High => 3,
        Level::Critical => 4,
    }
}

pub(super) fn level(row: &SqliteRow, column: &str) -> sqlx::Result<Level> {
    let number: i64 = row.try_get(column)?;
    Level::ALL
        .into_iter()
        .find(|level| level_number(*level) == number)
        .ok_or_else(|| unreadable(column, format!("{number} is not a level")))
}

pub(super) fn read_row(row: &SqliteRow) -> sqlx::Result<FindingRow> {
    Ok(FindingRow {
        id: row.try_get("id")?,
        level: level(row, "level")?,
        status: parsed(row, "status")?,
        assignee: row.try_get("assignee")?,
        count: count(row, "count")?,
        first_time: time(row, "first_time")?,
        last_time: time(row, "last_time")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        finding: json(row, "body")?,
    })
}
