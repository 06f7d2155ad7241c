//! Reading incidents.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use trailkeep_detect::Level;

use super::board::read_sent;
use super::{Incident, IncidentFilter, IncidentStatus, Incidents, SentRecord, Ticket, TimelineEntry, Told};
use crate::StateError;
use crate::codec::{count, json, limit, micros, parsed, time};
use crate::db::At;

/// The most rows of a page.
const PAGE: usize = 1000;
/// The most entries of a timeline.
const TIMELINE: i64 = 2000;
/// Values per statement.
const CHUNK: usize = 500;
const PRUNE: i64 = 1000;

/// Where a page of incidents starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct IncidentCursor {
    /// Last signal of the last row, in microseconds.
    pub last_time: i64,
    /// Its number.
    pub seq: i64,
}

impl fmt::Display for IncidentCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.last_time, self.seq)
    }
}

impl FromStr for IncidentCursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (last_time, seq) = text.split_once('_')?;
            Some(Self { last_time: last_time.parse().ok()?, seq: seq.parse().ok()? })
        };
        parse().ok_or_else(|| "the page's cursor is damaged; start again at the first page".to_owned())
    }
}

/// A page of incidents.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentPage {
    /// Those with the latest signals first.
    pub rows: Vec<Incident>,
    /// Where the next page starts; none on the last.
    pub next: Option<IncidentCursor>,
}

/// An incident with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentDetail {
    /// The incident.
    pub incident: Incident,
    /// What happened to it, oldest first; the newest 2,000 entries.
    pub timeline: Vec<TimelineEntry>,
    /// What channels know of it.
    pub told: Vec<Told>,
    /// Where it is kept elsewhere.
    pub tickets: Vec<Ticket>,
}

/// How many incidents there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IncidentCounts {
    /// Per status; statuses without incidents too.
    pub statuses: Vec<(IncidentStatus, u64)>,
    /// Unresolved ones per level, the highest first; levels without incidents too.
    pub unresolved: Vec<(Level, u64)>,
}

impl Incidents {
    /// A page of incidents, those with the latest signals first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn list(
        &self,
        filter: &IncidentFilter,
        most: usize,
        after: Option<IncidentCursor>,
    ) -> Result<IncidentPage, StateError> {
        const WHAT: &str = "list incidents";
        let most = most.clamp(1, PAGE);
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM incidents");
        filter.push_where(&mut sql);
        if let Some(after) = after {
            sql.push(" AND (last_time, seq) < (").push_bind(after.last_time).push(", ");
            sql.push_bind(after.seq).push(")");
        }
        sql.push(" ORDER BY last_time DESC, seq DESC LIMIT ").push_bind(limit(most + 1));
        let rows = sql.build().fetch_all(self.db.read()).await.at(&self.db, WHAT)?;
        let cursor = |row: &SqliteRow| -> sqlx::Result<IncidentCursor> {
            Ok(IncidentCursor { last_time: row.try_get("last_time")?, seq: row.try_get("seq")? })
        };
        let next = match rows.get(most - 1) {
            Some(last) if rows.len() > most => Some(cursor(last).at(&self.db, WHAT)?),
            _ => None,
        };
        let rows = rows.iter().take(most).map(|row| json(row, "body")).collect::<sqlx::Result<_>>();
        Ok(IncidentPage { rows: rows.at(&self.db, WHAT)?, next })
    }

    /// An incident with its timeline, what was told of it, and its tickets.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn get(&self, id: &str) -> Result<Option<IncidentDetail>, StateError> {
        const WHAT: &str = "read an incident";
        let mut tx = self.db.read().begin().await.at(&self.db, WHAT)?;
        let found = sqlx::query("SELECT seq, body FROM incidents WHERE id = ?1")
            .bind(id)
            .try_map(|row: SqliteRow| Ok((row.try_get::<i64, _>("seq")?, json::<Incident>(&row, "body")?)))
            .fetch_optional(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        let Some((seq, incident)) = found else { return Ok(None) };
        let mut timeline: Vec<TimelineEntry> =
            sqlx::query("SELECT * FROM incident_timeline WHERE incident = ?1 ORDER BY id DESC LIMIT ?2")
                .bind(seq)
                .bind(TIMELINE)
                .try_map(|row: SqliteRow| {
                    Ok(TimelineEntry {
                        time: time(&row, "time")?,
                        actor: row.try_get("actor")?,
                        kind: parsed(&row, "kind")?,
                        text: row.try_get("text")?,
                    })
                })
                .fetch_all(&mut *tx)
                .await
                .at(&self.db, WHAT)?;
        timeline.reverse();
        let told = sqlx::query("SELECT body FROM incident_told WHERE incident = ?1 ORDER BY channel")
            .bind(seq)
            .try_map(|row: SqliteRow| json(&row, "body"))
            .fetch_all(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        let tickets = sqlx::query(
            "SELECT * FROM tickets WHERE thread = ?2 OR EXISTS (SELECT 1 FROM incident_told told
             WHERE told.incident = ?1 AND told.thread = tickets.thread AND told.channel = tickets.channel)
             ORDER BY at, channel LIMIT 100",
        )
        .bind(seq)
        .bind(id)
        .try_map(|row: SqliteRow| super::tickets::read_ticket(&row))
        .fetch_all(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        Ok(Some(IncidentDetail { incident, timeline, told, tickets }))
    }

    /// The incident that one of these signals is part of: the one that matters most.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn of_signals(&self, signals: &[&str]) -> Result<Option<Incident>, StateError> {
        if signals.is_empty() {
            return Ok(None);
        }
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT body FROM incidents WHERE seq IN (SELECT incident FROM incident_signals WHERE signal IN (",
        );
        let mut list = sql.separated(", ");
        for signal in signals.iter().take(CHUNK) {
            list.push_bind((*signal).to_owned());
        }
        sql.push(")) ORDER BY level DESC, seq DESC LIMIT 1");
        sql.build()
            .try_map(|row: SqliteRow| json(&row, "body"))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "look up the incident of a signal")
    }

    /// How many incidents there are, by status, and by level where they are unresolved.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn counts(&self) -> Result<IncidentCounts, StateError> {
        self.counts_of(&IncidentFilter::default()).await
    }

    /// How many incidents meet the filter, by status, and by level where they are unresolved.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn counts_of(&self, filter: &IncidentFilter) -> Result<IncidentCounts, StateError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT status, level, count(*) AS found FROM incidents");
        filter.push_where(&mut sql);
        sql.push(" GROUP BY status, level");
        let rows = sql
            .build()
            .try_map(|row: SqliteRow| {
                let level: i64 = row.try_get("level")?;
                Ok((parsed::<IncidentStatus>(&row, "status")?, level, count(&row, "found")?))
            })
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "count incidents")?;
        let sum = |wanted: &dyn Fn(IncidentStatus, i64) -> bool| {
            rows.iter().filter(|(status, level, _)| wanted(*status, *level)).map(|row| row.2).sum()
        };
        Ok(IncidentCounts {
            statuses: IncidentStatus::ALL.map(|status| (status, sum(&|it, _| it == status))).to_vec(),
            unresolved: Level::ALL
                .iter()
                .rev()
                .map(|level| {
                    let number = super::level_number(*level);
                    (*level, sum(&|status, it| status != IncidentStatus::Resolved && it == number))
                })
                .collect(),
        })
    }

    /// Which of these signals are part of an incident already.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn known_signals(&self, ids: &[&str]) -> Result<HashSet<String>, StateError> {
        let mut known = HashSet::new();
        for chunk in ids.chunks(CHUNK) {
            let mut sql =
                QueryBuilder::<Sqlite>::new("SELECT signal FROM incident_signals WHERE signal IN (");
            let mut list = sql.separated(", ");
            for id in chunk {
                list.push_bind((*id).to_owned());
            }
            sql.push(")");
            let rows: Vec<String> = sql
                .build_query_scalar()
                .fetch_all(self.db.read())
                .await
                .at(&self.db, "look up the signals of incidents")?;
            known.extend(rows);
        }
        Ok(known)
    }

    /// The signals of an incident, the newest first: ids of findings, for those that are of findings.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn signals(&self, id: &str, most: usize) -> Result<Vec<String>, StateError> {
        sqlx::query_scalar(
            "SELECT signal FROM incident_signals JOIN incidents ON seq = incident WHERE id = ?1
             ORDER BY time DESC, signal LIMIT ?2",
        )
        .bind(id)
        .bind(limit(most))
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list the signals of an incident")
    }

    /// Messages of late, the newest first; of one channel, or all.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn sent(&self, channel: Option<&str>, most: usize) -> Result<Vec<SentRecord>, StateError> {
        sqlx::query("SELECT * FROM notifications WHERE ?1 IS NULL OR channel = ?1 ORDER BY id DESC LIMIT ?2")
            .bind(channel)
            .bind(limit(most))
            .try_map(|row: SqliteRow| read_sent(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list notifications")
    }

    /// Deletes incidents that were resolved before `before`, with their timelines, messages that
    /// are older, and threads that have ended. Returns how many incidents went.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "prune incidents";
        let mut deleted = 0;
        loop {
            let mut tx = self.db.write(WHAT).await?;
            let done = sqlx::query(
                "DELETE FROM incidents WHERE seq IN
                 (SELECT seq FROM incidents WHERE status = 'resolved' AND resolved_at < ?1
                  AND changed_at < ?1 LIMIT ?2)",
            )
            .bind(micros(before))
            .bind(PRUNE)
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
            for sql in [
                "DELETE FROM notifications WHERE at < ?1",
                "DELETE FROM silences WHERE ends_at < ?1",
                "DELETE FROM notification_threads WHERE last_at < ?1
                 AND NOT EXISTS (SELECT 1 FROM incident_told told WHERE told.thread = notification_threads.id)",
                "DELETE FROM tickets WHERE at < ?1
                 AND NOT EXISTS (SELECT 1 FROM incident_told told WHERE told.thread = tickets.thread)
                 AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.id = tickets.thread)",
            ] {
                sqlx::query(sql).bind(micros(before)).execute(&mut *tx).await.at(&self.db, WHAT)?;
            }
            super::commit::bump(&mut tx).await.at(&self.db, WHAT)?;
            tx.commit().await.at(&self.db, WHAT)?;
            deleted += done.rows_affected();
            if done.rows_affected() < PRUNE.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}
