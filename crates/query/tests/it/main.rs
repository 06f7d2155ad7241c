//! One binary for all integration tests: DataFusion links slowly.

mod engine;
mod estate;
mod output;
mod pruning;
mod search;
mod sql;
