//! Control 2: service and application logs.

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[];
