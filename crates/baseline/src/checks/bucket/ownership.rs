//! The owner of a log bucket owns what is in it, and ACLs are off.

use super::acl::acls_are_off;
use super::each_bucket;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::Source;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-ownership",
    control: Control::Bucket,
    title: "ACLs are off for the log bucket",
    severity: Severity::Low,
    why: "Without BucketOwnerEnforced, who writes an object from another account owns it and its ACL: the owner of \
          the bucket may be unable to read the logs in it. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
    expected: "ObjectOwnership is BucketOwnerEnforced (BucketOwnerPreferred where CloudFront's standard logs need ACLs)",
    remediation: "aws s3api put-bucket-ownership-controls --bucket BUCKET --ownership-controls \
                  'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'",
    fix_calls: &["s3:PutBucketOwnershipControls"],
    frameworks: Frameworks {
        security_hub: &["S3.12"],
        config_rules: &["s3-bucket-acl-prohibited"],
        nist_800_53: &["AC-2(1)", "AC-3", "AC-3(15)", "AC-3(7)", "AC-6"],
        pci_dss_4: &["10.3.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let output = bucket.ask("s3:GetBucketOwnershipControls")?;
            let rule = output.and_then(|output| output.items("OwnershipControls.Rules").first());
            let setting = rule.and_then(|rule| rule.text("ObjectOwnership"));
            // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
            let needs_acls = bucket.serves(Source::CloudFront) && setting == Some("BucketOwnerPreferred");
            let name = bucket.name;
            let observed = match setting {
                _ if acls_are_off(output) => format!("ACLs are off for the bucket {name}"),
                Some(setting) if needs_acls => {
                    format!("the bucket {name} has {setting}, as CloudFront's logs need")
                }
                Some(setting) => {
                    format!("ACLs are on for the bucket {name}: its ownership setting is {setting}")
                }
                None => format!("ACLs are on for the bucket {name}: it has no ownership setting"),
            };
            let ok = acls_are_off(output) || needs_acls;
            let fix = format!(
                "aws s3api put-bucket-ownership-controls --bucket {name} --ownership-controls \
                 'Rules=[{{ObjectOwnership=BucketOwnerEnforced}}]'"
            );
            Ok(Some(Verdict::of(ok, owner, bucket.arn(), observed).remediation(fix)))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    const CALL: &str = "s3:GetBucketOwnershipControls";

    #[test]
    fn enforced_or_not() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        let preferred =
            json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}});
        estate.answer("global", CALL, BUCKET, preferred);
        estate.fails(&CHECK, &["its ownership setting is BucketOwnerPreferred"]);
        let config = json!({"DistributionConfig": {"Logging": {"Enabled": true, "Bucket": "trail-logs.s3.amazonaws.com"}}});
        estate.answer("global", "cloudfront:GetDistributionConfig", "E1", config);
        estate.passes(&CHECK);
        estate.absent("global", CALL, BUCKET, "OwnershipControlsNotFoundError");
        estate.fails(&CHECK, &["no ownership setting"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, BUCKET, "s3:GetBucketOwnershipControls");
        estate.unknown(&CHECK, "s3:GetBucketOwnershipControls");
    }
}
