//! What the server stands on: the lake's engine, the state, the pipeline.
//!
//! The console and the API ask [`Logs`] and [`Ingest`]; the implementations over the query engine
//! and the pipeline are in [`crate::engine`] and [`crate::intake`]. State is used as it is.
//!
//! # The contract of `Logs`
//! - Reads only. A statement that would write is refused with [`LogsError::Wrong`].
//! - [`LogsError::Wrong`] is the user's to mend (a syntax error, an unknown column) and its text
//!   is shown to them; [`LogsError::Failed`] is ours.
//! - `search` gives the newest first and continues after a cursor without gaps or repeats, as
//!   long as no event arrives that is older than the cursor.
//!
//! # The contract of `Ingest`
//! - `Ok` means durable: the events survive the loss of the process at the very next instant.
//! - The same bytes again change nothing and are counted as duplicates.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use serde::Serialize;
use trailkeep_baseline::Inventory;
use trailkeep_detect::RuleSet;
use trailkeep_respond::playbook::Playbooks;
use trailkeep_state::State;

use crate::alarming::{CloudWatch, LiveAlarms};
use crate::runtime::Changes;

/// Everything the server needs. Cheap to clone.
#[derive(Clone)]
pub struct Backend {
    /// Events, searched and queried.
    pub logs: Arc<dyn Logs>,
    /// Findings, users, sessions, tokens, audit log.
    pub state: State,
    /// Takes events in.
    pub ingest: Arc<dyn Ingest>,
    /// The rules that run, for their descriptions.
    pub rules: Arc<RuleSet>,
    /// The AWS accounts that are re-checked on a schedule; none where there are none to ask.
    pub estate: Option<Arc<dyn Estate>>,
    /// Who puts changes back; none where no playbook is configured.
    pub responder: Option<Responder>,
    /// Alarms that live here; none where nobody watches.
    pub alarms: Option<Arc<LiveAlarms>>,
    /// The accounts whose own alarms and metrics are followed; none where there are none to ask.
    pub cloudwatch: Option<Arc<CloudWatch>>,
}

/// The playbooks, and where they have their events from.
#[derive(Clone, Debug)]
pub struct Responder {
    /// The playbooks.
    pub playbooks: Playbooks,
    /// The observer of the pipeline that events are taken in by.
    pub changes: Arc<Changes>,
    /// Each account, and its Regions whose resources are listed from time to time.
    pub surveyed: Vec<(String, Vec<String>)>,
}

/// The accounts and Regions in scope, as AWS answers about them.
///
/// # The contract
/// Reads only. What could not be asked is part of the inventory; an error is for when nothing could
/// be asked at all, in words that say what to do.
#[async_trait]
pub trait Estate: Send + Sync {
    /// Asks every account and Region in scope.
    async fn inventory(&self) -> Result<Inventory, String>;
}

/// One event of any table, as the `events` view has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct EventRow {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Its table.
    pub table: String,
    /// The account it happened in.
    pub account_id: Option<String>,
    /// The Region it happened in.
    pub region: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// To what.
    pub target: Option<String>,
    /// From which address.
    pub source_address: Option<String>,
    /// How it ended: `Success`, or the error.
    pub outcome: Option<String>,
    /// Its id in the table.
    pub event_uid: String,
    /// The object it came in.
    pub source_uri: Option<String>,
    /// The record as received.
    pub raw: String,
}

/// What to search for: the query text, and the span of time on top of what the text says.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// `field:value` terms and free text.
    pub text: String,
    /// First instant.
    pub from: Option<DateTime<Utc>>,
    /// The instant after the last.
    pub to: Option<DateTime<Utc>>,
}

/// One page of hits.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Hits {
    /// Newest first.
    pub events: Vec<EventRow>,
    /// Cursor of the next page; none on the last.
    pub next: Option<String>,
}

/// Events in one slice of time, per table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bucket {
    /// First instant.
    pub start: DateTime<Utc>,
    /// The instant after the last.
    pub end: DateTime<Utc>,
    /// Count per table.
    pub counts: Vec<(String, u64)>,
}

/// The most frequent values of a field among the hits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facet {
    /// The field, by its name in the search syntax.
    pub field: String,
    /// Value and count, most frequent first.
    pub values: Vec<(String, u64)>,
}

/// The result of a statement, as text for people. `None` is NULL.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// Name and type of each column.
    pub columns: Vec<(String, String)>,
    /// Rows of cells.
    pub rows: Vec<Vec<Option<String>>>,
    /// There are more rows than the limit.
    pub truncated: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// How results leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180, with a header line.
    Csv,
    /// One JSON object per line.
    Ndjson,
    /// One JSON array.
    Json,
    /// One Parquet file.
    Parquet,
}

impl ExportFormat {
    /// The format of this name or file ending.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "ndjson" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// File ending.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    /// Media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// A table or view, described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// Whether it is a view over tables.
    pub view: bool,
    /// One line on what a row is.
    pub doc: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A column, described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its SQL type.
    pub ty: String,
    /// What it holds.
    pub doc: String,
}

/// How a table is doing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableHealth {
    /// The table.
    pub table: String,
    /// Events in it.
    pub rows: u64,
    /// Its Parquet files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Time of its oldest event.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of its newest event.
    pub last_event: Option<DateTime<Utc>>,
}

/// Why logs could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The query is wrong; the text says how to mend it.
    #[error("{0}")]
    Wrong(String),
    /// The lake or the engine failed.
    #[error("{0}")]
    Failed(String),
}

/// Bytes of an export as they come.
pub type ExportStream = BoxStream<'static, Result<Bytes, LogsError>>;

/// Events, searched and queried. The contract is at the top of this module.
#[async_trait]
pub trait Logs: Send + Sync {
    /// A page of hits after `cursor`.
    async fn search(&self, search: &Search, limit: usize, cursor: Option<&str>) -> Result<Hits, LogsError>;
    /// Counts over time, for the span the search covers.
    async fn histogram(&self, search: &Search, buckets: usize) -> Result<Vec<Bucket>, LogsError>;
    /// The most frequent values of each field.
    async fn facets(&self, search: &Search, top: usize) -> Result<Vec<Facet>, LogsError>;
    /// One event; `around` is its time, where it is known, and makes it quick to find.
    async fn event(
        &self,
        table: &str,
        event_uid: &str,
        around: Option<DateTime<Utc>>,
    ) -> Result<Option<EventRow>, LogsError>;
    /// Runs a statement, and gives at most `limit` rows.
    async fn sql(&self, sql: &str, limit: usize) -> Result<Grid, LogsError>;
    /// Runs a statement, and gives all rows as a file.
    async fn export(&self, sql: &str, format: ExportFormat) -> Result<ExportStream, LogsError>;
    /// Every table and view.
    async fn tables(&self) -> Result<Vec<Table>, LogsError>;
    /// How each table is doing, those with events only.
    async fn health(&self) -> Result<Vec<TableHealth>, LogsError>;
    /// Quarantined records by reason, most frequent first.
    async fn quarantine(&self) -> Result<Vec<(String, u64)>, LogsError>;
}

/// What taking bytes in did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Events that are now in the lake and were not before.
    pub events: u64,
    /// Events that were there already.
    pub duplicates: u64,
    /// Records that could not be read, kept in `quarantine`.
    pub quarantined: u64,
}

/// Why bytes were not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Too much is under way; try again after this time.
    #[error("too much is being ingested; try again in {} s", .0.as_secs())]
    Busy(Duration),
    /// The bytes are no log that we know.
    #[error("{0}")]
    Unknown(String),
    /// The lake or the state failed; the sender should try again.
    #[error("{0}")]
    Failed(String),
}

/// Takes events in. The contract is at the top of this module.
#[async_trait]
pub trait Ingest: Send + Sync {
    /// Takes one body, compressed or not, of any known format.
    async fn bytes(&self, source_uri: &str, body: Bytes) -> Result<Taken, IngestError>;
    /// Takes one file; `None` when it was taken before, by this process or another.
    async fn object(&self, object: &trailkeep_sources::Object) -> Result<Option<Taken>, IngestError>;
}
