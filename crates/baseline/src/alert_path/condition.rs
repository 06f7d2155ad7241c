//! What an event must be like to take a path.

use std::fmt;
use std::sync::Arc;

use trailkeep_detect::event_pattern::EventPattern;
use trailkeep_detect::filter_pattern::FilterPattern;

use super::AwsEvent;
use crate::estate::selectors::Management;
use crate::value::Json;

/// One demand.
#[derive(Clone)]
pub(crate) enum Condition {
    /// One of these trails, by their event selectors, records it.
    Recorded(Arc<[Management]>),
    /// The metric filter's pattern matches CloudTrail's record, or the event as EventBridge writes it
    /// to a log group.
    Filter(Arc<FilterPattern>, Form),
    /// The rule's pattern matches the event as EventBridge delivers it.
    Rule {
        /// The pattern.
        pattern: Arc<EventPattern>,
        /// The rule asks for read-only calls too.
        reads: bool,
    },
    /// The metric's dimension has the value that the alarm watches.
    Field {
        /// Where the value is: `$.eventName`.
        path: String,
        /// What it must be.
        value: String,
    },
}

/// What the log group of a metric filter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// CloudTrail's records.
    Record,
    /// EventBridge's envelopes.
    Envelope,
}

impl Condition {
    pub(crate) fn holds(&self, event: &AwsEvent) -> bool {
        match self {
            Self::Recorded(trails) => match &event.record {
                Some(record) => trails.iter().any(|management| records(management, record)),
                None => true,
            },
            Self::Filter(pattern, Form::Record) => {
                event.parsed_record().is_some_and(|record| pattern.matches_json(record))
            }
            Self::Filter(pattern, Form::Envelope) => pattern.matches_json(event.parsed_envelope()),
            Self::Rule { pattern, reads } => {
                (*reads || !event.is_read_only()) && pattern.matches_sonic(event.parsed_envelope())
            }
            Self::Field { path, value } => {
                let found =
                    event.record.as_ref().and_then(|record| record.text(path.trim_start_matches("$.")));
                found == Some(value)
            }
        }
    }
}

/// A trail with these selectors records the event.
fn records(management: &Management, record: &serde_json::Value) -> bool {
    let kind = if record.flag("readOnly") { management.read } else { management.write };
    kind && record.text("eventSource").is_none_or(|source| !management.excluded.contains(source))
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recorded(trails) => write!(f, "Recorded({trails:?})"),
            Self::Filter(_, form) => write!(f, "Filter({form:?})"),
            Self::Rule { reads, .. } => write!(f, "Rule(reads: {reads})"),
            Self::Field { path, value } => write!(f, "Field({path} = {value})"),
        }
    }
}
