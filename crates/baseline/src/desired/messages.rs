//! The topic that alarms publish to, and the queue that events reach Trailkeep through.

use serde_json::{Value, json};

use super::Site;

/// What the topic's policy says: alarms and rules of this account may publish; and its owner, as the
/// policy that SNS gives a new topic says and that this one takes the place of.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>
///
/// EventBridge says neither `aws:SourceAccount` nor `aws:SourceArn` to a topic: a statement for it with a
/// condition on them lets nothing in.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions>
#[must_use]
pub fn topic_statements(site: &Site, topic_arn: &str) -> Vec<Value> {
    let root = format!("arn:{}:iam::{}:root", site.partition, site.account);
    vec![
        json!({
            "Sid": "TrailkeepOwner", "Effect": "Allow", "Principal": {"AWS": root},
            "Action": [
                "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:AddPermission", "sns:RemovePermission",
                "sns:DeleteTopic", "sns:Subscribe", "sns:ListSubscriptionsByTopic", "sns:Publish",
            ],
            "Resource": topic_arn,
        }),
        json!({
            "Sid": "TrailkeepAlarms", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish", "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
        }),
        json!({
            "Sid": "TrailkeepRules", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish", "Resource": topic_arn,
        }),
    ]
}

/// The pattern of the rule for live events: what CloudTrail tells EventBridge as it happens.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
#[must_use]
pub fn live_pattern() -> Value {
    json!({"detail-type": [
        "AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail", "AWS Service Event via CloudTrail",
    ]})
}

/// The ARN of the rule for live events, in this Region.
#[must_use]
pub fn live_rule_arn(site: &Site) -> String {
    site.arn("events", &format!("rule/{}", site.live_events()))
}

/// The ARN of the queue for live events, in this Region.
#[must_use]
pub fn live_queue_arn(site: &Site) -> String {
    site.arn("sqs", site.live_events())
}

/// What the queue's policy says: that rule may send.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>
#[must_use]
pub fn queue_statements(site: &Site) -> Vec<Value> {
    vec![json!({
        "Sid": "TrailkeepRule", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": live_queue_arn(site),
        "Condition": {"ArnEquals": {"aws:SourceArn": live_rule_arn(site)}},
    })]
}

/// The queue's attributes: encrypted by SQS, messages kept for 14 days.
#[must_use]
pub fn queue_attributes(site: &Site) -> Value {
    json!({
        "MessageRetentionPeriod": "1209600",
        "SqsManagedSseEnabled": "true",
        "Policy": super::document(&queue_statements(site)),
    })
}
