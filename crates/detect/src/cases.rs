//! Test events beside rules: `<rule>.test.json` next to `<rule>.yml`.
//!
//! ```json
//! {"cases": [
//!   {"name": "a trail is stopped", "fires": true, "events": [{"eventVersion": "1.09", …}]},
//!   {"name": "the call is refused", "fires": false, "events": [{…}]}
//! ]}
//! ```
//!
//! Events are full records as the service logs them; text log lines are given as strings. A
//! correlation's case is a sequence. Events go the way all events go: through the format's decoder
//! into columns, through the detector, through the correlations.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};
use trailkeep_formats::collect::Collected;
use trailkeep_formats::container::Source;
use trailkeep_formats::{Limits, ObjectContext, ObjectOutcome, read_object};

use crate::{Detections, Detector, RuleError, RuleKind, RuleSet};

/// One case of a rule file.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The rule file it tests.
    pub(crate) file: String,
    name: String,
    /// The rule it tests, where the file has several; the last one otherwise.
    rule: Option<String>,
    fires: bool,
    events: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    cases: Vec<CaseEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseEntry {
    name: String,
    #[serde(default)]
    rule: Option<String>,
    fires: bool,
    events: Vec<serde_json::Value>,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseResult {
    /// The rule file.
    pub file: String,
    /// The rule's id; empty where the file has none.
    pub rule_id: String,
    /// The case's name.
    pub name: String,
    /// Whether the rule should fire.
    pub expected: bool,
    /// Summaries of the rule's findings.
    pub findings: Vec<String>,
    /// What was wrong with the case itself.
    pub error: Option<String>,
}

impl CaseResult {
    /// Whether the rule did as the case says.
    pub fn passed(&self) -> bool {
        self.error.is_none() && self.expected != self.findings.is_empty()
    }
}

pub(crate) fn parse(rule_file: &str, json: &str) -> Result<Vec<Case>, RuleError> {
    let file: CaseFile = serde_json::from_str(json).map_err(|error| RuleError {
        file: test_file_of(rule_file),
        line: Some(error.line()),
        title: None,
        message: error.to_string(),
        hint: "write {\"cases\": [{\"name\", \"fires\", \"events\"}]}".to_owned(),
        loaded: false,
    })?;
    let to_case = |entry: CaseEntry| Case {
        file: rule_file.to_owned(),
        name: entry.name,
        rule: entry.rule,
        fires: entry.fires,
        events: entry.events.iter().map(as_line).collect::<Vec<_>>().join("\n"),
    };
    Ok(file.cases.into_iter().map(to_case).collect())
}

/// `dir/rule.yml` → `dir/rule.test.json`.
pub fn test_file_of(rule_file: &str) -> String {
    let stem = rule_file.rsplit_once('.').map_or(rule_file, |(stem, _)| stem);
    format!("{stem}.test.json")
}

fn as_line(event: &serde_json::Value) -> String {
    event.as_str().map_or_else(|| event.to_string(), str::to_owned)
}

pub(crate) fn run(set: &RuleSet, cases: &[Case]) -> Vec<CaseResult> {
    let detector = Detector::new(Arc::new(set.clone()));
    cases.iter().map(|case| run_case(&detector, case)).collect()
}

fn run_case(detector: &Detector, case: &Case) -> CaseResult {
    let set = detector.rules();
    let own = set.rules().iter().filter(|info| info.file == case.file);
    let rule = match &case.rule {
        Some(id) => own.into_iter().find(|info| info.id == *id),
        None => own.max_by_key(|info| info.line),
    };
    let mut result = CaseResult {
        file: case.file.clone(),
        rule_id: rule.map(|info| info.id.clone()).unwrap_or_default(),
        name: case.name.clone(),
        expected: case.fires,
        findings: Vec::new(),
        error: None,
    };
    let Some(rule) = rule else {
        result.error = Some("the rule it tests is not in the file".to_owned());
        return result;
    };
    match detect(detector, &case.events) {
        Err(error) => result.error = Some(error),
        Ok(detections) => {
            let findings = match rule.kind {
                RuleKind::Detection => {
                    detections.findings.into_iter().filter(|found| found.rule_id == rule.id).collect()
                }
                RuleKind::Correlation => set.correlate(&rule.id, &detections.signals),
            };
            result.findings = findings.into_iter().map(|finding| finding.summary).collect();
        }
    }
    result
}

fn detect(detector: &Detector, events: &str) -> Result<Detections, String> {
    let mut all = Detections::default();
    for (table, batch) in decode(events)? {
        let found = detector.detect(&batch, table);
        all.findings.extend(found.findings);
        all.signals.extend(found.signals);
    }
    Ok(all)
}

/// Decodes records, one a line, into a batch per table.
///
/// # Errors
/// What is wrong with the first record that is none.
pub fn decode(lines: &str) -> Result<Vec<(&'static str, RecordBatch)>, String> {
    let mut collected = Collected::default();
    let mut context = ObjectContext::new("test events", 0);
    let summary =
        read_object(Source::Bytes(lines.as_bytes()), &mut context, &Limits::default(), &mut collected)
            .map_err(|error| error.to_string())?;
    if let Some(bad) = collected.quarantined.first() {
        return Err(format!("an event is not readable: {bad:?}"));
    }
    if let ObjectOutcome::Skipped(why) = summary.outcome {
        return Err(format!("no events: {why}"));
    }
    Ok(collected.finish().into_iter().map(|(table, batch)| (table.name, batch)).collect())
}
