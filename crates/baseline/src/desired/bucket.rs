//! The log bucket and the bucket for its access logs.

use serde_json::{Value, json};

use super::Site;

/// Blocks all four ways to the public, for a bucket or an account.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[must_use]
pub fn public_access_block() -> Value {
    json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": true,
        "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
    })
}

/// ACLs are off.
#[must_use]
pub fn ownership() -> Value {
    json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
}

/// Default encryption with a KMS key. The bucket key keeps KMS's bill small.
#[must_use]
pub fn encryption_kms(key_arn: &str) -> Value {
    json!({"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
        "BucketKeyEnabled": true,
    }]})
}

/// Default encryption with S3's own key: S3 delivers access logs to no other.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
#[must_use]
pub fn encryption_s3() -> Value {
    json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
}

/// Moves log files to cheaper storage after 90 days and ends uploads that were never finished. It
/// expires nothing: how long logs are kept is their owner's to say.
#[must_use]
pub fn lifecycle() -> Value {
    json!({"Rules": [{
        "ID": "trailkeep-cheaper-storage", "Status": "Enabled", "Filter": {"Prefix": ""},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }]})
}

/// Each new object is locked for so many days; who may `s3:BypassGovernanceRetention` can unlock it.
#[must_use]
pub fn object_lock(days: u32) -> Value {
    json!({
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": days}},
    })
}

/// What the policy of the log bucket says: these trails may write, log deliveries of this account may,
/// nobody gets in without TLS.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>
/// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html>
#[must_use]
pub fn log_bucket_statements(site: &Site, bucket: &str, trail_arns: &[String]) -> Vec<Value> {
    let mut statements = trail_statements(site, bucket, trail_arns);
    statements.extend(delivery_statements(site, bucket));
    statements.push(tls_only(site, bucket));
    statements
}

/// CloudTrail may write for these trails, and for no other's.
#[must_use]
pub fn trail_statements(site: &Site, bucket: &str, trail_arns: &[String]) -> Vec<Value> {
    let arn = site.bucket_arn(bucket);
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    vec![
        json!({
            "Sid": "TrailkeepTrailAcl", "Effect": "Allow", "Principal": service,
            "Action": "s3:GetBucketAcl", "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceArn": one_or_many(trail_arns)}},
        }),
        json!({
            "Sid": "TrailkeepTrailWrite", "Effect": "Allow", "Principal": service,
            "Action": "s3:PutObject", "Resource": format!("{arn}/AWSLogs/{}/*", site.account),
            "Condition": {"StringEquals": {
                "aws:SourceArn": one_or_many(trail_arns), "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
    ]
}

/// Log deliveries (VPC flow logs, CloudFront, Network Load Balancers) of this account may write, from every
/// Region.
#[must_use]
pub fn delivery_statements(site: &Site, bucket: &str) -> Vec<Value> {
    let arn = site.bucket_arn(bucket);
    let service = json!({"Service": "delivery.logs.amazonaws.com"});
    let sources = format!("arn:{}:logs:*:{}:*", site.partition, site.account);
    vec![
        json!({
            "Sid": "TrailkeepDeliveryAcl", "Effect": "Allow", "Principal": service,
            "Action": "s3:GetBucketAcl", "Resource": arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": site.account}, "ArnLike": {"aws:SourceArn": sources},
            },
        }),
        json!({
            "Sid": "TrailkeepDeliveryWrite", "Effect": "Allow", "Principal": service,
            "Action": "s3:PutObject", "Resource": format!("{arn}/AWSLogs/{}/*", site.account),
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": site.account, "s3:x-amz-acl": "bucket-owner-full-control",
                },
                "ArnLike": {"aws:SourceArn": sources},
            },
        }),
    ]
}

/// What the policy of the bucket for access logs says: S3 may write the access logs of the log bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
#[must_use]
pub fn access_bucket_statements(site: &Site, bucket: &str, of: &str) -> Vec<Value> {
    let arn = site.bucket_arn(bucket);
    vec![
        json!({
            "Sid": "TrailkeepAccessLogs", "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": format!("{arn}/{}*", access_prefix(of)),
            "Condition": {
                "ArnLike": {"aws:SourceArn": site.bucket_arn(of)},
                "StringEquals": {"aws:SourceAccount": site.account},
            },
        }),
        tls_only(site, bucket),
    ]
}

/// S3 may write the access logs of every bucket of the account: one statement for all, as a policy has
/// 20 KB.
#[must_use]
pub fn access_of_account(site: &Site, bucket: &str) -> Value {
    let arn = site.bucket_arn(bucket);
    json!({
        "Sid": "TrailkeepAccessLogsOfAccount", "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": format!("{arn}/*"),
        "Condition": {
            "ArnLike": {"aws:SourceArn": site.bucket_arn("*")},
            "StringEquals": {"aws:SourceAccount": site.account},
        },
    })
}

/// AWS Config of this account may write, from every Region.
/// <https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html>
#[must_use]
pub fn config_statements(site: &Site, bucket: &str) -> Vec<Value> {
    let arn = site.bucket_arn(bucket);
    let service = json!({"Service": "config.amazonaws.com"});
    vec![
        json!({
            "Sid": "TrailkeepConfigBucket", "Effect": "Allow", "Principal": service,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": site.account}},
        }),
        json!({
            "Sid": "TrailkeepConfigWrite", "Effect": "Allow", "Principal": service,
            "Action": "s3:PutObject", "Resource": format!("{arn}/AWSLogs/{}/Config/*", site.account),
            "Condition": {"StringEquals": {
                "aws:SourceAccount": site.account, "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
    ]
}

/// Under which prefix the access logs of a bucket are.
#[must_use]
pub fn access_prefix(of: &str) -> String {
    format!("{of}/")
}

/// Nobody gets in without TLS.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html>
#[must_use]
pub fn tls_only(site: &Site, bucket: &str) -> Value {
    let arn = site.bucket_arn(bucket);
    json!({
        "Sid": "TrailkeepTlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

/// A selector for the data events of the log bucket: who reads, deletes or changes a log file. Writing
/// new ones is left out, as each delivery would be logged by the next, without end.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
#[must_use]
pub fn data_event_selector(site: &Site, bucket: &str) -> Value {
    json!({
        "Name": format!("trailkeep: objects of {bucket}"),
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": [format!("{}/", site.bucket_arn(bucket))]},
            {"Field": "eventName", "NotEquals": ["PutObject"]},
        ],
    })
}

/// A selector for all management events.
#[must_use]
pub fn management_selector() -> Value {
    json!({
        "Name": "trailkeep: management events",
        "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
    })
}

fn one_or_many(values: &[String]) -> Value {
    match values {
        [one] => json!(one),
        many => json!(many),
    }
}
