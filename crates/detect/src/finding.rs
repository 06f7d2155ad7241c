//! What detection says: findings, and the signals that correlations are made of.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How much a finding matters, in Sigma's words. Ordered: `informational` is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth keeping, not worth a look on its own.
    Informational,
    /// A change that an operator wants listed.
    Low,
    /// Should be looked at.
    Medium,
    /// Should be looked at today.
    High,
    /// Should wake somebody.
    Critical,
}

impl Level {
    /// Every level, the least first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The level's name, as Sigma writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            format!("unknown level '{text}': use informational, low, medium, high or critical")
        })
    }
}

impl From<rsigma_parser::Level> for Level {
    fn from(level: rsigma_parser::Level) -> Self {
        match level {
            rsigma_parser::Level::Informational => Self::Informational,
            rsigma_parser::Level::Low => Self::Low,
            rsigma_parser::Level::Medium => Self::Medium,
            rsigma_parser::Level::High => Self::High,
            rsigma_parser::Level::Critical => Self::Critical,
        }
    }
}

/// One event that a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The event's id in its table.
    pub event_uid: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The table it is in.
    pub table: String,
}

/// A rule matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Deterministic: a hash of the rule's id and the event's (for correlations: the rule's id, the
    /// group and the first event of the burst). 32 hex digits.
    pub id: String,
    /// The rule's id.
    pub rule_id: String,
    /// The rule's title.
    pub rule_title: String,
    /// How much it matters.
    pub level: Level,
    /// When the event happened; the last one for a correlation.
    pub time: DateTime<Utc>,
    /// The table the event is in.
    pub table: String,
    /// The event; the last one for a correlation.
    pub event_uid: String,
    /// The account it happened in.
    pub account_id: Option<String>,
    /// The Region it happened in.
    pub region: Option<String>,
    /// Who: an ARN or the best name the event has.
    pub actor: Option<String>,
    /// With which access key.
    pub access_key_id: Option<String>,
    /// From where: an address, or the AWS service that called.
    pub source_ip: Option<String>,
    /// With which client.
    pub user_agent: Option<String>,
    /// What was done: `eventName` for CloudTrail.
    pub action: String,
    /// To what: ARNs and ids, the most telling first.
    pub resources: Vec<String>,
    /// The change in words.
    pub summary: String,
    /// The rule's description.
    pub description: String,
    /// The rule's tags (`attack.*`).
    pub tags: Vec<String>,
    /// When the rule is known to be wrong.
    pub false_positives: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// The events it rests on, oldest first.
    pub evidence: Vec<Evidence>,
    /// Findings with equal keys within an hour are shown as one.
    pub group_key: String,
}

/// One event's contribution to a correlation. Signals are kept by the caller and given to
/// [`crate::RuleSet::correlate`]; the order in which they arrive does not matter, and one kept twice
/// changes nothing: `correlation_rule_id`, `base_rule_id` and `event_uid` together are its identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The correlation rule it counts towards.
    pub correlation_rule_id: String,
    /// The values of the rule's `group-by` fields, as `field=value` pairs.
    pub group: String,
    /// When the event happened.
    pub time: DateTime<Utc>,
    /// The event.
    pub event_uid: String,
    /// The table the event is in.
    pub table: String,
    /// The value to count, for `value_count`.
    pub value: Option<String>,
    /// The rule that matched the event.
    pub base_rule_id: String,
    /// The account it happened in.
    pub account_id: Option<String>,
    /// The Region it happened in.
    pub region: Option<String>,
    /// Who.
    pub actor: Option<String>,
    /// With which access key.
    pub access_key_id: Option<String>,
    /// From where.
    pub source_ip: Option<String>,
    /// With which client.
    pub user_agent: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub resources: Vec<String>,
}

/// What one batch gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detections {
    /// Rules that matched one event, in row order.
    pub findings: Vec<Finding>,
    /// Contributions to correlations, in no particular order.
    pub signals: Vec<Signal>,
}

/// A finding's id: 128 bits of a hash over its parts.
pub(crate) fn finding_id(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_read_back() {
        assert!(Level::Critical > Level::High && Level::Low > Level::Informational);
        for level in Level::ALL {
            assert_eq!(level.as_str().parse::<Level>(), Ok(level));
        }
        assert!("urgent".parse::<Level>().is_err());
    }

    #[test]
    fn ids_do_not_confuse_where_a_part_ends() {
        assert_ne!(finding_id(&["ab", "c"]), finding_id(&["a", "bc"]));
        assert_eq!(finding_id(&["a", "b"]).len(), 32);
    }
}
