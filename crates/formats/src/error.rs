//! Why a record or an object could not be read.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The kinds of fault, as `quarantine.reason` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The compressed stream is damaged.
    CorruptCompression,
    /// The compressed stream ends before its end.
    TruncatedCompression,
    /// Decompression would pass a limit (a zip bomb, or a limit set too low).
    DecompressionLimit,
    /// The record is not well-formed JSON.
    InvalidJson,
    /// The object ends inside the record.
    TruncatedRecord,
    /// The record is larger than [`crate::Limits::record_bytes`].
    RecordTooLarge,
    /// The record nests deeper than [`crate::Limits::json_depth`].
    NestedTooDeep,
    /// The record is not valid UTF-8.
    InvalidUtf8,
    /// A field that must be there is not.
    MissingField,
    /// A known field holds a value of another type.
    WrongType,
    /// A line does not have the shape of its format.
    InvalidLine,
    /// Well-formed, but of no known format.
    UnknownFormat,
    /// The object could not be read to its end.
    ReadError,
}

impl Reason {
    /// The name that stands in the `quarantine` table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CorruptCompression => "corrupt_compression",
            Self::TruncatedCompression => "truncated_compression",
            Self::DecompressionLimit => "decompression_limit",
            Self::InvalidJson => "invalid_json",
            Self::TruncatedRecord => "truncated_record",
            Self::RecordTooLarge => "record_too_large",
            Self::NestedTooDeep => "nested_too_deep",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::MissingField => "missing_field",
            Self::WrongType => "wrong_type",
            Self::InvalidLine => "invalid_line",
            Self::UnknownFormat => "unknown_format",
            Self::ReadError => "read_error",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record that could not become a row: the kind of fault and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}: {detail}")]
pub struct DecodeError {
    /// The kind of fault.
    pub reason: Reason,
    /// What was seen and what was expected, for a person.
    pub detail: String,
}

impl DecodeError {
    /// An error of this kind.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// A field that must be there is not.
    pub fn missing(field: &str) -> Self {
        Self::new(Reason::MissingField, format!("`{field}` is missing"))
    }

    /// A known field holds a value of another type.
    pub fn wrong_type(field: &str, expected: &str, seen: &str) -> Self {
        let seen: String = seen.chars().take(80).collect();
        Self::new(Reason::WrongType, format!("`{field}` should be {expected}, found {seen}"))
    }

    /// A line does not have the shape of its format.
    pub fn line(detail: impl Into<String>) -> Self {
        Self::new(Reason::InvalidLine, detail)
    }
}
