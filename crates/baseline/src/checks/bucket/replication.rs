//! Whether a copy of the logs is elsewhere.

use super::each_bucket;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-replication",
    control: Control::Bucket,
    title: "Replication of the log bucket, where it is set up, works",
    severity: Severity::Informational,
    why: "A copy in another account or Region outlives the loss of the first. Not every estate wants one; one that was \
          set up and turned off is taken for a copy that is not there. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
    expected: "at least one enabled rule to another bucket, where there is a replication configuration",
    remediation: "aws s3api put-bucket-replication --bucket BUCKET --replication-configuration file://replication.json",
    fix_calls: &["s3:PutReplicationConfiguration", "iam:PassRole"],
    frameworks: Frameworks {
        security_hub: &["S3.7"],
        config_rules: &["s3-bucket-replication-enabled", "s3-bucket-cross-region-replication-enabled"],
        nist_800_53: &[
            "AU-9(2)", "CP-6", "CP-6(1)", "CP-6(2)", "CP-9", "CP-10", "SC-5(2)", "SC-36(2)", "SI-13(5)",
        ],
        pci_dss_4: &["10.3.3"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let name = bucket.name;
            let Some(output) = bucket.ask("s3:GetBucketReplication")? else {
                let observed = format!("the bucket {name} is not replicated: it is the only copy");
                return Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            };
            let rules = output.items("ReplicationConfiguration.Rules").iter();
            let on = rules.filter(|rule| rule.text("Status") == Some("Enabled"));
            let targets: Vec<&str> = on.filter_map(|rule| rule.text("Destination.Bucket")).collect();
            let others: Vec<&str> = targets.into_iter().filter(|target| *target != bucket.arn()).collect();
            Ok(Some(if others.is_empty() {
                let observed = format!(
                    "the bucket {name} has a replication configuration, and no rule of it is enabled"
                );
                Verdict::fail(owner, bucket.arn(), observed)
            } else {
                Verdict::pass(
                    owner,
                    bucket.arn(),
                    format!("the bucket {name} is replicated to {}", others.join(", ")),
                )
            }))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    const CALL: &str = "s3:GetBucketReplication";

    #[test]
    fn none_on_and_off() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        let observed: Vec<String> = estate.run(&CHECK).into_iter().map(|verdict| verdict.observed).collect();
        assert_eq!(
            observed,
            [
                "the bucket access-logs is not replicated: it is the only copy",
                "the bucket trail-logs is replicated to arn:aws:s3:::far-copy",
            ]
        );
        estate.edit("global", CALL, BUCKET, |output| {
            output["ReplicationConfiguration"]["Rules"][0]["Status"] = json!("Disabled");
        });
        estate.fails(&CHECK, &["no rule of it is enabled"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", CALL, BUCKET, "s3:GetReplicationConfiguration");
        estate.unknown(&CHECK, "s3:GetReplicationConfiguration");
    }
}
