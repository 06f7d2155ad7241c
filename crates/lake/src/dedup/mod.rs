//! Which rows of a batch the lake does not have yet.

mod claims;
mod probe;
mod uid;

pub(crate) use claims::Claims;
pub(crate) use probe::{Probe, Wanted, read_uids};
pub(crate) use uid::{Keys, Uid};
