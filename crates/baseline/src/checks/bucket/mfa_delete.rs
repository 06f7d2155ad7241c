//! Versions in a log bucket cannot be deleted by stolen credentials alone.

use super::{default_retention, each_bucket};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-mfa-delete",
    control: Control::Bucket,
    title: "Versions in the log bucket cannot be deleted by credentials alone",
    severity: Severity::Low,
    why: "MFA delete asks for the root user's second factor before a version is deleted or versioning is suspended. \
          Object Lock with a default retention stands in for it: it refuses the deletion itself, and versioning \
          cannot be suspended. https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html",
    expected: "MFADelete is Enabled, or Object Lock with a default retention protects every new version",
    remediation: "as the root user: aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration \
                  Status=Enabled,MFADelete=Enabled --mfa 'arn:aws:iam::ACCOUNT:mfa/DEVICE CODE'",
    fix_calls: &["s3:PutBucketVersioning"],
    frameworks: Frameworks {
        cis_1_4: &["2.1.3"],
        cis_3_0: &["2.1.2"],
        cis_5_0: &["2.1.2"],
        security_hub: &["S3.20"],
        config_rules: &["s3-bucket-mfa-delete-enabled"],
        nist_800_53: &["AU-9", "CA-9(1)", "CM-2", "CM-2(2)", "CM-3", "SC-5(2)"],
        pci_dss_4: &["10.3.2"],
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let versioning = bucket.ask("s3:GetBucketVersioning")?;
            // The API spells it MFADelete where it answers and MfaDelete in its XML.
            let mfa = versioning.and_then(|output| output.text("MFADelete").or(output.text("MfaDelete")));
            let name = bucket.name;
            if mfa == Some("Enabled") {
                return Ok(Some(Verdict::pass(
                    owner,
                    bucket.arn(),
                    format!("MFA delete is on for the bucket {name}"),
                )));
            }
            Ok(Some(match default_retention(bucket)? {
                Some((days, mode)) => {
                    let observed = format!(
                        "Object Lock keeps every new version of the bucket {name} for {days} days ({mode})"
                    );
                    Verdict::pass(owner, bucket.arn(), observed)
                }
                None => {
                    let observed = format!(
                        "MFA delete is off for the bucket {name}, and Object Lock does not stand in for it"
                    );
                    Verdict::fail(owner, bucket.arn(), observed)
                }
            }))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    #[test]
    fn by_mfa_or_by_lock() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.answer("global", "s3:GetBucketVersioning", BUCKET, json!({"Status": "Enabled"}));
        estate.passes(&CHECK);
        estate.absent(
            "global",
            "s3:GetObjectLockConfiguration",
            BUCKET,
            "ObjectLockConfigurationNotFoundError",
        );
        estate.fails(&CHECK, &["MFA delete is off for the bucket trail-logs"]);
    }

    #[test]
    fn a_lock_without_retention_protects_nothing() {
        let mut estate = Estate::compliant();
        estate.answer(
            "global",
            "s3:GetBucketVersioning",
            BUCKET,
            json!({"Status": "Enabled", "MFADelete": "Disabled"}),
        );
        let lock = json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}});
        estate.answer("global", "s3:GetObjectLockConfiguration", BUCKET, lock);
        estate.fails(&CHECK, &["does not stand in"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:GetBucketVersioning", BUCKET, "s3:GetBucketVersioning");
        estate.unknown(&CHECK, "s3:GetBucketVersioning");
        estate.answer("global", "s3:GetBucketVersioning", BUCKET, json!({"Status": "Enabled"}));
        estate.denied(
            "global",
            "s3:GetObjectLockConfiguration",
            BUCKET,
            "s3:GetBucketObjectLockConfiguration",
        );
        estate.unknown(&CHECK, "s3:GetBucketObjectLockConfiguration");
    }
}
