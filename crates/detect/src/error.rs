//! What can be wrong with a rule.

use std::fmt;

/// One rule that could not be loaded, or a remark about one that was. The other rules are not
/// affected by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct RuleError {
    /// The file's name, as given to [`crate::RuleSet::load`].
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The rule's title, where it got that far.
    pub title: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether the rule was loaded all the same.
    pub loaded: bool,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(title) = &self.title {
            write!(f, ": rule '{title}'")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}
