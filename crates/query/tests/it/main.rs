//! One binary for all integration tests: DataFusion links slowly.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod engine;
mod estate;
mod lake;
mod output;
mod pruning;
mod search;
mod sql;
