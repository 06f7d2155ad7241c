//! What this crate adds to DataFusion's planner and optimiser.

pub(crate) mod compare;
pub(crate) mod prune;
pub(crate) mod times;
pub(crate) mod unnest;
