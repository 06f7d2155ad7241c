//! Which objects have been ingested.
//!
//! An entry is written after the object's events are committed to the lake. Killed between the
//! two, a run leaves events without an entry: the next run reads the object again and the lake
//! drops what it has already. So an entry means "nothing left to do", and its absence nothing.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::codec::{count, int, limit, micros, time};
use crate::db::{At, Db};
use crate::{RunId, StateError};

/// Rows per statement; SQLite allows 32,766 bound values.
const CHUNK: usize = 400;

/// An object as it was at one time. The same name with other content is another object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    /// Where it is: `file:///…`, `s3://bucket/key`.
    pub source_uri: String,
    /// What tells this content from another at the same place: `etag:…/size`, `mtime/size`.
    pub fingerprint: String,
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The object.
    pub key: ObjectKey,
    /// The run that read it.
    pub run: Option<RunId>,
    /// Events written to the lake.
    pub events: u64,
    /// Events that the lake had already.
    pub duplicates: u64,
    /// Records that could not be read.
    pub quarantined: u64,
    /// Bytes read.
    pub bytes: u64,
    /// When it was done.
    pub finished_at: DateTime<Utc>,
}

/// Sums over the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerTotals {
    /// Objects.
    pub objects: u64,
    /// Events written to the lake.
    pub events: u64,
    /// Events that the lake had already.
    pub duplicates: u64,
    /// Records that could not be read.
    pub quarantined: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// The ingested objects.
#[derive(Clone, Debug)]
pub struct Ledger {
    db: Arc<Db>,
}

impl Ledger {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// The entries that exist among these keys.
    pub async fn get(&self, keys: &[ObjectKey]) -> Result<HashMap<ObjectKey, LedgerEntry>, StateError> {
        let mut found = HashMap::new();
        for chunk in keys.chunks(CHUNK) {
            // The join's order is forced, so that each key is one look into the primary key.
            let mut sql = QueryBuilder::<Sqlite>::new("WITH wanted (uri, print) AS (");
            sql.push_values(chunk, |mut row, key| {
                row.push_bind(key.source_uri.as_str()).push_bind(key.fingerprint.as_str());
            });
            sql.push(
                ") SELECT ledger.* FROM wanted CROSS JOIN ledger
                 WHERE ledger.source_uri = wanted.uri AND ledger.fingerprint = wanted.print",
            );
            let rows = sql.build().fetch_all(self.db.read()).await.at(&self.db, "look into the ledger")?;
            for row in &rows {
                let entry = entry(row).at(&self.db, "look into the ledger")?;
                found.insert(entry.key.clone(), entry);
            }
        }
        Ok(found)
    }

    /// Records objects as done, in one durable transaction; returns how many were not there yet.
    /// An entry that exists stays: it says what the object gave when it was read first.
    pub async fn put(&self, entries: &[LedgerEntry]) -> Result<u64, StateError> {
        const WHAT: &str = "record ingested objects";
        if entries.is_empty() {
            return Ok(0);
        }
        let mut tx = self.db.write(WHAT).await?;
        let mut inserted = 0;
        for chunk in entries.chunks(CHUNK) {
            let mut sql = QueryBuilder::<Sqlite>::new(
                "INSERT INTO ledger (source_uri, fingerprint, run_id, events, duplicates, quarantined,
                 bytes, finished_at) ",
            );
            sql.push_values(chunk, |mut row, entry| {
                row.push_bind(entry.key.source_uri.as_str())
                    .push_bind(entry.key.fingerprint.as_str())
                    .push_bind(entry.run.map(|run| run.0))
                    .push_bind(int(entry.events))
                    .push_bind(int(entry.duplicates))
                    .push_bind(int(entry.quarantined))
                    .push_bind(int(entry.bytes))
                    .push_bind(micros(entry.finished_at));
            });
            sql.push(" ON CONFLICT DO NOTHING");
            inserted += sql.build().execute(&mut *tx).await.at(&self.db, WHAT)?.rows_affected();
        }
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(inserted)
    }

    /// The objects done last, the newest first.
    pub async fn recent(&self, most: usize) -> Result<Vec<LedgerEntry>, StateError> {
        sqlx::query("SELECT * FROM ledger ORDER BY finished_at DESC, source_uri LIMIT ?1")
            .bind(limit(most))
            .try_map(|row: SqliteRow| entry(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list ingested objects")
    }

    /// Forgets an object in all its versions, so that it will be read again. The lake still keeps
    /// its events from appearing twice. Returns whether it was known.
    pub async fn forget(&self, source_uri: &str) -> Result<bool, StateError> {
        const WHAT: &str = "forget an ingested object";
        let mut tx = self.db.write(WHAT).await?;
        let done = sqlx::query("DELETE FROM ledger WHERE source_uri = ?1").bind(source_uri).execute(&mut *tx);
        let deleted = done.await.at(&self.db, WHAT)?.rows_affected();
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(deleted > 0)
    }

    /// Sums over all objects.
    pub async fn totals(&self) -> Result<LedgerTotals, StateError> {
        sqlx::query(
            "SELECT count(*) AS objects, coalesce(sum(events), 0) AS events,
             coalesce(sum(duplicates), 0) AS duplicates, coalesce(sum(quarantined), 0) AS quarantined,
             coalesce(sum(bytes), 0) AS bytes FROM ledger",
        )
        .try_map(|row: SqliteRow| {
            Ok(LedgerTotals {
                objects: count(&row, "objects")?,
                events: count(&row, "events")?,
                duplicates: count(&row, "duplicates")?,
                quarantined: count(&row, "quarantined")?,
                bytes: count(&row, "bytes")?,
            })
        })
        .fetch_one(self.db.read())
        .await
        .at(&self.db, "sum up the ledger")
    }
}

fn entry(row: &SqliteRow) -> sqlx::Result<LedgerEntry> {
    Ok(LedgerEntry {
        key: ObjectKey { source_uri: row.try_get("source_uri")?, fingerprint: row.try_get("fingerprint")? },
        run: row.try_get::<Option<i64>, _>("run_id")?.map(RunId),
        events: count(row, "events")?,
        duplicates: count(row, "duplicates")?,
        quarantined: count(row, "quarantined")?,
        bytes: count(row, "bytes")?,
        finished_at: time(row, "finished_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    fn object(number: usize, events: u64) -> LedgerEntry {
        LedgerEntry {
            key: ObjectKey {
                source_uri: format!("s3://logs/{number}.json.gz"),
                fingerprint: format!("etag:{number}/10"),
            },
            run: Some(RunId(1)),
            events,
            duplicates: 0,
            quarantined: 1,
            bytes: 10,
            finished_at: at(number as i64),
        }
    }

    #[tokio::test]
    async fn batches_larger_than_a_statement_are_put_and_found() {
        let (_folder, state) = state().await;
        let ledger = state.ledger();
        let entries: Vec<_> = (0..1000).map(|number| object(number, 5)).collect();
        assert_eq!(ledger.put(&entries).await.unwrap(), 1000);

        let mut wanted: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
        wanted.push(object(1000, 0).key);
        wanted.push(ObjectKey { fingerprint: "etag:changed/10".into(), ..wanted[0].clone() });
        let found = ledger.get(&wanted).await.unwrap();
        assert_eq!(found.len(), 1000);
        assert_eq!(found[&entries[7].key], entries[7]);
        let totals = ledger.totals().await.unwrap();
        let expected =
            LedgerTotals { objects: 1000, events: 5000, duplicates: 0, quarantined: 1000, bytes: 10_000 };
        assert_eq!(totals, expected);
        assert_eq!(ledger.recent(2).await.unwrap(), [object(999, 5), object(998, 5)]);
    }

    #[tokio::test]
    async fn the_first_entry_of_an_object_stays() {
        let (_folder, state) = state().await;
        let ledger = state.ledger();
        ledger.put(&[object(1, 5)]).await.unwrap();
        assert_eq!(ledger.put(&[object(1, 0), object(2, 3)]).await.unwrap(), 1);
        let found = ledger.get(&[object(1, 0).key]).await.unwrap();
        assert_eq!(found[&object(1, 0).key].events, 5);
        assert!(ledger.forget("s3://logs/1.json.gz").await.unwrap());
        assert!(!ledger.forget("s3://logs/1.json.gz").await.unwrap());
        assert!(ledger.get(&[object(1, 0).key]).await.unwrap().is_empty());
    }
}
