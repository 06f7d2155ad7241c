//! The least-privilege policy of a role for `apply`: what the registry of effects can do, and no more.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{
    apigatewayv2, cloudtrail, cloudwatch, config, ec2, events, guardduty, iam, kms, logs, redshift, route53,
    route53resolver, s3, s3control, securityhub, sns, sqs, wafv2,
};

use super::effect::{Effect, Kind};
use super::effects;
use crate::collect;
use crate::value::Json;

/// Calls that only undo makes.
static TAKES_BACK: [&Operation; 38] = [
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
    &logs::DELETE_RESOURCE_POLICY,
    &logs::DELETE_DELIVERY,
    &logs::DELETE_DELIVERY_SOURCE,
    &logs::DELETE_DELIVERY_DESTINATION,
    &iam::DELETE_SERVICE_LINKED_ROLE,
    &wafv2::DELETE_LOGGING_CONFIGURATION,
    &apigatewayv2::DELETE_ACCESS_LOG_SETTINGS,
    &route53::DELETE_QUERY_LOGGING_CONFIG,
    &route53resolver::DISASSOCIATE_RESOLVER_QUERY_LOG_CONFIG,
    &route53resolver::DELETE_RESOLVER_QUERY_LOG_CONFIG,
    &redshift::DISABLE_LOGGING,
    &securityhub::DISABLE_SECURITY_HUB,
    &guardduty::DELETE_DETECTOR,
    &config::DELETE_CONFIGURATION_RECORDER,
    &config::DELETE_DELIVERY_CHANNEL,
    &config::STOP_CONFIGURATION_RECORDER,
];

/// Calls that only undo of live events makes.
static TAKES_BACK_LIVE: [&Operation; 3] = [&sqs::DELETE_QUEUE, &events::REMOVE_TARGETS, &events::DELETE_RULE];

/// What calls need beside the action that has their name.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
static ALONG: [&str; 20] = [
    "cloudtrail:AddTags",
    "ec2:CreateTags",
    "events:TagResource",
    "iam:TagRole",
    // Flow logs to a bucket are log deliveries of CloudWatch Logs.
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
    // So are the logs of WAF, Resolver, HTTP APIs, Network Firewall, MSK and Step Functions to log groups.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:UpdateLogDelivery",
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
    "cloudfront:AllowVendedLogDeliveryForResource",
    "guardduty:TagResource",
    "route53resolver:TagResource",
    "securityhub:TagResource",
    "logs:TagResource",
    "kms:TagResource",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketObjectLockConfiguration",
    "sns:TagResource",
    "sqs:TagQueue",
];

/// Roles that are handed to services, each to its own.
const PASSES: [(&str, &str, &str); 3] = [
    ("TrailkeepPassRole", "trailkeep-cloudtrail-*", "cloudtrail.amazonaws.com"),
    ("TrailkeepPassApiRole", "trailkeep-apigateway", "apigateway.amazonaws.com"),
    (
        "TrailkeepPassConfigRole",
        "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        "config.amazonaws.com",
    ),
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
/// the calls of the steps. A role may be passed to the service that it is for and to no other. It fits into
/// an inline policy of a role, and is too long for one managed policy.
#[must_use]
pub fn iam_policy() -> Value {
    let reads = collect::iam_policy(collect::Purpose::Check);
    let mut actions: BTreeSet<String> = operations().map(|operation| operation.action.to_owned()).collect();
    actions.extend(ALONG.iter().map(|&action| action.to_owned()));
    let mut statements = reads["Statement"].as_array().cloned().unwrap_or_default();
    // A policy has few characters: what may be read already is not said again.
    for read in statements.iter().flat_map(|statement| statement.texts("Action")) {
        actions.remove(read);
    }
    statements.push(json!({
        "Sid": "TrailkeepApply", "Effect": "Allow", "Action": actions, "Resource": "*",
    }));
    for (sid, role, service) in PASSES {
        statements.push(json!({
            "Sid": sid, "Effect": "Allow", "Action": "iam:PassRole",
            "Resource": format!("arn:*:iam::*:role/{role}"),
            "Condition": {"StringEquals": {"iam:PassedToService": service}},
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::effect::Call;

    #[test]
    fn the_policy_of_apply() {
        let policy = iam_policy();
        insta::assert_snapshot!(serde_json::to_string_pretty(&policy["Statement"][1]).unwrap());
        for passes in policy["Statement"].as_array().unwrap().iter().skip(2) {
            assert_eq!(passes["Action"], "iam:PassRole");
            assert!(passes["Condition"]["StringEquals"]["iam:PassedToService"].is_string(), "{passes}");
        }
    }

    /// What undo calls is what the lists say that it calls: nothing is forgotten, nothing is too much.
    #[test]
    fn undo_may_do_what_it_does_and_no_more() {
        let put: BTreeSet<String> = effects::all().map(|effect| effect.operation.key()).collect();
        let listed: BTreeSet<String> =
            TAKES_BACK.iter().chain(&TAKES_BACK_LIVE).map(|operation| operation.key()).collect();
        let input = json!({"Bucket": "b", "KeyId": "k", "TopicArn": "t", "Targets": [{"Id": "1"}]});
        let call = Call { input: &input, output: None, run: "r" };
        let state = json!({"SubscriptionArn": "arn:aws:sns:x", "Policy": "{}"});
        let mut made = BTreeSet::new();
        for effect in effects::all() {
            let calls = match &effect.kind {
                Kind::Makes { delete, .. } => delete(&call, &state),
                Kind::Sets { restore } => {
                    let mut calls = restore(&call, None);
                    calls.extend(restore(&call, Some(&state)));
                    calls
                }
            };
            made.extend(calls.iter().map(|undo| undo.operation.key()));
        }
        assert_eq!(made.difference(&put).cloned().collect::<BTreeSet<_>>(), listed);
    }

    /// As an inline policy of a role. A managed one holds 6,144 characters, so that each of the first two
    /// statements would be one.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    #[test]
    fn it_fits_into_a_role() {
        let policy = iam_policy();
        let length = |value: &Value| value.to_string().len();
        assert!(length(&policy) <= 10_240, "{} characters", length(&policy));
        for statement in policy["Statement"].as_array().unwrap() {
            assert!(length(statement) <= 6_000, "{} of {}", length(statement), statement["Sid"]);
        }
    }

    #[test]
    fn effects_are_registered_once() {
        let keys: BTreeSet<String> = effects::all().map(|effect| effect.operation.key()).collect();
        assert_eq!(keys.len(), effects::all().count());
    }
}
