//! How far the collection is.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use trailkeep_aws::api::Operation;

/// Is told of every call that has ended.
pub trait Progress: Send + Sync {
    /// A call has been answered, or has failed for good.
    fn step(&self, step: &Step<'_>);
}

/// One call that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Calls that have ended.
    pub done: u64,
    /// Calls known so far; answers make more.
    pub known: u64,
    /// The call.
    pub operation: &'static Operation,
    /// The account's id; empty before it is known.
    pub account: &'a str,
    /// The Region, or `global`.
    pub region: &'a str,
}

/// Nobody is told.
impl Progress for () {
    fn step(&self, _: &Step<'_>) {}
}

/// Counts, and tells.
pub(super) struct Teller<'a> {
    progress: &'a dyn Progress,
    done: AtomicU64,
    known: AtomicU64,
}

impl<'a> Teller<'a> {
    pub(super) fn new(progress: &'a dyn Progress) -> Self {
        Self { progress, done: AtomicU64::new(0), known: AtomicU64::new(0) }
    }

    /// So many calls more are to be made.
    pub(super) fn expect(&self, calls: usize) {
        self.known.fetch_add(calls as u64, Relaxed);
    }

    /// One of them has ended.
    pub(super) fn ended(&self, operation: &'static Operation, account: &str, region: &str) {
        let done = self.done.fetch_add(1, Relaxed) + 1;
        let known = self.known.load(Relaxed).max(done);
        self.progress.step(&Step { done, known, operation, account, region });
    }
}

impl fmt::Debug for Teller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").field("done", &self.done).field("known", &self.known).finish_non_exhaustive()
    }
}
