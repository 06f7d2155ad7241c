//! The way from an estate as it is to the baseline: ordered steps, each with its calls.
//!
//! Pure: inventory, assessment and settings in, [`Plan`] out. A step is planned where the inventory shows
//! that something is missing, never because an earlier run says that it did something; so a plan for an
//! estate that has the baseline is empty. Steps add. Where something is there already it is left as it is
//! (policies get statements added, selectors are appended), and nothing is deleted or made weaker.
//!
//! What a call needs from an earlier one is written as `${STEP:Path.In.Output}` ([`reference()`]) and
//! filled in when it is made.

mod account;
mod alerts;
mod bucket;
mod build;
mod draft;
mod flow_logs;
mod key;
mod left;
mod live;
mod log_group;
mod log_groups;
mod services;
mod step;
#[cfg(test)]
mod tests;
mod text;
mod topic;
mod trail;

pub use build::plan;
pub(crate) use draft::RUN;
pub use step::{Left, Plan, PlannedCall, Step, reference};

use serde::{Deserialize, Serialize};

/// What the owner wants of the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplySettings {
    /// Where trail, bucket, key, log group, alarms and topic are made. In an account that has a trail of
    /// its own it is that trail's home.
    pub home_region: String,
    /// Log groups keep their events for so many days.
    pub retention_days: i64,
    /// Object Lock with this default retention on the log bucket; only when the bucket is made.
    pub object_lock_days: Option<u32>,
    /// Who is told of alarms.
    pub notify: Vec<Notify>,
    /// A queue and a rule in each Region that hand events to Trailkeep as they happen.
    pub live_events: bool,
}

impl Default for ApplySettings {
    fn default() -> Self {
        Self {
            home_region: "us-east-1".to_owned(),
            retention_days: 365,
            object_lock_days: None,
            notify: Vec::new(),
            live_events: false,
        }
    }
}

/// Somebody who is told of alarms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notify {
    /// `email`, `https` or `sqs`.
    pub protocol: String,
    /// An address, a URL, or the ARN of a queue.
    pub endpoint: String,
}

/// Why a text names nobody who could be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text} names nobody who could be told; it looks like email:ops@example.com, https://example.com/hook or \
     sqs:arn:aws:sqs:REGION:ACCOUNT:QUEUE"
)]
pub struct NobodyToTell {
    text: String,
}

impl std::str::FromStr for Notify {
    type Err = NobodyToTell;

    fn from_str(text: &str) -> Result<Self, NobodyToTell> {
        let wrong = || NobodyToTell { text: text.to_owned() };
        let (protocol, rest) = text.split_once(':').ok_or_else(wrong)?;
        let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        let endpoint = match protocol {
            "email" if rest.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.')) => {
                rest
            }
            "https" if rest.len() > 3 && rest.starts_with("//") => text,
            // `https:https://…` reads as well.
            "https" if rest.strip_prefix("https://").is_some_and(|host| !host.is_empty()) => rest,
            "sqs" if rest.split(':').count() == 6 && rest.starts_with("arn:") && rest.contains(":sqs:") => {
                rest
            }
            _ => return Err(wrong()),
        };
        if !plain {
            return Err(wrong());
        }
        Ok(Self { protocol: protocol.to_owned(), endpoint: endpoint.to_owned() })
    }
}
