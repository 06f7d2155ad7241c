//! Alarms and metric filters, the state each alarm is in, and its history.
//!
//! This crate does not know how alarms are evaluated. Definitions come as JSON with the columns they are
//! searched by; what the engine goes on from after a restart is a text of its own.

mod history;
mod model;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::StateError;
use crate::codec::{clipped, limit, micros, time};
use crate::db::{At, Db};
use crate::inbox;

pub use model::{
    AlarmCommit, AlarmCursor, AlarmEvent, AlarmFilter, AlarmHistoryFilter, AlarmHistoryPage, AlarmOrigin,
    AlarmRow, AlarmScope, AlarmStateUpdate, MetricFilterRow, NewAlarm, Replaced,
};

/// The most alarms that one list gives.
const PAGE: usize = 20_000;
/// A definition's JSON: 20 metrics with 30 dimensions each stay far below.
const DEFINITION: usize = 256 * 1024;
/// Reason data: a hundred datapoints stay far below.
const DATA: usize = 64 * 1024;
/// A snapshot: 500,000 buckets of samples stay below.
const SNAPSHOT: usize = 256 * 1024 * 1024;

/// Alarms, metric filters, and the history of alarms.
#[derive(Clone, Debug)]
pub struct Alarms {
    db: Arc<Db>,
}

impl Alarms {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Keeps alarms. One that is there keeps its state, unless the new one is of an import, whose account
    /// knows the state. Says of how many the definition is new or another.
    ///
    /// # Errors
    ///
    /// Where a definition is too long to be one, and where the database fails; nothing is kept then.
    pub async fn put(&self, alarms: &[NewAlarm], now: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "keep alarms";
        let mut tx = self.db.write(WHAT).await?;
        let changed = put_alarms(&mut tx, alarms, now).await;
        let changed = changed?.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(changed)
    }

    /// Keeps these alarms, and lets go those of the same origin (and account and Region, where they are
    /// given) that are not among them: what a file or an account no longer has.
    ///
    /// # Errors
    ///
    /// As [`Alarms::put`].
    pub async fn replace(
        &self,
        origin: AlarmOrigin,
        scope: Option<(&str, &str)>,
        alarms: &[NewAlarm],
        now: DateTime<Utc>,
    ) -> Result<Replaced, StateError> {
        const WHAT: &str = "replace alarms";
        let mut tx = self.db.write(WHAT).await?;
        let changed = put_alarms(&mut tx, alarms, now).await?.at(&self.db, WHAT)?;
        let ids: Vec<&str> = alarms.iter().map(|alarm| alarm.id.as_str()).collect();
        let removed = remove_others(&mut tx, "alarms", origin, scope, &ids).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(Replaced { changed, removed })
    }

    /// Lets an alarm go, by its id. Its history stays.
    ///
    /// # Errors
    ///
    /// Where there is no such alarm.
    pub async fn remove(&self, id: &str) -> Result<(), StateError> {
        const WHAT: &str = "remove an alarm";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query("DELETE FROM alarms WHERE id = ?1")
            .bind(id)
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        if done.rows_affected() == 0 {
            return Err(StateError::not_found("alarm", id));
        }
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Alarms by their names, those in `ALARM` first.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn list(
        &self,
        filter: &AlarmFilter,
        skip: usize,
        most: usize,
    ) -> Result<Vec<AlarmRow>, StateError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM alarms WHERE true");
        narrow(&mut sql, filter);
        sql.push(" ORDER BY state != 'ALARM', name, id LIMIT ").push_bind(limit(most.min(PAGE)));
        sql.push(" OFFSET ").push_bind(limit(skip));
        sql.build()
            .try_map(|row: SqliteRow| model::read_alarm(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list alarms")
    }

    /// An alarm by its id, or by a name that only one has.
    ///
    /// # Errors
    ///
    /// Where there is none, or several have the name.
    pub async fn get(&self, id_or_name: &str) -> Result<AlarmRow, StateError> {
        let mut found: Vec<AlarmRow> =
            sqlx::query("SELECT * FROM alarms WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC, id LIMIT 2")
                .bind(id_or_name)
                .try_map(|row: SqliteRow| model::read_alarm(&row))
                .fetch_all(self.db.read())
                .await
                .at(&self.db, "read an alarm")?;
        match found.as_slice() {
            [] => Err(StateError::not_found("alarm", id_or_name)),
            [first, second] if first.id != id_or_name => Err(StateError::invalid(
                "the name",
                format!("{} and {} both are '{id_or_name}'; give the ARN", first.id, second.id),
            )),
            _ => Ok(found.swap_remove(0)),
        }
    }

    /// How many alarms are in each state.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn counts(&self) -> Result<Vec<(String, u64)>, StateError> {
        self.counts_of(&AlarmFilter::default()).await
    }

    /// How many of these alarms are in each state.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn counts_of(&self, filter: &AlarmFilter) -> Result<Vec<(String, u64)>, StateError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT state, count(*) AS found FROM alarms WHERE true");
        narrow(&mut sql, filter);
        sql.push(" GROUP BY state ORDER BY state")
            .build()
            .try_map(|row: SqliteRow| Ok((row.try_get("state")?, crate::codec::count(&row, "found")?)))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "count alarms")
    }

    /// The accounts and Regions that alarms are of, the most alarms first; a thousand at most.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn scopes(&self) -> Result<Vec<AlarmScope>, StateError> {
        sqlx::query(
            "SELECT account_id, region, count(*) AS found FROM alarms GROUP BY account_id, region
             ORDER BY found DESC, account_id, region LIMIT 1000",
        )
        .try_map(|row: SqliteRow| {
            Ok(AlarmScope {
                account_id: row.try_get("account_id")?,
                region: row.try_get("region")?,
                alarms: crate::codec::count(&row, "found")?,
            })
        })
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list the accounts of alarms")
    }

    /// Keeps what a tick brought, in one transaction: states, items of history and of the inbox, and the
    /// engine's snapshot.
    /// Items that are there are passed over; says how many are new.
    ///
    /// # Errors
    ///
    /// Where the database fails; nothing is kept then.
    pub async fn commit(&self, commit: &AlarmCommit, now: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "keep the states of alarms";
        let mut tx = self.db.write(WHAT).await?;
        for update in &commit.states {
            sqlx::query(
                "UPDATE alarms SET state = ?2, reason = ?3, reason_data = ?4, updated_at = ?5, transitioned_at = ?6
                 WHERE id = ?1",
            )
            .bind(update.id.as_str())
            .bind(clipped(&update.state, 32))
            .bind(clipped(&update.reason, 4096))
            .bind(json_within(&update.reason_data, DATA))
            .bind(micros(update.updated_at))
            .bind(micros(update.transitioned_at))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        }
        let new = history::append(&mut tx, &commit.events).await.at(&self.db, WHAT)?;
        inbox::insert(&mut tx, &commit.items, now).await.at(&self.db, WHAT)?;
        if let Some((name, body)) = &commit.snapshot {
            save_snapshot(&mut tx, name, body, now).await?.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(new)
    }

    /// What was kept under a name by [`Alarms::commit`], and when.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn snapshot(&self, name: &str) -> Result<Option<(String, DateTime<Utc>)>, StateError> {
        sqlx::query("SELECT body, saved_at FROM alarm_snapshots WHERE name = ?1")
            .bind(name)
            .try_map(|row: SqliteRow| Ok((row.try_get("body")?, time(&row, "saved_at")?)))
            .fetch_optional(self.db.read())
            .await
            .at(&self.db, "read a snapshot of alarms")
    }

    /// Keeps these metric filters, and lets go those of the same origin and scope that are not among them.
    ///
    /// # Errors
    ///
    /// As [`Alarms::put`].
    pub async fn replace_filters(
        &self,
        origin: AlarmOrigin,
        scope: Option<(&str, &str)>,
        filters: &[MetricFilterRow],
        now: DateTime<Utc>,
    ) -> Result<Replaced, StateError> {
        const WHAT: &str = "replace metric filters";
        let mut tx = self.db.write(WHAT).await?;
        let mut changed = 0;
        for filter in filters {
            check_definition(&filter.definition)?;
            let done = sqlx::query(
                "INSERT INTO metric_filters (id, name, table_name, origin, account_id, region, definition, stored_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, table_name = excluded.table_name,
                 origin = excluded.origin, account_id = excluded.account_id, region = excluded.region,
                 definition = excluded.definition, stored_at = excluded.stored_at
                 WHERE definition != excluded.definition OR origin != excluded.origin",
            )
            .bind(clipped(&filter.id, 2048))
            .bind(clipped(&filter.name, 512))
            .bind(clipped(&filter.table_name, 128))
            .bind(filter.origin.as_str())
            .bind(filter.account_id.as_deref())
            .bind(filter.region.as_deref())
            .bind(filter.definition.as_str())
            .bind(micros(now))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
            changed += done.rows_affected();
        }
        let ids: Vec<&str> = filters.iter().map(|filter| clipped(&filter.id, 2048)).collect();
        let removed =
            remove_others(&mut tx, "metric_filters", origin, scope, &ids).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(Replaced { changed, removed })
    }

    /// All metric filters, by their ids.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn filters(&self) -> Result<Vec<MetricFilterRow>, StateError> {
        sqlx::query("SELECT * FROM metric_filters ORDER BY id LIMIT 100000")
            .try_map(|row: SqliteRow| model::read_filter(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list metric filters")
    }
}

/// Adds what a filter asks for to a query that ends in `WHERE true`.
fn narrow(sql: &mut QueryBuilder<Sqlite>, filter: &AlarmFilter) {
    let equal = [
        (" AND account_id = ", filter.account_id.as_deref()),
        (" AND region = ", filter.region.as_deref()),
        (" AND kind = ", filter.kind.as_deref()),
        (" AND origin = ", filter.origin.map(AlarmOrigin::as_str)),
    ];
    for (column, value) in equal {
        if let Some(value) = value {
            sql.push(column).push_bind(value.to_owned());
        }
    }
    if let Some(prefix) = &filter.name_prefix {
        // Not LIKE: its wildcards and its indifference to case are not meant.
        sql.push(" AND substr(name, 1, length(").push_bind(prefix.clone()).push(")) = ");
        sql.push_bind(prefix.clone());
    }
    if !filter.states.is_empty() {
        sql.push(" AND state IN (");
        let mut list = sql.separated(", ");
        for state in &filter.states {
            list.push_bind(state.clone());
        }
        sql.push(")");
    }
}

fn check_definition(definition: &str) -> Result<(), StateError> {
    if definition.len() > DEFINITION {
        let why = format!("it has {} bytes; at most {DEFINITION} are kept", definition.len());
        return Err(StateError::invalid("the definition", why));
    }
    Ok(())
}

/// JSON that is too long is left out: cut, it would be none.
fn json_within(text: &str, most: usize) -> &str {
    if text.len() > most { "null" } else { text }
}

async fn put_alarms(
    tx: &mut SqliteConnection,
    alarms: &[NewAlarm],
    now: DateTime<Utc>,
) -> Result<sqlx::Result<u64>, StateError> {
    alarms.iter().try_for_each(|alarm| check_definition(&alarm.definition))?;
    let mut changed = 0;
    for alarm in alarms {
        match put_alarm(tx, alarm, now).await {
            Ok(one) => changed += u64::from(one),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(changed))
}

async fn put_alarm(tx: &mut SqliteConnection, alarm: &NewAlarm, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let before: Option<String> = sqlx::query_scalar("SELECT definition FROM alarms WHERE id = ?1")
        .bind(alarm.id.as_str())
        .fetch_optional(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO alarms (id, name, kind, origin, account_id, region, definition, state, reason, reason_data,
         updated_at, transitioned_at, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, origin = excluded.origin,
         account_id = excluded.account_id, region = excluded.region, definition = excluded.definition,
         stored_at = excluded.stored_at",
    )
    .bind(alarm.id.as_str())
    .bind(clipped(&alarm.name, 1024))
    .bind(clipped(&alarm.kind, 32))
    .bind(alarm.origin.as_str())
    .bind(alarm.account_id.as_deref())
    .bind(alarm.region.as_deref())
    .bind(alarm.definition.as_str())
    .bind(clipped(&alarm.state, 32))
    .bind(clipped(&alarm.reason, 4096))
    .bind(json_within(&alarm.reason_data, DATA))
    .bind(micros(alarm.updated_at))
    .bind(micros(alarm.transitioned_at))
    .bind(micros(now))
    .execute(&mut *tx)
    .await?;
    if alarm.origin == AlarmOrigin::Import && before.is_some() {
        // The account evaluates it, and knows better; an answer that is older than what is known does not.
        sqlx::query(
            "UPDATE alarms SET state = ?2, reason = ?3, reason_data = ?4, updated_at = ?5, transitioned_at = ?6
             WHERE id = ?1 AND updated_at <= ?5",
        )
        .bind(alarm.id.as_str())
        .bind(clipped(&alarm.state, 32))
        .bind(clipped(&alarm.reason, 4096))
        .bind(json_within(&alarm.reason_data, DATA))
        .bind(micros(alarm.updated_at))
        .bind(micros(alarm.transitioned_at))
        .execute(&mut *tx)
        .await?;
    }
    Ok(before.as_ref() != Some(&alarm.definition))
}

/// `table` is a name of this module's, never a caller's.
async fn remove_others(
    tx: &mut SqliteConnection,
    table: &'static str,
    origin: AlarmOrigin,
    scope: Option<(&str, &str)>,
    ids: &[&str],
) -> sqlx::Result<u64> {
    // Given as JSON: an account may have more than SQLite has variables.
    let ids = serde_json::to_string(ids).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let mut sql = QueryBuilder::<Sqlite>::new("DELETE FROM ");
    sql.push(table).push(" WHERE origin = ").push_bind(origin.as_str());
    if let Some((account, region)) = scope {
        sql.push(" AND account_id = ").push_bind(account).push(" AND region = ").push_bind(region);
    }
    sql.push(" AND id NOT IN (SELECT value FROM json_each(").push_bind(ids).push("))");
    Ok(sql.build().execute(&mut *tx).await?.rows_affected())
}

async fn save_snapshot(
    tx: &mut SqliteConnection,
    name: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<sqlx::Result<()>, StateError> {
    if body.len() > SNAPSHOT {
        let why = format!("it has {} bytes; at most {SNAPSHOT} are kept", body.len());
        return Err(StateError::invalid("the snapshot", why));
    }
    let saved = sqlx::query(
        "INSERT INTO alarm_snapshots (name, body, saved_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at",
    )
    .bind(clipped(name, 64))
    .bind(body)
    .bind(micros(now))
    .execute(&mut *tx)
    .await;
    Ok(saved.map(drop))
}
