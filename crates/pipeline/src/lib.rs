//! From objects to the lake: read, de-duplicated, detected on, committed, in this order.
//!
//! Objects ([`trailkeep_sources`]) or bodies of requests flow in; events in the lake, findings in
//! the state, and a [`Report`] flow out.
//!
//! ```text
//!   objects ─► ledger: done before? ─► worker threads, each:
//!                                        read ─► rows ─► fresh (not in the lake) ─► detect ─► Parquet
//!                                        commit:  1 findings, signals and what observers saw to the state
//!                                                 2 Delta commits to the lake
//!                                                 3 the objects to the ledger
//! ```
//!
//! The order of a commit is what makes a crash harmless. Killed after 1, the findings are there
//! and the events are not: the next run reads the objects again, and the same events make the same
//! findings, which the state knows by their ids. Killed after 2, the next run reads the objects
//! again and the lake drops every event. Only after 3 is an object never read again.

mod bulk;
mod error;
mod live;
mod observe;
mod options;
mod pipeline;
mod progress;
mod report;
mod work;
mod worker;

pub use bulk::Ingest;
pub use error::PipelineError;
pub use live::{LiveError, LiveIngest};
pub use observe::{Observed, Observer, Observers};
pub use options::PipelineOptions;
pub use pipeline::Pipeline;
pub use progress::Progress;
pub use report::{FailedObject, Report};
