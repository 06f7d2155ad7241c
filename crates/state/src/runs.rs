//! Ingestion runs, for the page that shows how ingestion is doing.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::StateError;
use crate::codec::{clipped, count, int, json, limit, micros, parsed, time, time_opt};
use crate::db::{At, Db};

/// A run's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Under way, and heard of lately.
    Running,
    /// Everything was read.
    Done,
    /// Ended by the user, or not heard of for long: it can be run again and goes on.
    Interrupted,
    /// Ended with an error.
    Failed,
}

impl RunState {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for RunState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Running, Self::Done, Self::Interrupted, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("unknown run state '{text}'"))
    }
}

/// What a run has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCounters {
    /// Files and objects read to their end.
    pub files: u64,
    /// Files and objects that were not logs, or were ingested before.
    pub skipped: u64,
    /// Events written to the lake.
    pub events: u64,
    /// Events that the lake had already.
    pub duplicates: u64,
    /// Records that could not be read.
    pub quarantined: u64,
    /// Bytes read, as stored at the source.
    pub bytes: u64,
    /// Events per table.
    pub tables: BTreeMap<String, u64>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its number, rising.
    pub id: RunId,
    /// What is read: a path, a URL, the name of a listener.
    pub source: String,
    /// How far it is.
    pub state: RunState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it last reported.
    pub seen_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it has done.
    pub counters: RunCounters,
    /// Why it failed.
    pub error: Option<String>,
}

/// The ingestion runs.
#[derive(Clone, Debug)]
pub struct Runs {
    db: Arc<Db>,
}

impl Runs {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Notes that a run begins.
    pub async fn start(&self, source: &str, now: DateTime<Utc>) -> Result<RunId, StateError> {
        const WHAT: &str = "start a run";
        let mut tx = self.db.write(WHAT).await?;
        let id = sqlx::query_scalar(
            "INSERT INTO runs (source, state, started_at, seen_at) VALUES (?1, 'running', ?2, ?2) RETURNING id",
        )
        .bind(clipped(source, 4096))
        .bind(micros(now))
        .fetch_one(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(RunId(id))
    }

    /// Reports what the run has done so far (sums, not differences). Also the sign of life that
    /// keeps it from being taken for dead; call it every few seconds.
    pub async fn progress(
        &self,
        run: RunId,
        counters: &RunCounters,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        self.report(run, RunState::Running, counters, None, now).await
    }

    /// Notes that the run ended, and how.
    pub async fn finish(
        &self,
        run: RunId,
        state: RunState,
        counters: &RunCounters,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        self.report(run, state, counters, error, now).await
    }

    /// Marks as interrupted the runs that have not reported since `silent_since`: their process
    /// was killed. Returns how many.
    pub async fn mark_interrupted(
        &self,
        silent_since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64, StateError> {
        const WHAT: &str = "mark interrupted runs";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "UPDATE runs SET state = 'interrupted', finished_at = ?2 WHERE state = 'running' AND seen_at < ?1",
        )
        .bind(micros(silent_since))
        .bind(micros(now))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(done.rows_affected())
    }

    /// One run.
    pub async fn get(&self, run: RunId) -> Result<Option<Run>, StateError> {
        sqlx::query("SELECT * FROM runs WHERE id = ?1")
            .bind(run.0)
            .try_map(|row: SqliteRow| read_run(&row))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a run")
    }

    /// The latest runs, the newest first.
    pub async fn recent(&self, most: usize) -> Result<Vec<Run>, StateError> {
        sqlx::query("SELECT * FROM runs ORDER BY id DESC LIMIT ?1")
            .bind(limit(most))
            .try_map(|row: SqliteRow| read_run(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list runs")
    }

    async fn report(
        &self,
        run: RunId,
        state: RunState,
        counters: &RunCounters,
        error: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "report a run";
        let tables = serde_json::to_string(&counters.tables)
            .map_err(|error| StateError::Internal { what: WHAT, why: error.to_string() })?;
        let mut tx = self.db.write(WHAT).await?;
        // A run that was taken for dead and reports again is alive.
        let done = sqlx::query(
            "UPDATE runs SET state = ?2, seen_at = ?3, finished_at = ?4, files = ?5, skipped = ?6, events = ?7,
             duplicates = ?8, quarantined = ?9, bytes = ?10, tables = ?11, error = ?12 WHERE id = ?1",
        )
        .bind(run.0)
        .bind(state.as_str())
        .bind(micros(now))
        .bind((state != RunState::Running).then(|| micros(now)))
        .bind(int(counters.files))
        .bind(int(counters.skipped))
        .bind(int(counters.events))
        .bind(int(counters.duplicates))
        .bind(int(counters.quarantined))
        .bind(int(counters.bytes))
        .bind(tables)
        .bind(error.map(|text| clipped(text, 4096)))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(StateError::not_found("run", run));
        }
        tx.commit().await.at(&self.db, WHAT)
    }
}

fn read_run(row: &SqliteRow) -> sqlx::Result<Run> {
    Ok(Run {
        id: RunId(row.try_get("id")?),
        source: row.try_get("source")?,
        state: parsed(row, "state")?,
        started_at: time(row, "started_at")?,
        seen_at: time(row, "seen_at")?,
        finished_at: time_opt(row, "finished_at")?,
        counters: RunCounters {
            files: count(row, "files")?,
            skipped: count(row, "skipped")?,
            events: count(row, "events")?,
            duplicates: count(row, "duplicates")?,
            quarantined: count(row, "quarantined")?,
            bytes: count(row, "bytes")?,
            tables: json(row, "tables")?,
        },
        error: row.try_get("error")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    #[tokio::test]
    async fn a_run_reports_until_it_ends() {
        let (_folder, state) = state().await;
        let runs = state.runs();
        let id = runs.start("s3://logs/AWSLogs", at(0)).await.unwrap();
        let mut counters = RunCounters { files: 2, events: 10, ..RunCounters::default() };
        counters.tables.insert("cloudtrail_logs".into(), 10);
        runs.progress(id, &counters, at(5)).await.unwrap();
        let run = runs.get(id).await.unwrap().unwrap();
        assert_eq!((run.state, run.seen_at, run.finished_at), (RunState::Running, at(5), None));

        counters.files = 3;
        runs.finish(id, RunState::Failed, &counters, Some("access denied"), at(6)).await.unwrap();
        let second = runs.start("folder", at(7)).await.unwrap();
        let all = runs.recent(10).await.unwrap();
        assert_eq!(all.iter().map(|run| run.id).collect::<Vec<_>>(), [second, id]);
        assert_eq!(all[1].counters, counters);
        assert_eq!(all[1].error.as_deref(), Some("access denied"));
        assert_eq!(all[1].finished_at, Some(at(6)));
    }

    #[tokio::test]
    async fn a_silent_run_is_taken_for_dead_and_may_rise() {
        let (_folder, state) = state().await;
        let runs = state.runs();
        let silent = runs.start("a", at(0)).await.unwrap();
        let lively = runs.start("b", at(0)).await.unwrap();
        runs.progress(lively, &RunCounters::default(), at(90)).await.unwrap();
        assert_eq!(runs.mark_interrupted(at(60), at(100)).await.unwrap(), 1);
        assert_eq!(runs.get(silent).await.unwrap().unwrap().state, RunState::Interrupted);
        runs.progress(silent, &RunCounters::default(), at(110)).await.unwrap();
        let run = runs.get(silent).await.unwrap().unwrap();
        assert_eq!((run.state, run.finished_at), (RunState::Running, None));
        assert!(runs.progress(RunId(99), &RunCounters::default(), at(1)).await.is_err());
    }
}
