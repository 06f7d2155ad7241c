//! Log buckets encrypt with a KMS key where what delivers to them can.

use super::{access_logs_known, each_bucket};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::{LogBucket, Source};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-encryption",
    control: Control::Bucket,
    title: "The log bucket encrypts with a KMS key",
    severity: Severity::Medium,
    why: "S3 encrypts everything, with keys of its own unless told otherwise: then the right to the bucket is the \
          right to the logs. Digest files and other logs follow the bucket's default, not the trail's key. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
    expected: "default encryption is aws:kms or aws:kms:dsse (AES256 where S3 access logs or load balancers deliver, \
               which cannot use KMS keys)",
    remediation: "aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration \
                  '{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\
                  \"KEY_ARN\"},\"BucketKeyEnabled\":true}]}'",
    fix_calls: &["s3:PutEncryptionConfiguration", "kms:CreateKey", "kms:PutKeyPolicy"],
    frameworks: Frameworks {
        cis_1_4: &["2.1.1"],
        security_hub: &["S3.17"],
        config_rules: &["s3-default-encryption-kms", "s3-bucket-server-side-encryption-enabled"],
        nist_800_53: &[
            "AU-9", "AU-9(3)", "CA-9(1)", "CM-3(6)", "SC-7(10)", "SC-12(2)", "SC-13", "SC-28", "SC-28(1)",
            "SI-7(6)",
        ],
        pci_dss_4: &["3.5.1", "10.3.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let name = bucket.name;
            let (algorithm, key) = default_encryption(bucket)?;
            let observed = match (algorithm, key) {
                (None, _) => format!("the bucket {name} has no default encryption"),
                (Some(algorithm), Some(key)) => {
                    format!("the bucket {name} encrypts with {algorithm} and the key {key}")
                }
                (Some(algorithm), None) => format!("the bucket {name} encrypts with {algorithm}"),
            };
            let without_kms =
                [Source::S3Access, Source::LoadBalancer].into_iter().find(|source| bucket.serves(*source));
            let (ok, observed) = match (algorithm.unwrap_or(""), without_kms) {
                (algorithm, _) if algorithm.starts_with("aws:kms") => (true, observed),
                ("AES256", Some(source)) => {
                    (true, format!("{observed}; {} cannot use a KMS key", source.name()))
                }
                ("AES256", None) => {
                    access_logs_known(owner)?;
                    (false, observed)
                }
                _ => (false, observed),
            };
            let fix = format!(
                "aws s3api put-bucket-encryption --bucket {name} --server-side-encryption-configuration \
                 '{{\"Rules\":[{{\"ApplyServerSideEncryptionByDefault\":{{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\
                 \"KEY_ARN\"}},\"BucketKeyEnabled\":true}}]}}'"
            );
            Ok(Some(Verdict::of(ok, owner, bucket.arn(), observed).remediation(fix)))
        })
    },
};

/// The algorithm and the KMS key of the bucket's default encryption.
pub(super) fn default_encryption<'a>(
    bucket: &LogBucket<'a>,
) -> Result<(Option<&'a str>, Option<&'a str>), crate::Unknown> {
    let output = bucket.ask("s3:GetBucketEncryption")?;
    let rule = output.and_then(|output| output.items("ServerSideEncryptionConfiguration.Rules").first());
    let member =
        |name: &str| rule.and_then(|rule| rule.text(&format!("ApplyServerSideEncryptionByDefault.{name}")));
    Ok((member("SSEAlgorithm"), member("KMSMasterKeyID")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::testing::{BUCKET, Estate, KEY};

    const CALL: &str = "s3:GetBucketEncryption";

    fn rule(algorithm: &str) -> Value {
        json!({"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}})
    }

    #[test]
    fn kms_where_it_can_be() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        let observed: Vec<String> = estate.run(&CHECK).into_iter().map(|verdict| verdict.observed).collect();
        assert!(
            observed[0].ends_with("S3 server access logs cannot use a KMS key") && observed[1].ends_with(KEY),
            "{observed:?}"
        );
        estate.answer("global", CALL, BUCKET, rule("aws:kms:dsse"));
        estate.passes(&CHECK);
    }

    #[test]
    fn s3s_own_keys_or_none() {
        let mut estate = Estate::compliant();
        estate.answer("global", CALL, BUCKET, rule("AES256"));
        estate.fails(&CHECK, &["the bucket trail-logs encrypts with AES256"]);
        estate.absent("global", CALL, BUCKET, "ServerSideEncryptionConfigurationNotFoundError");
        estate.fails(&CHECK, &["no default encryption"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, BUCKET, "s3:GetEncryptionConfiguration");
        estate.unknown(&CHECK, "s3:GetEncryptionConfiguration");
    }
}
