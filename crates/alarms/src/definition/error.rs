//! What can be wrong with a definition.

use std::fmt;

/// How much of a value an error quotes, in characters.
const QUOTED: usize = 120;

/// A definition that cannot be used: which one, which field, what stands there, what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct DefinitionError {
    /// The alarm or filter, by its name, or by its place where it has none.
    pub subject: Option<String>,
    /// The field, as a path: `Metrics[1].MetricStat.Period`.
    pub field: String,
    /// What stands there, as JSON or text; `None` where it is missing.
    pub found: Option<String>,
    /// What is allowed there.
    pub allowed: String,
}

impl DefinitionError {
    pub(crate) fn new(
        field: impl Into<String>,
        found: Option<impl fmt::Display>,
        allowed: impl Into<String>,
    ) -> Self {
        let found = found.map(|found| {
            let text = found.to_string();
            let mut quoted: String = text.chars().take(QUOTED).collect();
            if quoted.len() < text.len() {
                quoted.push('…');
            }
            quoted
        });
        Self { subject: None, field: field.into(), found, allowed: allowed.into() }
    }

    /// What is found is a text.
    pub(crate) fn text(field: impl Into<String>, found: &str, allowed: impl Into<String>) -> Self {
        Self::new(field, Some(format!("'{found}'")), allowed)
    }

    pub(crate) fn missing(field: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self::new(field, None::<&str>, allowed)
    }

    /// Says which alarm or filter it is about, unless that is known.
    pub(crate) fn of(mut self, subject: impl Into<String>) -> Self {
        self.subject.get_or_insert_with(|| subject.into());
        self
    }
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        match &self.found {
            Some(found) => write!(f, "{} is {found}; {}", self.field, self.allowed),
            None => write!(f, "{} is missing; {}", self.field, self.allowed),
        }
    }
}
