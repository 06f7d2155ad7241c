//! Changes to who may reach a bucket and how long its objects stay. The nine calls that CIS names are judged;
//! Block Public Access and others, which CIS does not name, are told (the fix includes the former).

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-bucket-policy-changes",
    "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication) || ($.eventName = PutBucketPublicAccessBlock) || ($.eventName = DeleteBucketPublicAccessBlock)) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-bucket-policy-changes",
    control: Control::Changes,
    title: "Changes to bucket policies raise an alert",
    severity: Severity::Medium,
    why: "One statement in a bucket policy can open all its objects to the world. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    expected: "each of the 9 calls that change a bucket's policy, ACL, CORS, lifecycle or \
          replication reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.8"],
        cis_3_0: &["4.8"],
        cis_5_0: &["4.8"],
        security_hub: &["CloudWatch.8"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let named = |more: &str| json!({"bucketName": "logs", "Host": "logs.s3.amazonaws.com", more: ""});
    scene.calls(
        "s3",
        &[
            ("PutBucketAcl", named("acl")),
            (
                "PutBucketPolicy",
                json!({"bucketName": "logs", "Host": "logs.s3.amazonaws.com", "policy": "",
            "bucketPolicy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
                "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}]}}),
            ),
            ("PutBucketCors", named("cors")),
            ("PutBucketLifecycle", named("lifecycle")),
            ("PutBucketReplication", named("replication")),
            ("DeleteBucketPolicy", named("policy")),
            ("DeleteBucketCors", named("cors")),
            ("DeleteBucketLifecycle", named("lifecycle")),
            ("DeleteBucketReplication", named("replication")),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let named = json!({"bucketName": "logs", "Host": "logs.s3.amazonaws.com"});
    let names = [
        "PutBucketPublicAccessBlock",
        "DeleteBucketPublicAccessBlock",
        "PutBucketOwnershipControls",
        "PutBucketVersioning",
        "PutBucketLogging",
        "DeleteBucketEncryption",
    ];
    names.into_iter().map(|name| scene.call("s3", name, named.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::super::drill::{alerted, pattern};
    use super::*;
    use crate::alert_path::sample::{HOME, fails};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn a_name_of_the_cli_is_not_the_name_of_the_event() {
        let mut sample = alerted(&CHECK);
        let filter = &mut sample.edit(HOME, "logs:DescribeMetricFilters", "")["metricFilters"][0];
        filter["filterPattern"] =
            json!(pattern(&CHECK).replace("PutBucketLifecycle", "PutBucketLifecycleConfiguration"));
        fails(
            &sample,
            &CHECK,
            "1 of 9 calls would slip by: PutBucketLifecycle (metric filter own picks 8 of 9)",
        );
    }
}
