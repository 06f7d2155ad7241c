//! Log buckets keep versions.

use super::each_bucket;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-versioning",
    control: Control::Bucket,
    title: "The log bucket keeps versions",
    severity: Severity::Medium,
    why: "With versions, a log file that is deleted or overwritten is still there below; it is also what MFA delete, \
          Object Lock and replication build on. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
    expected: "versioning is Enabled",
    remediation: "aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled",
    fix_calls: &["s3:PutBucketVersioning"],
    frameworks: Frameworks {
        security_hub: &["S3.14"],
        config_rules: &["s3-bucket-versioning-enabled"],
        nist_800_53: &[
            "AU-9(2)", "CP-6", "CP-6(1)", "CP-6(2)", "CP-9", "CP-10", "SC-5(2)", "SI-12", "SI-13(5)",
        ],
        pci_dss_4: &["10.3.2", "10.3.4"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let status = bucket.ask("s3:GetBucketVersioning")?.and_then(|output| output.text("Status"));
            let observed = match status {
                Some("Enabled") => format!("the bucket {} keeps versions", bucket.name),
                Some(status) => {
                    format!("versioning of the bucket {} is {}", bucket.name, status.to_lowercase())
                }
                None => format!("versioning of the bucket {} was never turned on", bucket.name),
            };
            let fix = format!(
                "aws s3api put-bucket-versioning --bucket {} --versioning-configuration Status=Enabled",
                bucket.name
            );
            Ok(Some(Verdict::of(status == Some("Enabled"), owner, bucket.arn(), observed).remediation(fix)))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    #[test]
    fn enabled_suspended_never_and_unknown() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.answer("global", "s3:GetBucketVersioning", BUCKET, json!({"Status": "Suspended"}));
        estate.fails(&CHECK, &["versioning of the bucket trail-logs is suspended"]);
        estate.answer("global", "s3:GetBucketVersioning", BUCKET, json!({}));
        estate.fails(&CHECK, &["never turned on"]);
        estate.denied("global", "s3:GetBucketVersioning", BUCKET, "s3:GetBucketVersioning");
        estate.unknown(&CHECK, "s3:GetBucketVersioning");
    }
}
