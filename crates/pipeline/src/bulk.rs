//! Many objects, as fast as the machine can: listing, fetching and worker threads side by side.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::StreamExt;
use futures::stream::BoxStream;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use trailkeep_formats::container::Source;
use trailkeep_formats::{ObjectOutcome, ReadSummary};
use trailkeep_sources::{Fetched, Location, Object, SourceError, Sources};
use trailkeep_state::{LedgerEntry, ObjectKey, RunCounters, RunId, RunState, State};

use crate::worker::{CountedRead, Worker};
use crate::{FailedObject, Pipeline, PipelineError, Progress, Report};

/// Objects whose names are looked up in the ledger together.
const LOOKUP: usize = 256;

/// One ingestion of many objects.
#[derive(Debug)]
pub struct Ingest {
    pipeline: Pipeline,
    progress: Arc<Progress>,
    cancel: CancellationToken,
    again: bool,
}

impl Ingest {
    pub(crate) fn new(pipeline: Pipeline) -> Self {
        Self {
            pipeline,
            progress: Arc::new(Progress::default()),
            cancel: CancellationToken::new(),
            again: false,
        }
    }

    /// Counters to watch while it runs.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Cancelled, it commits what is in flight and returns.
    pub fn cancellation(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Reads objects again that the ledger says are done. The lake keeps each event once all the
    /// same.
    #[must_use]
    pub fn read_again(mut self, again: bool) -> Self {
        self.again = again;
        self
    }

    /// Ingests everything at the locations.
    ///
    /// # Errors
    /// Where the lake or the state fails. Objects that cannot be read are in [`Report::failed`].
    pub async fn run(self, sources: &Sources, locations: Vec<Location>) -> Result<Report, PipelineError> {
        let started = Instant::now();
        let name = locations.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let runs = self.pipeline.state().runs();
        let run = runs.start(&name, Utc::now()).await?;
        let result = self.run_all(sources, locations, run).await;
        let (state, error) = match &result {
            Ok(report) if report.interrupted => (RunState::Interrupted, None),
            Ok(_) => (RunState::Done, None),
            Err(e) => (RunState::Failed, Some(e.to_string())),
        };
        let counters = result.as_ref().map(counters).unwrap_or_default();
        runs.finish(run, state, &counters, error.as_deref(), Utc::now()).await?;
        result.map(|mut report| {
            report.seconds = started.elapsed().as_secs_f64();
            info!(events = report.events, seconds = report.seconds, "ingested");
            report
        })
    }

    async fn run_all(
        &self,
        sources: &Sources,
        locations: Vec<Location>,
        run: RunId,
    ) -> Result<Report, PipelineError> {
        let told = Arc::new(Mutex::new(Report::default()));
        let listed = sources.list(locations);
        let wanted = self.without_known(listed, Arc::clone(&told));
        let mut fetched = sources.fetch(wanted);
        let workers = self.pipeline.shared.options.workers.max(1);
        let (sender, receiver) = async_channel::bounded::<Fetched>(workers);
        let mut threads = tokio::task::JoinSet::new();
        for _ in 0..workers {
            let mut worker = self.worker();
            let receiver = receiver.clone();
            let cancel = self.cancel.clone();
            let progress = self.progress();
            threads.spawn_blocking(move || {
                let result = work(&mut worker, &receiver, run, &cancel, &progress);
                // The first failure stops the others: they would only do work to be done again.
                if result.is_err() {
                    cancel.cancel();
                }
                result.map(|()| std::mem::take(&mut worker.report))
            });
        }
        drop(receiver);
        self.feed(&mut fetched, sender, &told, run).await;
        drop(fetched);
        let mut report = std::mem::take(&mut *told.lock());
        let mut failure = None;
        while let Some(joined) = threads.join_next().await {
            match joined {
                Ok(Ok(part)) => report.merge(part),
                Ok(Err(e)) => failure = failure.or(Some(e)),
                Err(e) => failure = failure.or(Some(PipelineError::Worker(e.to_string()))),
            }
        }
        report.interrupted = self.cancel.is_cancelled();
        failure.map_or(Ok(report), Err)
    }

    /// Hands fetched objects to the workers until there are no more or it is told to stop.
    async fn feed(
        &self,
        fetched: &mut (impl futures::Stream<Item = Result<Fetched, SourceError>> + Unpin),
        sender: async_channel::Sender<Fetched>,
        told: &Mutex<Report>,
        run: RunId,
    ) {
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        let runs = self.pipeline.state().runs();
        loop {
            let item = tokio::select! {
                () = self.cancel.cancelled() => return,
                _ = tick.tick() => {
                    let sofar = RunCounters {
                        files: self.progress.objects.load(Relaxed),
                        events: self.progress.committed.load(Relaxed),
                        bytes: self.progress.bytes.load(Relaxed),
                        ..RunCounters::default()
                    };
                    if let Err(error) = runs.progress(run, &sofar, Utc::now()).await {
                        warn!(%error, "cannot report the run's progress");
                    }
                    continue;
                }
                item = fetched.next() => item,
            };
            match item {
                None => return,
                Some(Err(error)) => {
                    warn!(%error, "cannot list");
                    told.lock().fail(FailedObject { uri: String::new(), error: error.to_string() });
                }
                Some(Ok(object)) => {
                    if sender.send(object).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn worker(&self) -> Worker {
        let shared = Arc::clone(&self.pipeline.shared);
        Worker::new(shared, Handle::current(), self.progress(), self.cancel.clone())
    }

    /// Leaves out objects that are in the ledger, and counts them.
    fn without_known(
        &self,
        listed: BoxStream<'static, Result<Object, SourceError>>,
        told: Arc<Mutex<Report>>,
    ) -> BoxStream<'static, Result<Object, SourceError>> {
        if self.again {
            return listed;
        }
        let state = self.pipeline.state().clone();
        let progress = self.progress();
        let chunks = listed.ready_chunks(LOOKUP);
        chunks
            .then(move |chunk| {
                let (state, told, progress) = (state.clone(), Arc::clone(&told), Arc::clone(&progress));
                async move { futures::stream::iter(unknown(&state, &told, &progress, chunk).await) }
            })
            .flatten()
            .boxed()
    }
}

async fn unknown(
    state: &State,
    told: &Mutex<Report>,
    progress: &Progress,
    chunk: Vec<Result<Object, SourceError>>,
) -> Vec<Result<Object, SourceError>> {
    let keys: Vec<ObjectKey> = chunk.iter().flatten().filter_map(key_of).collect();
    let known = match state.ledger().get(&keys).await {
        Ok(known) => known,
        Err(error) => {
            // Reading an object again is safe; not reading one is not.
            warn!(%error, "cannot look into the ledger, reading everything");
            return chunk;
        }
    };
    let mut told = told.lock();
    let mut wanted = Vec::with_capacity(chunk.len());
    for item in chunk {
        let entry = item.as_ref().ok().and_then(key_of).and_then(|key| known.get(&key));
        match (entry, item) {
            (Some(entry), Ok(object)) => {
                told.files += 1;
                told.known_files += 1;
                told.duplicates += entry.events + entry.duplicates;
                Progress::add(&progress.objects, 1);
                Progress::add(&progress.bytes, object.size.unwrap_or(0));
            }
            (_, item) => wanted.push(item),
        }
    }
    wanted
}

pub(crate) fn key_of(object: &Object) -> Option<ObjectKey> {
    let fingerprint = object.fingerprint.as_ref()?.to_string();
    Some(ObjectKey { source_uri: object.uri.to_string(), fingerprint })
}

fn counters(report: &Report) -> RunCounters {
    RunCounters {
        files: report.files,
        skipped: report.known_files + report.skipped.values().sum::<u64>(),
        events: report.events,
        duplicates: report.duplicates,
        quarantined: report.quarantined,
        bytes: report.bytes_read,
        tables: report.tables.clone(),
    }
}

/// A worker thread's loop.
fn work(
    worker: &mut Worker,
    objects: &async_channel::Receiver<Fetched>,
    run: RunId,
    cancel: &CancellationToken,
    progress: &Arc<Progress>,
) -> Result<(), PipelineError> {
    while let Ok(fetched) = objects.recv_blocking() {
        if cancel.is_cancelled() {
            break;
        }
        one_object(worker, fetched, Some(run), progress)?;
        if worker.is_full() {
            worker.commit()?;
        }
    }
    // Cancelled or not: what was read so far is kept.
    worker.commit()
}

/// Reads one object and says what was in it; a failure of its own is noted and does not stop the
/// worker.
pub(crate) fn one_object(
    worker: &mut Worker,
    fetched: Fetched,
    run: Option<RunId>,
    progress: &Arc<Progress>,
) -> Result<Option<ReadSummary>, PipelineError> {
    let Fetched { object, body } = fetched;
    let bytes = Arc::new(AtomicU64::new(0));
    let read = match body {
        Err(error) => Err(std::io::Error::other(error)),
        Ok(body) => match body.whole().cloned() {
            Some(whole) => {
                Progress::add(&progress.bytes, whole.len() as u64);
                bytes.store(whole.len() as u64, Relaxed);
                worker.read(&object.uri, object.modified, Source::Bytes(&whole))?
            }
            None => {
                let counted =
                    CountedRead { inner: body, progress: Arc::clone(progress), bytes: Arc::clone(&bytes) };
                worker.read(&object.uri, object.modified, Source::Stream(Box::new(counted)))?
            }
        },
    };
    let bytes = bytes.load(Relaxed);
    worker.report.bytes_read += bytes;
    match read {
        Ok(summary) if summary.outcome == ObjectOutcome::Stopped => Ok(None),
        Ok(summary) => {
            let entry = key_of(&object).map(|key| LedgerEntry {
                key,
                run,
                events: summary.events,
                duplicates: 0,
                quarantined: summary.quarantined,
                bytes,
                finished_at: Utc::now(),
            });
            worker.finish(&summary, entry);
            Progress::add(&progress.objects, 1);
            Ok(Some(summary))
        }
        Err(error) => {
            warn!(uri = %object.uri, %error, "cannot read an object");
            worker.report.fail(FailedObject { uri: object.uri.to_string(), error: error.to_string() });
            Ok(None)
        }
    }
}
