//! The rows.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::BODY;
use crate::StateError;
use crate::codec::{json, parsed, time, time_opt, unreadable};

/// A response's number, rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResponseId(pub i64);

impl fmt::Display for ResponseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseStatus {
    /// It is told what would be done, and nothing is.
    Observed,
    /// A person has to look at it.
    Escalated,
    /// A person has to say yes or no.
    Waiting,
    /// A person said yes; it is about to be done.
    Approved,
    /// A person said no.
    Rejected,
    /// Nobody said anything in time.
    Expired,
    /// It is being done.
    Running,
    /// It was done, and seen to be so.
    Done,
    /// It was not, or not all, done.
    Failed,
    /// Nothing was to be done: exempt, or things had moved on.
    Skipped,
    /// It is being taken back.
    Undoing,
    /// It was taken back.
    Undone,
}

impl ResponseStatus {
    /// Every status.
    pub const ALL: [Self; 12] = [
        Self::Observed,
        Self::Escalated,
        Self::Waiting,
        Self::Approved,
        Self::Rejected,
        Self::Expired,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Skipped,
        Self::Undoing,
        Self::Undone,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Escalated => "escalated",
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    /// Nothing more happens by itself.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Approved | Self::Running | Self::Undoing)
    }
}

impl FromStr for ResponseStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| format!("unknown status of a response '{text}'"))
    }
}

/// A response to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewResponse {
    /// The same when the same event comes again.
    pub key: String,
    /// The playbook's name.
    pub playbook: String,
    /// `observe`, `approve` or `auto`.
    pub mode: String,
    /// Where it begins.
    pub status: ResponseStatus,
    /// Why it begins there.
    pub reason: Option<String>,
    /// The same for the same change by the same principal.
    pub fingerprint: String,
    /// The event.
    pub event_uid: String,
    /// When it happened.
    pub event_time: DateTime<Utc>,
    /// The account.
    pub account_id: String,
    /// The Region.
    pub region: String,
    /// What was changed.
    pub resource: String,
    /// Who changed it.
    pub actor: String,
    /// What happened, in words.
    pub changed: String,
    /// The repair.
    pub plan: Value,
    /// When an approval is too late.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Response {
    /// Its number.
    pub id: ResponseId,
    /// The playbook's name.
    pub playbook: String,
    /// `observe`, `approve` or `auto`.
    pub mode: String,
    /// How far it is.
    pub status: ResponseStatus,
    /// Why it is there, in words.
    pub reason: Option<String>,
    /// The same for the same change by the same principal.
    pub fingerprint: String,
    /// The event.
    pub event_uid: String,
    /// When the event happened.
    pub event_time: DateTime<Utc>,
    /// The incident that it belongs to.
    pub incident_id: Option<String>,
    /// The account.
    pub account_id: String,
    /// The Region.
    pub region: String,
    /// What was changed.
    pub resource: String,
    /// Who changed it.
    pub actor: String,
    /// What happened, in words.
    pub changed: String,
    /// The repair.
    pub plan: Value,
    /// The parts as they were found when it was begun.
    pub before: Option<Value>,
    /// The parts as they are to be, and were read back.
    pub after: Option<Value>,
    /// Who said yes or no; nobody where it began by itself.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// When an approval is too late.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was kept.
    pub created_at: DateTime<Utc>,
    /// When it was begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// When something last happened to it.
    pub updated_at: DateTime<Utc>,
}

/// Which responses are asked for; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseFilter {
    /// With one of these statuses; empty for all.
    pub statuses: Vec<ResponseStatus>,
    /// Of this playbook.
    pub playbook: Option<String>,
    /// In this account.
    pub account_id: Option<String>,
    /// To this event.
    pub event_uid: Option<String>,
    /// Of this incident.
    pub incident_id: Option<String>,
}

pub(super) fn read(row: &SqliteRow) -> sqlx::Result<Response> {
    Ok(Response {
        id: ResponseId(row.try_get("id")?),
        playbook: row.try_get("playbook")?,
        mode: row.try_get("mode")?,
        status: parsed(row, "status")?,
        reason: row.try_get("reason")?,
        fingerprint: row.try_get("fingerprint")?,
        event_uid: row.try_get("event_uid")?,
        event_time: time(row, "event_time")?,
        incident_id: row.try_get("incident_id")?,
        account_id: row.try_get("account_id")?,
        region: row.try_get("region")?,
        resource: row.try_get("resource")?,
        actor: row.try_get("actor")?,
        changed: row.try_get("changed")?,
        plan: json(row, "plan")?,
        before: json_opt(row, "before")?,
        after: json_opt(row, "after")?,
        decided_by: row.try_get("decided_by")?,
        decided_at: time_opt(row, "decided_at")?,
        expires_at: time_opt(row, "expires_at")?,
        created_at: time(row, "created_at")?,
        started_at: time_opt(row, "started_at")?,
        finished_at: time_opt(row, "finished_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

fn json_opt(row: &SqliteRow, column: &str) -> sqlx::Result<Option<Value>> {
    let text = row.try_get::<Option<&str>, _>(column)?;
    text.map(serde_json::from_str).transpose().map_err(|error| unreadable(column, error.to_string()))
}

/// JSON as it is kept. Cut off it would be none, so it is refused.
pub(super) fn text(what: &'static str, value: &Value) -> Result<String, StateError> {
    let text = value.to_string();
    if text.len() > BODY {
        return Err(StateError::invalid(what, format!("it may have {BODY} bytes, and has {}", text.len())));
    }
    Ok(text)
}
