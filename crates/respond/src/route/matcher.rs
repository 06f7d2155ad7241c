//! [`Matcher`]: which incidents a route, a silence or an inhibition is about.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use trailkeep_detect::Level;
use trailkeep_state::{Incident, IncidentKind};

use super::window::TimeWindow;

/// Conditions on an incident. All that are given must hold; where several values are given, one of
/// them must. `*` stands for any text, `?` for one character. An empty matcher matches everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// At least this level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Less than this level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<Level>,
    /// `finding`, `alarm` or `control`.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<IncidentKind>,
    /// Account ids.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub account: Vec<Pattern>,
    /// Regions.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub region: Vec<Pattern>,
    /// Owners, by the resource's tag; `""` matches incidents without one.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub owner: Vec<Pattern>,
    /// Ids of rules, alarms or checks.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub rule: Vec<Pattern>,
    /// Resources, or who did it.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub entity: Vec<Pattern>,
    /// Who did it.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub actor: Vec<Pattern>,
    /// When it was opened: in one of these hours.
    #[serde(deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<TimeWindow>,
}

impl Matcher {
    /// Whether the incident meets all conditions.
    #[must_use]
    pub fn matches(&self, incident: &Incident) -> bool {
        let any = |patterns: &[Pattern], value: Option<&str>| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(value.unwrap_or_default()))
        };
        self.level.is_none_or(|level| incident.level >= level)
            && self.below.is_none_or(|level| incident.level < level)
            && (self.kind.is_empty() || self.kind.contains(&incident.kind))
            && any(&self.account, incident.account_id.as_deref())
            && any(&self.region, incident.region.as_deref())
            && any(&self.owner, incident.owner.as_deref())
            && any(&self.rule, Some(&incident.rule_id))
            && any(&self.entity, Some(&incident.entity))
            && any(&self.actor, incident.actor.as_deref())
            && (self.times.is_empty() || self.times.iter().any(|window| window.contains(incident.open_since)))
    }

    /// True when it has no condition.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A text in which `*` and `?` stand for others.
#[derive(Clone, PartialEq)]
pub struct Pattern(glob::Pattern);

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// When brackets or stars stand where they cannot.
    pub fn new(text: &str) -> Result<Self, String> {
        glob::Pattern::new(text).map(Self).map_err(|error| format!("'{text}' is no pattern: {}", error.msg))
    }

    /// The pattern that matches this text alone, whatever stars are in it.
    #[must_use]
    pub fn exactly(text: &str) -> String {
        glob::Pattern::escape(text)
    }

    /// Whether it matches the whole text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.as_str(), f)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

/// `"a"` or `["a", "b"]`.
pub(crate) fn one_or_many<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: serde::de::DeserializeOwned,
    D: Deserializer<'de>,
{
    // Through a value, as an untagged enum would swallow the reason.
    let value = serde_json::Value::deserialize(deserializer)?;
    let read = |value| serde_json::from_value::<T>(value).map_err(serde::de::Error::custom);
    match value {
        serde_json::Value::Array(values) => values.into_iter().map(read).collect(),
        value => Ok(vec![read(value)?]),
    }
}
