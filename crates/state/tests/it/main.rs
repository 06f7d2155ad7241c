//! Several processes, sudden ends, and repetition: what one module's tests cannot show.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

mod concurrency;
mod fixtures;
mod idempotency;
mod kill;
