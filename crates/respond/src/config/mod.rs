//! `[respond]` of `trailkeep.toml`: as written ([`RespondSection`]) → checked ([`RespondConfig`]).
//!
//! Nothing here reads the environment by itself: a [`Scope`] is passed in. A secret is written
//! `env:NAME` (an environment variable), `file:PATH` (a file's first line) or as it is.

mod resolve;
mod route;
mod scope;
mod section;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::TimeDelta;

pub(crate) use scope::duration;
pub use scope::{Scope, Secret};
pub use section::{RespondSection, RouteSection, SilenceSection, StepSection};

use crate::channel::Channel;
use crate::incident::Grouping;
use crate::route::{Routing, Silencing};

/// What is wrong with a setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct ConfigError {
    /// Dotted key, with the channel's or route's name: `respond.channel.ops.url`.
    pub key: String,
    /// What is wrong, and what would be right. No secrets.
    pub reason: String,
}

impl ConfigError {
    pub(crate) fn new(key: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { key: key.into(), reason: reason.into() }
    }
}

/// A channel with its name.
#[derive(Clone, Debug)]
pub struct NamedChannel {
    /// The name that routes use.
    pub name: String,
    /// The kind: `slack`.
    pub kind: &'static str,
    /// What sends.
    pub channel: Arc<dyn Channel>,
}

/// A checked configuration.
#[derive(Clone, Debug, Default)]
pub struct RespondConfig {
    /// Channels, in the order in which they are written.
    pub channels: Vec<NamedChannel>,
    /// Routes, inhibitions, budgets.
    pub routing: Routing,
    /// Silences of the file; their numbers are negative.
    pub silences: Vec<Silencing>,
    /// How signals become incidents.
    pub grouping: Grouping,
    /// The channel that gets what another could not deliver.
    pub fallback: Option<String>,
    /// Findings' incidents are resolved when nothing came for so long; none: never.
    pub resolve_quiet: Option<TimeDelta>,
}

impl RespondConfig {
    /// The channel of a name.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<&NamedChannel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    #[cfg(test)]
    pub(crate) fn parse_for_tests(text: &str) -> Self {
        let section: RespondSection = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
        section.resolve(&Scope::for_tests()).unwrap_or_else(|error| panic!("{error}"))
    }
}
