//! One entry among the ingestion runs per listener and watched folder, kept up to date.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use trailkeep_state::{RunCounters, RunId, RunState, State, StateError};

use super::Shutdown;
use crate::backend::Taken;

/// How often a run reports.
const EVERY: Duration = Duration::from_secs(3);

/// Counts what one source brings. The run appears with its first event.
#[derive(Debug)]
pub(crate) struct RunKeeper {
    source: String,
    counters: Mutex<RunCounters>,
}

impl RunKeeper {
    pub(crate) fn new(source: impl Into<String>) -> Self {
        Self { source: source.into(), counters: Mutex::default() }
    }

    /// Adds what one object or body brought.
    pub(crate) fn add(&self, taken: &Taken, bytes: u64) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters.files += 1;
        counters.events += taken.events;
        counters.duplicates += taken.duplicates;
        counters.quarantined += taken.quarantined;
        counters.bytes += bytes;
    }

    fn counters(&self) -> RunCounters {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reports until the server stops. A report that fails is made up for by the next one.
    pub(crate) async fn report(&self, state: &State, shutdown: &Shutdown) {
        let mut run = None;
        loop {
            let stop = tokio::select! {
                () = shutdown.draining() => true,
                () = tokio::time::sleep(EVERY) => false,
            };
            if let Err(error) = self.step(state, &mut run, stop).await {
                tracing::warn!(%error, source = self.source, "ingestion run not reported");
            }
            if stop {
                return;
            }
        }
    }

    async fn step(&self, state: &State, run: &mut Option<RunId>, stop: bool) -> Result<(), StateError> {
        let counters = self.counters();
        if counters.files == 0 {
            return Ok(());
        }
        let runs = state.runs();
        let id = match *run {
            Some(id) => id,
            None => *run.insert(runs.start(&self.source, Utc::now()).await?),
        };
        if stop {
            runs.finish(id, RunState::Done, &counters, None, Utc::now()).await
        } else {
            runs.progress(id, &counters, Utc::now()).await
        }
    }
}
