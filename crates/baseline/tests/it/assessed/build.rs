//! An estate on moto in which everything is as it should be, as far as moto goes.

use serde_json::{Value, json};
use trailkeep_aws::api::services::{
    bedrock, cloudtrail, cloudwatch, config, ec2, events, guardduty, kms, logs, route53resolver, s3,
    s3control, securityhub, sns,
};
use trailkeep_aws::api::{Http, Operation};
use trailkeep_baseline::checks;

use crate::estate::Builder;

pub(super) const HOME: &str = "eu-west-1";
const OTHER: &str = "us-east-1";

/// Changes that the product does not make.
macro_rules! operations {
    ($($name:ident = $service:ident $api:literal $($http:expr)?;)*) => {
        $(pub(super) static $name: Operation =
            Operation::new(&$service::SERVICE, $api, "test:Test")$(.http($http))?;)*
    };
}

operations! {
    CREATE_DETECTOR = guardduty "CreateDetector" Http::new("POST", "/detector");
    ENABLE_SECURITY_HUB = securityhub "EnableSecurityHub" Http::new("POST", "/accounts");
    PUT_CONFIGURATION_RECORDER = config "PutConfigurationRecorder";
    PUT_MODEL_INVOCATION_LOGGING = bedrock "PutModelInvocationLoggingConfiguration"
        Http::new("PUT", "/logging/modelinvocations");
    PUT_DELIVERY_CHANNEL = config "PutDeliveryChannel";
    START_CONFIGURATION_RECORDER = config "StartConfigurationRecorder";
    STOP_CONFIGURATION_RECORDER = config "StopConfigurationRecorder";
    CREATE_RESOLVER_QUERY_LOG_CONFIG = route53resolver "CreateResolverQueryLogConfig";
    ASSOCIATE_RESOLVER_QUERY_LOG_CONFIG = route53resolver "AssociateResolverQueryLogConfig";
}

/// The names in an estate that its defects speak of.
pub(crate) struct Estate {
    pub(crate) account: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) topic: String,
}

/// The filter pattern that a check tells people to paste, run as it stands.
fn pattern(check: &str) -> &'static str {
    let text = checks::find(check).expect(check).remediation;
    text.split("--filter-pattern '").nth(1).and_then(|rest| rest.split('\'').next()).expect(check)
}

pub(super) fn alerts() -> impl Iterator<Item = &'static str> {
    checks::all().map(|check| check.id).filter(|id| id.starts_with("alert-"))
}

/// Builds it, and tells its names.
pub(super) async fn compliant(home: &Builder, account: &str) -> Estate {
    let bucket = format!("trail-{account}");
    let trail = format!("arn:aws:cloudtrail:{HOME}:{account}:trail/main");
    let key = log_key(home, account, &trail).await;
    log_bucket(home, account, &bucket, (&trail, &key)).await;
    for group in ["trail", "flow", "resolver"] {
        home.make(&logs::CREATE_LOG_GROUP, json!({"logGroupName": group, "kmsKeyId": key})).await;
        let retention = json!({"logGroupName": group, "retentionInDays": 365});
        home.make(&logs::PUT_RETENTION_POLICY, retention).await;
    }
    whole_trail(home, account, (&bucket, &key)).await;
    let topic = topic(home).await;
    for alert in alerts() {
        let metric = json!([{"metricName": alert, "metricNamespace": "Trailkeep", "metricValue": "1"}]);
        let filter = json!({"logGroupName": "trail", "filterName": alert, "filterPattern": pattern(alert),
            "metricTransformations": metric});
        home.make(&logs::PUT_METRIC_FILTER, filter).await;
        home.make(&cloudwatch::PUT_METRIC_ALARM, alarm(alert, &topic)).await;
    }
    for region in [HOME, OTHER] {
        let here = Builder { client: home.client.clone(), region };
        watched(&here, account, &bucket).await;
    }
    networks(home, account).await;
    Estate { account: account.to_owned(), bucket, key, topic }
}

async fn log_key(home: &Builder, account: &str, trail: &str) -> String {
    let made = home.make(&kms::CREATE_KEY, json!({"Description": "logs"})).await;
    let arn = made["KeyMetadata"]["Arn"].as_str().expect("an ARN").to_owned();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
         "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": trail}}},
        {"Effect": "Allow", "Principal": {"Service": format!("logs.{HOME}.amazonaws.com")},
         "Action": ["kms:Encrypt", "kms:GenerateDataKey*"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceAccount": account}}}]});
    let put = json!({"KeyId": arn, "PolicyName": "default", "Policy": policy.to_string()});
    home.make(&kms::PUT_KEY_POLICY, put).await;
    arn
}

fn policy_of(name: &str, mut statements: Vec<Value>) -> Value {
    let both = [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")];
    statements.push(json!({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": both,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}));
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    json!({"Bucket": name, "Policy": policy.to_string()})
}

async fn log_bucket(home: &Builder, account: &str, bucket: &str, (trail, key): (&str, &str)) {
    let closed = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true,
        "RestrictPublicBuckets": true});
    let all = json!({"AccountId": account, "PublicAccessBlockConfiguration": closed});
    home.make(&s3control::PUT_PUBLIC_ACCESS_BLOCK, all).await;
    let place = json!({"Bucket": bucket, "ObjectLockEnabledForBucket": true,
        "CreateBucketConfiguration": {"LocationConstraint": HOME}});
    home.make(&s3::CREATE_BUCKET, place).await;
    let block = json!({"Bucket": bucket, "PublicAccessBlockConfiguration": closed});
    home.make(&s3::PUT_PUBLIC_ACCESS_BLOCK, block).await;
    let versions = json!({"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}});
    home.make(&s3::PUT_BUCKET_VERSIONING, versions).await;
    let owner = json!({"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]});
    home.make(&s3::PUT_BUCKET_OWNERSHIP_CONTROLS, json!({"Bucket": bucket, "OwnershipControls": owner}))
        .await;
    let lock = json!({"ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}});
    home.make(&s3::PUT_OBJECT_LOCK_CONFIGURATION, json!({"Bucket": bucket, "ObjectLockConfiguration": lock}))
        .await;
    let rule = json!({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
        "BucketKeyEnabled": true});
    let encryption = json!({"Bucket": bucket, "ServerSideEncryptionConfiguration": {"Rules": [rule]}});
    home.make(&s3::PUT_BUCKET_ENCRYPTION, encryption).await;
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let source = json!({"StringEquals": {"aws:SourceArn": trail}});
    let delivery = vec![
        json!({"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
            "Resource": format!("arn:aws:s3:::{bucket}"), "Condition": source}),
        json!({"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/*"), "Condition": source}),
    ];
    home.make(&s3::PUT_BUCKET_POLICY, policy_of(bucket, delivery)).await;
}

async fn whole_trail(home: &Builder, account: &str, (bucket, key): (&str, &str)) {
    let trail = json!({"Name": "main", "S3BucketName": bucket, "IsMultiRegionTrail": true,
        "IncludeGlobalServiceEvents": true, "EnableLogFileValidation": true, "KmsKeyId": key,
        "CloudWatchLogsLogGroupArn": format!("arn:aws:logs:{HOME}:{account}:log-group:trail:*"),
        "CloudWatchLogsRoleArn": format!("arn:aws:iam::{account}:role/trail")});
    home.make(&cloudtrail::CREATE_TRAIL, trail).await;
    let objects = json!([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]);
    let all = json!([{"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": objects}]);
    home.make(&cloudtrail::PUT_EVENT_SELECTORS, json!({"TrailName": "main", "EventSelectors": all})).await;
    let insights = json!([{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]);
    home.make(&cloudtrail::PUT_INSIGHT_SELECTORS, json!({"TrailName": "main", "InsightSelectors": insights}))
        .await;
    home.make(&cloudtrail::START_LOGGING, json!({"Name": "main"})).await;
}

async fn topic(home: &Builder) -> String {
    let made = home.make(&sns::CREATE_TOPIC, json!({"Name": "alerts"})).await;
    let topic = made["TopicArn"].as_str().expect("an ARN").to_owned();
    let services = json!({"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": services, "Action": "sns:Publish", "Resource": topic}]});
    let attribute =
        json!({"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy.to_string()});
    home.make(&sns::SET_TOPIC_ATTRIBUTES, attribute).await;
    let subscription = json!({"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.com"});
    home.make(&sns::SUBSCRIBE, subscription).await;
    topic
}

fn alarm(name: &str, topic: &str) -> Value {
    json!({"AlarmName": name, "Namespace": "Trailkeep", "MetricName": name, "Statistic": "Sum",
        "Period": 300, "EvaluationPeriods": 1, "Threshold": 1, "AlarmActions": [topic],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"})
}

/// GuardDuty, Security Hub and Config on in a Region, and their findings told.
async fn watched(here: &Builder, account: &str, bucket: &str) {
    here.make(&CREATE_DETECTOR, json!({"Enable": true})).await;
    here.make(&ENABLE_SECURITY_HUB, json!({})).await;
    let group = json!({"allSupported": true, "includeGlobalResourceTypes": here.region == HOME});
    let recorder = json!({"name": "default", "roleARN": format!("arn:aws:iam::{account}:role/config"),
        "recordingGroup": group});
    here.make(&PUT_CONFIGURATION_RECORDER, json!({"ConfigurationRecorder": recorder})).await;
    let channel = json!({"name": "default", "s3BucketName": bucket});
    here.make(&PUT_DELIVERY_CHANNEL, json!({"DeliveryChannel": channel})).await;
    here.make(&START_CONFIGURATION_RECORDER, json!({"ConfigurationRecorderName": "default"})).await;
    let topic =
        if here.region == HOME { format!("arn:aws:sns:{HOME}:{account}:alerts") } else { topic(here).await };
    let pattern = json!({"source": ["aws.guardduty", "aws.securityhub"]});
    here.make(&events::PUT_RULE, json!({"Name": "findings", "EventPattern": pattern.to_string()})).await;
    let target = json!([{"Id": "topic", "Arn": topic}]);
    here.make(&events::PUT_TARGETS, json!({"Rule": "findings", "Targets": target})).await;
}

/// The default VPC of each Region logs its traffic and its DNS queries, Bedrock its invocations.
async fn networks(home: &Builder, account: &str) {
    for region in [HOME, OTHER] {
        let here = Builder { client: home.client.clone(), region };
        let vpcs = here.make(&ec2::DESCRIBE_VPCS, json!({})).await;
        let vpc = &vpcs["Vpcs"][0]["VpcId"];
        let bucket = format!("arn:aws:s3:::trail-{account}");
        let flow = json!({"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL",
            "LogDestinationType": "s3", "LogDestination": bucket});
        here.make(&ec2::CREATE_FLOW_LOGS, flow).await;
        let invocations = json!({"s3Config": {"bucketName": format!("trail-{account}")},
            "textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": true,
            "embeddingDataDeliveryEnabled": true});
        here.make(&PUT_MODEL_INVOCATION_LOGGING, json!({"loggingConfig": invocations})).await;
        let config = json!({"Name": "all", "CreatorRequestId": region, "DestinationArn": bucket});
        let made = here.make(&CREATE_RESOLVER_QUERY_LOG_CONFIG, config).await;
        let id = &made["ResolverQueryLogConfig"]["Id"];
        let association = json!({"ResolverQueryLogConfigId": id, "ResourceId": vpc});
        here.make(&ASSOCIATE_RESOLVER_QUERY_LOG_CONFIG, association).await;
    }
}
