//! What was done for a response, step by step.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{BODY, ResponseId, Responses};
use crate::StateError;
use crate::codec::{clipped, count, json, limit, micros, time};
use crate::db::At;

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JournalEntry {
    /// Its place, from one.
    pub seq: u64,
    /// When.
    pub time: DateTime<Utc>,
    /// What: `found`, `call`, `answer`, `read back`.
    pub step: String,
    /// Particulars.
    pub body: Value,
    /// AWS's id of the request, where the answer told it.
    pub request_id: Option<String>,
}

impl Responses {
    /// Writes a step. It is durable when this returns, and the worker keeps the response for another
    /// `lease`.
    pub async fn note(
        &self,
        id: ResponseId,
        step: &str,
        body: &Value,
        request_id: Option<&str>,
        lease: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(), StateError> {
        const WHAT: &str = "write the journal of a response";
        let mut body = body.to_string();
        if body.len() > BODY {
            // The states themselves are in the response; the journal says what was done.
            body = serde_json::json!({"left_out_bytes": body.len()}).to_string();
        }
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query(
            "INSERT INTO response_journal (response, seq, time, step, body, request_id)
             SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5 FROM response_journal WHERE response = ?1",
        )
        .bind(id.0)
        .bind(micros(now))
        .bind(clipped(step, 64))
        .bind(body)
        .bind(request_id.map(|id| clipped(id, 256)))
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        sqlx::query("UPDATE responses SET lease_until = ?2, updated_at = ?3 WHERE id = ?1 AND lease_until IS NOT NULL")
            .bind(id.0)
            .bind(micros(now + lease))
            .bind(micros(now))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)
    }

    /// The steps of a response, in order.
    pub async fn journal(&self, id: ResponseId, most: usize) -> Result<Vec<JournalEntry>, StateError> {
        sqlx::query("SELECT * FROM response_journal WHERE response = ?1 ORDER BY seq LIMIT ?2")
            .bind(id.0)
            .bind(limit(most))
            .try_map(|row: SqliteRow| {
                Ok(JournalEntry {
                    seq: count(&row, "seq")?,
                    time: time(&row, "time")?,
                    step: row.try_get("step")?,
                    body: json(&row, "body")?,
                    request_id: row.try_get("request_id")?,
                })
            })
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "read the journal of a response")
    }

    /// Whether a request of this id was made for a response.
    pub async fn made_request(&self, request_id: &str) -> Result<bool, StateError> {
        let found: i64 =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM response_journal WHERE request_id = ?1)")
                .bind(request_id)
                .fetch_one(self.db.read())
                .await
                .at(&self.db, "look up a request")?;
        Ok(found != 0)
    }
}
