//! The history of alarms: written once, read by pages.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::model::read_event;
use super::{AlarmCursor, AlarmEvent, AlarmHistoryFilter, AlarmHistoryPage, Alarms, DATA, json_within};
use crate::StateError;
use crate::codec::{clipped, limit, micros, short_digest};
use crate::db::At;

/// The most items of a page.
const PAGE: usize = 1000;
/// Rows that are deleted in one transaction.
const CHUNK: i64 = 10_000;

impl Alarms {
    /// A page of items, the newest first.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn history(
        &self,
        filter: &AlarmHistoryFilter,
        most: usize,
        after: Option<AlarmCursor>,
    ) -> Result<AlarmHistoryPage, StateError> {
        const WHAT: &str = "read the history of alarms";
        let most = most.clamp(1, PAGE);
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM alarm_history WHERE true");
        if let Some(alarm) = &filter.alarm {
            sql.push(" AND (alarm_id = ").push_bind(alarm.as_str());
            sql.push(" OR alarm_name = ").push_bind(alarm.as_str()).push(")");
        }
        let equal = [
            (" AND alarm_id = ", &filter.id),
            (" AND item_type = ", &filter.item_type),
            (" AND to_state = ", &filter.to_state),
            (" AND account_id = ", &filter.account_id),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                sql.push(column).push_bind(value.as_str());
            }
        }
        for (column, value) in [(" AND time >= ", filter.since), (" AND time < ", filter.until)] {
            if let Some(value) = value {
                sql.push(column).push_bind(micros(value));
            }
        }
        if let Some(after) = after {
            sql.push(" AND (time, seq) < (").push_bind(after.time).push(", ").push_bind(after.seq).push(")");
        }
        sql.push(" ORDER BY time DESC, seq DESC LIMIT ").push_bind(limit(most + 1));
        let rows = sql.build().fetch_all(self.db.read()).await.at(&self.db, WHAT)?;
        let next = match rows.get(most - 1) {
            Some(last) if rows.len() > most => {
                let cursor = || Ok(AlarmCursor { time: last.try_get("time")?, seq: last.try_get("seq")? });
                Some(cursor().at(&self.db, WHAT)?)
            }
            _ => None,
        };
        let items = rows.iter().take(most).map(read_event).collect::<sqlx::Result<_>>().at(&self.db, WHAT)?;
        Ok(AlarmHistoryPage { items, next })
    }

    /// Lets go of items from before `before`. Says how many.
    ///
    /// # Errors
    ///
    /// Where the database fails.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "let old history of alarms go";
        let mut all = 0;
        loop {
            let mut tx = self.db.write(WHAT).await?;
            let done = sqlx::query(
                "DELETE FROM alarm_history WHERE seq IN (SELECT seq FROM alarm_history WHERE time < ?1 LIMIT ?2)",
            )
            .bind(micros(before))
            .bind(CHUNK)
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
            tx.commit().await.at(&self.db, WHAT)?;
            all += done.rows_affected();
            if done.rows_affected() < CHUNK.unsigned_abs() {
                return Ok(all);
            }
        }
    }
}

/// Writes items that are not there yet. Says how many those are.
pub(super) async fn append(tx: &mut SqliteConnection, events: &[AlarmEvent]) -> sqlx::Result<u64> {
    let mut new = 0;
    for event in events {
        let time = micros(event.time);
        let parts: [&[u8]; 5] = [
            event.alarm_id.as_bytes(),
            &time.to_le_bytes(),
            event.item_type.as_bytes(),
            event.summary.as_bytes(),
            // Two changes of a definition within a microsecond differ in what they changed it to.
            if event.to_state.is_some() { &[] } else { event.data.as_bytes() },
        ];
        let done = sqlx::query(
            "INSERT INTO alarm_history (key, alarm_id, alarm_name, alarm_kind, time, item_type, summary, data,
             from_state, to_state, reason, account_id, region)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (key) DO NOTHING",
        )
        .bind(short_digest(&parts))
        .bind(clipped(&event.alarm_id, 2048))
        .bind(clipped(&event.alarm_name, 1024))
        .bind(clipped(&event.alarm_kind, 32))
        .bind(time)
        .bind(clipped(&event.item_type, 32))
        .bind(clipped(&event.summary, 4096))
        .bind(json_within(&event.data, 4 * DATA))
        .bind(event.from_state.as_deref())
        .bind(event.to_state.as_deref())
        .bind(event.reason.as_deref().map(|reason| clipped(reason, 4096)))
        .bind(event.account_id.as_deref())
        .bind(event.region.as_deref())
        .execute(&mut *tx)
        .await?;
        new += done.rows_affected();
    }
    Ok(new)
}
