//! The lake on a local disk.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod exactly_once;
mod maintain;
mod support;
