//! Control 5: changes to security groups and network ACLs.

use crate::check::Check;

/// The checks of this control.
pub(super) const CHECKS: &[&Check] = &[];
