//! Control 4: the log bucket.

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[];
