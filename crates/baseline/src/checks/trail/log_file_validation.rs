//! Each trail writes digest files, by which its log files can be proved whole.

use super::each_trail;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-log-file-validation",
    control: Control::Trail,
    title: "Log file validation is on",
    severity: Severity::Medium,
    why: "Signed digest files tell whether a log file was changed or deleted after CloudTrail delivered it; \
          they cannot be made afterwards. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    expected: "LogFileValidationEnabled",
    remediation: "aws cloudtrail update-trail --region HOME_REGION --name NAME --enable-log-file-validation",
    fix_calls: &["cloudtrail:UpdateTrail"],
    frameworks: Frameworks {
        cis_1_4: &["3.2"],
        cis_3_0: &["3.2"],
        cis_5_0: &["3.2"],
        security_hub: &["CloudTrail.4"],
        config_rules: &["cloud-trail-log-file-validation-enabled"],
        nist_800_53: &["AU-9", "SI-4", "SI-7(1)", "SI-7(3)", "SI-7(7)"],
        pci_dss_4: &["10.3.2", "10.3.4"],
    },
    run: |context| {
        each_trail(context, CHECK.remediation, |trail| {
            let on = trail.config.flag("LogFileValidationEnabled");
            let observed =
                if on { "digest files are written" } else { "no digest files: log file validation is off" };
            let fix = format!(
                "aws cloudtrail update-trail --region {} --name {} --enable-log-file-validation",
                trail.home_region, trail.arn
            );
            Ok(Some(Verdict::of(on, trail.place, trail.arn, observed).remediation(fix)))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, OTHER};

    #[test]
    fn on_off_and_unknown() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.trail(|trail| trail["LogFileValidationEnabled"] = json!(false));
        let verdict = estate.fails(&CHECK, &["log file validation is off"]);
        assert!(verdict.remediation.unwrap().ends_with("trail/main --enable-log-file-validation"));
        for region in [HOME, OTHER] {
            estate.denied(region, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        }
        estate.unknown(&CHECK, "cloudtrail:DescribeTrails");
    }
}
