//! Silences: what people do not want to hear of for a while.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Incidents;
use super::commit::bump;
use crate::codec::{clipped, limit, micros, time};
use crate::db::At;
use crate::{Actor, NewAuditEntry, StateError, audit};

const TEXT: usize = 4096;

/// A silence to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSilence {
    /// Which incidents it holds: a matcher, JSON.
    pub matcher: String,
    /// Why.
    pub comment: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

/// A silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// Its number.
    pub id: i64,
    /// Which incidents it holds: a matcher, JSON.
    pub matcher: String,
    /// Why.
    pub comment: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

impl Incidents {
    /// Makes a silence; returns its number.
    ///
    /// # Errors
    /// When it ends before it begins, or the state cannot be written.
    pub async fn silence(
        &self,
        new: &NewSilence,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<i64, StateError> {
        const WHAT: &str = "make a silence";
        if new.ends_at <= new.starts_at || new.ends_at <= now {
            return Err(StateError::Invalid {
                what: "silence",
                why: "it must end after it begins, and not in the past".to_owned(),
            });
        }
        let mut tx = self.db.write(WHAT).await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO silences (matcher, comment, created_by, created_at, starts_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )
        .bind(new.matcher.as_str())
        .bind(clipped(&new.comment, TEXT))
        .bind(actor.name.as_str())
        .bind(micros(now))
        .bind(micros(new.starts_at))
        .bind(micros(new.ends_at))
        .fetch_one(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let detail = serde_json::json!({
            "matcher": new.matcher, "comment": new.comment, "starts_at": new.starts_at, "ends_at": new.ends_at
        });
        let entry = NewAuditEntry::new(actor, "silence.create", format!("silence:{id}"), detail);
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        bump(&mut tx).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(id)
    }

    /// Ends a silence now.
    ///
    /// # Errors
    /// When there is none of this number that has not ended, or the state cannot be written.
    pub async fn end_silence(&self, id: i64, actor: &Actor, now: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "end a silence";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query("UPDATE silences SET ends_at = ?2 WHERE id = ?1 AND ends_at > ?2")
            .bind(id)
            .bind(micros(now))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(StateError::not_found("silence", id));
        }
        let entry =
            NewAuditEntry::new(actor, "silence.end", format!("silence:{id}"), serde_json::Value::Null);
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        bump(&mut tx).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Silences, the newest first; those that have ended too.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub async fn silences(&self, most: usize) -> Result<Vec<Silence>, StateError> {
        sqlx::query("SELECT * FROM silences ORDER BY id DESC LIMIT ?1")
            .bind(limit(most))
            .try_map(|row: SqliteRow| read_silence(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list silences")
    }
}

pub(super) fn read_silence(row: &SqliteRow) -> sqlx::Result<Silence> {
    Ok(Silence {
        id: row.try_get("id")?,
        matcher: row.try_get("matcher")?,
        comment: row.try_get("comment")?,
        created_by: row.try_get("created_by")?,
        created_at: time(row, "created_at")?,
        starts_at: time(row, "starts_at")?,
        ends_at: time(row, "ends_at")?,
    })
}
