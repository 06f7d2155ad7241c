//! What people and the program do with responses. Each act goes to the audit log in the same transaction.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::model::{read, text};
use super::{Response, ResponseId, ResponseStatus, Responses, TEXT};
use crate::audit::{self, NewAuditEntry};
use crate::codec::{clipped, micros, parsed, time_opt};
use crate::db::At;
use crate::{Actor, StateError};

impl Responses {
    /// A person says yes: to what waits, and to what was escalated.
    ///
    /// # Errors
    /// [`StateError::Refused`] where there is nothing to say yes to, or it is too late.
    pub async fn approve(&self, id: ResponseId, actor: &Actor, now: DateTime<Utc>) -> Result<(), StateError> {
        use ResponseStatus::{Approved, Escalated, Waiting};
        self.decide(id, &[Waiting, Escalated], Approved, "response.approve", None, actor, now).await
    }

    /// A person says no.
    ///
    /// # Errors
    /// [`StateError::Refused`] where there is nothing to say no to.
    pub async fn reject(
        &self,
        id: ResponseId,
        reason: Option<&str>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        use ResponseStatus::{Escalated, Rejected, Waiting};
        self.decide(id, &[Waiting, Escalated], Rejected, "response.reject", reason, actor, now).await
    }

    #[expect(clippy::too_many_arguments, reason = "one private place for the two acts above")]
    async fn decide(
        &self,
        id: ResponseId,
        from: &[ResponseStatus],
        to: ResponseStatus,
        action: &'static str,
        reason: Option<&str>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "decide on a response";
        let mut tx = self.db.write(WHAT).await?;
        let (status, expires_at) =
            status(&mut tx, id).await.at(&self.db, WHAT)?.ok_or_else(|| missing(id))?;
        if status == ResponseStatus::Waiting && expires_at.is_some_and(|time| time <= now) {
            return Err(StateError::Refused {
                why: "the time in which it could be decided is over; look at the resource and change it by hand",
            });
        }
        if !from.contains(&status) {
            return Err(StateError::Refused {
                why: "only a response that waits, or was escalated, can be decided on; list the responses to see how far it is",
            });
        }
        sqlx::query(
            "UPDATE responses SET status = ?2, reason = coalesce(?3, reason), decided_by = ?4, decided_at = ?5,
             updated_at = ?5, lease_until = NULL, finished_at = ?6 WHERE id = ?1",
        )
        .bind(id.0)
        .bind(to.as_str())
        .bind(reason.map(|text| clipped(text, TEXT)))
        .bind(actor.name.as_str())
        .bind(micros(now))
        .bind(to.is_final().then(|| micros(now)))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let entry =
            NewAuditEntry::new(actor, action, object(id), json!({"was": status.as_str(), "reason": reason}));
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Ends the waiting of those that nobody decided on in time. Returns them.
    pub async fn expire(&self, now: DateTime<Utc>) -> Result<Vec<ResponseId>, StateError> {
        const WHAT: &str = "expire responses";
        let mut tx = self.db.write(WHAT).await?;
        let ids: Vec<i64> = sqlx::query_scalar(
            "UPDATE responses SET status = 'expired', updated_at = ?1, finished_at = ?1,
             reason = 'nobody decided in time' WHERE status = 'waiting' AND expires_at <= ?1 RETURNING id",
        )
        .bind(micros(now))
        .fetch_all(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let ids: Vec<ResponseId> = ids.into_iter().map(ResponseId).collect();
        for id in &ids {
            let entry = NewAuditEntry::new(&Actor::system(), "response.expire", object(*id), json!({}));
            audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(ids)
    }

    /// Takes a response into work, or goes on with one whose worker is dead. `None` where another one has
    /// it, or where it is in none of the statuses.
    ///
    /// # Errors
    /// [`StateError::NotFound`].
    pub async fn claim(
        &self,
        id: ResponseId,
        from: &[ResponseStatus],
        to: ResponseStatus,
        lease: TimeDelta,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Option<Response>, StateError> {
        const WHAT: &str = "take a response into work";
        let mut tx = self.db.write(WHAT).await?;
        let (status, _) = status(&mut tx, id).await.at(&self.db, WHAT)?.ok_or_else(|| missing(id))?;
        if !from.contains(&status) {
            return Ok(None);
        }
        let row = sqlx::query(
            "UPDATE responses SET status = ?2, lease_until = ?3, updated_at = ?4, finished_at = NULL,
             started_at = coalesce(started_at, ?4)
             WHERE id = ?1 AND (lease_until IS NULL OR lease_until <= ?4) RETURNING *",
        )
        .bind(id.0)
        .bind(to.as_str())
        .bind(micros(now + lease))
        .bind(micros(now))
        .try_map(|row: SqliteRow| read(&row))
        .fetch_optional(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        if row.is_some() && status != to {
            let action = if to == ResponseStatus::Undoing { "response.undo" } else { "response.run" };
            let entry = NewAuditEntry::new(actor, action, object(id), json!({"was": status.as_str()}));
            audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(row)
    }

    /// Work that nobody does: approved and not begun, or begun by somebody who is dead.
    pub async fn left_over(&self, now: DateTime<Utc>) -> Result<Vec<Response>, StateError> {
        sqlx::query(
            "SELECT * FROM responses WHERE status IN ('approved', 'running', 'undoing')
             AND (lease_until IS NULL OR lease_until <= ?1) ORDER BY id LIMIT 1000",
        )
        .bind(micros(now))
        .try_map(|row: SqliteRow| read(&row))
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list unfinished responses")
    }

    /// Notes, before the first call, what was found and what is to be.
    ///
    /// # Errors
    /// [`StateError::Invalid`] for states longer than a mebibyte.
    pub async fn begin(
        &self,
        id: ResponseId,
        before: &Value,
        after: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "begin a response";
        let (before, after) = (text("the state before", before)?, text("the state after", after)?);
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query("UPDATE responses SET before = ?2, after = ?3, updated_at = ?4 WHERE id = ?1")
            .bind(id.0)
            .bind(before)
            .bind(after)
            .bind(micros(now))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Notes how it ended.
    pub async fn finish(
        &self,
        id: ResponseId,
        status: ResponseStatus,
        reason: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "end a response";
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query(
            "UPDATE responses SET status = ?2, reason = ?3, updated_at = ?4, finished_at = ?4,
             lease_until = NULL WHERE id = ?1",
        )
        .bind(id.0)
        .bind(status.as_str())
        .bind(reason.map(|text| clipped(text, TEXT)))
        .bind(micros(now))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        let action = format!("response.{}", status.as_str());
        let entry = NewAuditEntry::new(&Actor::system(), action, object(id), json!({"reason": reason}));
        audit::append(&mut tx, &entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Puts a response into an incident.
    pub async fn set_incident(
        &self,
        id: ResponseId,
        incident: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "put a response into an incident";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query("UPDATE responses SET incident_id = ?2, updated_at = ?3 WHERE id = ?1")
            .bind(id.0)
            .bind(clipped(incident, 256))
            .bind(micros(now))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(missing(id));
        }
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Deletes responses that ended before a time, with their journals. Returns how many.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "prune responses";
        let mut tx = self.db.write(WHAT).await?;
        let mut sql = QueryBuilder::<Sqlite>::new(
            "DELETE FROM responses WHERE status NOT IN ('waiting', 'approved', 'running', 'undoing') AND updated_at < ",
        );
        sql.push_bind(micros(before));
        let done = sql.build().execute(&mut *tx).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(done.rows_affected())
    }
}

type Standing = (ResponseStatus, Option<DateTime<Utc>>);

async fn status(tx: &mut SqliteConnection, id: ResponseId) -> sqlx::Result<Option<Standing>> {
    sqlx::query("SELECT status, expires_at FROM responses WHERE id = ?1")
        .bind(id.0)
        .try_map(|row: SqliteRow| Ok((parsed(&row, "status")?, time_opt(&row, "expires_at")?)))
        .fetch_optional(tx)
        .await
}

fn missing(id: ResponseId) -> StateError {
    StateError::not_found("response", id)
}

fn object(id: ResponseId) -> String {
    format!("response:{id}")
}
