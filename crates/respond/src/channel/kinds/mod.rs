//! The kinds of channels: one file each, one line here.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use trailkeep_aws::api::Operation;

use super::{Channel, Context};
use crate::config::ConfigError;

/// Reads a channel's settings.
type Build = fn(Map<String, Value>, &Context<'_>) -> Result<Arc<dyn Channel>, ConfigError>;

/// A kind of channel.
pub(crate) struct Kind {
    /// `type` in the configuration.
    pub(crate) name: &'static str,
    /// What it is, in words.
    pub(crate) title: &'static str,
    /// Whether it keeps records of everything rather than tell people.
    pub(crate) stream: bool,
    /// What it calls at AWS.
    pub(crate) calls: &'static [&'static Operation],
    /// Makes one of its settings.
    pub(crate) build: Build,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! kinds {
    ($($module:ident)*) => {
        $(pub(super) mod $module;)*

        /// Every kind.
        pub(crate) static KINDS: &[Kind] = &[$($module::KIND),*];

        /// The modules of this folder, for the test that none is forgotten.
        #[cfg(test)]
        pub(super) const MODULES: &[&str] = &[$(stringify!($module)),*];
    };
}

kinds! {
    sns email slack teams pagerduty opsgenie webhook ops_item incident_manager security_hub
    jira servicenow github gitlab splunk elasticsearch syslog s3 kafka
}
