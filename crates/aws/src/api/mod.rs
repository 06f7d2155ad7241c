//! Calls of AWS's APIs, JSON in and JSON out, with the names that the AWS CLI prints.
//!
//! A service's SDK crate costs minutes of compile time and turns answers into types that would be
//! turned back into JSON at once: the inventory wants AWS's own words. So an operation is data
//! ([`Operation`]: path, pages, and what XML does not tell), and one client speaks all protocols.

mod client;
mod error;
mod operation;
mod service;
pub mod services;

pub use client::Client;
pub use error::{ApiError, ErrorKind};
pub use operation::{Answer, Body, Content, Element, Hints, Http, Names, Operation, Pages};
pub use service::{GlobalEndpoint, Location, Protocol, Service};
