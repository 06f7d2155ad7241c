//! What every answer has in common: headers, errors, the guard against foreign hosts and origins.

pub(crate) mod error;
pub(crate) mod guard;
pub(crate) mod headers;
