//! Many objects at a time, within a budget of memory.
//!
//! ```text
//!   list ─► driver: wait for a slot, then for memory ─► one task per object ─► channel ─► consumer
//!             ▲                                                                   │
//!             └───────────── slot and memory come back when the Body is dropped ◄─┘
//! ```

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::stream::{BoxStream, Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use crate::body::{self, CHUNKS_IN_FLIGHT};
use crate::{Body, Object, SourceError, SourceOptions};

/// Memory is counted in these.
const UNIT: u64 = 4096;

/// An object and its bytes, or why there are none.
#[derive(Debug)]
pub struct Fetched {
    /// The object.
    pub object: Object,
    /// Its bytes.
    pub body: Result<Body, SourceError>,
}

/// Objects as they become ready, not in the order of the list. An `Err` item is a failure to
/// list; a failure to open is in [`Fetched::body`].
///
/// The consumer must drop (or read to the end and drop) bodies to get more of them: the budget
/// counts a body until it is dropped. Dropping the stream stops all fetching.
#[derive(Debug)]
pub struct FetchStream {
    ready: mpsc::Receiver<Result<Fetched, SourceError>>,
    driver: AbortHandle,
}

impl Stream for FetchStream {
    type Item = Result<Fetched, SourceError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.ready.poll_recv(cx)
    }
}

impl Drop for FetchStream {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What limits fetching.
#[derive(Debug, Clone)]
struct Limits {
    memory: Arc<Semaphore>,
    units: u64,
    whole: u64,
    chunk: u64,
}

impl Limits {
    fn new(options: &SourceOptions) -> Self {
        let units = (options.memory / UNIT).clamp(1, u64::from(u32::MAX));
        Self {
            memory: Arc::new(Semaphore::new(usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS))),
            units,
            whole: options.whole_limit,
            chunk: options.chunk,
        }
    }

    /// Waits for the memory that `object` takes. One that takes more than all of it gets all.
    async fn acquire(&self, object: &Object) -> Option<OwnedSemaphorePermit> {
        let bytes = match object.size {
            Some(size) if size <= self.whole => size,
            Some(_) if object.path().is_none() => self.chunk * CHUNKS_IN_FLIGHT,
            _ => 0,
        };
        let units = bytes.div_ceil(UNIT).clamp(1, self.units);
        // The semaphore is never closed, and the clamp fits.
        Arc::clone(&self.memory).acquire_many_owned(u32::try_from(units).ok()?).await.ok()
    }
}

/// Starts fetching `objects`.
pub(crate) fn fetch(
    objects: BoxStream<'static, Result<Object, SourceError>>,
    options: &SourceOptions,
) -> FetchStream {
    let slots = options.concurrency.max(1);
    let (sender, ready) = mpsc::channel(slots);
    let driver = tokio::spawn(drive(objects, Limits::new(options), slots, sender));
    FetchStream { ready, driver: driver.abort_handle() }
}

async fn drive(
    mut objects: BoxStream<'static, Result<Object, SourceError>>,
    limits: Limits,
    slots: usize,
    sender: mpsc::Sender<Result<Fetched, SourceError>>,
) {
    // Dropped with this future, and then aborts what it holds.
    let mut tasks = JoinSet::new();
    while let Some(item) = objects.next().await {
        let object = match item {
            Ok(object) => object,
            Err(error) => {
                if sender.send(Err(error)).await.is_err() {
                    return;
                }
                continue;
            }
        };
        while tasks.len() >= slots {
            tasks.join_next().await;
        }
        let permit = tokio::select! {
            permit = limits.acquire(&object) => permit,
            () = sender.closed() => return,
        };
        let (sender, limits) = (sender.clone(), limits.clone());
        tasks.spawn(async move {
            let body = body::open(&object, limits.whole, limits.chunk).await;
            let body = body.map(|body| body.with_permit(permit));
            // The consumer has gone: nobody is left to tell.
            let _ = sender.send(Ok(Fetched { object, body })).await;
        });
    }
    while tasks.join_next().await.is_some() {}
}
