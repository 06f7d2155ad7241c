//! Log buckets refuse plain HTTP.

use super::{each_bucket, policy};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};

pub(super) const CHECK: Check = Check {
    id: "log-bucket-tls",
    control: Control::Bucket,
    title: "The log bucket takes requests over TLS only",
    severity: Severity::Medium,
    why: "S3 answers plain HTTP where the policy does not refuse it: logs and signed requests can then be read on \
          the way. https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    expected: "a statement that denies everybody s3:* on the bucket and its objects where aws:SecureTransport is false",
    remediation: "add to the policy {\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\
                  [\"arn:aws:s3:::BUCKET\",\"arn:aws:s3:::BUCKET/*\"],\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\
                  \"false\"}}}: aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json",
    fix_calls: &["s3:PutBucketPolicy"],
    frameworks: Frameworks {
        cis_1_4: &["2.1.2"],
        cis_3_0: &["2.1.1"],
        cis_5_0: &["2.1.1"],
        security_hub: &["S3.5"],
        config_rules: &["s3-bucket-ssl-requests-only"],
        nist_800_53: &[
            "AC-17(2)", "AC-4", "IA-5(1)", "SC-7(4)", "SC-8", "SC-8(1)", "SC-8(2)", "SC-12(3)", "SC-13",
            "SC-23", "SC-23(3)", "SI-7(6)",
        ],
        pci_dss_4: &["4.2.1"],
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let name = bucket.name;
            Ok(Some(match policy(bucket)? {
                None => Verdict::fail(
                    owner,
                    bucket.arn(),
                    format!("the bucket {name} has no policy, so plain HTTP is taken"),
                ),
                Some(policy) if policy.denies_insecure_transport(&bucket.arn()) => Verdict::pass(
                    owner,
                    bucket.arn(),
                    format!("the policy of the bucket {name} denies plain HTTP"),
                ),
                Some(_) => {
                    let observed = format!(
                        "no statement of the bucket {name} denies everybody every request without TLS, to the bucket and \
                         all its objects"
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
    fn denied() {
        Estate::compliant().passes(&CHECK);
    }

    #[test]
    fn not_denied_or_in_part() {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| {
            statements.pop();
        });
        let verdict = estate.fails(&CHECK, &["no statement of the bucket trail-logs denies"]);
        assert!(verdict.remediation.unwrap().contains("\"arn:aws:s3:::trail-logs/*\""));
        estate.bucket_policy(|statements| {
            statements[2]["Resource"] = json!("arn:aws:s3:::trail-logs/AWSLogs/*");
        });
        estate.fails(&CHECK, &["all its objects"]);
        estate.bucket_policy(|statements| statements[2]["Action"] = json!("s3:GetObject"));
        estate.fails(&CHECK, &["every request"]);
        estate.absent("global", "s3:GetBucketPolicy", BUCKET, "NoSuchBucketPolicy");
        estate.fails(&CHECK, &["has no policy"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:GetBucketPolicy", BUCKET, "s3:GetBucketPolicy");
        estate.unknown(&CHECK, "s3:GetBucketPolicy");
    }
}
