//! Compression: told from content, bounded by [`Limits`].

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use crate::window::Window;
use crate::{DecodeError, Limits, Reason};

/// An object's bytes.
pub enum Source<'s> {
    /// All of them, in memory.
    Bytes(&'s [u8]),
    /// A stream of any length.
    Stream(Box<dyn Read + 's>),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(b) => write!(f, "Bytes({})", b.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// An object up to this size, compressed, that says it holds no more than
/// [`ONE_SHOT_DECOMPRESSED`], is decompressed in one go: several times faster than a stream.
const ONE_SHOT_COMPRESSED: usize = 4 << 20;
const ONE_SHOT_DECOMPRESSED: usize = 32 << 20;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Opens an object: decompressed if it was compressed.
pub(crate) fn open<'s>(source: Source<'s>, limits: &Limits) -> io::Result<Window<'s>> {
    match source {
        Source::Bytes(bytes) => {
            if bytes.starts_with(&GZIP)
                && let Some(whole) = gunzip_one_shot(bytes)
            {
                return Ok(Window::whole(whole));
            }
            if !is_compressed(bytes) {
                return Ok(Window::whole(bytes.to_vec()));
            }
            open_stream(Box::new(bytes), limits)
        }
        Source::Stream(stream) => open_stream(stream, limits),
    }
}

fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&GZIP) || bytes.starts_with(&ZSTD)
}

/// Decompresses a gzip file of one member; `None` where it is anything else (several members,
/// damaged, too large), which the streaming reader then handles.
fn gunzip_one_shot(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > ONE_SHOT_COMPRESSED {
        return None;
    }
    let tail: [u8; 4] = bytes.last_chunk().copied()?;
    let size = usize::try_from(u32::from_le_bytes(tail)).ok()?;
    // Deflate cannot do better than 1,032:1, so a larger claim is a lie.
    if size > ONE_SHOT_DECOMPRESSED || size / 1_032 > bytes.len() {
        return None;
    }
    let mut out = vec![0; size];
    let written = libdeflater::Decompressor::new().gzip_decompress(bytes, &mut out).ok()?;
    // A second member's size stands at the end of a file of several; they rarely agree, and where
    // they do, the first member's true length does not.
    (written == size && member_is_whole(bytes, size)).then_some(out)
}

/// Whether `bytes` hold one gzip member only: libdeflate reads the first and ignores the rest.
fn member_is_whole(bytes: &[u8], size: usize) -> bool {
    // Every later member starts with this header; where none stands in the file there is none.
    // Compressed data may hold it by chance: the streaming reader then decides.
    const MEMBER: [u8; 3] = [0x1f, 0x8b, 0x08];
    size == 0 || memchr::memmem::find(&bytes[1..], &MEMBER).is_none()
}

fn open_stream<'s>(mut stream: Box<dyn Read + 's>, limits: &Limits) -> io::Result<Window<'s>> {
    let mut head = [0u8; 4];
    let mut have = 0;
    while have < head.len() {
        match stream.read(&mut head[have..]) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let head = head[..have].to_vec();
    let compressed = is_compressed(&head);
    let zstd = head.starts_with(&ZSTD);
    let whole = io::Cursor::new(head).chain(stream);
    if !compressed {
        return Ok(Window::stream(Box::new(whole)));
    }
    let consumed = Rc::new(Cell::new(0));
    let counted = BufReader::with_capacity(1 << 18, Counted { inner: whole, count: Rc::clone(&consumed) });
    let inner: Box<dyn Read + 's> = if zstd {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(counted)?;
        // 128 MiB: more than any writer of logs uses, less than a hostile frame may ask for.
        decoder.window_log_max(27)?;
        Box::new(decoder)
    } else {
        Box::new(flate2::bufread::MultiGzDecoder::new(counted))
    };
    Ok(Window::stream(Box::new(Bounded { inner, consumed, produced: 0, limits: *limits, error: None })))
}

struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // Errors of the store beneath must not look like damage to the compressed stream.
        let n = self.inner.read(buf).map_err(|e| io::Error::other(Beneath(e)))?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}

/// A decompressor that meets damage drops what the same call produced before it: in steps this
/// small, that is a few events at most.
const STEP: usize = 4 << 10;

/// Ends the stream with an error once it passes a limit.
struct Bounded<'s> {
    inner: Box<dyn Read + 's>,
    consumed: Rc<Cell<u64>>,
    produced: u64,
    limits: Limits,
    /// What ended the stream, told once all that came before it was read.
    error: Option<io::Error>,
}

impl Bounded<'_> {
    /// Fills the buffer in small steps, up to the end of the stream or its first fault.
    fn fill(&mut self, buf: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < buf.len() {
            let step = STEP.min(buf.len() - filled);
            match self.inner.read(&mut buf[filled..filled + step]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.error = Some(e);
                    break;
                }
            }
        }
        filled
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let n = self.fill(buf);
        if n == 0
            && let Some(error) = self.error.take()
        {
            return Err(error);
        }
        self.produced += n as u64;
        let ratio = self.produced / self.consumed.get().max(1);
        if self.produced > self.limits.decompressed_bytes
            || (self.produced > self.limits.ratio_floor && ratio > self.limits.compression_ratio)
        {
            return Err(io::Error::other(LimitPassed { produced: self.produced, ratio }));
        }
        Ok(n)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("stopped after {produced} bytes, {ratio} times the compressed size")]
struct LimitPassed {
    produced: u64,
    ratio: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Beneath(io::Error);

/// What ended a stream early: a fault in the data (the object is as good as it will get), or one
/// of the store beneath (`Err`: worth another try).
pub(crate) fn classify(error: io::Error) -> Result<DecodeError, io::Error> {
    if let Some(inner) = error.get_ref() {
        if inner.is::<LimitPassed>() {
            return Ok(DecodeError::new(Reason::DecompressionLimit, inner.to_string()));
        }
        if inner.is::<Beneath>() {
            return Err(error);
        }
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Ok(DecodeError::new(
            Reason::TruncatedCompression,
            "the compressed stream ends before its end; what came before it was read",
        )),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Ok(DecodeError::new(
            Reason::CorruptCompression,
            format!("the compressed stream is damaged: {error}"),
        )),
        // zstd reports damage as `Other`, with no inner error of ours.
        io::ErrorKind::Other => Ok(DecodeError::new(
            Reason::CorruptCompression,
            format!("the compressed stream is damaged: {error}"),
        )),
        _ => Err(error),
    }
}
