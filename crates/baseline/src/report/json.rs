//! JSON: the whole document, or a line per result.

use serde::Serialize;

use super::about::{Scope, WaiverState};
use super::{Line, Report};
use crate::check::{CheckResult, Control, Frameworks, Settings, Severity, Status};

/// The document's version.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    version: &'a str,
    assessed_at: String,
    settings: &'a Settings,
    summary: Summary,
    board: Vec<State>,
    accounts: &'a [Scope],
    waivers: &'a [WaiverState],
    results: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Summary {
    pass: usize,
    fail: usize,
    unknown: usize,
    waived: usize,
}

#[derive(Serialize)]
struct State {
    control: Control,
    title: &'static str,
    status: Status,
    /// The worst failure's severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    worst: Option<Severity>,
    #[serde(flatten)]
    counts: Summary,
}

/// A result as programs get it: everything there is to say about it in one flat object.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    id: String,
    #[serde(flatten)]
    result: &'a CheckResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fix_calls: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    frameworks: Option<&'static Frameworks>,
}

impl<'a> Row<'a> {
    fn new(line: &Line<'a>) -> Self {
        Self {
            id: line.id.to_string(),
            result: line.result,
            why: line.check.map(|check| check.why),
            fix_calls: line.check.map_or(&[], |check| check.fix_calls),
            frameworks: line.check.map(|check| &check.frameworks),
        }
    }
}

pub(super) fn document(report: &Report<'_>) -> String {
    let board = report.assessment.board();
    let assessed = board.iter().filter(|state| report.about.controls.contains(&state.control));
    let document = Document {
        schema: SCHEMA,
        version: &report.about.version,
        assessed_at: instant(report),
        settings: &report.about.settings,
        summary: Summary {
            pass: report.count(Status::Pass),
            fail: report.count(Status::Fail),
            unknown: report.count(Status::Unknown),
            waived: report.count(Status::Waived),
        },
        board: assessed
            .map(|state| State {
                control: state.control,
                title: state.control.title(),
                status: state.status,
                worst: report.worst(state.control),
                counts: Summary {
                    pass: state.pass,
                    fail: state.fail,
                    unknown: state.unknown,
                    waived: state.waived,
                },
            })
            .collect(),
        accounts: &report.about.accounts,
        waivers: &report.about.waivers,
        results: report.lines.iter().map(Row::new).collect(),
    };
    pretty(&document)
}

pub(super) fn lines(report: &Report<'_>) -> String {
    let mut out = String::new();
    for line in &report.lines {
        // Texts, numbers and maps with text keys: there is nothing that JSON could not hold.
        out.push_str(&serde_json::to_string(&Row::new(line)).unwrap_or_default());
        out.push('\n');
    }
    out
}

/// Indented, with a line end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut out = serde_json::to_string_pretty(value).unwrap_or_default();
    out.push('\n');
    out
}

/// When it was assessed, to the second, with `Z`.
pub(super) fn instant(report: &Report<'_>) -> String {
    report.assessment.assessed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;

    #[test]
    fn the_document() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        insta::assert_snapshot!(fixture::report(&assessment, &about).json());
    }

    #[test]
    fn a_line_per_result_with_the_promised_fields() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        let text = fixture::report(&assessment, &about).ndjson();
        assert_eq!(text.lines().count(), assessment.results.len());
        for line in text.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!((1..=6).contains(&row["control"].as_u64().unwrap()));
            for field in [
                "check_id",
                "status",
                "severity",
                "account_id",
                "region",
                "resource_arn",
                "observed",
                "expected",
                "remediation",
            ] {
                assert!(row[field].is_string(), "{field} in {line}");
            }
            assert!(row["frameworks"]["nist_800_53"].is_array(), "{line}");
        }
    }
}
