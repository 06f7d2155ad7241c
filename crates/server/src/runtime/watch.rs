//! Watched folders: each finished file is ingested once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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
    let keeper = RunKeeper::new(folder.display().to_string());
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
async fn take(ingest: &Arc<dyn Ingest>, objects: &[Object], keeper: &RunKeeper, shutdown: &Shutdown) -> Vec<Object> {
    use futures::StreamExt;
    const TOGETHER: usize = 4;
    futures::stream::iter(objects)
        .map(|object| async move {
            if shutdown.is_draining() {
                return None;
            }
            match ingest.object(object).await {
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
                    Some(object.clone())
                }
            }
        })
        .buffer_unordered(TOGETHER)
        .filter_map(|failed| async move { failed })
        .collect()
        .await
}
