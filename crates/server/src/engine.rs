//! [`Logs`] over the query engine and the lake's own statistics.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use tokio::sync::mpsc;
use trailkeep_formats::registry;
use trailkeep_lake::Lake;
use trailkeep_query::output::{OutputFormat, value, write_stream};
use trailkeep_query::{Engine, Event, Page, QueryError, SearchQuery, TableKind};

use crate::backend::{
    Bucket, Column, EventRow, ExportFormat, ExportStream, Facet, Grid, Hits, Logs, LogsError, Search, Table,
    TableHealth,
};

/// The search terms that leave what did not work, whatever the table calls it.
pub(crate) const FAILED: &str = "outcome:* -outcome:Success,ok,accept,allow,2??,3??,-";

/// New commits are looked for when the last look is older than this.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// Chunks of an export that wait for a slow reader.
const CHUNKS: usize = 8;
/// Bytes of a chunk.
const CHUNK: usize = 64 << 10;

/// Events, searched and queried in this process.
#[derive(Debug)]
pub struct EngineLogs {
    engine: Engine,
    lake: Lake,
    begun: Instant,
    /// Milliseconds after `begun` at which commits were last looked for.
    looked: AtomicU64,
}

impl From<QueryError> for LogsError {
    fn from(error: QueryError) -> Self {
        if error.is_users() { Self::Wrong(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}

impl EngineLogs {
    /// Over an engine and the lake that it reads.
    #[must_use]
    pub fn new(engine: Engine, lake: Lake) -> Self {
        Self { engine, lake, begun: Instant::now(), looked: AtomicU64::new(0) }
    }

    /// Makes commits of the last second visible. One request looks; the others go on meanwhile.
    async fn fresh(&self) -> Result<(), LogsError> {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let last = self.looked.load(Ordering::Relaxed);
        let stale = last == 0 || now - last.min(now) >= FRESH_FOR.as_millis() as u64;
        if stale && self.looked.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.engine.refresh().await?;
        }
        Ok(())
    }
}

fn parse(search: &Search) -> Result<SearchQuery, LogsError> {
    let query =
        SearchQuery::parse(&search.text, Utc::now()).map_err(|error| LogsError::Wrong(error.to_string()))?;
    // What the text says of time holds within the page's range, not instead of it.
    let since = query.since.max(search.from);
    let until = match (query.until, search.to) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Ok(query.within(since, until))
}

/// Where a page ends: the time of its last event, and how many events of that very time were shown.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    time: DateTime<Utc>,
    shown: usize,
}

impl Cursor {
    fn read(text: &str) -> Result<Self, LogsError> {
        let read = || {
            let (time, shown) = text.split_once('_')?;
            Some(Self {
                time: DateTime::from_timestamp_micros(time.parse().ok()?)?,
                shown: shown.parse().ok()?,
            })
        };
        read().ok_or_else(|| {
            LogsError::Wrong("the page's cursor is damaged; start again at the newest events".to_owned())
        })
    }

    /// After these events, which came after `before`.
    fn after(events: &[Event], before: Option<&Self>) -> Option<String> {
        let last = events.last()?.time;
        let mut shown = events.iter().rev().take_while(|event| event.time == last).count();
        if let Some(before) = before.filter(|before| before.time == last && shown == events.len()) {
            shown += before.shown;
        }
        Some(format!("{}_{shown}", last.timestamp_micros()))
    }
}

fn row(event: Event) -> EventRow {
    EventRow {
        time: event.time,
        table: event.table,
        account_id: event.account,
        region: event.region,
        actor: event.actor,
        action: event.action,
        target: event.target,
        source_address: event.source_address,
        outcome: event.outcome,
        event_uid: event.event_uid,
        source_uri: event.source_uri,
        raw: event.raw,
    }
}

#[async_trait]
impl Logs for EngineLogs {
    async fn search(&self, search: &Search, limit: usize, cursor: Option<&str>) -> Result<Hits, LogsError> {
        self.fresh().await?;
        let mut query = parse(search)?;
        let before = cursor.map(Cursor::read).transpose()?;
        if let Some(before) = &before {
            let end = before.time + TimeDelta::microseconds(1);
            query.until = Some(query.until.map_or(end, |until| until.min(end)));
        }
        let offset = before.as_ref().map_or(0, |before| before.shown);
        let found = self.engine.search(&query, Page { limit, offset }).await?;
        let next = if found.more { Cursor::after(&found.events, before.as_ref()) } else { None };
        Ok(Hits { events: found.events.into_iter().map(row).collect(), next })
    }

    async fn histogram(&self, search: &Search, buckets: usize) -> Result<Vec<Bucket>, LogsError> {
        self.fresh().await?;
        let found = self.engine.histogram(&parse(search)?, buckets).await?;
        Ok(found
            .into_iter()
            .map(|bucket| Bucket {
                start: bucket.start,
                end: bucket.end,
                counts: bucket.counts.into_iter().collect(),
            })
            .collect())
    }

    async fn facets(&self, search: &Search, top: usize) -> Result<Vec<Facet>, LogsError> {
        self.fresh().await?;
        let found = self.engine.facets(&parse(search)?, top).await?;
        Ok(found.into_iter().map(|facet| Facet { field: facet.field, values: facet.values }).collect())
    }

    async fn event(
        &self,
        table: &str,
        event_uid: &str,
        around: Option<DateTime<Utc>>,
    ) -> Result<Option<EventRow>, LogsError> {
        self.fresh().await?;
        Ok(self.engine.event(table, event_uid, around).await?.map(row))
    }

    async fn sql(&self, sql: &str, limit: usize) -> Result<Grid, LogsError> {
        self.fresh().await?;
        let result = self.engine.sql(sql, Some(limit)).await?;
        let types = |field: &arrow::datatypes::Field| field.data_type().to_string();
        let columns =
            result.schema.fields().iter().map(|field| (field.name().clone(), types(field))).collect();
        let mut rows = Vec::with_capacity(result.rows);
        for batch in &result.batches {
            rows.extend((0..batch.num_rows()).map(|at| {
                batch.columns().iter().map(|column| value::to_text(column.as_ref(), at)).collect::<Vec<_>>()
            }));
        }
        Ok(Grid { columns, rows, truncated: result.truncated, elapsed: result.elapsed })
    }

    async fn export(&self, sql: &str, format: ExportFormat) -> Result<ExportStream, LogsError> {
        self.fresh().await?;
        let batches = self.engine.stream(sql).await?;
        let format = match format {
            ExportFormat::Csv => OutputFormat::Csv,
            ExportFormat::Ndjson => OutputFormat::Ndjson,
            ExportFormat::Json => OutputFormat::Json,
            ExportFormat::Parquet => OutputFormat::Parquet,
        };
        let (sender, receiver) = mpsc::channel(CHUNKS);
        // The writers are synchronous: they get a thread of their own, which waits for the reader.
        let runtime = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            let mut out = Chunks { sender: sender.clone(), chunk: Vec::with_capacity(CHUNK) };
            let written = runtime.block_on(write_stream(batches, format, &mut out));
            let done = written.map(drop).and_then(|()| out.flush().map_err(QueryError::from));
            if let Err(error) = done {
                tracing::warn!(%error, "export broken off");
                // The reader is told by an end that is none; it may be gone already.
                sender.blocking_send(Err(LogsError::from(error))).ok();
            }
        });
        Ok(tokio_stream(receiver).boxed())
    }

    async fn tables(&self) -> Result<Vec<Table>, LogsError> {
        self.fresh().await?;
        Ok(self.engine.tables().into_iter().map(described).collect())
    }

    async fn health(&self) -> Result<Vec<TableHealth>, LogsError> {
        let failed = |error: trailkeep_lake::LakeError| LogsError::Failed(error.to_string());
        let mut health = Vec::new();
        for def in registry::tables() {
            let Some(table) = self.lake.existing(def).await.map_err(failed)? else { continue };
            let stats = table.stats().await;
            if stats.rows > 0 {
                let time = |micros| DateTime::from_timestamp_micros(micros);
                health.push(TableHealth {
                    table: def.name.to_owned(),
                    rows: stats.rows,
                    files: stats.files,
                    bytes: stats.bytes,
                    first_event: time(stats.first),
                    last_event: time(stats.last),
                });
            }
        }
        Ok(health)
    }

    async fn quarantine(&self) -> Result<Vec<(String, u64)>, LogsError> {
        self.fresh().await?;
        let sql = "SELECT reason, count(*) AS n FROM quarantine GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8";
        let grid = self.sql(sql, 8).await?;
        let read =
            |row: &Vec<Option<String>>| Some((row.first()?.clone()?, row.get(1)?.as_ref()?.parse().ok()?));
        Ok(grid.rows.iter().filter_map(read).collect())
    }
}

/// A table with what the registry says of it and its columns.
fn described(info: trailkeep_query::TableInfo) -> Table {
    let def = registry::table(&info.name);
    let doc_of = |name: &str| {
        let column = def.and_then(|def| def.fields.iter().find(|column| column.name == name));
        column.map(|column| column.doc.to_owned()).unwrap_or_default()
    };
    Table {
        view: info.kind == TableKind::View,
        doc: def.map(|def| def.doc.to_owned()).unwrap_or_default(),
        columns: info.columns.into_iter().map(|(name, ty)| Column { doc: doc_of(&name), name, ty }).collect(),
        name: info.name,
    }
}

fn tokio_stream<T: Send + 'static>(receiver: mpsc::Receiver<T>) -> impl futures::Stream<Item = T> + Send {
    futures::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|item| (item, receiver))
    })
}

/// Collects what is written into chunks, and hands them on.
struct Chunks {
    sender: mpsc::Sender<Result<Bytes, LogsError>>,
    chunk: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let sent = futures::executor::block_on(self.sender.send(Ok(chunk.into())));
        sent.map_err(|_| std::io::Error::new(std::io::ErrorKind::BrokenPipe, "the reader went away"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(micros: i64) -> Event {
        Event {
            time: DateTime::from_timestamp_micros(micros).unwrap(),
            table: "t".into(),
            account: None,
            region: None,
            actor: None,
            action: None,
            target: None,
            source_address: None,
            outcome: None,
            event_uid: String::new(),
            source_uri: None,
            raw: String::new(),
        }
    }

    #[test]
    fn cursors_count_events_of_one_instant() {
        let first = Cursor::after(&[event(9), event(5), event(5)], None).unwrap();
        assert_eq!(first, "5_2");
        let first = Cursor::read(&first).unwrap();
        // A page full of that very instant goes on counting; one that gets past it begins anew.
        assert_eq!(Cursor::after(&[event(5), event(5)], Some(&first)).unwrap(), "5_4");
        assert_eq!(Cursor::after(&[event(5), event(4)], Some(&first)).unwrap(), "4_1");
        for damaged in ["", "5", "_", "x_1", "5_-1", "99999999999999999999_1"] {
            assert!(Cursor::read(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn what_failed_can_be_searched_for() {
        assert!(SearchQuery::parse(FAILED, Utc::now()).is_ok());
    }

    #[test]
    fn both_ranges_hold() {
        let now = Utc::now();
        let from = Some(now - TimeDelta::hours(1));
        let query = parse(&Search { text: "since:24h".into(), from, to: None }).unwrap();
        assert_eq!(query.since, from);
    }
}
