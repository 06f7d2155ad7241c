//! What is computed from an inventory once and used by many checks.

use std::sync::{Arc, OnceLock};

use super::Inventory;
use crate::alert_path::AlertPaths;

/// Computed on first use. A clone begins anew, as what it was computed from may be changed in it, and so
/// does an inventory that is given another answer.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    alert_paths: OnceLock<Arc<AlertPaths>>,
}

impl Clone for Derived {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Inventory {
    /// The ways from an event to somebody, in every account and Region.
    #[must_use]
    pub fn alert_paths(&self) -> Arc<AlertPaths> {
        Arc::clone(self.derived.alert_paths.get_or_init(|| Arc::new(AlertPaths::of(self))))
    }
}
