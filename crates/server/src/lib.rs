//! The server: console, HTTP API, ingest endpoint, watched folders, webhooks.
//!
//! ```text
//!   browser ─► console ─┐                       ┌─► engine  (Logs: search, SQL)     ─► query, lake
//!   program ─► api ─────┼─► auth ─► app ────────┼─► state   (findings, users, …)    ─► SQLite
//!   sender  ─► ingest ──┘                       └─► intake  (Ingest: until durable) ─► pipeline
//!
//!   runtime: watch (folders ─► intake) · recheck (AWS ─► posture) · tidy
//!            incidents (inbox ─► desk) · outbox (desk ─► channels) · respond (changes ─► playbooks ─► AWS)
//!   alarming: events, SQL, CloudWatch ─► engine, watcher ─► state, inbox
//! ```
//!
//! In flow requests and files; out flow pages, JSON, and signed posts. [`Config`] comes from
//! `trailkeep.toml`; [`Server::bind`] refuses what is not safe (an address that others can reach,
//! without TLS and a login); [`Server::run`] ends when its [`Shutdown`] says so.

pub mod alarming;
mod api;
mod app;
mod auth;
pub mod backend;
mod channels;
pub mod config;
mod console;
mod engine;
mod hooks;
mod http;
mod ingest;
mod intake;
pub mod posture;
mod routes;
mod runtime;
mod server;
mod simulating;
mod tls;

pub use alarming::LiveAlarms;
pub use backend::Backend;
pub use config::{Config, ConfigError};
pub use engine::EngineLogs;
pub use intake::PipelineIntake;
pub use runtime::{
    CHANNEL, Changes, Shutdown, Webhook, WebhookError, respond_changed, signature, take_incidents,
};
pub use server::{Server, ServerError};
