//! The `trailkeep` binary, run as a user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod alarms;
mod apply;
mod check;
mod commands;
mod emit;
mod filter;
mod incidents;
mod kill;
mod reports;
mod responses;
mod support;
