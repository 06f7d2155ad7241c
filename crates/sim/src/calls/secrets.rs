//! KMS, Secrets Manager, Systems Manager, ACM.

use super::{Call, Sort, Suite, service};

pub(super) const SUITES: &[Suite] = &[
    Suite { service: service("kms", "1.11"), calls: KMS },
    Suite { service: service("secretsmanager", "1.10"), calls: SECRETS },
    Suite { service: service("ssm", "1.11"), calls: SSM },
    Suite { service: service("acm", "1.09"), calls: ACM },
];

const KEY: &str =
    r#"{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kms>"}"#;

const KMS: &[Call] = &[
    Call::read(
        "Decrypt",
        r#"{"encryptionContext":{"<any aws:s3:arn|aws:s3:arn|SecretARN|tenant>":"arn:aws:s3:::<bucket>/<object>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"arn:aws:kms:<region>:<account>:key/<kms>"}"#,
    )
    .extra(r#"{"keyMaterialId":"<id 64>"}"#)
    .resources(KEY),
    Call::read(
        "GenerateDataKey",
        r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>/<object>"},"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","keySpec":"AES_256"}"#,
    )
    .extra(r#"{"keyMaterialId":"<id 64>"}"#)
    .resources(KEY),
    Call::read(
        "Encrypt",
        r#"{"encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:<region>:<account>:parameter<param>"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"arn:aws:kms:<region>:<account>:key/<kms>"}"#,
    )
    .resources(KEY),
    Call::read("DescribeKey", r#"{"keyId":"<kmsalias>"}"#).resources(KEY),
    Call::read("ListAliases", r#"{"limit":<any 50|100>,"keyId":"<kms>"}"#).resources(KEY),
    Call::read("GetKeyRotationStatus", r#"{"keyId":"<kms>"}"#).resources(KEY),
    Call::write(
        "CreateGrant",
        r#"{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","granteePrincipal":"rds.<region>.amazonaws.com","retiringPrincipal":"rds.<region>.amazonaws.com","operations":["Decrypt","Encrypt","GenerateDataKey","GenerateDataKeyWithoutPlaintext","CreateGrant","DescribeKey","RetireGrant"],"constraints":{"encryptionContextSubset":{"aws:rds:db-id":"db-<upper 26>"}}}"#,
        r#"{"grantId":"<hex 64>","keyId":"arn:aws:kms:<region>:<account>:key/<kms>"}"#,
    )
    .resources(KEY),
    Call::new(Sort::ServiceEvent, "RotateKey", "null")
        .extra(r#"{"rotationType":"AUTOMATIC","keyOrigin":"AWS_KMS","previousKeyMaterialId":"<hex 64>","currentKeyMaterialId":"<hex 64>","keyId":"<kms>"}"#)
        .resources(KEY),
];

const SECRETS: &[Call] = &[
    Call::read(
        "GetSecretValue",
        r#"{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}"#,
    ),
    Call::read(
        "DescribeSecret",
        r#"{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}"#,
    )
    .fails(10, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
    Call::read("ListSecrets", r#"{"maxResults":<any 50|100>,"sortOrder":"asc"}"#),
    Call::write(
        "RotateSecret",
        r#"{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>","clientRequestToken":"<uuid>","rotateImmediately":true}"#,
        r#"{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}"#,
    ),
];

const SSM: &[Call] = &[
    Call::read("GetParameter", r#"{"name":"<param>","withDecryption":<any true|false>}"#),
    Call::read("GetParameters", r#"{"names":["<param>","<other param>"],"withDecryption":true}"#),
    Call::read("GetParametersByPath", r#"{"path":"/<alias>/<any orders|payments|shared>/","recursive":true,"withDecryption":true,"maxResults":10}"#)
        .fails(9, "ThrottlingException", "Rate exceeded"),
    Call::read("DescribeInstanceInformation", r#"{"filters":[{"key":"InstanceIds","values":["<instance>"]}],"maxResults":50}"#),
    Call::write(
        "UpdateInstanceInformation",
        r#"{"instanceId":"<instance>","agentVersion":"3.3.1957.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"<private>","computerName":"ip-10-20-<int 1 250>-<int 1 250>.<region>.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"<region>a","availabilityZoneId":"use1-az<int 1 6>","sSMConnectionChannel":"ssmmessages"}"#,
        "null",
    ),
    Call::write(
        "PutComplianceItems",
        r#"{"resourceId":"<instance>","resourceType":"ManagedInstance","complianceType":"Association","executionSummary":{"executionTime":"<american>","executionId":"<uuid>","executionType":"Command"},"items":[{"id":"<uuid>","severity":"UNSPECIFIED","status":"COMPLIANT","details":{"documentName":"AWS-GatherSoftwareInventory","documentVersion":"1"}}],"itemContentHash":"<hex 32>"}"#,
        "null",
    ),
    Call::write(
        "PutInventory",
        r#"{"instanceId":"<instance>","items":[{"typeName":"<any AWS:Application|AWS:Network|AWS:InstanceInformation>","schemaVersion":"1.1","captureTime":"<now>","contentHash":"<hex 32>"}]}"#,
        r#"{"message":"Items successfully processed"}"#,
    ),
    Call::write(
        "StartSession",
        r#"{"target":"<instance>","documentName":"AWS-StartInteractiveCommand","reason":"ticket OPS-<int 1000 9999>"}"#,
        r#"{"sessionId":"<user>-<hex 17>","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.<region>.amazonaws.com/v1/data-channel/<user>-<hex 17>?role=publish_subscribe"}"#,
    ),
];

const ACM: &[Call] = &[
    Call::read(
        "DescribeCertificate",
        r#"{"certificateArn":"arn:aws:acm:<region>:<account>:certificate/<cert>"}"#,
    ),
    Call::read(
        "ListCertificates",
        r#"{"maxItems":1000,"includes":{"keyTypes":["RSA_2048","EC_prime256v1"]}}"#,
    ),
];
