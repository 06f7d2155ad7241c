//! The lake: Delta tables that events are appended to exactly once, kept in shape, and read from.
//!
//! Batches of decoded rows flow in ([`Appender`]); out come the rows that the lake did not have
//! yet, a Delta commit that holds them, and a [`datafusion::catalog::TableProvider`] per table.
//!
//! # Exactly once
//!
//! The lake itself is the only authority on what it holds: there is no second index that a crash
//! could leave out of step with it.
//!
//! ```text
//!   batch ──► claims ──► files of the same day whose times overlap ──► rows not seen ──► Parquet
//!             rows in    │ bloom filter on event_uid: almost always "no"                   │
//!             flight in  └ "perhaps": read the event_uid column of that row group          ▼
//!             this process                                                         Delta commit N+1
//!                                                                                          │
//!             another process committed N+1 first? ──► check against *its* files only ◄────┘
//! ```
//!
//! 1. A row is *claimed* in this process, so that two of its threads do not write it twice.
//! 2. It is looked up in the files of its day whose time range overlaps the batch's. An event
//!    seen again has the same time, so no other file can hold it. The bloom filters of those
//!    files say "no" for all but one row in a hundred thousand; what they do not rule out is
//!    looked up in the row groups' `event_uid` column.
//! 3. A commit names the version that its rows were checked against. Delta lets one writer only
//!    have the next version; the loser checks its rows against the files that came in between and
//!    tries again.
//!
//! A crash leaves Parquet files that no commit names: invisible, and vacuumed later. Memory is
//! bounded by what is in flight plus a cache of bloom filters (three bytes a row, of the days
//! being written), whatever the lake's size; time grows with the number of files that overlap,
//! which `maintain` keeps small.

mod append;
mod commit;
mod dedup;
mod error;
mod files;
mod layout;
mod maintain;
mod options;
mod split;
mod store_reader;
mod table;

pub use append::{Appender, Fresh, Writer};
pub use commit::Committed;
pub use error::LakeError;
pub use maintain::{MaintainOptions, Maintained, Retention};
pub use options::{LakeOptions, register_s3};
pub use table::{Lake, LakeTable, TableStats};
