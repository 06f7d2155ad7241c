//! What the state knows, as tables that can be read with SQL: findings, posture and the like.
//!
//! A table is read page by page in the order of a rising key, so that a reader holds one page and sees
//! every record that was there when it began once.

use std::sync::Arc;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::StateError;
use crate::codec::limit;
use crate::db::{At, Db};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordType {
    /// Text; JSON where the column's description says so.
    Text,
    /// A whole number.
    Integer,
    /// Microseconds since 1970 (UTC).
    Timestamp,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct RecordColumn {
    /// In lower case.
    pub name: &'static str,
    /// What it holds.
    pub ty: RecordType,
}

/// A table of records. The first column is `event_time`, by which records are ordered in time.
#[derive(Clone, Copy, Debug)]
pub struct RecordTable {
    /// In lower case.
    pub name: &'static str,
    /// The columns, in order.
    pub columns: &'static [RecordColumn],
    /// Selects the columns and before them the key, from the key `?1` on, `?2` records at most.
    sql: &'static str,
}

/// One value: text or a number, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Of a column of numbers or times.
    Integer(Option<i64>),
    /// Of a column of text.
    Text(Option<String>),
}

/// Records, and the key to go on from.
#[derive(Clone, Debug, Default)]
pub struct RecordPage {
    /// Each with a value per column.
    pub rows: Vec<Vec<Cell>>,
    /// What to ask for next; nothing where this was the last page.
    pub next: Option<i64>,
}

const fn text(name: &'static str) -> RecordColumn {
    RecordColumn { name, ty: RecordType::Text }
}

const fn integer(name: &'static str) -> RecordColumn {
    RecordColumn { name, ty: RecordType::Integer }
}

const fn timestamp(name: &'static str) -> RecordColumn {
    RecordColumn { name, ty: RecordType::Timestamp }
}

/// Findings, as they are shown: those of a rule and an entity within an hour are one. `resources`,
/// `tags` and `finding` are JSON.
const FINDINGS: RecordTable = RecordTable {
    name: "findings",
    columns: &[
        timestamp("event_time"),
        text("finding_id"),
        text("rule_id"),
        text("rule_title"),
        text("level"),
        text("status"),
        text("assignee"),
        text("account_id"),
        text("region"),
        text("actor"),
        text("access_key_id"),
        text("source_ip"),
        text("user_agent"),
        text("action"),
        text("summary"),
        text("resources"),
        text("tags"),
        integer("count"),
        timestamp("first_time"),
        timestamp("last_time"),
        text("table_name"),
        text("event_uid"),
        timestamp("created_at"),
        timestamp("updated_at"),
        text("finding"),
    ],
    sql: "SELECT seq, last_time, id, rule_id, rule_title,
          CASE level WHEN 0 THEN 'informational' WHEN 1 THEN 'low' WHEN 2 THEN 'medium' WHEN 3 THEN 'high'
                     ELSE 'critical' END,
          status, assignee, account_id, body ->> '$.region', body ->> '$.actor', body ->> '$.access_key_id',
          body ->> '$.source_ip', body ->> '$.user_agent', body ->> '$.action', body ->> '$.summary',
          body -> '$.resources', body -> '$.tags', count, first_time, last_time, body ->> '$.table',
          body ->> '$.event_uid', created_at, updated_at, body
          FROM findings WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
};

/// The results of the latest assessments. `result` is JSON, with the evidence.
const POSTURE: RecordTable = RecordTable {
    name: "posture",
    columns: &[
        timestamp("event_time"),
        integer("assessment"),
        text("origin"),
        text("scope"),
        integer("control"),
        text("check_id"),
        text("title"),
        text("status"),
        text("severity"),
        text("account_id"),
        text("region"),
        text("resource_arn"),
        text("observed"),
        text("expected"),
        text("remediation"),
        text("result"),
    ],
    // A key of both parts of the primary key, which SQLite compares as one.
    sql: "SELECT (p.assessment << 31) + p.seq, a.assessed_at, p.assessment, a.origin, a.scope, p.control,
          p.check_id, p.title, p.status, p.severity, p.account_id, p.region, p.resource_arn,
          p.body ->> '$.observed', p.body ->> '$.expected', p.body ->> '$.remediation', p.body
          FROM posture p JOIN assessments a ON a.id = p.assessment
          WHERE (p.assessment, p.seq) >= (?1 >> 31, ?1 & 2147483647)
          ORDER BY p.assessment, p.seq LIMIT ?2",
};

/// What playbooks found, did and took back. `plan`, `before` and `after` are JSON.
const RESPONSES: RecordTable = RecordTable {
    name: "responses",
    columns: &[
        timestamp("event_time"),
        integer("response"),
        text("playbook"),
        text("mode"),
        text("status"),
        text("reason"),
        text("account_id"),
        text("region"),
        text("resource"),
        text("actor"),
        text("changed"),
        text("event_uid"),
        text("incident_id"),
        text("decided_by"),
        timestamp("decided_at"),
        timestamp("created_at"),
        timestamp("started_at"),
        timestamp("finished_at"),
        text("plan"),
        text("before"),
        text("after"),
    ],
    sql: "SELECT id, event_time, id, playbook, mode, status, reason, account_id, region, resource, actor, changed,
          event_uid, incident_id, decided_by, decided_at, created_at, started_at, finished_at, plan, before, after
          FROM responses WHERE id >= ?1 ORDER BY id LIMIT ?2",
};

/// What became of alarms, in the shape of `DescribeAlarmHistory`. `history_data` is JSON.
const ALARM_HISTORY: RecordTable = RecordTable {
    name: "alarm_history",
    columns: &[
        timestamp("event_time"),
        text("alarm_name"),
        text("alarm_arn"),
        text("alarm_type"),
        text("history_item_type"),
        text("history_summary"),
        text("old_state"),
        text("new_state"),
        text("state_reason"),
        text("account_id"),
        text("region"),
        text("history_data"),
    ],
    sql: "SELECT seq, time, alarm_name, CASE WHEN alarm_id LIKE 'arn:%' THEN alarm_id END, alarm_kind, item_type,
          summary, from_state, to_state, reason, account_id, region, data
          FROM alarm_history WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
};

/// What findings and transitions were grouped into for people. `incident` is JSON.
const INCIDENTS: RecordTable = RecordTable {
    name: "incidents",
    columns: &[
        timestamp("event_time"),
        text("incident_id"),
        text("kind"),
        text("status"),
        text("level"),
        text("title"),
        text("summary"),
        text("rule_id"),
        text("entity"),
        text("account_id"),
        text("region"),
        text("owner"),
        text("actor"),
        text("assignee"),
        integer("count"),
        timestamp("opened_at"),
        timestamp("resolved_at"),
        text("incident"),
    ],
    sql: "SELECT seq, last_time, id, kind, status, body ->> '$.level', body ->> '$.title', body ->> '$.summary',
          rule_id, body ->> '$.entity', account_id, region, owner, body ->> '$.actor', assignee,
          body ->> '$.count', opened_at, resolved_at, body
          FROM incidents WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
};

/// Every table of records.
pub const RECORD_TABLES: [RecordTable; 5] = [FINDINGS, POSTURE, RESPONSES, ALARM_HISTORY, INCIDENTS];

/// The records of a data directory.
#[derive(Clone, Debug)]
pub struct Records {
    db: Arc<Db>,
}

impl Records {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }

    /// The records with the key `from` or a later one, `most` of them.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub async fn page(&self, table: &RecordTable, from: i64, most: usize) -> Result<RecordPage, StateError> {
        let columns = table.columns;
        let read: Vec<(i64, Vec<Cell>)> = sqlx::query(table.sql)
            .bind(from)
            .bind(limit(most))
            .try_map(|row: SqliteRow| Ok((row.try_get(0)?, read(&row, columns)?)))
            .fetch_all(self.db.read())
            .await
            .at(&self.db, "read records")?;
        let next = read.last().filter(|_| read.len() == most).map(|(key, _)| key.saturating_add(1));
        Ok(RecordPage { rows: read.into_iter().map(|(_, cells)| cells).collect(), next })
    }
}

fn read(row: &SqliteRow, columns: &[RecordColumn]) -> sqlx::Result<Vec<Cell>> {
    let cells = (1..).zip(columns).map(|(at, column)| {
        Ok(match column.ty {
            RecordType::Text => Cell::Text(row.try_get(at)?),
            RecordType::Integer | RecordType::Timestamp => Cell::Integer(row.try_get(at)?),
        })
    });
    cells.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, state};
    use crate::{ControlCounts, NewAssessment, PostureRow};

    fn result(n: usize) -> PostureRow {
        PostureRow {
            id: format!("r{n}"),
            control: 4,
            check_id: "bucket-closed".to_owned(),
            title: "The bucket is closed".to_owned(),
            status: "FAIL".to_owned(),
            severity: "high".to_owned(),
            account_id: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_arn: format!("arn:aws:s3:::b{n}"),
            body: r#"{"observed":"open","expected":"closed","remediation":"close it"}"#.to_owned(),
        }
    }

    #[tokio::test]
    async fn pages_give_every_record_once() {
        let (_folder, state) = state().await;
        for seconds in [0, 60] {
            let new = NewAssessment {
                assessed_at: at(seconds),
                origin: "check".to_owned(),
                accounts: vec!["111122223333".to_owned()],
                board: Vec::<ControlCounts>::new(),
                about: "{}".to_owned(),
                results: (0..5).map(result).collect(),
            };
            state.assessments().save(&new, at(seconds)).await.unwrap();
        }
        let (mut rows, mut from, mut pages) = (Vec::new(), Some(0), 0);
        while let Some(key) = from {
            let page = state.records().page(&POSTURE, key, 3).await.unwrap();
            rows.extend(page.rows);
            from = page.next;
            pages += 1;
        }
        assert_eq!((rows.len(), pages), (10, 4));
        let column = |name: &str| POSTURE.columns.iter().position(|c| c.name == name).unwrap();
        let arns: Vec<&Cell> = rows.iter().map(|row| &row[column("resource_arn")]).collect();
        assert_eq!(arns[5], &Cell::Text(Some("arn:aws:s3:::b0".to_owned())));
        assert_eq!(rows[9][column("event_time")], Cell::Integer(Some(at(60).timestamp_micros())));
        assert_eq!(rows[0][column("observed")], Cell::Text(Some("open".to_owned())));
    }

    #[tokio::test]
    async fn every_table_reads_as_many_values_as_it_has_columns() {
        let (_folder, state) = state().await;
        for table in &RECORD_TABLES {
            assert_eq!(state.records().page(table, 0, 10).await.unwrap().rows, Vec::<Vec<Cell>>::new());
            assert_eq!(table.columns[0].name, "event_time");
        }
    }
}
