//! What is known about a rule, for lists and reference pages.

use serde::{Deserialize, Serialize};

use crate::Level;

/// Whether a rule speaks of one event or of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// One event is enough.
    Detection,
    /// Many events within a time span.
    Correlation,
}

/// A rule, described.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// The rule's id; derived from its title where the document has none.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its short name, by which correlations may refer to it.
    pub name: Option<String>,
    /// Detection or correlation.
    pub kind: RuleKind,
    /// How much a match matters; `medium` where the document is silent.
    pub level: Level,
    /// `stable`, `test`, `experimental`, `deprecated` or `unsupported`, where given.
    pub status: Option<String>,
    /// What it looks for.
    pub description: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Tags (`attack.*`).
    pub tags: Vec<String>,
    /// When it is known to be wrong.
    pub false_positives: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// The log source in one line (`aws/cloudtrail`).
    pub logsource: String,
    /// The tables it runs over.
    pub tables: Vec<String>,
    /// The file it came from.
    pub file: String,
    /// The line in that file where the document begins, counted from 1.
    pub line: usize,
    /// The document itself.
    pub source: String,
    /// Whether a match gives a finding. `false` for a rule that only feeds correlations.
    pub reports: bool,
}
