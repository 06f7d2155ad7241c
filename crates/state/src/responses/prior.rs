//! States of resources as they were last seen: what a change is put back to.
//!
//! A few versions are kept of each, as events come late: the one that counts is the last that was seen
//! before the event.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::StateError;
use crate::codec::{clipped, json, micros, time};
use crate::db::{At, Db};

/// Versions of one state that are kept.
const VERSIONS: i64 = 8;
/// A longer state is not kept: a security group with a thousand rules has a quarter of it.
const STATE: usize = 1024 * 1024;
/// States that are kept, of all resources together.
const MOST: i64 = 200_000;

/// A state as it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorState {
    /// The account.
    pub account_id: String,
    /// The Region; `global` where there is none.
    pub region: String,
    /// What kind of state.
    pub facet: String,
    /// Of what.
    pub subject: String,
    /// When it was so.
    pub seen_at: DateTime<Utc>,
    /// How it is known: `inventory`, `read`, `event`.
    pub source: String,
    /// The state.
    pub state: Value,
}

/// States as they were last seen.
#[derive(Clone, Debug)]
pub struct Priors {
    db: Arc<Db>,
}

impl Priors {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Keeps states. One that is as the version before it is not kept again. Returns how many were kept.
    pub async fn remember(&self, states: &[PriorState]) -> Result<usize, StateError> {
        const WHAT: &str = "keep states of resources";
        let mut kept = 0;
        // Short transactions: an inventory has many.
        for chunk in states.chunks(500) {
            let mut tx = self.db.write(WHAT).await?;
            for state in chunk {
                kept += usize::from(insert(&mut tx, state).await.at(&self.db, WHAT)?);
            }
            tx.commit().await.at(&self.db, WHAT)?;
        }
        Ok(kept)
    }

    /// The state that was seen last before a time.
    pub async fn before(
        &self,
        account: &str,
        region: &str,
        facet: &str,
        subject: &str,
        time_of_event: DateTime<Utc>,
    ) -> Result<Option<PriorState>, StateError> {
        sqlx::query(
            "SELECT * FROM prior_states WHERE account_id = ?1 AND region = ?2 AND facet = ?3 AND subject = ?4
             AND seen_at < ?5 ORDER BY seen_at DESC LIMIT 1",
        )
        .bind(account)
        .bind(region)
        .bind(facet)
        .bind(clipped(subject, 32 * 1024))
        .bind(micros(time_of_event))
        .try_map(|row: SqliteRow| {
            Ok(PriorState {
                account_id: row.try_get("account_id")?,
                region: row.try_get("region")?,
                facet: row.try_get("facet")?,
                subject: row.try_get("subject")?,
                seen_at: time(&row, "seen_at")?,
                source: row.try_get("source")?,
                state: json(&row, "state")?,
            })
        })
        .fetch_optional(self.db.read())
        .await
        .at(&self.db, "look up the state of a resource")
    }

    /// Lets the oldest go where there are too many. Returns how many went.
    pub async fn prune(&self) -> Result<u64, StateError> {
        self.prune_to(MOST).await
    }

    pub(super) async fn prune_to(&self, most: i64) -> Result<u64, StateError> {
        const WHAT: &str = "prune states of resources";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query(
            "DELETE FROM prior_states WHERE seen_at <= (SELECT seen_at FROM prior_states
             ORDER BY seen_at DESC LIMIT 1 OFFSET ?1)",
        )
        .bind(most)
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(done.rows_affected())
    }
}

async fn insert(tx: &mut SqliteConnection, state: &PriorState) -> sqlx::Result<bool> {
    let text = state.state.to_string();
    let subject = clipped(&state.subject, 32 * 1024);
    if text.len() > STATE || subject.len() < state.subject.len() {
        tracing::warn!(facet = state.facet, bytes = text.len(), "state of a resource is too long to be kept");
        return Ok(false);
    }
    let before: Option<String> = sqlx::query_scalar(
        "SELECT state FROM prior_states WHERE account_id = ?1 AND region = ?2 AND facet = ?3 AND subject = ?4
         AND seen_at <= ?5 ORDER BY seen_at DESC LIMIT 1",
    )
    .bind(&state.account_id)
    .bind(&state.region)
    .bind(&state.facet)
    .bind(subject)
    .bind(micros(state.seen_at))
    .fetch_optional(&mut *tx)
    .await?;
    if before.as_deref() == Some(text.as_str()) {
        return Ok(false);
    }
    sqlx::query("INSERT OR REPLACE INTO prior_states VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(&state.account_id)
        .bind(&state.region)
        .bind(&state.facet)
        .bind(subject)
        .bind(micros(state.seen_at))
        .bind(clipped(&state.source, 64))
        .bind(text)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "DELETE FROM prior_states WHERE account_id = ?1 AND region = ?2 AND facet = ?3 AND subject = ?4
         AND seen_at <= (SELECT seen_at FROM prior_states WHERE account_id = ?1 AND region = ?2 AND facet = ?3
         AND subject = ?4 ORDER BY seen_at DESC LIMIT 1 OFFSET ?5)",
    )
    .bind(&state.account_id)
    .bind(&state.region)
    .bind(&state.facet)
    .bind(subject)
    .bind(VERSIONS)
    .execute(tx)
    .await?;
    Ok(true)
}
