//! Real servers for tests: moto (AWS APIs), a real S3 server, a mail server, ChromeDriver.
//!
//! `scripts/test` installs the programs and tells where they are; a test asks for the server it
//! needs and gets one of its own test binary, on a free port, stopped when the binary ends
//! (killed ones included).
//!
//! | variable | program |
//! |---|---|
//! | `TRAILKEEP_TEST_MOTO` | `moto_server` |
//! | `TRAILKEEP_TEST_S3` | `versitygw` |
//! | `TRAILKEEP_TEST_SMTP` | `aiosmtpd`, a mail server, beside a Python that has `cryptography` |
//! | `TRAILKEEP_TEST_CFN_LINT` | `cfn-lint`, which checks CloudFormation templates |
//! | `TRAILKEEP_TEST_CHROMEDRIVER` | `chromedriver` |
//! | `TRAILKEEP_TEST_CHROMIUM` | `chromium`, which ChromeDriver is to start |
//!
//! Without the variable the test says on stderr that it is skipped, and why. With
//! `TRAILKEEP_TEST_REQUIRE=1` it fails instead, so that CI cannot pass by skipping. A program that
//! cannot be had on a machine is excused by `<variable>_MISSING=reason`.
//!
//! For tests only: it panics where a test should fail.
#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "test support: panics are test failures"
)]

mod browser;
mod program;
mod s3;
mod scripted;
mod smtp;

pub use browser::{Browser, chromedriver};
pub use program::{Program, cfn_lint};
pub use s3::{S3Server, moto, real_s3};
pub use scripted::{Reply, Request, ScriptedServer};
pub use smtp::{SmtpSecurity, SmtpServer, smtp};
