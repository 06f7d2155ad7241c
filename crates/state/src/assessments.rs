//! Assessments of the six controls: boards for the trend, and the results of the latest ones.
//!
//! This crate does not know the checks. A result comes as JSON with the columns it is searched by.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::StateError;
use crate::codec::{clipped, count, json, limit, micros, time};
use crate::db::{At, Db};

/// Assessments, of each scope, whose results are kept; of older ones only the board is.
const WHOLE: i64 = 10;
/// Rows per statement, below SQLite's bound on variables.
const CHUNK: usize = 500;
/// A result's JSON: evidence is small, but comes from the account.
const BODY: usize = 256 * 1024;

/// An assessment's number, rising.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AssessmentId(pub i64);

/// How one control stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlCounts {
    /// 1 to 6.
    pub control: u8,
    /// `PASS`, `FAIL` or `UNKNOWN`.
    pub status: String,
    /// The severity of the worst failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<String>,
    /// Results that pass.
    pub pass: u64,
    /// Results that fail.
    pub fail: u64,
    /// Results that could not be known.
    pub unknown: u64,
    /// Failures that somebody has accepted.
    pub waived: u64,
}

/// One result: what it is searched by, and all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostureRow {
    /// The same in every assessment of the same check and resource.
    pub id: String,
    /// 1 to 6.
    pub control: u8,
    /// The check.
    pub check_id: String,
    /// The check's title.
    pub title: String,
    /// `PASS`, `FAIL`, `UNKNOWN` or `WAIVED`.
    pub status: String,
    /// In lower case.
    pub severity: String,
    /// The account.
    pub account_id: String,
    /// The Region, or `global`.
    pub region: String,
    /// The resource.
    pub resource_arn: String,
    /// The result as JSON.
    pub body: String,
}

/// An assessment to keep.
#[derive(Clone, Debug)]
pub struct NewAssessment {
    /// When the inventory was collected.
    pub assessed_at: DateTime<Utc>,
    /// What assessed: `check`, `serve`, `demo`.
    pub origin: String,
    /// The accounts that were looked at.
    pub accounts: Vec<String>,
    /// The six controls at a glance.
    pub board: Vec<ControlCounts>,
    /// How it was collected, as JSON.
    pub about: String,
    /// In the order in which they are shown.
    pub results: Vec<PostureRow>,
}

/// An assessment, without its results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredAssessment {
    /// Its number.
    pub id: AssessmentId,
    /// When the inventory was collected.
    pub assessed_at: DateTime<Utc>,
    /// What assessed.
    pub origin: String,
    /// The accounts that were looked at, with commas between them.
    pub scope: String,
    /// The six controls at a glance.
    pub board: Vec<ControlCounts>,
    /// How it was collected, as JSON.
    pub about: String,
    /// Results that are kept.
    pub results: u64,
}

/// Which results.
#[derive(Clone, Debug, Default)]
pub struct PostureFilter {
    /// Only this control.
    pub control: Option<u8>,
    /// Only this check.
    pub check_id: Option<String>,
    /// Only these; any when empty.
    pub statuses: Vec<String>,
    /// Only this account.
    pub account_id: Option<String>,
    /// Only this Region.
    pub region: Option<String>,
}

/// How many results of a check have a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckCount {
    /// 1 to 6.
    pub control: u8,
    /// The check.
    pub check_id: String,
    /// The check's title.
    pub title: String,
    /// The status.
    pub status: String,
    /// The severity.
    pub severity: String,
    /// How many.
    pub results: u64,
}

/// The assessments of a data directory.
#[derive(Clone, Debug)]
pub struct Assessments {
    db: Arc<Db>,
}

impl Assessments {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// Keeps an assessment. One of the same accounts and time takes the place of the one there.
    pub async fn save(&self, new: &NewAssessment, now: DateTime<Utc>) -> Result<AssessmentId, StateError> {
        const WHAT: &str = "keep an assessment";
        let board = serde_json::to_string(&new.board)
            .map_err(|error| StateError::Internal { what: WHAT, why: error.to_string() })?;
        let scope = scope(&new.accounts);
        let mut tx = self.db.write(WHAT).await?;
        sqlx::query("DELETE FROM assessments WHERE scope = ?1 AND assessed_at = ?2")
            .bind(scope.as_str())
            .bind(micros(new.assessed_at))
            .execute(&mut *tx)
            .await
            .at(&self.db, WHAT)?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO assessments (assessed_at, stored_at, origin, scope, board, about)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )
        .bind(micros(new.assessed_at))
        .bind(micros(now))
        .bind(clipped(&new.origin, 64))
        .bind(scope.as_str())
        .bind(board)
        .bind(new.about.as_str())
        .fetch_one(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        insert_results(&mut tx, id, &new.results).await.at(&self.db, WHAT)?;
        sqlx::query(
            "DELETE FROM posture WHERE assessment IN (SELECT id FROM assessments WHERE scope = ?1
             ORDER BY assessed_at DESC, id DESC LIMIT -1 OFFSET ?2)",
        )
        .bind(scope.as_str())
        .bind(WHOLE)
        .execute(&mut *tx)
        .await
        .at(&self.db, WHAT)?;
        tx.commit().await.at(&self.db, WHAT)?;
        Ok(AssessmentId(id))
    }

    /// The latest assessment, of whatever accounts.
    pub async fn latest(&self) -> Result<Option<StoredAssessment>, StateError> {
        Ok(self.select(None, None, 1).await?.pop())
    }

    /// The latest assessment of the same accounts, made before `before`.
    pub async fn previous(
        &self,
        accounts: &[String],
        before: DateTime<Utc>,
    ) -> Result<Option<StoredAssessment>, StateError> {
        Ok(self.select(Some(&scope(accounts)), Some(before), 1).await?.pop())
    }

    /// The latest assessments of the same scope, the newest first.
    pub async fn trend(&self, scope: &str, most: usize) -> Result<Vec<StoredAssessment>, StateError> {
        self.select(Some(scope), None, most).await
    }

    async fn select(
        &self,
        scope: Option<&str>,
        before: Option<DateTime<Utc>>,
        most: usize,
    ) -> Result<Vec<StoredAssessment>, StateError> {
        sqlx::query(
            "SELECT a.*, (SELECT count(*) FROM posture p WHERE p.assessment = a.id) AS results FROM assessments a
             WHERE (?1 IS NULL OR scope = ?1) AND (?2 IS NULL OR assessed_at < ?2)
             ORDER BY assessed_at DESC, id DESC LIMIT ?3",
        )
        .bind(scope)
        .bind(before.map(micros))
        .bind(limit(most))
        .try_map(|row: SqliteRow| read_assessment(&row))
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list assessments")
    }

    /// Results of an assessment, in their order, `skip` of them left out.
    pub async fn results(
        &self,
        assessment: AssessmentId,
        filter: &PostureFilter,
        skip: usize,
        most: usize,
    ) -> Result<Vec<PostureRow>, StateError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM posture WHERE assessment = ");
        sql.push_bind(assessment.0);
        if let Some(control) = filter.control {
            sql.push(" AND control = ").push_bind(i64::from(control));
        }
        let equal = [
            (" AND check_id = ", &filter.check_id),
            (" AND account_id = ", &filter.account_id),
            (" AND region = ", &filter.region),
        ];
        for (column, value) in equal {
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
        sql.push(" ORDER BY seq LIMIT ").push_bind(limit(most)).push(" OFFSET ").push_bind(limit(skip));
        sql.build()
            .try_map(|row: SqliteRow| read_result(&row))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "list results of an assessment")
    }

    /// How many results of each check have each status and severity; of one control, or of all.
    pub async fn counts(
        &self,
        assessment: AssessmentId,
        control: Option<u8>,
    ) -> Result<Vec<CheckCount>, StateError> {
        sqlx::query(
            "SELECT control, check_id, min(title) AS title, status, severity, count(*) AS results FROM posture
             WHERE assessment = ?1 AND (?2 IS NULL OR control = ?2)
             GROUP BY control, check_id, status, severity ORDER BY control, check_id, status, severity",
        )
        .bind(assessment.0)
        .bind(control.map(i64::from))
        .try_map(|row: SqliteRow| {
            Ok(CheckCount {
                control: u8::try_from(row.try_get::<i64, _>("control")?).unwrap_or_default(),
                check_id: row.try_get("check_id")?,
                title: row.try_get("title")?,
                status: row.try_get("status")?,
                severity: row.try_get("severity")?,
                results: count(&row, "results")?,
            })
        })
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "count results of an assessment")
    }

    /// What the latest assessments said of one check and resource, the newest first.
    pub async fn history(
        &self,
        id: &str,
        most: usize,
    ) -> Result<Vec<(DateTime<Utc>, PostureRow)>, StateError> {
        sqlx::query(
            "SELECT p.*, a.assessed_at FROM posture p JOIN assessments a ON a.id = p.assessment
             WHERE p.id = ?1 ORDER BY a.assessed_at DESC, a.id DESC LIMIT ?2",
        )
        .bind(id)
        .bind(limit(most))
        .try_map(|row: SqliteRow| Ok((time(&row, "assessed_at")?, read_result(&row)?)))
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "list what was said of a resource")
    }
}

/// The accounts as one text, in one order.
fn scope(accounts: &[String]) -> String {
    let mut accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.join(",")
}

async fn insert_results(
    tx: &mut SqliteConnection,
    assessment: i64,
    results: &[PostureRow],
) -> sqlx::Result<()> {
    let numbered: Vec<(i64, &PostureRow)> = (0..).zip(results).collect();
    for chunk in numbered.chunks(CHUNK) {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "INSERT INTO posture (assessment, seq, id, control, check_id, title, status, severity, account_id,
             region, resource_arn, body) ",
        );
        sql.push_values(chunk, |mut row, (seq, result)| {
            // A body that is cut is no JSON; a result without its evidence still is one.
            let body = if result.body.len() > BODY { "{}" } else { result.body.as_str() };
            row.push_bind(assessment)
                .push_bind(*seq)
                .push_bind(clipped(&result.id, 64))
                .push_bind(i64::from(result.control))
                .push_bind(clipped(&result.check_id, 256))
                .push_bind(clipped(&result.title, 512))
                .push_bind(clipped(&result.status, 16))
                .push_bind(clipped(&result.severity, 16))
                .push_bind(clipped(&result.account_id, 64))
                .push_bind(clipped(&result.region, 64))
                .push_bind(clipped(&result.resource_arn, 2048))
                .push_bind(body);
        });
        sql.build().execute(&mut *tx).await?;
    }
    Ok(())
}

fn read_assessment(row: &SqliteRow) -> sqlx::Result<StoredAssessment> {
    Ok(StoredAssessment {
        id: AssessmentId(row.try_get("id")?),
        assessed_at: time(row, "assessed_at")?,
        origin: row.try_get("origin")?,
        scope: row.try_get("scope")?,
        board: json(row, "board")?,
        about: row.try_get("about")?,
        results: count(row, "results")?,
    })
}

fn read_result(row: &SqliteRow) -> sqlx::Result<PostureRow> {
    Ok(PostureRow {
        id: row.try_get("id")?,
        control: u8::try_from(row.try_get::<i64, _>("control")?).unwrap_or_default(),
        check_id: row.try_get("check_id")?,
        title: row.try_get("title")?,
        status: row.try_get("status")?,
        severity: row.try_get("severity")?,
        account_id: row.try_get("account_id")?,
        region: row.try_get("region")?,
        resource_arn: row.try_get("resource_arn")?,
        body: row.try_get("body")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};

    fn row(id: &str, check: &str, status: &str) -> PostureRow {
        PostureRow {
            id: id.to_owned(),
            control: 4,
            check_id: check.to_owned(),
            title: check.to_uppercase(),
            status: status.to_owned(),
            severity: "high".to_owned(),
            account_id: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_arn: format!("arn:aws:s3:::{id}"),
            body: "{}".to_owned(),
        }
    }

    fn assessment(seconds: i64, accounts: &[&str], results: Vec<PostureRow>) -> NewAssessment {
        let fail = results.iter().filter(|row| row.status == "FAIL").count() as u64;
        NewAssessment {
            assessed_at: at(seconds),
            origin: "check".to_owned(),
            accounts: accounts.iter().map(|id| (*id).to_owned()).collect(),
            board: vec![ControlCounts {
                control: 4,
                status: if fail > 0 { "FAIL" } else { "PASS" }.to_owned(),
                worst: None,
                pass: results.len() as u64 - fail,
                fail,
                unknown: 0,
                waived: 0,
            }],
            about: "{}".to_owned(),
            results,
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_found_by_what_it_is_searched_by() {
        let (_folder, state) = state().await;
        let kept = state.assessments();
        assert_eq!(kept.latest().await.unwrap(), None);
        let rows = vec![row("a", "one", "PASS"), row("b", "one", "FAIL"), row("c", "two", "FAIL")];
        let id = kept.save(&assessment(0, &["2", "1"], rows.clone()), at(1)).await.unwrap();
        let latest = kept.latest().await.unwrap().unwrap();
        assert_eq!(
            (latest.id, latest.scope.as_str(), latest.results, latest.board[0].fail),
            (id, "1,2", 3, 2)
        );
        let failing = PostureFilter { statuses: vec!["FAIL".to_owned()], ..PostureFilter::default() };
        assert_eq!(kept.results(id, &failing, 0, 10).await.unwrap(), rows[1..]);
        assert_eq!(kept.results(id, &failing, 1, 10).await.unwrap(), rows[2..]);
        let one = PostureFilter {
            check_id: Some("one".to_owned()),
            control: Some(4),
            account_id: Some("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            statuses: vec!["PASS".to_owned(), "UNKNOWN".to_owned()],
        };
        assert_eq!(kept.results(id, &one, 0, 10).await.unwrap(), rows[..1]);
        let counts = kept.counts(id, Some(4)).await.unwrap();
        assert_eq!(counts.iter().map(|count| count.results).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(kept.counts(id, None).await.unwrap(), counts);
        assert!(kept.counts(id, Some(1)).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_same_again_takes_its_own_place() {
        let (_folder, state) = state().await;
        let kept = state.assessments();
        for status in ["PASS", "FAIL"] {
            kept.save(&assessment(0, &["1"], vec![row("a", "one", status)]), at(1)).await.unwrap();
        }
        let all = kept.trend("1", 10).await.unwrap();
        assert_eq!(all.len(), 1);
        let history = kept.history("a", 10).await.unwrap();
        assert_eq!((history.len(), history[0].1.status.as_str()), (1, "FAIL"));
    }

    #[tokio::test]
    async fn boards_stay_and_old_results_go() {
        let (_folder, state) = state().await;
        let kept = state.assessments();
        for n in 0..WHOLE + 3 {
            kept.save(&assessment(n * 60, &["1"], vec![row("a", "one", "PASS")]), at(0)).await.unwrap();
        }
        kept.save(&assessment(-60, &["2"], vec![row("z", "one", "FAIL")]), at(0)).await.unwrap();
        let trend = kept.trend("1", 100).await.unwrap();
        assert_eq!(trend.len() as i64, WHOLE + 3);
        assert_eq!(trend.iter().filter(|one| one.results == 1).count() as i64, WHOLE);
        assert_eq!(trend[0].results, 1, "the newest is whole");
        assert_eq!(kept.trend("2", 100).await.unwrap()[0].results, 1, "another scope is left alone");
        let before = kept.previous(&["1".to_owned()], trend[0].assessed_at).await.unwrap().unwrap();
        assert_eq!(before.id, trend[1].id);
        assert_eq!(kept.previous(&["2".to_owned()], at(-60)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn many_results_and_monstrous_ones_are_kept_within_bounds() {
        let (_folder, state) = state().await;
        let kept = state.assessments();
        let mut rows: Vec<PostureRow> = (0..1_203).map(|n| row(&format!("r{n}"), "one", "PASS")).collect();
        rows[0].body = "x".repeat(BODY + 1);
        rows[1].resource_arn = "é".repeat(100_000);
        let id = kept.save(&assessment(0, &["1"], rows), at(0)).await.unwrap();
        let all = kept.results(id, &PostureFilter::default(), 0, 10_000).await.unwrap();
        assert_eq!((all.len(), all[0].body.as_str()), (1_203, "{}"));
        assert!(all[1].resource_arn.len() <= 2_048);
        assert_eq!(all[1_202].id, "r1202");
    }
}
