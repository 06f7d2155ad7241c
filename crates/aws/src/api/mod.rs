//! Calls of AWS's APIs, JSON in and JSON out, with the names that the AWS CLI prints.
//!
//! A service's SDK crate costs minutes of compile time and turns answers into types that would be
//! turned back into JSON at once: the inventory wants AWS's own words. So an operation is data
//! ([`Operation`]: path, pages, and what XML does not tell), and one client speaks all protocols.
//!
//! ```text
//!   Client::call ─► request (json, form, xml) ─► place ─► limit ─► sign ─► HTTP
//!                                                                           │
//!   Value ◄─ pages ◄─ answer (json, xml) ◄──────────────────────────────────┤
//!   ApiError ◄─ failure ◄───────────────────────────────────────────────────┘
//! ```
//!
//! An operation that is not in the catalogue is one static away: `scripts/catalogue` prints it.

mod answer;
mod catalogue;
mod client;
mod error;
mod failure;
mod form;
mod hint;
mod json;
mod limit;
mod operation;
mod pages;
mod place;
mod request;
mod role;
mod send;
mod service;
pub mod services;
mod sign;
mod text;
mod xml;

pub use catalogue::{CATALOGUE, find};
pub use client::Client;
pub use error::{ApiError, ErrorKind};
pub use operation::{Answer, Body, Content, Element, Hints, Http, Names, Operation, Pages};
pub(crate) use send::Shared;
pub use service::{GlobalEndpoint, Location, Protocol, Service};
