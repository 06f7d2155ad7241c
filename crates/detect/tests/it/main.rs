//! The crate from outside: the built-in pack, SigmaHQ's folder, real logs, and the slow twins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod cis_filters;
mod correlations;
mod filter_patterns;
mod loading;
mod pack;
mod real;
mod support;
mod twin;
