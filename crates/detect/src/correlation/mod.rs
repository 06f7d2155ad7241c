//! Correlations: rules over many events.
//!
//! rsigma's own correlation engine keeps state and depends on the order in which events arrive.
//! Logs arrive late, twice and out of order, so here a correlation is a pure function over the
//! signals kept for a group: sort, slide a window, report each burst once.
//!
//! Only conditions that stay true when more signals arrive are taken: a finding that was reported
//! cannot be taken back. Everything else is refused when the rule is loaded.

mod rule;
mod window;

pub(crate) use rule::Correlation;
