//! Bytes in, columnar rows out.
//!
//! A log object (a file, an S3 object, an HTTP body) flows in as bytes, in any wrapping AWS
//! delivers it in: gzip or zstd, one JSON document or many, lines, envelopes. Rows of typed
//! tables ([`Rows`]) flow out, together with the records that could not be read
//! ([`Quarantined`]) and the objects that are no logs ([`ObjectOutcome::Skipped`]).
//!
//! ```text
//!   bytes ─► container ─► window ─► framing (JSON | lines) ─► envelope ─► Format::decoder ─► Rows
//!            gunzip,       bounded   one record at a time      unwrap      one module a format
//!            limits        memory    resynchronises                        └► Quarantined
//! ```
//!
//! The crate is pure: no file system, no clock, no network, no threads. The bytes come from any
//! [`std::io::Read`]; time and place are passed in through [`ObjectContext`].
//!
//! A new log format is one module that implements [`Format`] and one line in [`registry`].

pub mod api_gateway;
pub mod cloudfront;
pub mod cloudtrail;
pub mod collect;
mod column;
pub mod container;
pub mod context;
pub mod envelope;
pub mod error;
pub mod format;
mod framing;
pub mod limits;
mod members;
pub mod quarantine;
mod read;
pub mod registry;
pub mod rows;
pub mod s3_access;
pub mod table;
#[cfg(test)]
mod testing;
pub mod time;
pub mod vpc_flow;
pub mod waf;
mod window;

pub use context::ObjectContext;
pub use error::{DecodeError, Reason};
pub use format::{Decode, Decoded, Format, JsonKeys};
pub use limits::Limits;
pub use quarantine::Quarantined;
pub use read::{ObjectOutcome, ReadSummary, Sink, read_object};
pub use rows::{Identity, RowMeta, Rows};
pub use table::{EventColumns, Field, TableDef, Type};
