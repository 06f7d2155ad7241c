//! What stops the pipeline.

use thiserror::Error;
use trailkeep_lake::LakeError;
use trailkeep_sources::SourceError;
use trailkeep_state::StateError;

/// An error that stops an ingestion. What was committed before it stays; the same command again
/// goes on from there.
#[derive(Debug, Error)]
pub enum PipelineError {
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
    /// Nothing could be read at all.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A thread died; its work is done again by the next run.
    #[error("a worker thread failed: {0}; what it had not committed is read again by the next run")]
    Worker(String),
}

impl PipelineError {
    /// Whether the disk is full.
    pub fn is_storage_full(&self) -> bool {
        matches!(self, Self::Lake(e) if e.is_storage_full())
    }
}
