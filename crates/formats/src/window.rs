//! A sliding window over a stream: framing looks at whole records, memory stays bounded.

use std::io::{self, Read};

/// How much is read at a time.
const CHUNK: usize = 1 << 20;

pub(crate) struct Window<'s> {
    source: Option<Box<dyn Read + 's>>,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    offset: u64,
    error: Option<io::Error>,
}

impl<'s> Window<'s> {
    /// A window over a stream.
    pub(crate) fn stream(source: Box<dyn Read + 's>) -> Self {
        Self { source: Some(source), buffer: Vec::new(), start: 0, filled: 0, offset: 0, error: None }
    }

    /// A window over bytes that are all there.
    pub(crate) fn whole(buffer: Vec<u8>) -> Self {
        Self { source: None, start: 0, filled: buffer.len(), buffer, offset: 0, error: None }
    }

    /// What is in view.
    pub(crate) fn data(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Where the view starts in the stream.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Moves the view's start on.
    pub(crate) fn consume(&mut self, n: usize) {
        let n = n.min(self.filled - self.start);
        self.start += n;
        self.offset += n as u64;
    }

    /// Reads more into view. False at the end of the stream, or once it failed.
    pub(crate) fn fill(&mut self) -> bool {
        let Some(source) = self.source.as_mut() else { return false };
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < self.filled + CHUNK {
            self.buffer.resize(self.filled + CHUNK, 0);
        }
        loop {
            match source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {}
                Ok(n) => {
                    self.filled += n;
                    return true;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => self.error = Some(e),
            }
            self.source = None;
            return false;
        }
    }

    /// Reads until at least `n` bytes are in view or the stream ends.
    pub(crate) fn fill_to(&mut self, n: usize) {
        while self.data().len() < n && self.fill() {}
    }

    /// What ended the stream before its end, if something did.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}
