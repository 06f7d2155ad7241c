//! [`Body`]: the bytes of an object, whole or as a stream.

use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use futures::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::AbortHandle;
use trailkeep_aws::Bucket;

use crate::object::Origin;
use crate::{Object, SourceError, local};

/// Chunks that one S3 stream holds at most: two being fetched, one waiting, one being read.
pub(crate) const CHUNKS_IN_FLIGHT: u64 = 4;

/// Parts of one large object that are fetched at the same time.
const PARALLEL_CHUNKS: usize = 2;

/// The bytes of one object. Holds its share of the memory budget until it is dropped.
///
/// As [`Read`] it is for blocking threads ([`tokio::task::spawn_blocking`], rayon, …): a read may
/// wait for the network. A read error is a [`SourceError`] inside an [`io::Error`].
#[derive(Debug)]
pub struct Body {
    kind: Kind,
    _permit: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
enum Kind {
    Whole(Bytes),
    File(FileReader),
    Chunks(ChunkReader),
    Stdin(io::Stdin),
}

impl Body {
    /// The whole object, when it was small enough to be fetched at once.
    #[must_use]
    pub fn whole(&self) -> Option<&Bytes> {
        match &self.kind {
            Kind::Whole(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn with_permit(mut self, permit: Option<OwnedSemaphorePermit>) -> Self {
        self._permit = permit;
        self
    }

    fn new(kind: Kind) -> Self {
        Self { kind, _permit: None }
    }
}

impl Read for Body {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Whole(bytes) => Ok(take(bytes, buf)),
            Kind::File(reader) => reader.read(buf),
            Kind::Chunks(reader) => reader.read(buf),
            Kind::Stdin(stdin) => stdin.read(buf),
        }
    }
}

fn take(bytes: &mut Bytes, buf: &mut [u8]) -> usize {
    let count = bytes.len().min(buf.len());
    bytes.copy_to_slice(&mut buf[..count]);
    count
}

/// Opens `object`: at once when it has at most `whole_limit` bytes, else as a stream of parts of
/// `chunk` bytes.
pub(crate) async fn open(object: &Object, whole_limit: u64, chunk: u64) -> Result<Body, SourceError> {
    let small = object.size.is_some_and(|size| size <= whole_limit);
    match &object.origin {
        Origin::Stdin => Ok(Body::new(Kind::Stdin(io::stdin()))),
        Origin::File(path) => {
            let (path, listed, uri) = (Arc::clone(path), object.fingerprint.clone(), Arc::clone(&object.uri));
            let task = tokio::task::spawn_blocking(move || {
                let reader = FileReader::open(&path, listed)?;
                if small { reader.read_whole().map(Kind::Whole) } else { Ok(Kind::File(reader)) }
            });
            let opened = task.await.map_err(|error| SourceError::Interrupted {
                uri: uri.to_string(),
                reason: error.to_string(),
            })?;
            opened.map(Body::new)
        }
        // Nothing to fetch; and a marker that is listed as `folder` may not exist as a key.
        Origin::S3 { .. } if object.size == Some(0) => Ok(Body::new(Kind::Whole(Bytes::new()))),
        Origin::S3 { bucket, key, etag } => {
            let size = object.size.unwrap_or_default();
            let kind = if small {
                Kind::Whole(bucket.get(key, 0..size, etag).await?)
            } else {
                Kind::Chunks(ChunkReader::start(
                    bucket.clone(),
                    Arc::clone(key),
                    Arc::clone(etag),
                    size,
                    chunk,
                ))
            };
            Ok(Body::new(kind))
        }
    }
}

/// A local file, which notes when it changed under the reader.
#[derive(Debug)]
struct FileReader {
    file: File,
    path: PathBuf,
    /// Fingerprint as listed; taken out once it has been compared.
    listed: Option<Arc<str>>,
}

impl FileReader {
    fn open(path: &Path, listed: Option<Arc<str>>) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(|error| SourceError::io(path, error))?;
        Ok(Self { file, path: path.to_owned(), listed })
    }

    /// As many bytes as the file has now: one that grows without end is no trap.
    fn read_whole(mut self) -> Result<Bytes, SourceError> {
        let failed = |error| SourceError::io(&self.path, error);
        let size = usize::try_from(self.file.metadata().map_err(failed)?.len()).unwrap_or(usize::MAX);
        let mut bytes = vec![0; size];
        let mut filled = 0;
        while filled < size {
            match self.file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SourceError::io(&self.path, error)),
            }
        }
        bytes.truncate(filled);
        self.note_change();
        Ok(bytes.into())
    }

    /// Says so when the file is no longer as it was listed. What was read stands: the ledger has
    /// the old fingerprint, so the next run takes the file again.
    fn note_change(&mut self) {
        let Some(listed) = self.listed.take() else { return };
        let now = fs::metadata(&self.path).map(|metadata| local::fingerprint(&metadata));
        if now.as_deref().ok() != Some(&*listed) {
            tracing::warn!(path = %self.path.display(), "file changed while it was read, the next run reads it again");
        }
    }
}

impl Read for FileReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buf).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => SourceError::io(&self.path, error).into(),
        })?;
        if count == 0 && !buf.is_empty() {
            self.note_change();
        }
        Ok(count)
    }
}

/// A large S3 object, fetched in parts ahead of the reader.
#[derive(Debug)]
struct ChunkReader {
    uri: String,
    current: Bytes,
    left: u64,
    chunks: mpsc::Receiver<Result<Bytes, SourceError>>,
    pump: AbortHandle,
}

impl ChunkReader {
    fn start(bucket: Bucket, key: Arc<str>, etag: Arc<str>, size: u64, chunk: u64) -> Self {
        let uri = bucket.uri(&key);
        let (sender, chunks) = mpsc::channel(1);
        let pump = tokio::spawn(async move {
            let mut parts = futures::stream::iter(ranges(size, chunk))
                .map(|range| {
                    let (bucket, key, etag) = (&bucket, &key, &etag);
                    async move { bucket.get(key, range, etag).await }
                })
                .buffered(PARALLEL_CHUNKS);
            while let Some(part) = parts.next().await {
                let failed = part.is_err();
                if sender.send(part.map_err(SourceError::from)).await.is_err() || failed {
                    break;
                }
            }
        });
        Self { uri, current: Bytes::new(), left: size, chunks, pump: pump.abort_handle() }
    }
}

fn ranges(size: u64, chunk: u64) -> impl Iterator<Item = Range<u64>> + Send {
    let chunk = chunk.max(1);
    (0..size.div_ceil(chunk)).map(move |n| n * chunk..((n + 1) * chunk).min(size))
}

impl Read for ChunkReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.current.is_empty() && self.left > 0 {
            let interrupted = || SourceError::Interrupted {
                uri: self.uri.clone(),
                reason: "the program is stopping".to_owned(),
            };
            self.current = self.chunks.blocking_recv().unwrap_or_else(|| Err(interrupted()))?;
            self.left = self.left.saturating_sub(self.current.len() as u64);
        }
        Ok(take(&mut self.current, buf))
    }
}

impl Drop for ChunkReader {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_the_object_once() {
        assert_eq!(ranges(10, 4).collect::<Vec<_>>(), [0..4, 4..8, 8..10]);
        assert_eq!(ranges(8, 4).collect::<Vec<_>>(), [0..4, 4..8]);
        assert_eq!(ranges(0, 4).count(), 0);
    }

    #[test]
    fn a_body_is_handed_around() {
        fn check<T: Send + Read>() {}
        check::<Body>();
    }
}
