//! [`Object`]: one thing to read.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use trailkeep_aws::Bucket;

/// A file, an S3 object or a pipe, as it was listed. Cheap to clone; nothing is open yet.
#[derive(Debug, Clone)]
pub struct Object {
    /// `file:///…`, `s3://bucket/key` (the key as it is) or `stdin:`.
    pub uri: Arc<str>,
    /// Bytes as stored (compressed); `None` for pipes.
    pub size: Option<u64>,
    /// Changes when the content does: an ETag, or a file's time, size and inode. `None` for pipes,
    /// which are never the same twice.
    pub fingerprint: Option<Arc<str>>,
    /// When a file was last written to.
    /// When it was last changed, where the store says.
    pub modified: Option<SystemTime>,
    pub(crate) origin: Origin,
}

/// How to open it.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Stdin,
    File(Arc<PathBuf>),
    S3 { bucket: Bucket, key: Arc<str>, etag: Arc<str> },
}

impl Object {
    pub(crate) fn stdin() -> Self {
        Self { uri: "stdin:".into(), size: None, fingerprint: None, modified: None, origin: Origin::Stdin }
    }

    /// Path of a local file.
    #[must_use]
    pub fn path(&self) -> Option<&std::path::Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            _ => None,
        }
    }
}
