//! Reading findings.

use chrono::DateTime;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteExecutor};
use trailkeep_detect::{Evidence, Level};

use super::model::{level, read_row};
use super::{
    Cursor, FindingCounts, FindingDetail, FindingFilter, FindingPage, Findings, HourCount, Note, RuleCount,
    Status,
};
use crate::StateError;
use crate::codec::{count, limit, parsed, time, unreadable};
use crate::db::At;

/// The most rows of a page.
const PAGE: usize = 1000;
/// The most events of a detail.
const EVIDENCE: usize = 10_000;

impl Findings {
    /// A page of rows, the newest last event first.
    pub async fn list(
        &self,
        filter: &FindingFilter,
        most: usize,
        after: Option<Cursor>,
    ) -> Result<FindingPage, StateError> {
        const WHAT: &str = "list findings";
        let most = most.clamp(1, PAGE);
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT * FROM findings");
        filter.push_where(&mut sql);
        if let Some(after) = after {
            sql.push(" AND (last_time, seq) < (").push_bind(after.last_time).push(", ");
            sql.push_bind(after.seq).push(")");
        }
        sql.push(" ORDER BY last_time DESC, seq DESC LIMIT ").push_bind(limit(most + 1));
        let rows = sql.build().fetch_all(self.db.read()).await.at(&self.db, WHAT)?;
        let next = match rows.get(most - 1) {
            Some(last) if rows.len() > most => Some(cursor(last).at(&self.db, WHAT)?),
            _ => None,
        };
        let rows = rows.iter().take(most).map(read_row).collect::<sqlx::Result<_>>().at(&self.db, WHAT)?;
        Ok(FindingPage { rows, next })
    }

    /// A row with its events (the oldest `most_evidence`, at most 10,000) and notes.
    pub async fn get(&self, id: &str, most_evidence: usize) -> Result<Option<FindingDetail>, StateError> {
        const WHAT: &str = "read a finding";
        let found = sqlx::query("SELECT * FROM findings WHERE id = ?1").bind(id);
        let Some(row) = found.fetch_optional(self.db.read()).await.at(&self.db, WHAT)? else {
            return Ok(None);
        };
        let row = read_row(&row).at(&self.db, WHAT)?;
        let evidence =
            read_evidence(self.db.read(), id, most_evidence.min(EVIDENCE)).await.at(&self.db, WHAT)?;
        let notes = sqlx::query(
            "SELECT author, notes.time, text FROM notes JOIN findings ON seq = finding
             WHERE findings.id = ?1 ORDER BY notes.id LIMIT 1000",
        )
        .bind(id)
        .try_map(|row: SqliteRow| {
            Ok(Note { author: row.try_get("author")?, time: time(&row, "time")?, text: row.try_get("text")? })
        })
        .fetch_all(self.db.read())
        .await
        .at(&self.db, WHAT)?;
        Ok(Some(FindingDetail { row, evidence, notes }))
    }

    /// Ids of the rows that rest on an event, the newest first.
    pub async fn of_event(&self, event_uid: &str) -> Result<Vec<String>, StateError> {
        sqlx::query_scalar(
            "SELECT id FROM evidence JOIN findings ON seq = finding WHERE event_uid = ?1
             ORDER BY last_time DESC, seq DESC LIMIT 100",
        )
        .bind(event_uid)
        .fetch_all(self.db.read())
        .await
        .at(&self.db, "look up the findings of an event")
    }

    /// How many rows meet the filter, by level, status, rule and hour.
    pub async fn counts(&self, filter: &FindingFilter) -> Result<FindingCounts, StateError> {
        const WHAT: &str = "count findings";
        let levels = self.grouped(filter, "level", "level", |row| level(row, "level")).await?;
        let statuses = self.grouped(filter, "status", "status", |row| parsed(row, "status")).await?;
        Ok(FindingCounts {
            total: levels.iter().map(|(_, rows)| rows).sum(),
            levels: Level::ALL.iter().rev().map(|level| (*level, of(&levels, level))).collect(),
            statuses: Status::ALL.iter().map(|status| (*status, of(&statuses, status))).collect(),
            rules: self.rules(filter).await.at(&self.db, WHAT)?,
            hours: self.hours(filter).await?,
        })
    }

    async fn grouped<T>(
        &self,
        filter: &FindingFilter,
        columns: &'static str,
        order: &'static str,
        read: impl Fn(&SqliteRow) -> sqlx::Result<T> + Send,
    ) -> Result<Vec<(T, u64)>, StateError> {
        let mut sql =
            QueryBuilder::<Sqlite>::new(format!("SELECT {columns}, count(*) AS found FROM findings"));
        filter.push_where(&mut sql);
        // Hours are bounded, the newest kept; levels and statuses are few.
        sql.push(format_args!(" GROUP BY {columns} ORDER BY {order} LIMIT 5000"));
        let rows = sql.build().fetch_all(self.db.read()).await;
        rows.and_then(|rows| rows.iter().map(|row| Ok((read(row)?, count(row, "found")?))).collect())
            .at(&self.db, "count findings")
    }

    async fn rules(&self, filter: &FindingFilter) -> sqlx::Result<Vec<RuleCount>> {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT rule_id, max(rule_title) AS rule_title, max(level) AS level, count(*) AS found,
             sum(count) AS events FROM findings",
        );
        filter.push_where(&mut sql);
        sql.push(" GROUP BY rule_id ORDER BY found DESC, rule_id LIMIT 100");
        let rows = sql.build().fetch_all(self.db.read()).await?;
        let read = |row: &SqliteRow| {
            Ok(RuleCount {
                rule_id: row.try_get("rule_id")?,
                rule_title: row.try_get("rule_title")?,
                level: level(row, "level")?,
                findings: count(row, "found")?,
                events: count(row, "events")?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn hours(&self, filter: &FindingFilter) -> Result<Vec<HourCount>, StateError> {
        let read = |row: &SqliteRow| {
            let number: i64 = row.try_get("hour")?;
            let hour = number.checked_mul(3600).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            let hour =
                hour.ok_or_else(|| unreadable("hour", format!("{number} is not an hour since 1970")))?;
            Ok((hour, level(row, "level")?))
        };
        let found = self.grouped(filter, "hour, level", "hour DESC, level DESC", read).await?;
        let mut hours: Vec<_> =
            found.into_iter().map(|((hour, level), findings)| HourCount { hour, level, findings }).collect();
        hours.reverse();
        Ok(hours)
    }
}

/// The oldest events of a row.
pub(super) async fn read_evidence<'c>(
    from: impl SqliteExecutor<'c>,
    id: &str,
    most: usize,
) -> sqlx::Result<Vec<Evidence>> {
    sqlx::query(
        "SELECT event_uid, time, table_name FROM evidence
         WHERE finding = (SELECT seq FROM findings WHERE id = ?1) ORDER BY time, event_uid LIMIT ?2",
    )
    .bind(id)
    .bind(limit(most))
    .try_map(|row: SqliteRow| {
        Ok(Evidence {
            event_uid: row.try_get("event_uid")?,
            time: time(&row, "time")?,
            table: row.try_get("table_name")?,
        })
    })
    .fetch_all(from)
    .await
}

fn cursor(row: &SqliteRow) -> sqlx::Result<Cursor> {
    Ok(Cursor { last_time: row.try_get("last_time")?, seq: row.try_get("seq")? })
}

fn of<T: PartialEq>(counted: &[(T, u64)], wanted: &T) -> u64 {
    counted.iter().find(|(key, _)| key == wanted).map_or(0, |(_, rows)| *rows)
}

#[cfg(test)]
mod tests {
    use trailkeep_detect::Finding;

    use super::*;
    use crate::testing::{admin, at, finding, state};

    async fn seeded() -> (tempfile::TempDir, Findings) {
        let (folder, state) = state().await;
        let mut given: Vec<Finding> = (0..25)
            .map(|number| finding(&format!("g{number}"), &number.to_string(), number * 600, Level::Low))
            .collect();
        given[3].level = Level::Critical;
        given[3].rule_id = "rule-2".into();
        given[4].account_id = Some("444455556666".into());
        given[4].summary = "100% of Öffnungen, under_score".into();
        state.findings().upsert(&given, &[], at(0)).await.unwrap();
        (folder, state.findings())
    }

    #[tokio::test]
    async fn pages_follow_each_other_without_gap_or_repetition() {
        let (_folder, findings) = seeded().await;
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = findings.list(&FindingFilter::default(), 10, after).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.last_time));
            match page.next {
                Some(next) => after = Some(next.to_string().parse().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen, (0..25).rev().map(|number| at(number * 600)).collect::<Vec<_>>());
        let exact = findings.list(&FindingFilter::default(), 25, None).await.unwrap();
        assert_eq!((exact.rows.len(), exact.next), (25, None));
    }

    #[tokio::test]
    async fn each_condition_narrows() {
        let (_folder, findings) = seeded().await;
        let all = FindingFilter::default();
        let text = |text: &str| FindingFilter { text: Some(text.into()), ..FindingFilter::default() };
        let first = findings.list(&all, 1, None).await.unwrap().rows[0].id.clone();
        findings.assign(&[first], Some("bob"), &admin(), at(1)).await.unwrap();
        let cases = [
            (all.clone(), 25),
            (FindingFilter { min_level: Some(Level::Medium), ..all.clone() }, 1),
            (FindingFilter { rule_id: Some("rule-2".into()), ..all.clone() }, 1),
            (FindingFilter { account_id: Some("444455556666".into()), ..all.clone() }, 1),
            (FindingFilter { assignee: Some("bob".into()), ..all.clone() }, 1),
            (FindingFilter { statuses: vec![Status::Triaged], ..all.clone() }, 0),
            (FindingFilter { statuses: Status::OPEN.to_vec(), ..all.clone() }, 25),
            (FindingFilter { from: Some(at(600)), to: Some(at(1800)), ..all.clone() }, 2),
            (text("100% ÖFFNUNGEN"), 1),
            (text("%"), 1),
            (text("under_score"), 1),
            (text("underscore"), 0),
            (text("user/alice 203.0.113.7"), 25),
            (text("' OR 1=1 --"), 0),
        ];
        for (filter, expected) in cases {
            let found = findings.list(&filter, 100, None).await.unwrap().rows.len();
            assert_eq!(found, expected, "{filter:?}");
            assert_eq!(findings.counts(&filter).await.unwrap().total, expected as u64, "{filter:?}");
        }
    }

    #[tokio::test]
    async fn counts_add_up() {
        let (_folder, findings) = seeded().await;
        let counts = findings.counts(&FindingFilter::default()).await.unwrap();
        assert_eq!(counts.levels[0], (Level::Critical, 1));
        assert_eq!(counts.levels[3], (Level::Low, 24));
        assert_eq!(counts.statuses[0], (Status::New, 25));
        assert_eq!(counts.rules.iter().map(|rule| rule.findings).collect::<Vec<_>>(), [24, 1]);
        let first = &counts.hours[0];
        assert_eq!((first.hour, first.level, first.findings), (at(0), Level::Low, 5));
        assert_eq!(counts.hours[1].level, Level::Critical);
        assert_eq!(counts.hours.iter().map(|hour| hour.findings).sum::<u64>(), 25);
    }

    #[tokio::test]
    async fn the_findings_of_an_event_are_found() {
        let (_folder, findings) = seeded().await;
        let ids = findings.of_event("7").await.unwrap();
        assert_eq!(ids.len(), 1);
        assert_eq!(findings.get(&ids[0], 1).await.unwrap().unwrap().row.finding.event_uid, "7");
        assert!(findings.get("nothing", 1).await.unwrap().is_none());
    }
}
