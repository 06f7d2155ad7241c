//! Search: `eventName:StopLogging user:alice 203.0.113.7 since:24h` over the
//! events of all tables, newest first.
//!
//! ```text
//!   text ─► parse (terms, times) ─► compile (one condition per table) ─► run (days, newest first)
//!                                                                     └─► histogram, facets
//! ```

mod aggregate;
mod compile;
mod fields;
mod node;
mod parse;
mod run;
mod times;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use aggregate::{Bucket, Facet};
pub use parse::{SearchError, SearchQuery};
pub(crate) use run::DayRange;

/// Most events that one page may have.
pub const MAX_PAGE: usize = 10_000;

/// Which of the matching events are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many; at most [`MAX_PAGE`].
    pub limit: usize,
    /// How many newer ones to leave out; at most [`MAX_PAGE`].
    pub offset: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 100, offset: 0 }
    }
}

/// One event, in the shape of the `events` view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The table that holds it.
    pub table: String,
    /// AWS account.
    pub account: Option<String>,
    /// AWS Region.
    pub region: Option<String>,
    /// Who did it: an ARN or the best name there is.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// To what.
    pub target: Option<String>,
    /// From where.
    pub source_address: Option<String>,
    /// `Success`, or the error.
    pub outcome: Option<String>,
    /// Its id in the table.
    pub event_uid: String,
    /// The file or object that it came from.
    pub source_uri: Option<String>,
    /// The record as received.
    pub raw: String,
}

/// A page of events, newest first.
#[derive(Debug, Clone, Serialize)]
pub struct SearchResult {
    /// The events.
    pub events: Vec<Event>,
    /// Whether older events match, too.
    pub more: bool,
    /// The time limit was met: older events were not looked at.
    pub partial: bool,
    /// The oldest instant that was looked at, if the search stopped before
    /// the beginning of the data.
    pub searched_from: Option<DateTime<Utc>>,
    /// Seconds that the search took.
    pub seconds: f64,
}
