//! Counters that a progress bar reads while work goes on.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What has been done so far. All counters only grow.
#[derive(Debug, Default)]
pub struct Progress {
    /// Objects finished.
    pub objects: AtomicU64,
    /// Bytes read, as stored at the source.
    pub bytes: AtomicU64,
    /// Events read, duplicates among them.
    pub events: AtomicU64,
    /// Events that were new and are committed.
    pub committed: AtomicU64,
    /// Findings made.
    pub findings: AtomicU64,
}

impl Progress {
    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Relaxed);
    }
}
