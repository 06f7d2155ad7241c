//! The lake on a local disk.

mod exactly_once;
mod maintain;
mod support;
