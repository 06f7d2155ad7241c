//! The key, the log bucket and the bucket of its access logs.

use serde_json::{Value, json};

use super::intrinsics::{either, only};
use super::parameters::{HAS_ORGANIZATION, IS_HOME, LOCKS_OBJECTS, MAKES_BUCKET};
use super::resource::Resource;
use super::{site, trail};
use crate::desired::{bucket, key};

/// What a log bucket of one's own is judged by, whatever delivers to it.
const CLOSED: &[&str] = &[
    "log-bucket-known",
    "log-bucket-public-access-block",
    "log-bucket-policy-public",
    "log-bucket-acl",
    "log-bucket-ownership",
    "log-bucket-encryption",
    "log-bucket-versioning",
    "log-bucket-lifecycle",
    "log-bucket-access-logging",
    "log-bucket-replication",
];

pub(super) fn resources() -> Vec<Resource> {
    let site = site();
    vec![
        key_resource(),
        Resource::new(
            "KeyAlias",
            "AWS::KMS::Alias",
            json!({"AliasName": site.key_alias(), "TargetKeyId": "${Key}"}),
        )
        .when(IS_HOME),
        access_bucket(),
        Resource::new(
            "AccessLogBucketPolicy",
            "AWS::S3::BucketPolicy",
            json!({
                "Bucket": "${AccessLogBucket}",
                "PolicyDocument": document(bucket::access_bucket_statements(
                    &site,
                    "${AccessLogBucket}",
                    // By name: the log bucket is made after this policy.
                    &site.log_bucket(),
                )),
            }),
        )
        .when(MAKES_BUCKET)
        .checks(&["log-bucket-tls", "log-bucket-service-source"]),
        log_bucket(),
        log_bucket_policy(),
    ]
}

pub(super) fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn key_resource() -> Resource {
    let mut statements = key::statements(&site(), &[trail::arn()]);
    // Only CloudFormation knows the partition, and with it the suffix of this one.
    for statement in &mut statements {
        let service = statement.pointer_mut("/Principal/Service");
        if let Some(service) = service.filter(|service| *service == "logs.${AWS::Region}.amazonaws.com") {
            *service = json!("logs.${AWS::Region}.${AWS::URLSuffix}");
        }
    }
    statements.push(only(
        HAS_ORGANIZATION,
        json!({
            "Sid": "TrailkeepOrganization", "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceOrgID": "${OrganizationId}"}},
        }),
    ));
    let properties = json!({
        "Description": "Trailkeep: log files, the trail's log group and the topic of alarms",
        "EnableKeyRotation": true,
        "KeyPolicy": document(statements),
    });
    Resource::new("Key", "AWS::KMS::Key", properties)
        .when(IS_HOME)
        .kept()
        .checks(&["trail-kms-key", "log-bucket-key"])
}

fn log_bucket() -> Resource {
    let site = site();
    let mut lock = bucket::object_lock(1);
    lock["Rule"]["DefaultRetention"] = json!({"Mode": "${ObjectLockMode}", "Days": "${RetentionDays}"});
    let properties = json!({
        "BucketName": site.log_bucket(),
        "PublicAccessBlockConfiguration": bucket::public_access_block(),
        "OwnershipControls": bucket::ownership(),
        "BucketEncryption": encryption(&bucket::encryption_kms("${Key.Arn}")),
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": lifecycle(&bucket::lifecycle()),
        "LoggingConfiguration": {
            "DestinationBucketName": "${AccessLogBucket}",
            "LogFilePrefix": bucket::access_prefix(&site.log_bucket()),
        },
        "ObjectLockEnabled": either(LOCKS_OBJECTS, true, false),
        "ObjectLockConfiguration": only(LOCKS_OBJECTS, lock),
    });
    Resource::new("LogBucket", "AWS::S3::Bucket", properties)
        .when(MAKES_BUCKET)
        // S3 tries whether it may write there when logging is turned on.
        .after(&["AccessLogBucketPolicy"])
        .kept()
        .checks(CLOSED)
        .checks_with("ObjectLockMode=GOVERNANCE", &["log-bucket-object-lock"])
}

fn access_bucket() -> Resource {
    let properties = json!({
        "BucketName": site().access_bucket(),
        "PublicAccessBlockConfiguration": bucket::public_access_block(),
        "OwnershipControls": bucket::ownership(),
        "BucketEncryption": encryption(&bucket::encryption_s3()),
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": lifecycle(&bucket::lifecycle()),
    });
    Resource::new("AccessLogBucket", "AWS::S3::Bucket", properties).when(MAKES_BUCKET).kept().checks(&[
        "log-bucket-public-access-block",
        "log-bucket-ownership",
        "log-bucket-versioning",
        "log-bucket-encryption",
    ])
}

fn log_bucket_policy() -> Resource {
    let site = site();
    let mut statements = bucket::log_bucket_statements(&site, "${LogBucket}", &[trail::arn()]);
    statements.extend(organization_statements().map(|statement| only(HAS_ORGANIZATION, statement)));
    let properties = json!({"Bucket": "${LogBucket}", "PolicyDocument": document(statements)});
    Resource::new("LogBucketPolicy", "AWS::S3::BucketPolicy", properties).when(MAKES_BUCKET).checks(&[
        "log-bucket-trail-delivery",
        "log-bucket-tls",
        "log-bucket-service-source",
        "log-bucket-cross-account",
        "log-bucket-not-principal",
    ])
}

/// The organisation's own trail delivers under the organisation's id, those of its accounts under
/// theirs.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>
fn organization_statements() -> [Value; 3] {
    let arn = site().bucket_arn("${LogBucket}");
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let organization = "${OrganizationId}";
    [
        json!({
            "Sid": "TrailkeepOrganizationTrail", "Effect": "Allow", "Principal": service,
            "Action": "s3:PutObject", "Resource": format!("{arn}/AWSLogs/{organization}/*"),
            "Condition": {"StringEquals": {
                "aws:SourceArn": trail::arn(), "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
        json!({
            "Sid": "TrailkeepOrganizationAcl", "Effect": "Allow", "Principal": service,
            "Action": "s3:GetBucketAcl", "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceOrgID": organization}},
        }),
        json!({
            "Sid": "TrailkeepOrganizationWrite", "Effect": "Allow", "Principal": service,
            "Action": "s3:PutObject", "Resource": format!("{arn}/AWSLogs/*"),
            "Condition": {"StringEquals": {
                "aws:SourceOrgID": organization, "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
    ]
}

/// `PutBucketEncryption`'s rules as CloudFormation calls them.
fn encryption(configuration: &Value) -> Value {
    let rules = configuration["Rules"].as_array().into_iter().flatten().map(|rule| {
        let mut renamed =
            json!({"ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"]});
        if let Some(enabled) = rule.get("BucketKeyEnabled") {
            renamed["BucketKeyEnabled"] = enabled.clone();
        }
        renamed
    });
    json!({"ServerSideEncryptionConfiguration": rules.collect::<Vec<_>>()})
}

/// `PutBucketLifecycleConfiguration`'s rules as CloudFormation calls them.
fn lifecycle(configuration: &Value) -> Value {
    let rules = configuration["Rules"].as_array().into_iter().flatten().map(|rule| {
        let transitions = rule["Transitions"].as_array().into_iter().flatten().map(|transition| {
            json!({"TransitionInDays": transition["Days"], "StorageClass": transition["StorageClass"]})
        });
        json!({
            "Id": rule["ID"],
            "Status": rule["Status"],
            "Prefix": rule["Filter"]["Prefix"],
            "Transitions": transitions.collect::<Vec<_>>(),
            "AbortIncompleteMultipartUpload": rule["AbortIncompleteMultipartUpload"],
        })
    });
    json!({"Rules": rules.collect::<Vec<_>>()})
}
