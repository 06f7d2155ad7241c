//! What the events brought that somebody still has to act on.
//!
//! An item is put before the events that brought it are in the lake, and stays after it was dealt with:
//! events that are read again after a crash bring it again, under the same key, and it is known. Who
//! works items off does so **at least once**: what was begun and not told to be done is there again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::StateError;
use crate::codec::{clipped, limit, micros, time};
use crate::db::{At, Db};

/// Rows of one statement; SQLite takes some thirty thousand values.
const CHUNK: usize = 1000;
const PRUNE: i64 = 10_000;
const KEY: usize = 512;

/// An item to put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// For whom it is.
    pub kind: String,
    /// Tells it from others of its kind: of two with one key, the first counts.
    pub key: String,
    /// What it says, JSON.
    pub payload: String,
}

/// An item that is to be dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Rising.
    pub id: i64,
    /// What tells it from others of its kind.
    pub key: String,
    /// What it says, JSON.
    pub payload: String,
    /// When it was put.
    pub created_at: DateTime<Utc>,
}

/// The inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    db: Arc<Db>,
}

impl Inbox {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Puts items, all or none. Returns how many were new.
    ///
    /// # Errors
    /// Where the state cannot be written.
    pub async fn put(&self, items: &[NewItem], now: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "put into the inbox";
        if items.is_empty() {
            return Ok(0);
        }
        let mut tx = self.db.write(WHAT).await?;
        let new = insert(&mut tx, items, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(new)
    }

    /// The oldest items of a kind that are not dealt with, `most` of them.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub async fn open(&self, kind: &str, most: usize) -> Result<Vec<Item>, StateError> {
        sqlx::query(
            "SELECT id, key, payload, created_at FROM inbox WHERE kind = ?1 AND done_at IS NULL
             ORDER BY id LIMIT ?2",
        )
        .bind(kind)
        .bind(limit(most))
        .try_map(|row: SqliteRow| {
            Ok(Item {
                id: row.try_get("id")?,
                key: row.try_get("key")?,
                payload: row.try_get("payload")?,
                created_at: time(&row, "created_at")?,
            })
        })
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "read the inbox")
    }

    /// Says that items were dealt with.
    ///
    /// # Errors
    /// Where the state cannot be written.
    pub async fn done(&self, ids: &[i64], now: DateTime<Utc>) -> Result<(), StateError> {
        const WHAT: &str = "empty the inbox";
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.write(WHAT).await?;
        for chunk in ids.chunks(CHUNK) {
            let mut sql = QueryBuilder::<Sqlite>::new("UPDATE inbox SET payload = '', done_at = ");
            sql.push_bind(micros(now)).push(" WHERE done_at IS NULL AND id IN (");
            let mut list = sql.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            sql.push(")");
            sql.build().execute(&mut *tx).await.at(&self.db, WHAT)?;
        }
        tx.commit().await.at(&self.db, WHAT)
    }

    /// Forgets items that were dealt with before `before`. Returns how many.
    ///
    /// # Errors
    /// Where the state cannot be written.
    pub async fn prune(&self, before: DateTime<Utc>) -> Result<u64, StateError> {
        const WHAT: &str = "prune the inbox";
        let mut deleted = 0;
        loop {
            let mut tx = self.db.write(WHAT).await?;
            let done = sqlx::query(
                "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE done_at < ?1 LIMIT ?2)",
            )
            .bind(micros(before))
            .bind(PRUNE)
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?
            .rows_affected();
            tx.commit().await.at(&self.db, WHAT)?;
            deleted += done;
            if done < PRUNE.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}

/// Puts items within a transaction; how many were new.
pub(crate) async fn insert(
    tx: &mut SqliteConnection,
    items: &[NewItem],
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let mut new = 0;
    for chunk in items.chunks(CHUNK) {
        let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO inbox (kind, key, payload, created_at) ");
        sql.push_values(chunk, |mut row, item| {
            row.push_bind(item.kind.as_str())
                .push_bind(clipped(&item.key, KEY))
                .push_bind(item.payload.as_str())
                .push_bind(micros(now));
        });
        sql.push(" ON CONFLICT (kind, key) DO NOTHING");
        new += sql.build().execute(&mut *tx).await?.rows_affected();
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    fn item(kind: &str, key: &str) -> NewItem {
        NewItem { kind: kind.to_owned(), key: key.to_owned(), payload: format!("{{\"of\":\"{key}\"}}") }
    }

    #[tokio::test]
    async fn an_item_is_there_until_it_is_done_and_never_comes_back() {
        let (_folder, state) = state().await;
        let inbox = state.inbox();
        let both = [item("finding", "a"), item("finding", "b"), item("event", "a")];
        assert_eq!(inbox.put(&both, at(0)).await.unwrap(), 3);
        assert_eq!(inbox.put(&both, at(1)).await.unwrap(), 0, "the same events read again");
        let open = inbox.open("finding", 10).await.unwrap();
        assert_eq!(open.iter().map(|item| item.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(open[0].payload, r#"{"of":"a"}"#);
        inbox.done(&[open[0].id], at(2)).await.unwrap();
        assert_eq!(inbox.open("finding", 10).await.unwrap().len(), 1);
        assert_eq!(inbox.put(&both, at(3)).await.unwrap(), 0, "known still");
        assert_eq!(inbox.prune(at(2)).await.unwrap(), 0);
        assert_eq!(inbox.prune(at(3)).await.unwrap(), 1);
        assert_eq!(inbox.open("finding", 1).await.unwrap()[0].key, "b", "what is open is kept");
    }

    #[tokio::test]
    async fn many_items_are_put_and_done_at_once() {
        let (_folder, state) = state().await;
        let many: Vec<NewItem> = (0..2_500).map(|n| item("event", &n.to_string())).collect();
        assert_eq!(state.inbox().put(&many, at(0)).await.unwrap(), 2_500);
        let ids: Vec<i64> = state.inbox().open("event", 5_000).await.unwrap().iter().map(|i| i.id).collect();
        state.inbox().done(&ids, at(1)).await.unwrap();
        assert!(state.inbox().open("event", 1).await.unwrap().is_empty());
    }
}
