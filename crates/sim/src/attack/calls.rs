//! Calls that only the story makes, with the story's values in them (`<fact name>`).

use crate::calls::{Call, ReadyCall, Sort, service_named};
use crate::config::SimError;

/// The calls, parsed.
pub(super) fn ready() -> Result<Vec<ReadyCall>, SimError> {
    CALLS.iter().map(|(service, call)| ReadyCall::new(service_named(service)?, *call)).collect()
}

const S3_EXTRA: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<int 0 900>,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64 75>=","bytesTransferredOut":<int 4000 90000000>}"#;
const S3_BUCKET: &str =
    r#"{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<fact bucket>"}"#;
const KEY: &str = r#"{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"<fact key_arn>"}"#;

const CALLS: &[(&str, Call)] = &[
    (
        "ssm",
        Call::read(
            "GetParametersByPath",
            r#"{"path":"/prod/legacy/","recursive":true,"withDecryption":true,"maxResults":10}"#,
        ),
    ),
    (
        "secretsmanager",
        Call::read("GetSecretValue", r#"{"secretId":"prod/legacy/console-daniel.okafor"}"#),
    ),
    (
        "signin",
        Call::new(Sort::SignIn, "ConsoleLogin", "null")
            .answer(r#"{"ConsoleLogin":"Success"}"#)
            .extra(r#"{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_<region>_<hex 16>","MobileVersion":"No","MFAUsed":"<fact mfa>"}"#),
    ),
    (
        "iam",
        Call::write(
            "CreateUser",
            r#"{"userName":"<fact new_user>","tags":[]}"#,
            r#"{"user":{"path":"/","userName":"<fact new_user>","userId":"<fact new_user_id>","arn":"arn:aws:iam::<account>:user/<fact new_user>","createDate":"<american>"}}"#,
        ),
    ),
    (
        "iam",
        Call::write(
            "AttachUserPolicy",
            r#"{"userName":"<fact new_user>","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#,
            "null",
        ),
    ),
    (
        "iam",
        Call::write(
            "CreateAccessKey",
            r#"{"userName":"<fact new_user>"}"#,
            r#"{"accessKey":{"userName":"<fact new_user>","accessKeyId":"<fact new_key>","status":"Active","createDate":"<american>"}}"#,
        ),
    ),
    (
        "iam",
        Call::write(
            "CreateLoginProfile",
            r#"{"userName":"<fact new_user>","passwordResetRequired":false}"#,
            r#"{"loginProfile":{"userName":"<fact new_user>","createDate":"<american>","passwordResetRequired":false}}"#,
        ),
    ),
    (
        "ec2",
        Call::write(
            "AuthorizeSecurityGroupIngress",
            r#"{"groupId":"<fact group>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0","description":"temp"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#,
            r#"{"requestId":"<request>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<fact group>","securityGroupRuleId":"<fact rule>","isEgress":false,"ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv4":"0.0.0.0/0","description":"temp","securityGroupRuleArn":"arn:aws:ec2:<region>:<account>:security-group-rule/<fact rule>"}]}}"#,
        ),
    ),
    (
        "ec2",
        Call::write(
            "ModifySecurityGroupRules",
            r#"{"ModifySecurityGroupRulesRequest":{"GroupId":"<fact group>","SecurityGroupRule":{"tag":1,"SecurityGroupRule":{"IpProtocol":"tcp","FromPort":5432,"ToPort":5432,"CidrIpv4":"0.0.0.0/0","Description":"orders db"},"SecurityGroupRuleId":"<fact rule>"}}}"#,
            r#"{"ModifySecurityGroupRulesResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/","requestId":"<request>","return":true}}"#,
        ),
    ),
    (
        "ec2",
        Call::write(
            "CreateNetworkAclEntry",
            r#"{"networkAclId":"<fact acl>","ruleNumber":<fact number>,"egress":<fact egress>,"ruleAction":"allow","icmpTypeCode":{},"portRange":{},"cidrBlock":"0.0.0.0/0","aclProtocol":"-1"}"#,
            r#"{"requestId":"<request>","_return":true}"#,
        ),
    ),
    (
        "ec2",
        Call::write(
            "DeleteFlowLogs",
            r#"{"DeleteFlowLogsRequest":{"FlowLogId":{"content":"<fact flow_log>","tag":1}}}"#,
            r#"{"DeleteFlowLogsResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/","unsuccessful":"","requestId":"<request>"}}"#,
        ),
    ),
    ("cloudtrail", Call::write("StopLogging", r#"{"name":"<fact trail_arn>"}"#, "null")),
    (
        "cloudtrail",
        Call::write(
            "UpdateTrail",
            r#"{"name":"<fact trail_arn>","includeGlobalServiceEvents":false,"isMultiRegionTrail":false,"enableLogFileValidation":false}"#,
            r#"{"name":"prod-data-events","s3BucketName":"meridian-org-trail-logs","includeGlobalServiceEvents":false,"isMultiRegionTrail":false,"trailARN":"<fact trail_arn>","logFileValidationEnabled":false,"isOrganizationTrail":false}"#,
        ),
    ),
    (
        "cloudtrail",
        Call::write(
            "PutEventSelectors",
            r#"{"trailName":"<fact trail_arn>","eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":false,"dataResources":[],"excludeManagementEventSources":["kms.amazonaws.com","rdsdata.amazonaws.com"]}]}"#,
            r#"{"trailARN":"<fact trail_arn>","eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":false,"dataResources":[],"excludeManagementEventSources":["kms.amazonaws.com","rdsdata.amazonaws.com"]}]}"#,
        ),
    ),
    (
        "monitoring",
        Call::write("DisableAlarmActions", r#"{"alarmNames":["cis-unauthorized-api-calls","cis-root-usage"]}"#, "null"),
    ),
    (
        "monitoring",
        Call::write("DeleteAlarms", r#"{"alarmNames":["cis-cloudtrail-changes","cis-security-group-changes"]}"#, "null"),
    ),
    (
        "sts",
        Call::read(
            "AssumeRole",
            r#"{"roleArn":"arn:aws:iam::111122223333:role/log-archive-admin","roleSessionName":"<fact new_user>","durationSeconds":3600}"#,
        )
        .answer(r#"{"credentials":{"accessKeyId":"<fact session_key>","sessionToken":"IQoJb3JpZ2luX2Vj<base64 380>==","expiration":"<american 3600>"},"assumedRoleUser":{"assumedRoleId":"<fact role_id>:<fact new_user>","arn":"arn:aws:sts::111122223333:assumed-role/log-archive-admin/<fact new_user>"}}"#)
        .resources(r#"{"accountId":"111122223333","type":"AWS::IAM::Role","ARN":"arn:aws:iam::111122223333:role/log-archive-admin"}"#),
    ),
    (
        "s3",
        Call::write(
            "DeleteBucketPublicAccessBlock",
            r#"{"publicAccessBlock":"","bucketName":"<fact bucket>","Host":"<fact bucket>.s3.<region>.amazonaws.com"}"#,
            "null",
        )
        .extra(S3_EXTRA)
        .resources(S3_BUCKET),
    ),
    (
        "s3",
        Call::write(
            "PutBucketPolicy",
            r#"{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"mirror","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::<fact bucket>","arn:aws:s3:::<fact bucket>/*"]}]},"bucketName":"<fact bucket>","Host":"<fact bucket>.s3.<region>.amazonaws.com","policy":""}"#,
            "null",
        )
        .extra(S3_EXTRA)
        .resources(S3_BUCKET),
    ),
    ("kms", Call::write("DisableKey", r#"{"keyId":"<fact key_arn>"}"#, r#"{"keyId":"<fact key_arn>"}"#).resources(KEY)),
    (
        "kms",
        Call::write(
            "ScheduleKeyDeletion",
            r#"{"keyId":"<fact key_arn>","pendingWindowInDays":7}"#,
            r#"{"keyId":"<fact key_arn>","keyState":"PendingDeletion","deletionDate":"<american 604800>","pendingWindowInDays":7}"#,
        )
        .resources(KEY),
    ),
    (
        "s3",
        Call::new(
            Sort::DataRead,
            "GetObject",
            r#"{"bucketName":"<fact bucket>","Host":"<fact bucket>.s3.<region>.amazonaws.com","key":"<fact object>"}"#,
        )
        .extra(S3_EXTRA)
        .resources(r#"{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<fact bucket>/<fact object>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<fact bucket>"}"#),
    ),
    (
        "s3",
        Call::new(
            Sort::DataRead,
            "ListObjects",
            r#"{"list-type":"2","bucketName":"<fact bucket>","encoding-type":"url","prefix":"","Host":"<fact bucket>.s3.<region>.amazonaws.com"}"#,
        )
        .extra(S3_EXTRA)
        .resources(S3_BUCKET),
    ),
];
