//! A folder that files arrive in.
//!
//! The folder is looked at again and again; no notification API is needed, so network file
//! systems and containers work alike. A file is taken when nothing writes to it any more:
//!
//! - its size and time did not change between two looks, or
//! - it was finished when it was first seen: renamed in from elsewhere, or there before the watch
//!   began (its time of change is older than the settle time).
//!
//! Hidden files and those named `*.tmp` or `*.part` are still being written. A taken file is
//! given again when it changes. Taking is not remembered over a restart: the ledger does that.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::{Object, SourceError, local};

/// How a folder is watched.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// Time between two looks.
    pub interval: Duration,
    /// A file that has not changed for this long when it is first seen is finished.
    pub settle: Duration,
    /// Folders below that are not looked into.
    pub exclude: Vec<PathBuf>,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { interval: Duration::from_secs(1), settle: Duration::from_secs(5), exclude: Vec::new() }
    }
}

/// Gives the files that arrive in one folder, the folders in it included.
#[derive(Debug)]
pub struct FolderWatcher {
    folder: PathBuf,
    options: WatchOptions,
    files: HashMap<Arc<str>, Seen>,
    looks: u64,
}

#[derive(Debug)]
struct Seen {
    fingerprint: Arc<str>,
    taken: bool,
    look: u64,
}

impl FolderWatcher {
    /// Watches `folder`, which may come into being later.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, mut options: WatchOptions) -> Self {
        options.exclude = options.exclude.iter().filter_map(|path| path.canonicalize().ok()).collect();
        Self { folder: folder.into(), options, files: HashMap::new(), looks: 0 }
    }

    /// Waits until files are finished, and gives them sorted by name. Cancel-safe between looks.
    ///
    /// # Errors
    /// When the folder itself cannot be read; the watch goes on at the next call. A folder that
    /// does not exist is an empty one.
    pub async fn next(&mut self) -> Result<Vec<Object>, SourceError> {
        loop {
            let ready = self.look().await?;
            if !ready.is_empty() {
                return Ok(ready);
            }
            tokio::time::sleep(self.options.interval).await;
        }
    }

    /// Looks once, and gives what is finished.
    ///
    /// # Errors
    /// As [`FolderWatcher::next`].
    pub async fn look(&mut self) -> Result<Vec<Object>, SourceError> {
        let (folder, exclude) = (self.folder.clone(), self.options.exclude.clone());
        let task = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            local::list(&folder, &exclude, &mut |item| {
                found.push(item);
                true
            });
            found
        });
        let found = task.await.map_err(|error| SourceError::Interrupted {
            uri: self.folder.display().to_string(),
            reason: error.to_string(),
        })?;
        self.sift(found, SystemTime::now())
    }

    /// Makes the next look give `object` again, after it could not be ingested.
    pub fn give_again(&mut self, object: &Object) {
        if let Some(seen) = self.files.get_mut(&object.uri) {
            seen.taken = false;
        }
    }

    fn sift(
        &mut self,
        found: Vec<Result<Object, SourceError>>,
        now: SystemTime,
    ) -> Result<Vec<Object>, SourceError> {
        self.looks += 1;
        let mut ready = Vec::new();
        for item in found {
            match item {
                Ok(object) => {
                    let idle =
                        object.modified.and_then(|time| now.duration_since(time).ok()).unwrap_or_default();
                    ready.extend(self.sift_one(object, idle));
                }
                Err(SourceError::Empty { .. }) => {}
                // The folder is not there yet; a file went away between two system calls.
                Err(SourceError::NotFound { .. }) => {}
                Err(error) if is_about(&error, &self.folder) => return Err(error),
                Err(error) => tracing::warn!(%error, "file in a watched folder skipped"),
            }
        }
        let look = self.looks;
        self.files.retain(|_, seen| seen.look == look);
        Ok(ready)
    }

    fn sift_one(&mut self, object: Object, idle: Duration) -> Option<Object> {
        // Pipes and devices have no fingerprint: they are no files that arrive.
        let fingerprint = object.fingerprint.clone().filter(|_| !is_being_written(&object.uri))?;
        let settled = idle >= self.options.settle;
        let look = self.looks;
        let seen = self.files.entry(Arc::clone(&object.uri)).or_insert_with(|| Seen {
            // No fingerprint is empty, so a new file is a changed one.
            fingerprint: "".into(),
            taken: false,
            look,
        });
        let unchanged = seen.fingerprint == fingerprint;
        seen.look = look;
        seen.taken &= unchanged;
        seen.fingerprint = fingerprint;
        let take = !seen.taken && (unchanged || settled);
        seen.taken |= take;
        take.then_some(object)
    }
}

fn is_being_written(uri: &str) -> bool {
    [".tmp", ".part"].iter().any(|suffix| uri.ends_with(suffix))
}

fn is_about(error: &SourceError, folder: &std::path::Path) -> bool {
    match error {
        SourceError::PermissionDenied { path } | SourceError::Io { path, .. } => path == folder,
        SourceError::OwnData { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;

    use super::*;

    fn watcher(folder: &Path) -> FolderWatcher {
        FolderWatcher::new(
            folder,
            WatchOptions { settle: Duration::from_secs(60), ..WatchOptions::default() },
        )
    }

    fn names(objects: &[Object]) -> Vec<String> {
        objects
            .iter()
            .map(|o| o.path().unwrap().file_name().unwrap().to_string_lossy().into_owned())
            .collect()
    }

    async fn look(watcher: &mut FolderWatcher) -> Vec<String> {
        names(&watcher.look().await.unwrap())
    }

    #[tokio::test]
    async fn a_file_is_taken_once_it_stops_growing() {
        let folder = tempfile::tempdir().unwrap();
        let mut watcher = watcher(folder.path());
        assert!(look(&mut watcher).await.is_empty());
        let path = folder.path().join("a.json");
        fs::write(&path, "one").unwrap();
        assert!(look(&mut watcher).await.is_empty(), "just seen");
        fs::write(&path, "one two").unwrap();
        assert!(look(&mut watcher).await.is_empty(), "still growing");
        assert_eq!(look(&mut watcher).await, ["a.json"]);
        assert!(look(&mut watcher).await.is_empty(), "taken once");
        fs::write(&path, "one two three").unwrap();
        assert!(look(&mut watcher).await.is_empty());
        assert_eq!(look(&mut watcher).await, ["a.json"], "given again when it changed");
    }

    #[tokio::test]
    async fn a_finished_file_that_is_moved_in_is_taken_at_once() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut watcher = watcher(folder.path());
        let old = elsewhere.path().join("old.json");
        fs::write(&old, "finished").unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        fs::rename(&old, folder.path().join("old.json")).unwrap();
        assert_eq!(look(&mut watcher).await, ["old.json"]);
    }

    #[tokio::test]
    async fn unfinished_names_wait_for_their_rename() {
        let folder = tempfile::tempdir().unwrap();
        let mut watcher = watcher(folder.path());
        for name in ["a.json.tmp", "b.part", ".c.json"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        for _ in 0..3 {
            assert!(look(&mut watcher).await.is_empty());
        }
        fs::rename(folder.path().join("a.json.tmp"), folder.path().join("a.json")).unwrap();
        look(&mut watcher).await;
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::rename(folder.path().join("b.part"), folder.path().join("sub/b.json")).unwrap();
        look(&mut watcher).await;
        assert_eq!(watcher.files.len(), 2);
    }

    #[tokio::test]
    async fn a_failed_object_is_given_again_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut watcher = watcher(folder.path());
        fs::write(folder.path().join("a"), "x").unwrap();
        look(&mut watcher).await;
        let taken = watcher.look().await.unwrap();
        watcher.give_again(&taken[0]);
        assert_eq!(look(&mut watcher).await, ["a"]);
    }

    #[tokio::test]
    async fn a_folder_that_comes_later_and_files_that_go_away() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("inbox");
        let mut watcher = watcher(&folder);
        assert!(look(&mut watcher).await.is_empty());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a"), "x").unwrap();
        look(&mut watcher).await;
        fs::remove_file(folder.join("a")).unwrap();
        assert!(look(&mut watcher).await.is_empty());
        assert!(watcher.files.is_empty(), "what is gone is forgotten");
    }
}
