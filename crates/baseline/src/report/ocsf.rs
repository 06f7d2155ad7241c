//! OCSF Compliance Findings (class 2003), version 1.3.0 with the profile `cloud`.
//! <https://schema.ocsf.io/1.3.0/classes/compliance_finding>

use serde_json::{Value, json};

use super::json::pretty;
use super::{Line, Report, frameworks, resource};
use crate::check::{Severity, Status};

const VERSION: &str = "1.3.0";

/// The guide that the six controls come from; every check is part of it.
const GUIDE: &str = "AWS Security Controls: logging and monitoring";

pub(super) fn render(report: &Report<'_>) -> String {
    let findings: Vec<Value> = report.lines.iter().map(|line| finding(report, line)).collect();
    pretty(&findings)
}

fn finding(report: &Report<'_>, line: &Line<'_>) -> Value {
    let result = line.result;
    let time = report.assessment.assessed_at.timestamp_millis();
    let partition = resource::partition(&result.resource_arn);
    let (severity_id, severity) = severity(line);
    let (status_id, status) = lifecycle(result.status);
    let mut info = json!({
        "uid": line.id.to_string(),
        "title": result.title,
        "created_time": time,
        "types": ["Compliance"],
        "analytic": { "uid": result.check_id, "name": result.title, "type": "Rule", "type_id": 1 },
    });
    if let Some(check) = line.check {
        info["desc"] = check.why.into();
    }
    let mut finding = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "message": format!("{}: {}", result.title, result.observed),
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "product": { "name": "Trailkeep", "vendor_name": "Trailkeep", "version": report.about.version },
        },
        "cloud": {
            "provider": "AWS",
            "account": { "uid": result.account_id, "type": "AWS Account", "type_id": 10 },
            "region": result.region,
        },
        "finding_info": info,
        "compliance": compliance(line),
        "remediation": { "desc": result.remediation },
        "resources": [{
            "uid": result.resource_arn,
            "type": resource::asff_type(&result.resource_arn),
            "region": result.region,
            "cloud_partition": partition,
        }],
        "unmapped": { "expected": result.expected },
    });
    if !result.evidence.is_null() {
        finding["resources"][0]["data"] = result.evidence.clone();
    }
    if !result.missing_actions.is_empty() {
        finding["unmapped"]["missing_actions"] = result.missing_actions.clone().into();
    }
    if let Some(waiver) = &result.waiver {
        finding["comment"] =
            format!("Waived by {} until {}: {}", waiver.owner, waiver.expires, waiver.reason).into();
    }
    finding
}

fn compliance(line: &Line<'_>) -> Value {
    let result = line.result;
    // A waived failure is one all the same: the finding is suppressed, the resource has not changed.
    let (status_id, status) = match result.status {
        Status::Pass => (1, "Pass"),
        Status::Unknown => (2, "Warning"),
        Status::Fail | Status::Waived => (3, "Fail"),
    };
    let mut standards = vec![GUIDE];
    let mut requirements = Vec::new();
    if let Some(check) = line.check {
        standards.extend(frameworks::named(&check.frameworks).map(|(name, _)| name));
        requirements = frameworks::requirements(&check.frameworks);
    }
    json!({
        "control": result.control.title(),
        "standards": standards,
        "requirements": requirements,
        "status_id": status_id,
        "status": status,
        "status_code": result.status.as_str(),
        "status_detail": result.observed,
    })
}

fn severity(line: &Line<'_>) -> (u8, &'static str) {
    match (line.result.status, line.result.severity) {
        (Status::Pass, _) | (_, Severity::Informational) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
        (_, Severity::Critical) => (5, "Critical"),
    }
}

fn lifecycle(status: Status) -> (u8, &'static str) {
    match status {
        Status::Pass => (4, "Resolved"),
        Status::Waived => (3, "Suppressed"),
        Status::Fail | Status::Unknown => (1, "New"),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::fixture;

    #[test]
    fn the_findings() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        insta::assert_snapshot!(fixture::report(&assessment, &about).ocsf());
    }
}
