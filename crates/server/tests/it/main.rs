//! The server as its users meet it: in process, on port 0, over the real lake, state and pipeline.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod alarms;
mod alarms_browser;
mod alarms_simulated;
mod api;
mod auth;
mod browser;
mod channels;
mod cloudwatch;
mod controls;
mod hostile;
mod incidents;
mod incidents_browser;
mod ingest;
mod oidc;
mod pages;
mod runtime;
mod silences;
mod slack;
mod stand;
mod webdriver;
