//! Watched folders: each finished file is ingested once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use trailkeep_sources::{FolderWatcher, Object, WatchOptions};

use super::{RunKeeper, Shutdown};
use crate::backend::{Backend, Ingest, IngestError};
use crate::config::FolderConfig;

/// After a failure, before the next try.
const PAUSE: Duration = Duration::from_secs(5);

/// Watches one folder until the server stops. `exclude` is never looked into: our own data.
pub(crate) async fn watch(
    backend: Backend,
    folder: PathBuf,
    config: FolderConfig,
    exclude: Vec<PathBuf>,
    shutdown: Shutdown,
) {
    let options = WatchOptions { interval: config.interval, settle: config.settle, exclude };
    let mut watcher = FolderWatcher::new(&folder, options);
    let keeper = Arc::new(RunKeeper::new(folder.display().to_string()));
    tracing::info!(folder = %folder.display(), "watching folder");
    let work = async {
        loop {
            let found = tokio::select! {
                () = shutdown.draining() => return,
                found = watcher.next() => found,
            };
            match found {
                Ok(objects) => {
                    let failed = take(&backend.ingest, &objects, &keeper, &shutdown).await;
                    for object in &failed {
                        watcher.give_again(object);
                    }
                    if !failed.is_empty() {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, folder = %folder.display(), "watched folder could not be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::join!(work, keeper.report(&backend.state, &shutdown));
}

/// Ingests files several at a time, and gives back those to try again.
async fn take(
    ingest: &Arc<dyn Ingest>,
    objects: &[Object],
    keeper: &Arc<RunKeeper>,
    shutdown: &Shutdown,
) -> Vec<Object> {
    const TOGETHER: usize = 4;
    let mut running = JoinSet::new();
    let mut again = Vec::new();
    for object in objects {
        if shutdown.is_draining() {
            break;
        }
        if running.len() >= TOGETHER {
            again.extend(running.join_next().await.and_then(Result::ok).flatten());
        }
        running.spawn(one(Arc::clone(ingest), object.clone(), Arc::clone(keeper)));
    }
    while let Some(done) = running.join_next().await {
        again.extend(done.ok().flatten());
    }
    again
}

/// Ingests one file; gives it back where it is worth another try.
async fn one(ingest: Arc<dyn Ingest>, object: Object, keeper: Arc<RunKeeper>) -> Option<Object> {
    match ingest.object(&object).await {
        Ok(Some(taken)) => {
            keeper.add(&taken, object.size.unwrap_or(0));
            tracing::info!(uri = %object.uri, events = taken.events, duplicates = taken.duplicates, quarantined = taken.quarantined, "file ingested");
            None
        }
        // Known from before.
        Ok(None) => None,
        Err(IngestError::Unknown(reason)) => {
            tracing::warn!(uri = %object.uri, reason, "file skipped: no log");
            None
        }
        Err(error) => {
            tracing::warn!(uri = %object.uri, %error, "file not ingested; it is tried again");
            Some(object)
        }
    }
}
