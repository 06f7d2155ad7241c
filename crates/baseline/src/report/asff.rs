//! The AWS Security Finding Format, as `BatchImportFindings` takes it (100 findings a call).
//!
//! Fields and bounds: <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html>,
//! <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>.

use serde_json::{Value, json};

use super::json::{instant, pretty};
use super::text::clip;
use super::{Line, Report, frameworks, resource};
use crate::check::{Severity, Status};

const TITLE: usize = 256;
const DESCRIPTION: usize = 1_024;
const RECOMMENDATION: usize = 512;
const REQUIREMENTS: usize = 32;
const FIELD: usize = 2_048;

pub(super) fn render(report: &Report<'_>) -> String {
    let findings: Vec<Value> = report.lines.iter().map(|line| finding(report, line)).collect();
    pretty(&findings)
}

fn finding(report: &Report<'_>, line: &Line<'_>) -> Value {
    let result = line.result;
    let partition = resource::partition(&result.resource_arn);
    let region = resource::home_region(&result.region, &result.resource_arn);
    let account = &result.account_id;
    let why = line.check.map_or("", |check| check.why);
    let description = format!(
        "Observed: {}. Expected: {}. {why}",
        result.observed.trim_end_matches('.'),
        result.expected.trim_end_matches('.')
    );
    let requirements =
        line.check.map(|check| frameworks::requirements(&check.frameworks)).unwrap_or_default();
    let when = instant(report);
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": format!("trailkeep/{region}/{account}/{}/{}", result.check_id, line.id),
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "GeneratorId": format!("trailkeep/{}", result.check_id),
        "AwsAccountId": account,
        "Region": region,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": when,
        "UpdatedAt": when,
        "Severity": { "Label": label(line), "Original": result.severity.as_str() },
        "Title": clip(&result.title, TITLE),
        "Description": clip(description.trim_end(), DESCRIPTION),
        "Remediation": { "Recommendation": { "Text": clip(&result.remediation, RECOMMENDATION) } },
        "ProductFields": product_fields(report, line),
        "Resources": [{
            "Type": resource::asff_type(&result.resource_arn),
            "Id": result.resource_arn,
            "Partition": partition,
            "Region": region,
        }],
        "Compliance": {
            "Status": compliance(result.status),
            "RelatedRequirements": requirements.into_iter().take(REQUIREMENTS).collect::<Vec<_>>(),
        },
        "Workflow": { "Status": workflow(result.status) },
        "RecordState": "ACTIVE",
    })
}

/// A finding that passed tells of nothing bad, however bad its failure would be.
fn label(line: &Line<'_>) -> &'static str {
    match (line.result.status, line.result.severity) {
        (Status::Pass, _) | (_, Severity::Informational) => "INFORMATIONAL",
        (_, Severity::Low) => "LOW",
        (_, Severity::Medium) => "MEDIUM",
        (_, Severity::High) => "HIGH",
        (_, Severity::Critical) => "CRITICAL",
    }
}

/// `WARNING` is the format's word for "some information is missing".
fn compliance(status: Status) -> &'static str {
    match status {
        Status::Pass => "PASSED",
        Status::Fail | Status::Waived => "FAILED",
        Status::Unknown => "WARNING",
    }
}

fn workflow(status: Status) -> &'static str {
    match status {
        Status::Pass => "RESOLVED",
        Status::Waived => "SUPPRESSED",
        Status::Fail | Status::Unknown => "NEW",
    }
}

fn product_fields(report: &Report<'_>, line: &Line<'_>) -> Value {
    let result = line.result;
    let mut fields = json!({
        "ProviderName": "Trailkeep",
        "ProviderVersion": report.about.version,
        "CheckId": result.check_id,
        "Control": result.control.number().to_string(),
        "Observed": clip(&result.observed, FIELD),
    });
    if !result.missing_actions.is_empty() {
        fields["MissingActions"] = clip(&result.missing_actions.join(" "), FIELD).into();
    }
    if let Some(waiver) = &result.waiver {
        fields["WaiverOwner"] = clip(&waiver.owner, FIELD).into();
        fields["WaiverReason"] = clip(&waiver.reason, FIELD).into();
        fields["WaiverExpires"] = waiver.expires.to_string().into();
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_findings() {
        let (assessment, about) = (fixture::assessment(), fixture::about());
        insta::assert_snapshot!(fixture::report(&assessment, &about).asff());
    }

    #[test]
    fn bounds_hold_whatever_a_check_says() {
        let (mut assessment, about) = (fixture::assessment(), fixture::about());
        let result = &mut assessment.results[0];
        (result.title, result.observed, result.remediation) =
            ("t".repeat(9_000), "ö".repeat(9_000), "r".repeat(9_000));
        let text = fixture::report(&assessment, &about).asff();
        let findings: Value = serde_json::from_str(&text).unwrap();
        let finding = &findings[0];
        let length = |value: &Value| value.as_str().unwrap().chars().count();
        assert_eq!(length(&finding["Title"]), TITLE);
        assert_eq!(length(&finding["Description"]), DESCRIPTION);
        assert_eq!(length(&finding["Remediation"]["Recommendation"]["Text"]), RECOMMENDATION);
        assert_eq!(length(&finding["ProductFields"]["Observed"]), FIELD);
    }
}
