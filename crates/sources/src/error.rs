//! What can go wrong with a source: what, where, what next.

use std::io;
use std::path::{Path, PathBuf};

use trailkeep_aws::AwsError;

/// A failure of one location or one object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The file or folder is not there.
    #[error("{path} does not exist; check the path (it is relative to the current folder)")]
    NotFound {
        /// As it was given.
        path: PathBuf,
    },
    /// The file or folder may not be read.
    #[error("{path} may not be read by this user; run as one who may, or change its permissions")]
    PermissionDenied {
        /// The file or folder.
        path: PathBuf,
    },
    /// Another failure of the local file system.
    #[error("{path} could not be read: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// There is nothing to read at a location.
    #[error("nothing to read at {location}; {hint}")]
    Empty {
        /// As it was given.
        location: String,
        /// What to look at.
        hint: &'static str,
    },
    /// The text names no location.
    #[error("{text:?} is no place to read logs from: {reason}")]
    BadLocation {
        /// As it was given.
        text: String,
        /// Why, in words.
        reason: String,
    },
    /// The location is the lake or the state of Trailkeep itself.
    #[error("{location} is Trailkeep's own data; name the logs, or another --data-dir")]
    OwnData {
        /// As it was given.
        location: String,
    },
    /// AWS's answer.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The program is stopping, or a background task failed.
    #[error("{uri} was not read to its end: {reason}")]
    Interrupted {
        /// The object or location.
        uri: String,
        /// Why, in words.
        reason: String,
    },
}

impl SourceError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { path },
            _ => Self::Io { path, source },
        }
    }

    /// True when another try at the same thing, later, may do.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Aws(error) => error.is_transient(),
            Self::Interrupted { .. } => true,
            _ => false,
        }
    }

    /// The error inside an [`io::Error`] that a [`Body`](crate::Body) gave while it was read.
    ///
    /// # Errors
    /// The same `io::Error`, when it came from somewhere else.
    pub fn from_io(error: io::Error) -> Result<Self, io::Error> {
        error.downcast::<Self>()
    }
}

impl From<SourceError> for io::Error {
    fn from(error: SourceError) -> Self {
        let kind = match &error {
            SourceError::NotFound { .. } => io::ErrorKind::NotFound,
            SourceError::PermissionDenied { .. } => io::ErrorKind::PermissionDenied,
            SourceError::Io { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
