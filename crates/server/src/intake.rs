//! [`Ingest`] over the pipeline.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use trailkeep_pipeline::{LiveError, LiveIngest, Pipeline, Report};
use trailkeep_sources::{Object, Sources};
use trailkeep_state::ObjectKey;

use crate::backend::{Ingest, IngestError, Taken};

/// When the pipeline is full, senders are asked to come back after this.
const BUSY: Duration = Duration::from_secs(1);

/// Takes events into the lake, through the pipeline's live end.
#[derive(Debug)]
pub struct PipelineIntake {
    pipeline: Pipeline,
    live: LiveIngest,
    sources: Sources,
}

impl PipelineIntake {
    /// Starts the pipeline's live end. Within a tokio runtime.
    #[must_use]
    pub fn new(pipeline: Pipeline, sources: Sources) -> Self {
        let live = pipeline.live();
        Self { pipeline, live, sources }
    }
}

fn refused(error: LiveError) -> IngestError {
    match error {
        LiveError::Busy | LiveError::Closed => IngestError::Busy(BUSY),
        LiveError::Failed(_) => IngestError::Failed(error.to_string()),
    }
}

/// What a report of one object says.
fn taken(report: &Report) -> Result<Taken, IngestError> {
    if let Some(failed) = report.failed.first() {
        return Err(IngestError::Failed(failed.error.clone()));
    }
    let taken =
        Taken { events: report.events, duplicates: report.duplicates, quarantined: report.quarantined };
    match report.skipped.keys().next() {
        Some(what) if taken == Taken::default() => {
            Err(IngestError::Unknown(format!("this is no log that we know: {what}")))
        }
        _ => Ok(taken),
    }
}

#[async_trait]
impl Ingest for PipelineIntake {
    async fn bytes(&self, source_uri: &str, body: Bytes) -> Result<Taken, IngestError> {
        taken(&self.live.bytes(source_uri, body).await.map_err(refused)?)
    }

    async fn object(&self, object: &Object) -> Result<Option<Taken>, IngestError> {
        let failed = |error: &dyn std::fmt::Display| IngestError::Failed(error.to_string());
        if let Some(fingerprint) = &object.fingerprint {
            let key = ObjectKey { source_uri: object.uri.to_string(), fingerprint: fingerprint.to_string() };
            let known = self.pipeline.state().ledger().get(std::slice::from_ref(&key)).await;
            if known.map_err(|error| failed(&error))?.contains_key(&key) {
                return Ok(None);
            }
        }
        let mut fetched = self.sources.fetch(futures::stream::iter([Ok(object.clone())]).boxed());
        match fetched.next().await {
            Some(Ok(fetched)) => {
                let report = self.live.object(fetched).await.map_err(refused)?;
                taken(&report).map(Some)
            }
            Some(Err(error)) => Err(failed(&error)),
            None => Err(failed(&"the file went away")),
        }
    }
}
