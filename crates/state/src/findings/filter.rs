//! Which findings are asked for.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{QueryBuilder, Sqlite};
use trailkeep_detect::Level;

use super::Status;
use super::model::level_number;
use crate::codec::{clipped, micros};

/// Conditions, all of which a row has to meet. The default meets every row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingFilter {
    /// At least this level.
    pub min_level: Option<Level>,
    /// One of these; any when empty.
    pub statuses: Vec<Status>,
    /// Of this rule.
    pub rule_id: Option<String>,
    /// In this account.
    pub account_id: Option<String>,
    /// In the hands of this person.
    pub assignee: Option<String>,
    /// Contains each of these words, in whatever case: title, summary, actor, address, key,
    /// action, resources, tags, ids.
    pub text: Option<String>,
    /// With an event at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// With an event before this time.
    pub to: Option<DateTime<Utc>>,
}

impl FindingFilter {
    /// Appends ` WHERE …`, every value bound.
    pub(super) fn push_where(&self, sql: &mut QueryBuilder<Sqlite>) {
        sql.push(" WHERE true");
        if let Some(level) = self.min_level {
            sql.push(" AND level >= ").push_bind(level_number(level));
        }
        if !self.statuses.is_empty() {
            sql.push(" AND status IN (");
            let mut list = sql.separated(", ");
            for status in &self.statuses {
                list.push_bind(status.as_str());
            }
            sql.push(")");
        }
        let columns =
            [("rule_id", &self.rule_id), ("account_id", &self.account_id), ("assignee", &self.assignee)];
        for (column, value) in columns {
            if let Some(value) = value {
                sql.push(" AND ").push(column).push(" = ").push_bind(value.clone());
            }
        }
        for word in self.words() {
            sql.push(" AND instr(haystack, ").push_bind(word).push(") > 0");
        }
        if let Some(from) = self.from {
            sql.push(" AND last_time >= ").push_bind(micros(from));
        }
        if let Some(to) = self.to {
            sql.push(" AND first_time < ").push_bind(micros(to));
        }
    }

    fn words(&self) -> Vec<String> {
        const MOST: usize = 16;
        let text = self.text.as_deref().unwrap_or_default();
        clipped(text, 1024).split_whitespace().take(MOST).map(str::to_lowercase).collect()
    }
}

/// Where a page ends and the next begins. As text: safe in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Cursor {
    pub(super) last_time: i64,
    pub(super) seq: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.last_time, self.seq)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (last_time, seq) = text.split_once('_')?;
            Some(Self { last_time: last_time.parse().ok()?, seq: seq.parse().ok()? })
        };
        parse().ok_or_else(|| "the page's cursor is damaged; start again at the first page".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_damaged_ones_do_not() {
        let cursor = Cursor { last_time: -5, seq: 7 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for damaged in ["", "_", "5", "5_", "a_b", "5_7_9"] {
            assert!(damaged.parse::<Cursor>().is_err(), "{damaged}");
        }
    }
}
