//! What is wrong with an event pattern, and where.

use std::fmt;

/// An event pattern that EventBridge would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PatternError {
    /// Where, in bytes from the start of the text.
    pub position: usize,
    /// Where, as a path into the pattern (`detail.eventName[0].numeric`); empty for text that is not
    /// JSON, and for the pattern as a whole.
    pub path: String,
    /// What is there.
    pub found: String,
    /// What was expected there.
    pub expected: String,
}

impl From<PatternError> for crate::pattern::PatternError {
    fn from(error: PatternError) -> Self {
        let found =
            if error.path.is_empty() { error.found } else { format!("{} at {}", error.found, error.path) };
        Self { position: error.position, found, expected: error.expected }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event pattern, byte {}", self.position)?;
        if !self.path.is_empty() {
            write!(f, " ({})", self.path)?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}
