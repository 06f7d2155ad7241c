//! AWS settings the AWS way, and S3 and the other services' APIs on top of them.
//!
//! Flows in: what the user already has for every other AWS tool (`AWS_*` variables, profiles,
//! SSO sessions, assume-role chains, instance roles, `AWS_ENDPOINT_URL`). Flows out:
//!
//! - [`Bucket`]: reads of log buckets, any key, with S3's own error codes turned into advice;
//! - [`Aws::object_store`] and [`Aws::storage_options`]: what the lake needs to live in a bucket;
//! - [`Aws::api`]: calls of any service, JSON in and out.
//!
//! ```text
//!   AwsOptions ─► Aws::load ─┬─► Bucket::list / get        sources
//!   (profiles, variables)    ├─► Aws::object_store         lake
//!                            ├─► Aws::storage_options      lake (by URL)
//!                            └─► Aws::api                  baseline
//! ```
//!
//! Credentials are fetched when first needed, kept until shortly before they expire, and never
//! written to a log or an error: errors name the access key id at most.

pub mod api;
mod credentials;
mod endpoint;
mod error;
mod options;
mod retry;
pub mod s3;
mod settings;
mod store;
mod uri;

pub use aws_config::SdkConfig;
pub use aws_credential_types::Credentials;
pub use error::AwsError;
pub use options::{AwsOptions, RetryPolicy};
pub use s3::{Bucket, ListPage, ListRequest, S3Object};
pub use settings::{Aws, USER_AGENT};
