//! Cutting a stream into records, and finding the next good one after a bad one.

pub(crate) mod json;
pub(crate) mod lines;
mod scan;

use crate::DecodeError;

/// A piece of the stream.
pub(crate) enum Framed<'a> {
    /// A record, whole.
    Record { offset: u64, bytes: &'a [u8] },
    /// Something that is no record: its first bytes, its whole length, why.
    Bad { offset: u64, bytes: &'a [u8], length: u64, error: DecodeError },
}

/// What the receiver of a piece says.
pub(crate) enum Verdict {
    /// Go on.
    Continue,
    /// Go no further.
    Stop,
    /// The record is none after all: look for the next one inside of it.
    Malformed(DecodeError),
}
