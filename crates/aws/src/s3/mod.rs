//! Reading log buckets.
//!
//! This is a small client of its own (two operations: ListObjectsV2 and GetObject) over
//! `object_store`'s request signer and HTTP client, for what neither `object_store` nor a lean
//! build gives: keys exactly as they are in the bucket (an empty segment, as in `logs//AWSLogs/…`
//! when a trail was given the prefix `logs/`, and folder markers that end in `/`), prefixes that
//! do not end at a `/` (`access-logs-2026-01`), S3's error codes, and the Region that S3 names
//! when a bucket is elsewhere.
//!
//! ```text
//!   Bucket::list / get ─► send: sign → execute → classify ─┬─► answer
//!                           ▲    │ throttled, failed: wait │
//!                           │    │ other Region: remember  ├─► AwsError
//!                           └────┘ expired token: renew    │
//! ```

pub(crate) mod answer;
pub(crate) mod bucket;
mod get;
mod list;

pub use bucket::Bucket;
pub use list::{ListPage, ListRequest, S3Object};
