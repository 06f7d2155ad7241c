//! Control 1: a multi-Region trail.

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[];
