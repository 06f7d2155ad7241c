//! `[respond]` of `trailkeep.toml`: as written ([`RespondSection`]) → checked ([`RespondConfig`]).
//!
//! Nothing here reads the environment by itself: a [`Scope`] is passed in. A secret is written
//! `env:NAME` (an environment variable), `file:PATH` (a file's first line) or as it is.

mod actions;
mod resolve;
mod route;
mod scope;
mod section;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use trailkeep_detect::Level;
use trailkeep_state::Role;

pub(crate) use scope::duration;
pub use scope::{Scope, Secret};
pub use section::{RespondSection, RouteSection, SilenceSection, SlackSection, StepSection};

use crate::channel::Channel;
use crate::incident::Grouping;
use crate::playbook::PlaybookRule;
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

/// Whose accounts playbooks work in, and what they may do there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaybookConfig {
    /// The profile in the AWS configuration files.
    pub profile: Option<String>,
    /// The roles of the accounts; the own account when empty.
    pub roles: Vec<String>,
    /// All accounts of the organisation, each through its role of this name.
    pub organization_role: Option<String>,
    /// What the roles' trust policies ask for.
    pub external_id: Option<Secret>,
    /// The Regions whose resources are listed; all that are enabled when empty.
    pub regions: Vec<String>,
    /// What playbooks may do. Without any, nothing is looked at.
    pub rules: Vec<PlaybookRule>,
}

/// Who may press the buttons of messages in Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackApp {
    /// The app's signing secret.
    pub signing_secret: Secret,
    /// Slack's id of a person, and what that person may do.
    pub users: BTreeMap<String, Role>,
}

/// A checked configuration.
#[derive(Clone, Debug, Default)]
pub struct RespondConfig {
    /// Playbooks.
    pub playbooks: PlaybookConfig,
    /// Findings below this level make no incidents; none: `low`.
    pub min_level: Option<Level>,
    /// Buttons in Slack.
    pub slack: Option<SlackApp>,
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
    /// Findings below this level make no incidents.
    #[must_use]
    pub fn min_level(&self) -> Level {
        self.min_level.unwrap_or(Level::Low)
    }

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
