//! Findings: folded, triaged, listed.
//!
//! A rule that matches a thousand events of one attacker on one resource is one thing to look at.
//! So findings with the same `group_key` whose first event falls into the same hour are one row,
//! and their events its evidence. A row is a function of the *set* of findings it was made of:
//!
//! * its id is a hash of the group key and the hour;
//! * its evidence is the union, one row per event; `count`, `first_time` and `last_time` follow;
//! * its level is the highest;
//! * the finding shown for it is the one with the highest level, then the latest, then the
//!   greatest id. The same finding with other words (the rule was edited) replaces itself.
//!
//! The hour is that of a finding's *first* event, so that a burst which is found again, longer,
//! stays in its row.

mod filter;
mod fold;
mod list;
mod model;
mod triage;
mod upsert;

use std::sync::Arc;

pub use filter::{Cursor, FindingFilter};
pub use model::{
    FindingCounts, FindingDetail, FindingPage, FindingRow, HourCount, Note, Notification, Resolution, Route,
    RouteTo, RuleCount, Status, Upserted,
};

use crate::db::Db;

/// The findings of a data directory.
#[derive(Clone, Debug)]
pub struct Findings {
    db: Arc<Db>,
}

impl Findings {
    pub(crate) fn new(db: Arc<Db>) -> Self {
        Self { db }
    }
}
