//! The trail, its log group, and the role between them.

use serde_json::json;

use super::intrinsics::either;
use super::parameters::{HAS_CENTRAL_KEY, IS_HOME, IS_ORGANIZATION_TRAIL, MAKES_BUCKET, RECORDS_ALL_BUCKETS};
use super::resource::Resource;
use super::site;
use crate::desired::{bucket, role};

/// What a trail is judged by.
const CHECKS: &[&str] = &[
    "trail-multi-region",
    "trail-region-coverage",
    "trail-logging",
    "trail-global-events",
    "trail-management-events",
    "trail-excluded-sources",
    "trail-delivery",
    "trail-digest-delivery",
    "trail-log-file-validation",
    "trail-kms-encryption",
    "trail-log-group",
    "trail-insights",
    "central-logs-arrive",
];

/// The trail's ARN, as policies name it before there is a trail.
pub(super) fn arn() -> String {
    site().trail_arn()
}

pub(super) fn resources() -> Vec<Resource> {
    let site = site();
    let group = json!({
        "LogGroupName": site.log_group(),
        "KmsKeyId": "${Key.Arn}",
        "RetentionInDays": "${RetentionDays}",
    });
    let role = json!({
        "RoleName": site.role(),
        "Description": "Trailkeep: CloudTrail writes events to the trail's log group",
        "AssumeRolePolicyDocument": role::trust(&site),
        "Policies": [{"PolicyName": role::POLICY_NAME, "PolicyDocument": role::policy(&site)}],
    });
    vec![
        Resource::new("LogGroup", "AWS::Logs::LogGroup", group)
            .when(IS_HOME)
            .checks(&["log-group-retention", "log-group-encryption"]),
        Resource::new("TrailRole", "AWS::IAM::Role", role)
            .when(IS_HOME)
            .checks(&["trail-log-group-delivery"]),
        trail(),
    ]
}

fn trail() -> Resource {
    let site = site();
    let of_bucket = |name: &str| bucket::data_event_selector(&site, name);
    let objects = either(
        RECORDS_ALL_BUCKETS,
        json!({
            "Name": "trailkeep: objects of every bucket",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            ],
        }),
        either(MAKES_BUCKET, of_bucket(&site.log_bucket()), of_bucket("${CentralBucket}")),
    );
    // CloudTrail tries whether it may write when the trail is made. `DependsOn` cannot name a policy that
    // is not made everywhere that the trail is; a reference that is passed over can.
    let after_policy = json!({"Fn::Select": [0, ["${LogBucket}", "${LogBucketPolicy}"]]});
    let properties = json!({
        "TrailName": site.trail(),
        "IsLogging": true,
        "IsMultiRegionTrail": true,
        "IncludeGlobalServiceEvents": true,
        "IsOrganizationTrail": either(IS_ORGANIZATION_TRAIL, true, false),
        "EnableLogFileValidation": true,
        "S3BucketName": either(MAKES_BUCKET, after_policy, "${CentralBucket}"),
        "KMSKeyId": either(HAS_CENTRAL_KEY, "${CentralKeyArn}", "${Key.Arn}"),
        "CloudWatchLogsLogGroupArn": "${LogGroup.Arn}",
        "CloudWatchLogsRoleArn": "${TrailRole.Arn}",
        "AdvancedEventSelectors": [bucket::management_selector(), objects],
        "InsightSelectors": [
            {"InsightType": "ApiCallRateInsight"},
            {"InsightType": "ApiErrorRateInsight"},
        ],
    });
    Resource::new("Trail", "AWS::CloudTrail::Trail", properties)
        .when(IS_HOME)
        .checks(CHECKS)
        .checks_with("DataEvents=AllBuckets", &["trail-s3-data-events-read", "trail-s3-data-events-write"])
        .checks_with("OrganizationTrail=true", &["trail-organization"])
}
