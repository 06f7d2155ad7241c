//! EventBridge event patterns, as EventBridge evaluates them.
//!
//! ```text
//!   pattern text ─► parse ─► branches without $or ─► trees of fields ─┐
//!                                                                     ▼
//!   CloudTrail record ─► cloudtrail_envelope ─► event ────────────► matches
//! ```
//!
//! A pattern is JSON of the event's shape: fields are joined by *and*, the values of one field by
//! *or*. `$or` is multiplied out when the pattern is read, as EventBridge does, so that what is
//! matched are plain trees. Fields of an array of objects have to match within one element of it.
//!
//! Sources: EventBridge User Guide, "Creating Amazon EventBridge event patterns" and "Comparison
//! operators for use in event patterns"; for what those leave open, the documentation of Event Ruler,
//! the engine that EventBridge runs.

mod branch;
mod compare;
mod envelope;
mod error;
mod locate;
mod parse;
mod read;
mod set;
mod value;

#[cfg(test)]
mod operators;
#[cfg(test)]
mod structure;

pub use envelope::cloudtrail_envelope;
pub use error::PatternError;
pub use set::EventPatternSet;

use branch::Branch;

/// One event pattern.
///
/// ```
/// use trailkeep_detect::event_pattern::EventPattern;
///
/// let pattern = EventPattern::parse(r#"{"detail": {"eventName": [{"prefix": "Authorize"}]}}"#)?;
/// let event = serde_json::json!({"detail": {"eventName": "AuthorizeSecurityGroupIngress"}});
/// assert!(pattern.matches(&event));
/// # Ok::<(), trailkeep_detect::event_pattern::PatternError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EventPattern {
    branches: Vec<Branch>,
}

impl EventPattern {
    /// Longest pattern that is read, in bytes. EventBridge takes at most 4096 characters.
    pub const MAX_BYTES: usize = 16 << 10;

    /// Most combinations that `$or` may multiply out to; EventBridge's own limit.
    pub const MAX_COMBINATIONS: usize = 1000;

    /// Reads a pattern.
    ///
    /// # Errors
    /// Text that is not JSON, or that EventBridge would refuse as a pattern: where, what is there, and
    /// what was expected.
    pub fn parse(text: &str) -> Result<EventPattern, PatternError> {
        Ok(EventPattern { branches: parse::pattern(text)? })
    }

    /// Whether the pattern matches an event: EventBridge's envelope with the fields `source`,
    /// `detail-type`, `detail` and so on.
    pub fn matches(&self, event: &serde_json::Value) -> bool {
        self.branches.iter().any(|branch| branch.matches(event))
    }

    /// The same for an event that was parsed by `sonic_rs`.
    pub fn matches_sonic(&self, event: &sonic_rs::Value) -> bool {
        self.branches.iter().any(|branch| branch.matches(event))
    }
}
