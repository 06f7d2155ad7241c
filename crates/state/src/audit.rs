//! The audit log: who changed what, in a chain that shows tampering.
//!
//! Each entry carries a hash over its own fields and the hash of the entry before it, so changing,
//! removing, inserting or reordering entries breaks the chain at that place. The chain's end is
//! kept apart as well, so removing the newest entries shows too. Triggers refuse edits, which stops
//! mistakes. Somebody who may write the file can recompute everything; against that helps only an
//! end ([`AuditHead`]) noted elsewhere, and given to [`Audit::verify`].
//!
//! Acts on the state are recorded by the functions that do them, in the same transaction. Other
//! acts (an export, a response) are recorded with [`Audit::append`].

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::codec::{clip, digest, limit, micros, time};
use crate::db::{At, Db};
use crate::{Actor, StateError};

/// Entries checked at a time.
const PAGE: usize = 1000;
/// The most problems that are listed.
const PROBLEMS: usize = 100;
const NAME: usize = 1024;
const DETAIL: usize = 64 * 1024;

/// An act to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAuditEntry {
    /// Who.
    pub actor: Actor,
    /// What, as `thing.verb`: `finding.status`, `user.create`.
    pub action: String,
    /// On what, as `kind:id`.
    pub object: String,
    /// Particulars. No secrets.
    pub detail: serde_json::Value,
}

impl NewAuditEntry {
    /// An entry.
    pub fn new(
        actor: &Actor,
        action: impl Into<String>,
        object: impl Into<String>,
        detail: serde_json::Value,
    ) -> Self {
        Self { actor: actor.clone(), action: action.into(), object: object.into(), detail }
    }
}

/// A recorded act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its place in the chain, from one, without gaps.
    pub seq: i64,
    /// When.
    pub time: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub object: String,
    /// Particulars, JSON.
    pub detail: String,
    /// From where.
    pub address: Option<String>,
    /// The entry's hash, in hex.
    pub hash: String,
}

/// Which entries are asked for; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By this actor.
    pub actor: Option<String>,
    /// On this object.
    pub object: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// At or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub to: Option<DateTime<Utc>>,
}

/// The end of the chain at some time. Noted outside the data directory, it vouches for all before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// The last entry.
    pub seq: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// Something wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditProblem {
    /// The entry at which it shows.
    pub seq: i64,
    /// What it is.
    pub what: &'static str,
}

/// The result of checking the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Entries read.
    pub entries: u64,
    /// The last of them.
    pub head: Option<AuditHead>,
    /// What is wrong, at most a hundred; empty when all is well.
    pub problems: Vec<AuditProblem>,
}

impl AuditReport {
    /// Whether all is well.
    pub fn intact(&self) -> bool {
        self.problems.is_empty()
    }
}

/// The audit log.
#[derive(Clone, Debug)]
pub struct Audit {
    db: Arc<Db>,
}

impl Audit {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Records an act; returns its place.
    pub async fn append(&self, entry: &NewAuditEntry, now: DateTime<Utc>) -> Result<i64, StateError> {
        const WHAT: &str = "write the audit log";
        let mut tx = self.db.write(WHAT).await?;
        let seq = append(&mut tx, entry, now).await.at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(seq)
    }

    /// Entries, the newest first; `before` is the `seq` at which the page before ended.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        most: usize,
        before: Option<i64>,
    ) -> Result<Vec<AuditEntry>, StateError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM audit WHERE true");
        let columns = [("actor", &filter.actor), ("object", &filter.object), ("action", &filter.action)];
        for (column, value) in columns {
            if let Some(value) = value {
                sql.push(" AND ").push(column).push(" = ").push_bind(value.clone());
            }
        }
        if let Some(from) = filter.from {
            sql.push(" AND time >= ").push_bind(micros(from));
        }
        if let Some(to) = filter.to {
            sql.push(" AND time < ").push_bind(micros(to));
        }
        if let Some(before) = before {
            sql.push(" AND seq < ").push_bind(before);
        }
        sql.push(" ORDER BY seq DESC LIMIT ").push_bind(limit(most));
        let rows = sql.build().fetch_all(self.db.read()).await;
        rows.and_then(|rows| rows.iter().map(|row| Ok(link(row)?.entry)).collect())
            .at(&self.db, "read the audit log")
    }

    /// The end of the chain, to be noted elsewhere; none when nothing was recorded.
    pub async fn head(&self) -> Result<Option<AuditHead>, StateError> {
        stored_head(self.db.read()).await.at(&self.db, "read the audit log")
    }

    /// Checks every entry. `noted` is an end that was noted before: the entry must still be there.
    pub async fn verify(&self, noted: Option<&AuditHead>) -> Result<AuditReport, StateError> {
        const WHAT: &str = "verify the audit log";
        // One transaction, so that entries written meanwhile are not taken for a broken end.
        let mut tx = self.db.read().begin().await.at(&self.db, WHAT)?;
        let head = stored_head(&mut *tx).await.at(&self.db, WHAT)?;
        let mut check = Check::new(noted);
        loop {
            let page: Vec<Link> = sqlx::query("SELECT * FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2")
                .bind(check.seq)
                .bind(limit(PAGE))
                .try_map(|row: SqliteRow| link(&row))
                .fetch_all(&mut *tx)
                .await
                .at(&self.db, WHAT)?;
            let full = page.len() == PAGE;
            page.iter().for_each(|link| check.next(link));
            if !full {
                return Ok(check.end(head));
            }
        }
    }
}

/// Records an act within a transaction. That the transaction holds the write lock keeps two
/// processes from continuing the chain at the same place.
pub(crate) async fn append(
    tx: &mut SqliteConnection,
    new: &NewAuditEntry,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let head = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
        .try_map(|row: SqliteRow| Ok((row.try_get::<i64, _>("seq")?, row.try_get::<Vec<u8>, _>("hash")?)))
        .fetch_optional(&mut *tx)
        .await?;
    let (last, prev) = head.unwrap_or((0, Vec::new()));
    let link = Link::after(last, prev, new, now);
    let entry = &link.entry;
    sqlx::query(
        "INSERT INTO audit (seq, time, actor, action, object, detail, address, prev, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(entry.seq)
    .bind(micros(now))
    .bind(entry.actor.as_str())
    .bind(entry.action.as_str())
    .bind(entry.object.as_str())
    .bind(entry.detail.as_str())
    .bind(entry.address.as_deref())
    .bind(link.prev.as_slice())
    .bind(link.hash.as_slice())
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT OR REPLACE INTO audit_head (one, seq, hash) VALUES (1, ?1, ?2)")
        .bind(entry.seq)
        .bind(link.hash.as_slice())
        .execute(tx)
        .await?;
    Ok(entry.seq)
}

/// An entry with what chains it.
struct Link {
    entry: AuditEntry,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

impl Link {
    fn after(last: i64, prev: Vec<u8>, new: &NewAuditEntry, now: DateTime<Utc>) -> Self {
        let mut entry = AuditEntry {
            seq: last + 1,
            time: now,
            actor: new.actor.name.clone(),
            action: new.action.clone(),
            object: new.object.clone(),
            detail: new.detail.to_string(),
            address: new.actor.address.clone(),
            hash: String::new(),
        };
        let AuditEntry { actor, action, object, address, .. } = &mut entry;
        for name in [actor, action, object].into_iter().chain(address) {
            clip(name, NAME);
        }
        clip(&mut entry.detail, DETAIL);
        let mut link = Self { entry, prev, hash: Vec::new() };
        link.hash = link.computed().to_vec();
        link.entry.hash = hex::encode(&link.hash);
        link
    }

    fn computed(&self) -> [u8; 32] {
        let entry = &self.entry;
        // An address of no bytes is not the same as no address.
        let address = entry.address.as_ref().map_or_else(Vec::new, |it| [b"@", it.as_bytes()].concat());
        digest(&[
            &self.prev,
            &entry.seq.to_le_bytes(),
            &micros(entry.time).to_le_bytes(),
            entry.actor.as_bytes(),
            entry.action.as_bytes(),
            entry.object.as_bytes(),
            entry.detail.as_bytes(),
            &address,
        ])
    }
}

fn link(row: &SqliteRow) -> sqlx::Result<Link> {
    let hash: Vec<u8> = row.try_get("hash")?;
    let entry = AuditEntry {
        seq: row.try_get("seq")?,
        time: time(row, "time")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: row.try_get("detail")?,
        address: row.try_get("address")?,
        hash: hex::encode(&hash),
    };
    Ok(Link { entry, prev: row.try_get("prev")?, hash })
}

async fn stored_head<'c>(from: impl sqlx::SqliteExecutor<'c>) -> sqlx::Result<Option<AuditHead>> {
    sqlx::query("SELECT seq, hash FROM audit_head")
        .try_map(|row: SqliteRow| {
            let hash: Vec<u8> = row.try_get("hash")?;
            Ok(AuditHead { seq: row.try_get("seq")?, hash: hex::encode(hash) })
        })
        .fetch_optional(from)
        .await
}

/// A walk along the chain. After a break it goes on from what is stored, so that each place that
/// was tampered with is reported once.
struct Check<'a> {
    noted: Option<&'a AuditHead>,
    seq: i64,
    hash: Vec<u8>,
    report: AuditReport,
}

impl<'a> Check<'a> {
    fn new(noted: Option<&'a AuditHead>) -> Self {
        let report = AuditReport { entries: 0, head: None, problems: Vec::new() };
        Self { noted, seq: 0, hash: Vec::new(), report }
    }

    fn next(&mut self, link: &Link) {
        let seq = link.entry.seq;
        if seq != self.seq + 1 {
            self.problem(seq, "entries before it are missing");
        } else if link.prev != self.hash {
            self.problem(seq, "does not follow from the entry before it");
        }
        if link.computed().as_slice() != link.hash {
            self.problem(seq, "was changed after it was written");
        }
        if self.noted.is_some_and(|noted| noted.seq == seq && noted.hash != link.entry.hash) {
            self.problem(seq, "is not the entry that was noted");
        }
        self.seq = seq;
        self.hash.clone_from(&link.hash);
        self.report.entries += 1;
    }

    fn end(mut self, stored: Option<AuditHead>) -> AuditReport {
        let head = (self.seq > 0).then(|| AuditHead { seq: self.seq, hash: hex::encode(&self.hash) });
        if stored != head {
            self.problem(stored.map_or(self.seq, |it| it.seq), "the newest entries are missing");
        }
        if let Some(noted) = self.noted
            && noted.seq > self.seq
        {
            self.problem(noted.seq, "the entry that was noted is missing");
        }
        self.report.head = head;
        self.report
    }

    fn problem(&mut self, seq: i64, what: &'static str) {
        if self.report.problems.len() < PROBLEMS {
            self.report.problems.push(AuditProblem { seq, what });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::State;
    use crate::testing::{admin, at, state};

    async fn written(entries: i64) -> (tempfile::TempDir, State) {
        let (folder, state) = state().await;
        for number in 0..entries {
            let entry =
                NewAuditEntry::new(&admin(), "thing.do", format!("thing:{number}"), json!({ "n": number }));
            assert_eq!(state.audit().append(&entry, at(number)).await.unwrap(), number + 1);
        }
        (folder, state)
    }

    /// What somebody with a SQLite shell would do.
    async fn tamper(state: &State, sql: &'static str) {
        let mut tx = state.audit().db.write("tamper").await.unwrap();
        for guard in
            ["DROP TRIGGER IF EXISTS audit_is_never_edited", "DROP TRIGGER IF EXISTS audit_is_never_cut"]
        {
            sqlx::query(guard).execute(&mut *tx).await.unwrap();
        }
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn problems(sql: &'static str) -> Vec<(i64, &'static str)> {
        let (_folder, state) = written(5).await;
        tamper(&state, sql).await;
        let report = state.audit().verify(None).await.unwrap();
        assert!(!report.intact());
        report.problems.into_iter().map(|problem| (problem.seq, problem.what)).collect()
    }

    #[tokio::test]
    async fn an_untouched_chain_is_intact_over_many_pages() {
        let (_folder, state) = written(3).await;
        let noted = state.audit().head().await.unwrap().unwrap();
        let mut tx = state.audit().db.write("fill").await.unwrap();
        for number in 3..2500 {
            let entry = NewAuditEntry::new(&Actor::system(), "thing.do", "thing:1", json!(null));
            append(&mut tx, &entry, at(number)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let report = state.audit().verify(Some(&noted)).await.unwrap();
        assert_eq!((report.entries, report.problems.clone()), (2500, vec![]));
        assert_eq!(report.head, state.audit().head().await.unwrap());
    }

    #[tokio::test]
    async fn an_empty_log_is_intact() {
        let (_folder, state) = state().await;
        let report = state.audit().verify(None).await.unwrap();
        assert_eq!(report, AuditReport { entries: 0, head: None, problems: vec![] });
    }

    #[tokio::test]
    async fn edits_are_refused() {
        let (_folder, state) = written(1).await;
        let mut tx = state.audit().db.write("edit").await.unwrap();
        for sql in ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"] {
            let error = sqlx::query(sql).execute(&mut *tx).await.unwrap_err();
            assert!(error.to_string().contains("append-only"), "{error}");
        }
    }

    #[tokio::test]
    async fn every_kind_of_tampering_shows_where_it_was_done() {
        let changed = "was changed after it was written";
        for sql in [
            "UPDATE audit SET actor = 'eve' WHERE seq = 3",
            "UPDATE audit SET time = time + 1 WHERE seq = 3",
            "UPDATE audit SET action = 'thing.undo' WHERE seq = 3",
            "UPDATE audit SET object = 'thing:9' WHERE seq = 3",
            "UPDATE audit SET detail = '{}' WHERE seq = 3",
            "UPDATE audit SET address = NULL WHERE seq = 3",
        ] {
            assert_eq!(problems(sql).await, [(3, changed)], "{sql}");
        }
        assert_eq!(problems("DELETE FROM audit WHERE seq = 3").await, [(4, "entries before it are missing")]);
        assert_eq!(
            problems("DELETE FROM audit WHERE seq > 3").await,
            [(5, "the newest entries are missing")]
        );
        assert_eq!(problems("DELETE FROM audit").await, [(5, "the newest entries are missing")]);
        let swapped = "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)";
        assert!(!problems(swapped).await.is_empty());
        let rehashed = "UPDATE audit SET hash = x'00' WHERE seq = 3";
        let follows = "does not follow from the entry before it";
        assert_eq!(problems(rehashed).await, [(3, changed), (4, follows)]);
    }

    #[tokio::test]
    async fn a_rewritten_chain_does_not_hold_against_a_noted_end() {
        let (_folder, original) = written(5).await;
        let noted = original.audit().head().await.unwrap().unwrap();
        let (_other, forged) = written(4).await;
        let report = forged.audit().verify(Some(&noted)).await.unwrap();
        assert_eq!(report.problems, [AuditProblem { seq: 5, what: "the entry that was noted is missing" }]);
        let last = NewAuditEntry::new(&admin(), "thing.other", "thing:4", json!(null));
        forged.audit().append(&last, at(4)).await.unwrap();
        let report = forged.audit().verify(Some(&noted)).await.unwrap();
        assert_eq!(report.problems, [AuditProblem { seq: 5, what: "is not the entry that was noted" }]);
    }

    #[tokio::test]
    async fn entries_are_listed_by_page_and_condition() {
        let (_folder, state) = written(5).await;
        let audit = state.audit();
        let seqs = |entries: Vec<AuditEntry>| entries.into_iter().map(|entry| entry.seq).collect::<Vec<_>>();
        let all = AuditFilter::default();
        assert_eq!(seqs(audit.list(&all, 2, None).await.unwrap()), [5, 4]);
        assert_eq!(seqs(audit.list(&all, 2, Some(4)).await.unwrap()), [3, 2]);
        let object = AuditFilter { object: Some("thing:1".into()), ..all.clone() };
        assert_eq!(seqs(audit.list(&object, 9, None).await.unwrap()), [2]);
        let times = AuditFilter { from: Some(at(1)), to: Some(at(3)), ..all };
        assert_eq!(seqs(audit.list(&times, 9, None).await.unwrap()), [3, 2]);
    }
}
