//! CSV, for spreadsheets.

use super::text::clean_lines;
use super::{Line, Report, frameworks};

const HEADER: [&str; 17] = [
    "check_id",
    "control",
    "status",
    "severity",
    "account_id",
    "region",
    "resource_arn",
    "observed",
    "expected",
    "remediation",
    "title",
    "missing_actions",
    "waiver_owner",
    "waiver_reason",
    "waiver_expires",
    "frameworks",
    "id",
];

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = HEADER.join(",");
    out.push_str("\r\n");
    for line in &report.lines {
        let cells: Vec<String> = row(line).iter().map(|text| cell(text)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn row(line: &Line<'_>) -> [String; HEADER.len()] {
    let result = line.result;
    let waiver =
        |of: fn(&crate::assess::Waiver) -> String| result.waiver.as_ref().map(of).unwrap_or_default();
    [
        result.check_id.clone(),
        result.control.number().to_string(),
        result.status.as_str().to_owned(),
        result.severity.as_str().to_owned(),
        result.account_id.clone(),
        result.region.clone(),
        result.resource_arn.clone(),
        result.observed.clone(),
        result.expected.clone(),
        result.remediation.clone(),
        result.title.clone(),
        result.missing_actions.join(" "),
        waiver(|waiver| waiver.owner.clone()),
        waiver(|waiver| waiver.reason.clone()),
        waiver(|waiver| waiver.expires.to_string()),
        line.check.map(|check| frameworks::requirements(&check.frameworks).join("; ")).unwrap_or_default(),
        line.id.to_string(),
    ]
}

/// RFC 4180, and no cell that a spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    // RFC 4180 has no control characters; line ends within quotes are usual.
    let text = clean_lines(text).collect::<Vec<_>>().join("\n");
    let guarded = if formula { format!("'{text}") } else { text };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_table() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        insta::assert_snapshot!(fixture::report(&assessment, &about).csv().replace("\r\n", "\n"));
    }

    #[test]
    fn cells() {
        assert_eq!(cell("=cmd()"), "'=cmd()");
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell("plain"), "plain");
    }
}
