//! Each trail encrypts its log files with a KMS key.

use super::each_trail;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-kms-encryption",
    control: Control::Trail,
    title: "Log files are encrypted with a KMS key",
    severity: Severity::Medium,
    why: "With a key of one's own, reading logs takes the right to the bucket and the right to the key, and each \
          reading is an event itself. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html",
    expected: "KmsKeyId names a KMS key",
    remediation: "aws cloudtrail update-trail --region HOME_REGION --name NAME --kms-key-id KEY_ARN",
    fix_calls: &["kms:CreateKey", "kms:PutKeyPolicy", "kms:EnableKeyRotation", "cloudtrail:UpdateTrail"],
    frameworks: Frameworks {
        cis_1_4: &["3.7"],
        cis_3_0: &["3.5"],
        cis_5_0: &["3.5"],
        security_hub: &["CloudTrail.2"],
        config_rules: &["cloud-trail-encryption-enabled"],
        nist_800_53: &["AU-9", "CA-9(1)", "CM-3(6)", "SC-13", "SC-28", "SC-28(1)", "SC-7(10)", "SI-7(6)"],
        pci_dss_4: &["10.3.2"],
    },
    run: |context| {
        each_trail(context, CHECK.remediation, |trail| {
            Ok(Some(match trail.config.text("KmsKeyId") {
                Some(key) => {
                    Verdict::pass(trail.place, trail.arn, format!("log files are encrypted with {key}"))
                }
                None => {
                    let fix = format!(
                        "aws cloudtrail update-trail --region {} --name {} --kms-key-id KEY_ARN",
                        trail.home_region, trail.arn
                    );
                    Verdict::fail(trail.place, trail.arn, "no KMS key: log files are encrypted by S3 alone")
                        .remediation(fix)
                }
            }))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, OTHER};

    #[test]
    fn with_without_and_unknown() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.trail(|trail| trail["KmsKeyId"] = json!(""));
        estate.fails(&CHECK, &["no KMS key"]);
        for region in [HOME, OTHER] {
            estate.denied(region, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        }
        estate.unknown(&CHECK, "cloudtrail:DescribeTrails");
    }
}
