//! Policies as AWS documents them.

use serde_json::{Value, json};

/// CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
pub(super) fn cloudtrail_bucket() -> Value {
    json!([
        {"Sid": "AWSCloudTrailAclCheck20150319", "Effect": "Allow",
         "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
         "Resource": "arn:aws:s3:::logs",
         "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}}},
        {"Sid": "AWSCloudTrailWrite20150319", "Effect": "Allow",
         "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control",
             "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}}}
    ])
}

/// CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail": an organisation's trail.
pub(super) fn organization_bucket() -> Value {
    json!([
        {"Effect": "Allow", "Principal": {"Service": ["cloudtrail.amazonaws.com"]},
         "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/AWSLogs/o-a1b2c3d4e5/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control",
             "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:999999999999:trail/org"}}}
    ])
}

/// CloudWatch Logs User Guide, "Logs sent to Amazon S3": what VPC flow logs ask for.
pub(super) fn flow_log_bucket() -> Value {
    json!([
        {"Sid": "AWSLogDeliveryWrite", "Effect": "Allow",
         "Principal": {"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control",
                           "aws:SourceAccount": ["111122223333"]},
                       "ArnLike": {"aws:SourceArn": ["arn:aws:logs:eu-west-1:111122223333:*"]}}},
        {"Sid": "AWSLogDeliveryAclCheck", "Effect": "Allow",
         "Principal": {"Service": "delivery.logs.amazonaws.com"},
         "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": "arn:aws:s3:::logs",
         "Condition": {"StringEquals": {"aws:SourceAccount": ["111122223333"]},
                       "ArnLike": {"aws:SourceArn": ["arn:aws:logs:eu-west-1:111122223333:*"]}}}
    ])
}

/// Elastic Load Balancing User Guide, "Enable access logs": both ways.
pub(super) fn load_balancer_bucket() -> Value {
    json!([
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::156460612806:root"},
         "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/alb/AWSLogs/111122223333/*"},
        {"Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
         "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/alb/AWSLogs/111122223333/*",
         "Condition": {"ArnLike": {"aws:SourceArn":
             "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/*"}}}
    ])
}

/// SNS Developer Guide: the policy of a topic that nobody changed.
pub(super) fn default_topic() -> Value {
    json!([{"Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
        "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission",
            "SNS:RemovePermission", "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic",
            "SNS:Publish"],
        "Resource": "arn:aws:sns:eu-west-1:111122223333:alarms",
        "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}}}])
}

/// CloudWatch User Guide: a topic that takes the alarms of one account.
pub(super) fn alarm_topic() -> Value {
    json!({"Sid": "AlarmsOnly", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish", "Resource": "arn:aws:sns:eu-west-1:111122223333:alarms",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*"},
                      "StringEquals": {"aws:SourceAccount": "111122223333"}}})
}

/// EventBridge User Guide, "Amazon SQS permissions".
pub(super) fn rule_queue() -> Value {
    json!([{"Sid": "AWSEvents", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:111122223333:calls",
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/calls"}}}])
}

/// CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail", with the default statement.
pub(super) fn trail_key() -> Value {
    json!([
        {"Sid": "Enable IAM User Permissions", "Effect": "Allow",
         "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Allow CloudTrail to encrypt logs", "Effect": "Allow",
         "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
         "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
             "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}},
        {"Sid": "Allow CloudTrail access", "Effect": "Allow",
         "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey", "Resource": "*"}
    ])
}

/// S3 User Guide, "Setting permissions for website access".
pub(super) fn website() -> Value {
    json!({"Sid": "PublicReadGetObject", "Effect": "Allow", "Principal": "*",
        "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::site/*"]})
}

/// S3 User Guide, "Security best practices": HTTPS only.
pub(super) fn tls_only() -> Value {
    json!({"Sid": "RestrictToTLSRequestsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}
