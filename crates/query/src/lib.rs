//! Queries over the lake.
//!
//! SQL as Athena speaks it, or a search (`eventName:StopLogging user:alice
//! since:24h`), flows in; rows flow out, as Arrow batches, as [`Event`]s, or
//! through the writers of [`output`].
//!
//! ```text
//!   SQL text ─► sql: tokens, guard (reading only), rewriting ─┐
//!   search ───► search: one condition per table, as SQL ──────┤
//!                                                             ▼
//!        views (events, OCSF, partition columns) ─► DataFusion plan ─► plan: prune by time
//!                                                             │
//!                        source (the lake's tables) ─► rows ◄─┘ ─► output
//!                        records (findings, posture)
//! ```
//!
//! What decides how fast a query is: every predicate on time, however it is
//! written, is also a bound on `event_date` and `event_time`
//! (`plan::prune`), so that only the files of those days are opened.

mod catalog;
mod engine;
mod error;
mod functions;
mod hints;
mod lake;
pub mod output;
mod plan;
mod records;
mod result;
mod search;
mod session;
mod source;
mod sql;
mod views;

pub use engine::{Engine, EngineOptions, TableInfo, TableKind};
pub use error::{Place, QueryError};
pub use lake::LakeSource;
pub use records::WithRecords;
pub use result::QueryResult;
pub use search::{Bucket, Event, Facet, MAX_PAGE, Page, SearchError, SearchQuery, SearchResult};
pub use source::{MemorySource, TableSource};
