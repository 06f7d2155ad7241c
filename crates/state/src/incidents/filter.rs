//! Which incidents are asked for.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};
use trailkeep_detect::Level;

use super::{IncidentKind, IncidentStatus, level_number};
use crate::codec::micros;

/// Which incidents are asked for; the default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Any of these statuses; all when empty.
    pub statuses: Vec<IncidentStatus>,
    /// At least this level.
    pub min_level: Option<Level>,
    /// Of this kind.
    pub kind: Option<IncidentKind>,
    /// Of this account.
    pub account_id: Option<String>,
    /// Of this Region.
    pub region: Option<String>,
    /// Of this rule.
    pub rule_id: Option<String>,
    /// Of this owner.
    pub owner: Option<String>,
    /// Given to this person; the empty text: to nobody.
    pub assignee: Option<String>,
    /// With this text in title, summary, rule, entity, resource, actor or id, in any case.
    pub text: Option<String>,
    /// With a signal at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// With a last signal before this time.
    pub to: Option<DateTime<Utc>>,
}

impl IncidentFilter {
    pub(super) fn push_where(&self, sql: &mut QueryBuilder<Sqlite>) {
        sql.push(" WHERE true");
        if !self.statuses.is_empty() {
            sql.push(" AND status IN (");
            let mut list = sql.separated(", ");
            for status in &self.statuses {
                list.push_bind(status.as_str());
            }
            sql.push(")");
        }
        if let Some(level) = self.min_level {
            sql.push(" AND level >= ").push_bind(level_number(level));
        }
        if let Some(kind) = self.kind {
            sql.push(" AND kind = ").push_bind(kind.as_str());
        }
        let equal = [
            (" AND account_id = ", &self.account_id),
            (" AND region = ", &self.region),
            (" AND rule_id = ", &self.rule_id),
            (" AND owner = ", &self.owner),
            (" AND coalesce(assignee, '') = ", &self.assignee),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                sql.push(column).push_bind(value.clone());
            }
        }
        if let Some(text) = self.text.as_ref().filter(|text| !text.is_empty()) {
            sql.push(" AND instr(haystack, ").push_bind(text.to_lowercase()).push(") > 0");
        }
        if let Some(from) = self.from {
            sql.push(" AND last_time >= ").push_bind(micros(from));
        }
        if let Some(to) = self.to {
            sql.push(" AND last_time < ").push_bind(micros(to));
        }
    }
}
