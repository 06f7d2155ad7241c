//! How much is done at a time.

use std::sync::Arc;
use std::time::Duration;

use trailkeep_formats::Limits;
use trailkeep_state::Route;

use crate::Observer;

/// Settings of a pipeline.
#[derive(Clone, Debug)]
pub struct PipelineOptions {
    /// Threads that decode, detect and write.
    pub workers: usize,
    /// Bounds on what an object may hold.
    pub limits: Limits,
    /// Records of one table are handed on in batches of about this many bytes…
    pub batch_bytes: usize,
    /// …or this many rows.
    pub batch_rows: usize,
    /// A worker commits after this many rows…
    pub commit_rows: u64,
    /// …or this many compressed bytes…
    pub commit_bytes: usize,
    /// …or this long.
    pub commit_every: Duration,
    /// Where new findings are announced.
    pub routes: Vec<Route>,
    /// Who looks at new events.
    pub observer: Option<Arc<dyn Observer>>,
    /// What is kept apart in a correlation: the most signals looked at on either side of a new one.
    pub correlation_signals: usize,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            limits: Limits::default(),
            batch_bytes: 4 << 20,
            batch_rows: 4 << 10,
            commit_rows: 500_000,
            commit_bytes: 24 << 20,
            commit_every: Duration::from_secs(15),
            routes: Vec::new(),
            observer: None,
            correlation_signals: 10_000,
        }
    }
}
