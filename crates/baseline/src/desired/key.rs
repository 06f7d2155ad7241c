//! The key that log files, log group and topic are encrypted with.

use serde_json::{Value, json};

use super::Site;

/// What the key's policy says: the account's IAM policies rule, and each service may use it for this
/// account's trails, log groups, deliveries and alarms.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
#[must_use]
pub fn statements(site: &Site, trail_arns: &[String]) -> Vec<Value> {
    let mut statements = vec![account(site)];
    statements.extend(service_statements(site, trail_arns));
    statements
}

/// What the policy of the key of another Region says: log groups there are encrypted with it.
#[must_use]
pub fn region_statements(site: &Site) -> Vec<Value> {
    vec![account(site), log_groups(site)]
}

fn account(site: &Site) -> Value {
    let root = format!("arn:{}:iam::{}:root", site.partition, site.account);
    json!({
        "Sid": "TrailkeepAccount", "Effect": "Allow", "Principal": {"AWS": root},
        "Action": "kms:*", "Resource": "*",
    })
}

/// CloudWatch Logs of the Region may use it for log groups of the account.
fn log_groups(site: &Site) -> Value {
    let Site { partition, account, region } = site;
    let groups = format!("arn:{partition}:logs:{region}:{account}:log-group:*");
    // China's CloudWatch Logs signs as logs.REGION.amazonaws.com.cn.
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    json!({
        "Sid": "TrailkeepLogGroups", "Effect": "Allow",
        "Principal": {"Service": format!("logs.{region}.{suffix}")},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    })
}

/// The statements for services, which an existing key may lack.
///
/// EventBridge gives none of the keys of the source when it publishes to an encrypted topic. What ties its
/// statement to the account is the topic, which SNS names in the encryption context.
#[must_use]
pub fn service_statements(site: &Site, trail_arns: &[String]) -> Vec<Value> {
    let Site { partition, account, .. } = site;
    let trails = match trail_arns {
        [one] => json!(one),
        many => json!(many),
    };
    let deliveries = format!("arn:{partition}:logs:*:{account}:*");
    vec![
        json!({
            "Sid": "TrailkeepTrail", "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": trails}},
        }),
        log_groups(site),
        json!({
            "Sid": "TrailkeepDeliveries", "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": [
                "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey",
            ],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": deliveries},
            },
        }),
        json!({
            "Sid": "TrailkeepConfig", "Effect": "Allow",
            "Principal": {"Service": "config.amazonaws.com"},
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }),
        json!({
            "Sid": "TrailkeepAlarms", "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }),
        json!({
            "Sid": "TrailkeepRules", "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
            "Condition": {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": site.topic_arn()}},
        }),
    ]
}
