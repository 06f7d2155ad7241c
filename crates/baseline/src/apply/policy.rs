//! The least-privilege policy of a role for `apply`: what the registry of effects can do, and no more.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{
    cloudtrail, cloudwatch, ec2, events, iam, kms, logs, s3, s3control, sns, sqs,
};

use super::effect::{Effect, Kind};
use super::effects;
use crate::collect;

/// Calls that only undo makes.
static TAKES_BACK: [&Operation; 22] = [
    &s3::DELETE_BUCKET,
    &s3::DELETE_BUCKET_POLICY,
    &s3::DELETE_BUCKET_LIFECYCLE,
    &s3::DELETE_BUCKET_ENCRYPTION,
    &s3::DELETE_BUCKET_OWNERSHIP_CONTROLS,
    &s3::DELETE_PUBLIC_ACCESS_BLOCK,
    &s3control::DELETE_PUBLIC_ACCESS_BLOCK,
    &kms::SCHEDULE_KEY_DELETION,
    &kms::DELETE_ALIAS,
    &kms::DISABLE_KEY_ROTATION,
    &iam::DELETE_ROLE,
    &iam::DELETE_ROLE_POLICY,
    &logs::DELETE_LOG_GROUP,
    &logs::DELETE_METRIC_FILTER,
    &logs::DELETE_RETENTION_POLICY,
    &logs::DISASSOCIATE_KMS_KEY,
    &cloudtrail::DELETE_TRAIL,
    &cloudtrail::STOP_LOGGING,
    &ec2::DELETE_FLOW_LOGS,
    &sns::UNSUBSCRIBE,
    &sns::DELETE_TOPIC,
    &cloudwatch::DELETE_ALARMS,
];

/// Calls that only undo of live events makes.
static TAKES_BACK_LIVE: [&Operation; 3] = [&sqs::DELETE_QUEUE, &events::REMOVE_TARGETS, &events::DELETE_RULE];

/// What calls need beside the action that has their name.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
static ALONG: [&str; 13] = [
    "cloudtrail:AddTags",
    "ec2:CreateTags",
    "events:TagResource",
    "iam:TagRole",
    // Flow logs to a bucket are log deliveries of CloudWatch Logs.
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:TagResource",
    "kms:TagResource",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketObjectLockConfiguration",
    "sns:TagResource",
    "sqs:TagQueue",
];

/// Every call that the steps, their verification and undo can make.
fn operations() -> impl Iterator<Item = &'static Operation> {
    let reads = |effect: &'static Effect| {
        let in_use = match &effect.kind {
            Kind::Makes { in_use: Some(read), .. } => Some(read.operation),
            _ => None,
        };
        [Some(effect.operation), Some(effect.read.operation), in_use].into_iter().flatten()
    };
    effects::all().flat_map(reads).chain(TAKES_BACK.iter().copied()).chain(TAKES_BACK_LIVE.iter().copied())
}

/// The policy of a role for `apply`: it reads what `check` reads, as the plan comes from that, and makes
/// the calls of the steps. The role of the trail may be passed to CloudTrail and to nobody else.
#[must_use]
pub fn iam_policy() -> Value {
    let reads = collect::iam_policy(collect::Purpose::Check);
    let mut actions: BTreeSet<String> = operations().map(|operation| operation.action.to_owned()).collect();
    actions.extend(ALONG.iter().map(|&action| action.to_owned()));
    let mut statements = reads["Statement"].as_array().cloned().unwrap_or_default();
    statements.push(json!({
        "Sid": "TrailkeepApply", "Effect": "Allow", "Action": actions, "Resource": "*",
    }));
    statements.push(json!({
        "Sid": "TrailkeepPassRole", "Effect": "Allow", "Action": "iam:PassRole",
        "Resource": "arn:*:iam::*:role/trailkeep-cloudtrail-*",
        "Condition": {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}},
    }));
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_apply() {
        let policy = iam_policy();
        insta::assert_snapshot!(serde_json::to_string_pretty(&policy["Statement"][1]).unwrap());
        assert_eq!(policy["Statement"][2]["Action"], "iam:PassRole");
    }

    #[test]
    fn effects_are_registered_once() {
        let keys: BTreeSet<String> = effects::all().map(|effect| effect.operation.key()).collect();
        assert_eq!(keys.len(), effects::all().count());
    }
}
