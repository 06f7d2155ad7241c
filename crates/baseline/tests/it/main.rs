//! The baseline against AWS's APIs, as moto and a scripted server speak them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is a failed test"
)]

mod apply;
mod assessed;
mod collect;
mod defects;
mod emit;
mod estate;
mod scripted;
mod services;
