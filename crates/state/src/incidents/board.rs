//! Everything that planning looks at, as of one moment.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::silences::read_silence;
use super::{Incident, Incidents, SentRecord, Silence, Thread, Told};
use crate::StateError;
use crate::codec::{count, json, micros, time};
use crate::db::At;

/// The incidents that still matter, and what was told of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// Which board it is; rises with each change.
    pub generation: i64,
    /// Unresolved incidents, and those that changed lately; the oldest first.
    pub incidents: Vec<Incident>,
    /// What channels know of them.
    pub told: Vec<Told>,
    /// The latest thread of each channel and group.
    pub threads: Vec<Thread>,
    /// Messages of late, the oldest first.
    pub sent: Vec<SentRecord>,
    /// Silences that have not ended.
    pub silences: Vec<Silence>,
}

impl Incidents {
    /// The board: unresolved incidents and those that changed at or after `changed_since`, messages
    /// at or after `sent_since`, silences that end after `now`.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn board(
        &self,
        changed_since: DateTime<Utc>,
        sent_since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Board, StateError> {
        const WHAT: &str = "read the incidents";
        // One transaction: all of it is of one generation.
        let mut tx = self.db.read().begin().await.at(&self.db, WHAT)?;
        read(&mut tx, changed_since, sent_since, now).await.at(&self.db, WHAT)
    }

    /// The number of the present board.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn generation(&self) -> Result<i64, StateError> {
        sqlx::query_scalar("SELECT generation FROM incident_board")
            .fetch_one(self.db.read())
            .await
            .at(&self.db, "read the incidents")
    }
}

async fn read(
    tx: &mut SqliteConnection,
    changed_since: DateTime<Utc>,
    sent_since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<Board> {
    let generation = sqlx::query_scalar("SELECT generation FROM incident_board").fetch_one(&mut *tx).await?;
    let incidents =
        sqlx::query("SELECT body FROM incidents WHERE status <> 'resolved' OR changed_at >= ?1 ORDER BY seq")
            .bind(micros(changed_since))
            .try_map(|row: SqliteRow| json(&row, "body"))
            .fetch_all(&mut *tx)
            .await?;
    let told = sqlx::query(
        "SELECT told.body FROM incident_told told JOIN incidents ON seq = incident
         WHERE status <> 'resolved' OR changed_at >= ?1",
    )
    .bind(micros(changed_since))
    .try_map(|row: SqliteRow| json(&row, "body"))
    .fetch_all(&mut *tx)
    .await?;
    let threads = sqlx::query("SELECT body FROM notification_threads ORDER BY channel, name")
        .try_map(|row: SqliteRow| json(&row, "body"))
        .fetch_all(&mut *tx)
        .await?;
    let sent = sqlx::query("SELECT * FROM notifications WHERE at >= ?1 ORDER BY id")
        .bind(micros(sent_since))
        .try_map(|row: SqliteRow| read_sent(&row))
        .fetch_all(&mut *tx)
        .await?;
    let silences = sqlx::query("SELECT * FROM silences WHERE ends_at > ?1 ORDER BY id")
        .bind(micros(now))
        .try_map(|row: SqliteRow| read_silence(&row))
        .fetch_all(&mut *tx)
        .await?;
    Ok(Board { generation, incidents, told, threads, sent, silences })
}

pub(super) fn read_sent(row: &SqliteRow) -> sqlx::Result<SentRecord> {
    Ok(SentRecord {
        key: row.try_get("key")?,
        channel: row.try_get("channel")?,
        thread: row.try_get("thread")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        urgent: row.try_get::<i64, _>("urgent")? != 0,
        incidents: count(row, "incidents")?,
        at: time(row, "at")?,
    })
}
