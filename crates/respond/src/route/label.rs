//! What incidents are grouped and compared by.

use serde::{Deserialize, Serialize};
use trailkeep_state::Incident;

/// A property of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// The account's id.
    Account,
    /// The Region.
    Region,
    /// Whose the resource is.
    Owner,
    /// The rule, alarm or check.
    Rule,
    /// `finding`, `alarm` or `control`.
    Kind,
    /// The level.
    Level,
    /// The resource, or who did it.
    Entity,
    /// Who did it.
    Actor,
    /// The incident itself: each is alone.
    Incident,
}

impl Label {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Region => "region",
            Self::Owner => "owner",
            Self::Rule => "rule",
            Self::Kind => "kind",
            Self::Level => "level",
            Self::Entity => "entity",
            Self::Actor => "actor",
            Self::Incident => "incident",
        }
    }

    /// Its value, where the incident has one.
    #[must_use]
    pub fn of(self, incident: &Incident) -> Option<&str> {
        match self {
            Self::Account => incident.account_id.as_deref(),
            Self::Region => incident.region.as_deref(),
            Self::Owner => incident.owner.as_deref(),
            Self::Rule => Some(&incident.rule_id),
            Self::Kind => Some(incident.kind.as_str()),
            Self::Level => Some(incident.level.as_str()),
            Self::Entity => Some(&incident.entity),
            Self::Actor => incident.actor.as_deref(),
            Self::Incident => Some(&incident.id),
        }
    }
}
