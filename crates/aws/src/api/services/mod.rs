//! The catalogue: one file per service, one static per operation.

pub mod cloudtrail;
