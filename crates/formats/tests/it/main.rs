//! Objects as they come, read whole.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod cloudtrail;
mod service_logs;
