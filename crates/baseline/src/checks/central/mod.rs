//! Control 3: one central place.

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[];
