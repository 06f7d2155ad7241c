//! Log buckets block public access themselves.

use super::{blocks_off, blocks_on, each_bucket};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "log-bucket-public-access-block",
    control: Control::Bucket,
    title: "The log bucket blocks public access",
    severity: Severity::High,
    why: "With Block Public Access on, no policy and no ACL, by mistake or by an intruder, opens the logs to the \
          world. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    expected: "the four settings of Block Public Access are on for the bucket",
    remediation: "aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration \
                  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
    fix_calls: &["s3:PutBucketPublicAccessBlock"],
    frameworks: Frameworks {
        cis_1_4: &["2.1.5", "3.3"],
        cis_3_0: &["2.1.4"],
        cis_5_0: &["2.1.4"],
        security_hub: &["S3.8", "CloudTrail.6"],
        config_rules: &["s3-bucket-level-public-access-prohibited"],
        nist_800_53: &[
            "AC-3", "AC-3(7)", "AC-4", "AC-4(21)", "AC-6", "AC-21", "SC-7", "SC-7(3)", "SC-7(4)", "SC-7(9)",
            "SC-7(11)", "SC-7(16)", "SC-7(20)", "SC-7(21)",
        ],
        pci_dss_4: &["1.4.4", "10.3.1"],
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let off = blocks_off(&blocks_on(bucket.ask("s3:GetPublicAccessBlock")?));
            if off.is_empty() {
                let observed = format!("all four settings are on for the bucket {}", bucket.name);
                return Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            }
            let account = blocks_on(owner.get("s3control:GetPublicAccessBlock").unwrap_or_default());
            let covered = off.iter().all(|name| account.contains(name));
            let held = if covered { "; the account's own settings stand in for them" } else { "" };
            let observed = format!("off for the bucket {}: {}{held}", bucket.name, off.join(", "));
            let fix = format!(
                "aws s3api put-public-access-block --bucket {} --public-access-block-configuration \
                 BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
                bucket.name
            );
            let severity = if covered { Severity::Low } else { CHECK.severity };
            Ok(Some(Verdict::fail(owner, bucket.arn(), observed).severity(severity).remediation(fix)))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::check::Severity;
    use crate::testing::{BUCKET, Estate, HOME};

    const CALL: &str = "s3:GetPublicAccessBlock";

    #[test]
    fn on() {
        let estate = Estate::compliant();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK)[0].region, HOME, "where the bucket is, not where it was asked");
    }

    #[test]
    fn off() {
        let mut estate = Estate::compliant();
        estate.absent("global", CALL, BUCKET, "NoSuchPublicAccessBlockConfiguration");
        let verdict = estate.fails(&CHECK, &["off for the bucket trail-logs", "the account's own settings"]);
        assert_eq!(verdict.severity, Some(Severity::Low));
        estate.absent("global", "s3control:GetPublicAccessBlock", "", "NoSuchPublicAccessBlockConfiguration");
        assert_eq!(estate.fails(&CHECK, &["IgnorePublicAcls"]).severity, Some(Severity::High));
    }

    #[test]
    fn one_setting_off() {
        let mut estate = Estate::compliant();
        estate.edit("global", CALL, BUCKET, |output| {
            output["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = json!("false");
        });
        estate.fails(&CHECK, &["off for the bucket trail-logs: BlockPublicPolicy"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, BUCKET, "s3:GetBucketPublicAccessBlock");
        estate.unknown(&CHECK, "s3:GetBucketPublicAccessBlock");
    }
}
