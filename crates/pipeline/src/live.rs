//! Objects as they come: a request's body, a file that appeared. Each is acknowledged once its
//! events are durable; those that arrive together share a commit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use trailkeep_formats::ObjectOutcome;
use trailkeep_formats::container::Source;
use trailkeep_sources::Fetched;

use crate::worker::Worker;
use crate::{Pipeline, PipelineError, Progress, Report, bulk};

/// Requests that may wait. More are refused, for the sender to try again.
const WAITING: usize = 64;

/// How long the first of a group waits for others to share its commit.
const GATHER: Duration = Duration::from_millis(100);

/// The most bytes of one group.
const GROUP_BYTES: usize = 64 << 20;

/// Why an object was not taken.
#[derive(Debug, Error)]
pub enum LiveError {
    /// Too many are waiting.
    #[error("too much is waiting to be written; try again in a moment")]
    Busy,
    /// It shuts down.
    #[error("shutting down; try again elsewhere or later")]
    Closed,
    /// The lake or the state failed: nothing of the object is acknowledged.
    #[error("{0}")]
    Failed(Arc<PipelineError>),
}

enum What {
    Body { uri: String, bytes: Bytes },
    Object(Box<Fetched>),
}

struct Request {
    what: What,
    done: oneshot::Sender<Result<Report, LiveError>>,
}

/// Takes objects one at a time. Cheap to clone; all clones feed one thread.
#[derive(Clone, Debug)]
pub struct LiveIngest {
    sender: mpsc::Sender<Request>,
    progress: Arc<Progress>,
}

impl LiveIngest {
    pub(crate) fn start(pipeline: Pipeline) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let progress = Arc::new(Progress::default());
        let (runtime, counters) = (Handle::current(), Arc::clone(&progress));
        tokio::task::spawn_blocking(move || serve(&pipeline, receiver, &runtime, &counters));
        Self { sender, progress }
    }

    /// Counters of all that was taken.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Takes the bytes of one object, compressed or not, in any format. Returns once its events
    /// are durable.
    ///
    /// # Errors
    /// [`LiveError::Busy`] at once when too much is waiting; [`LiveError::Failed`] when the events
    /// may not be durable. Either way the same bytes can be sent again.
    pub async fn bytes(&self, uri: &str, bytes: Bytes) -> Result<Report, LiveError> {
        let (done, report) = oneshot::channel();
        let request = Request { what: What::Body { uri: uri.to_owned(), bytes }, done };
        self.sender.try_send(request).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => LiveError::Busy,
            mpsc::error::TrySendError::Closed(_) => LiveError::Closed,
        })?;
        report.await.map_err(|_| LiveError::Closed)?
    }

    /// Takes one fetched object; waits for its turn. Objects in the ledger are for the caller to
    /// leave out.
    ///
    /// # Errors
    /// As [`LiveIngest::bytes`], but never [`LiveError::Busy`].
    pub async fn object(&self, fetched: Fetched) -> Result<Report, LiveError> {
        let (done, report) = oneshot::channel();
        let request = Request { what: What::Object(Box::new(fetched)), done };
        self.sender.send(request).await.map_err(|_| LiveError::Closed)?;
        report.await.map_err(|_| LiveError::Closed)?
    }
}

/// The thread that does the work. Ends when every [`LiveIngest`] is gone and the queue is empty.
fn serve(
    pipeline: &Pipeline,
    mut requests: mpsc::Receiver<Request>,
    runtime: &Handle,
    progress: &Arc<Progress>,
) {
    let make = || {
        let shared = Arc::clone(&pipeline.shared);
        Worker::new(shared, runtime.clone(), Arc::clone(progress), CancellationToken::new())
    };
    let mut worker = make();
    while let Some(first) = requests.blocking_recv() {
        let group = gather(first, &mut requests, runtime);
        match take(&mut worker, group, progress) {
            Ok(()) => {}
            Err((failure, waiting)) => {
                error!(error = %failure, requests = waiting.len(), "cannot write what arrived");
                let failure = Arc::new(failure);
                for done in waiting {
                    done.send(Err(LiveError::Failed(Arc::clone(&failure)))).ok();
                }
                // Its rows in flight are dropped with it: the senders still have them.
                worker = make();
            }
        }
    }
}

/// The first request and those that arrive right behind it.
fn gather(first: Request, requests: &mut mpsc::Receiver<Request>, runtime: &Handle) -> Vec<Request> {
    let deadline = Instant::now() + GATHER;
    let size = |r: &Request| match &r.what {
        What::Body { bytes, .. } => bytes.len(),
        What::Object(_) => 1 << 20,
    };
    let mut bytes = size(&first);
    let mut group = vec![first];
    while group.len() < WAITING && bytes < GROUP_BYTES {
        let left = deadline.saturating_duration_since(Instant::now());
        let next = runtime.block_on(async { tokio::time::timeout(left, requests.recv()).await });
        let Ok(Some(request)) = next else { break };
        bytes += size(&request);
        group.push(request);
    }
    group
}

type Waiting = Vec<oneshot::Sender<Result<Report, LiveError>>>;

/// Reads a group, commits it, and tells each sender what became of its own.
fn take(
    worker: &mut Worker,
    group: Vec<Request>,
    progress: &Arc<Progress>,
) -> Result<(), (PipelineError, Waiting)> {
    let mut waiting: Waiting = Vec::new();
    let mut counts: Vec<Report> = Vec::new();
    let mut failure = None;
    for Request { what, done } in group {
        waiting.push(done);
        if failure.is_some() {
            continue;
        }
        match read(worker, what, progress) {
            Ok(report) => counts.push(report),
            Err(e) => failure = Some(e),
        }
    }
    let committed = failure.map_or_else(|| worker.commit(), Err);
    if let Err(e) = committed {
        return Err((e, waiting));
    }
    worker.report = Report::default();
    for (done, report) in waiting.into_iter().zip(counts) {
        if done.send(Ok(report)).is_err() {
            warn!("a sender went away before its events were durable; they are now");
        }
    }
    Ok(())
}

/// Reads one object as far as the commit. What it brought is told apart from what others of its
/// group did: an event that two of them have counts for the first.
fn read(worker: &mut Worker, what: What, progress: &Arc<Progress>) -> Result<Report, PipelineError> {
    let began = Instant::now();
    let before = worker.count()?;
    let mut report = Report { files: 1, ..Report::default() };
    let summary = match what {
        What::Object(fetched) => {
            let (failed, bytes) = (worker.report.failed.len(), worker.report.bytes_read);
            let summary = bulk::one_object(worker, *fetched, None, progress)?;
            report.failed = worker.report.failed.split_off(failed);
            report.bytes_read = worker.report.bytes_read - bytes;
            summary
        }
        What::Body { uri, bytes } => {
            Progress::add(&progress.bytes, bytes.len() as u64);
            worker.report.bytes_read += bytes.len() as u64;
            report.bytes_read = bytes.len() as u64;
            match worker.read(&uri, None, Source::Bytes(&bytes))? {
                Ok(summary) => {
                    worker.finish(&summary, None);
                    Some(summary)
                }
                Err(e) => {
                    report.failed.push(crate::FailedObject { uri, error: e.to_string() });
                    None
                }
            }
        }
    };
    if let Some(summary) = summary {
        report.quarantined = summary.quarantined;
        if let ObjectOutcome::Skipped(what) = summary.outcome {
            report.skipped.insert(what, 1);
        }
    }
    let after = worker.count()?;
    report.events = after.events - before.events;
    report.duplicates = after.duplicates - before.duplicates;
    report.seconds = began.elapsed().as_secs_f64();
    Ok(report)
}
