//! Responses: what playbooks found, what people decided, what was done and taken back.
//!
//! ```text
//!                       ┌► observed · skipped · escalated ─┐
//!   open ─► decided ────┼► waiting ─► rejected · expired   │ approve (also of what was escalated)
//!                       │     └──────► approved ◄──────────┘
//!                       └► running ◄──────┘
//!                             ├► done ─► undoing ─► undone
//!                             └► failed · skipped (it had moved on)
//! ```
//!
//! This crate does not know the playbooks: plans and states are JSON. Changes of status are compared and
//! set in one transaction, so that of two who approve, or of two processes that work, one wins.

mod act;
mod journal;
mod model;
mod prior;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

pub use journal::JournalEntry;
pub use model::{NewResponse, Response, ResponseFilter, ResponseId, ResponseStatus};
pub use prior::{PriorState, Priors};

use crate::StateError;
use crate::codec::{clipped, count, limit, micros, time_opt};
use crate::db::{At, Db};
use model::{read, text};

/// An id, a name, an ARN.
const NAME: usize = 2048;
/// A text for people.
const TEXT: usize = 16 * 1024;
/// A plan or a state.
pub(crate) const BODY: usize = 1024 * 1024;

/// The responses.
#[derive(Clone, Debug)]
pub struct Responses {
    db: Arc<Db>,
}

impl Responses {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Keeps a response. One whose key is there already is left as it is: the event came again. Returns
    /// the row, and whether it is new.
    ///
    /// # Errors
    /// [`StateError::Invalid`] for a plan that is longer than a mebibyte.
    pub async fn open(&self, new: &NewResponse, now: DateTime<Utc>) -> Result<(Response, bool), StateError> {
        const WHAT: &str = "keep a response";
        let plan = text("the plan", &new.plan)?;
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "INSERT INTO responses (key, playbook, mode, status, reason, fingerprint, event_uid, event_time,
             account_id, region, resource, actor, changed, plan, expires_at, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16)
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(clipped(&new.key, 2 * NAME))
        .bind(clipped(&new.playbook, NAME))
        .bind(clipped(&new.mode, 64))
        .bind(new.status.as_str())
        .bind(new.reason.as_deref().map(|reason| clipped(reason, TEXT)))
        .bind(clipped(&new.fingerprint, 64))
        .bind(clipped(&new.event_uid, NAME))
        .bind(micros(new.event_time))
        .bind(clipped(&new.account_id, 64))
        .bind(clipped(&new.region, 64))
        .bind(clipped(&new.resource, NAME))
        .bind(clipped(&new.actor, NAME))
        .bind(clipped(&new.changed, TEXT))
        .bind(plan)
        .bind(new.expires_at.map(micros))
        .bind(micros(now))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let row = sqlx::query("SELECT * FROM responses WHERE key = ?1")
            .bind(clipped(&new.key, 2 * NAME))
            .try_map(|row: SqliteRow| read(&row))
            .fetch_one(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok((row, done.rows_affected() > 0))
    }

    /// One response.
    pub async fn get(&self, id: ResponseId) -> Result<Option<Response>, StateError> {
        sqlx::query("SELECT * FROM responses WHERE id = ?1")
            .bind(id.0)
            .try_map(|row: SqliteRow| read(&row))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a response")
    }

    /// Responses, the newest first; `before` is the id at which the page before ended.
    pub async fn list(
        &self,
        filter: &ResponseFilter,
        most: usize,
        before: Option<ResponseId>,
    ) -> Result<Vec<Response>, StateError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM responses WHERE true");
        for (column, value) in [
            (" AND playbook = ", &filter.playbook),
            (" AND account_id = ", &filter.account_id),
            (" AND event_uid = ", &filter.event_uid),
            (" AND incident_id = ", &filter.incident_id),
        ] {
            if let Some(value) = value {
                sql.push(column).push_bind(value.as_str());
            }
        }
        if !filter.statuses.is_empty() {
            sql.push(" AND status IN (");
            let mut list = sql.separated(", ");
            for status in &filter.statuses {
                list.push_bind(status.as_str());
            }
            sql.push(")");
        }
        if let Some(before) = before {
            sql.push(" AND id < ").push_bind(before.0);
        }
        sql.push(" ORDER BY id DESC LIMIT ").push_bind(limit(most));
        sql.build()
            .try_map(|row: SqliteRow| read(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list responses")
    }

    /// How many wait for a person to say yes or no.
    pub async fn waiting(&self) -> Result<u64, StateError> {
        sqlx::query("SELECT count(*) AS n FROM responses WHERE status = 'waiting'")
            .try_map(|row: SqliteRow| count(&row, "n"))
            .fetch_one(self.db.read())
            .await
            .at(&self.db, "count what waits")
    }

    /// When the same change by the same principal was last put back, and is still.
    pub async fn put_back_at(&self, fingerprint: &str) -> Result<Option<DateTime<Utc>>, StateError> {
        sqlx::query(
            "SELECT max(finished_at) AS time FROM responses WHERE fingerprint = ?1 AND status = 'done'
             AND finished_at IS NOT NULL",
        )
        .bind(fingerprint)
        .try_map(|row: SqliteRow| time_opt(&row, "time"))
        .fetch_one(self.db.read())
        .await
        .at(&self.db, "look up what was put back")
    }

    /// Repairs that started by themselves in an account since a time.
    pub async fn started_since(&self, account: &str, since: DateTime<Utc>) -> Result<u64, StateError> {
        sqlx::query(
            "SELECT count(*) AS n FROM responses WHERE account_id = ?1 AND started_at >= ?2 AND decided_by IS NULL",
        )
        .bind(account)
        .bind(micros(since))
        .try_map(|row: SqliteRow| count(&row, "n"))
        .fetch_one(self.db.read())
        .await
        .at(&self.db, "count responses")
    }
}

#[cfg(test)]
mod tests;
