//! Files, folders and globs.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use glob::MatchOptions;
use url::Url;
use walkdir::WalkDir;

use crate::object::Origin;
use crate::{Object, SourceError};

/// Everything at `path`, sorted by name; `give` returns false when no more is wanted.
///
/// Blocks: for a blocking thread.
pub(crate) fn list(
    path: &Path,
    exclude: &[PathBuf],
    give: &mut dyn FnMut(Result<Object, SourceError>) -> bool,
) {
    let mut found = 0usize;
    let mut counted = |item: Result<Object, SourceError>| {
        found += 1;
        give(item)
    };
    let goes_on = match fs::metadata(path) {
        Ok(metadata) => list_one(path, &metadata, exclude, &mut counted),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_glob(path) => {
            list_glob(path, exclude, &mut counted)
        }
        Err(error) => counted(Err(SourceError::io(path, error))),
    };
    if goes_on && found == 0 {
        let hint = "the folder has no files (hidden ones do not count), or nothing matches";
        give(Err(SourceError::Empty { location: path.display().to_string(), hint }));
    }
}

fn is_glob(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

fn list_glob(
    pattern: &Path,
    exclude: &[PathBuf],
    give: &mut dyn FnMut(Result<Object, SourceError>) -> bool,
) -> bool {
    let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::default() };
    let matches = match glob::glob_with(&pattern.to_string_lossy(), options) {
        Ok(matches) => matches,
        Err(error) => {
            let text = pattern.display().to_string();
            return give(Err(SourceError::BadLocation { text, reason: error.to_string() }));
        }
    };
    for entry in matches {
        let goes_on = match entry.map_err(|error| (error.path().to_owned(), io::Error::from(error))) {
            Ok(path) => match fs::metadata(&path) {
                Ok(metadata) => list_one(&path, &metadata, exclude, give),
                Err(error) => give(Err(SourceError::io(&path, error))),
            },
            Err((path, error)) => give(Err(SourceError::io(&path, error))),
        };
        if !goes_on {
            return false;
        }
    }
    true
}

/// A path that was named: taken whatever it is called, and through a symbolic link.
fn list_one(
    path: &Path,
    metadata: &Metadata,
    exclude: &[PathBuf],
    give: &mut dyn FnMut(Result<Object, SourceError>) -> bool,
) -> bool {
    let absolute = match path.canonicalize() {
        Ok(absolute) => absolute,
        // A pipe of this process (`<(zcat …)`) has no path of its own.
        Err(_) if !metadata.is_dir() => path.to_owned(),
        Err(error) => return give(Err(SourceError::io(path, error))),
    };
    if exclude.iter().any(|own| absolute.starts_with(own)) {
        return give(Err(SourceError::OwnData { location: path.display().to_string() }));
    }
    if metadata.is_dir() { walk(&absolute, exclude, give) } else { give(Ok(file_object(absolute, metadata))) }
}

/// Regular files below `root`. Links are not followed: they could lead out of the folder, or in
/// circles.
fn walk(root: &Path, exclude: &[PathBuf], give: &mut dyn FnMut(Result<Object, SourceError>) -> bool) -> bool {
    let entries = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| {
        let hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
        let own = entry.file_type().is_dir() && exclude.iter().any(|own| own == entry.path());
        !hidden && !own
    });
    for entry in entries {
        let item = match entry {
            Ok(entry) if !entry.file_type().is_file() => continue,
            Ok(entry) => match entry.metadata() {
                Ok(metadata) => Ok(file_object(entry.into_path(), &metadata)),
                Err(error) => Err(walk_error(root, error)),
            },
            Err(error) => Err(walk_error(root, error)),
        };
        if !give(item) {
            return false;
        }
    }
    true
}

fn walk_error(root: &Path, error: walkdir::Error) -> SourceError {
    let path = error.path().unwrap_or(root).to_owned();
    SourceError::io(&path, error.into())
}

/// The object of the file at `path`, which should be absolute.
pub(crate) fn file_object(path: PathBuf, metadata: &Metadata) -> Object {
    let uri = Url::from_file_path(&path).map_or_else(|()| format!("file:{}", path.display()), String::from);
    let regular = metadata.is_file();
    Object {
        uri: uri.into(),
        size: regular.then_some(metadata.len()),
        fingerprint: regular.then(|| fingerprint(metadata).into()),
        modified: metadata.modified().ok(),
        origin: Origin::File(Arc::new(path)),
    }
}

/// Time of change, size and inode: what a file cannot keep all of when its content changes.
pub(crate) fn fingerprint(metadata: &Metadata) -> String {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = modified.map_or(0, |since| since.as_nanos());
    format!("{nanos:x}-{:x}-{:x}", metadata.len(), inode(metadata))
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
