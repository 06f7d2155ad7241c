//! Where logs come from: `PATH_OR_URL…` in, objects and their bytes out.
//!
//! A [`Location`] is what a user types: a file, a folder, a glob, `-`, `s3://bucket/prefix`.
//! [`Sources::list`] turns locations into a lazy stream of [`Object`]s (a name, a size, and a
//! fingerprint that changes when the content does). [`Sources::fetch`] opens many of them at a
//! time within a memory budget, and hands each out as a [`Body`]: small objects whole, large ones
//! as a [`std::io::Read`] for a blocking thread.
//!
//! ```text
//!   Location ─► list ─► Object ─► (ledger: seen before?) ─► fetch ─► Body ─► formats
//!               lazy,   uri, size,                          bounded  Bytes, or a reader that
//!               sorted  fingerprint                         memory   resumes where it broke off
//! ```
//!
//! # The contract of every source
//! - **Order**: a folder's and a bucket's objects come sorted by name, so that runs are alike.
//! - **Identity**: equal `uri` and equal `fingerprint` mean equal content; a changed object has
//!   another fingerprint. Objects without one (`-`, pipes) are never the same twice.
//! - **Truth**: a [`Body`] that ends without an error gave the whole object. An S3 object that is
//!   replaced midway ends in an error, never in a mix of both; a local file that grows while it is
//!   read is given as it was found, and its old fingerprint makes the next run take it again.
//! - **Laziness**: nothing is listed or fetched far ahead of the one who takes it.
//! - **Errors** belong to one object or one location; the stream goes on where it can.

mod body;
mod error;
mod fetch;
mod local;
mod location;
mod object;
mod s3;
mod sources;
mod watch;

pub use body::Body;
pub use error::SourceError;
pub use fetch::{FetchStream, Fetched};
pub use location::Location;
pub use object::Object;
pub use sources::{SourceOptions, Sources, Survey};
pub use watch::{FolderWatcher, WatchOptions};
