//! What moto's CloudFormation leaves out, made with the calls that AWS's makes.
//!
//! moto has no model of [`UNMODELLED`], and passes over them without a word; of buckets, log groups and
//! topics it takes some properties only. The inputs here are the template's own properties, so a fault
//! in them shows as it would on AWS.

use serde_json::{Map, Value, json};
use trailkeep_aws::api::services::{cloudtrail, cloudwatch, kms, logs, s3, sns, sqs};

use super::stack::Stack;
use crate::estate::Builder;

/// The types of resources that moto's CloudFormation does not make.
pub(super) const UNMODELLED: [&str; 6] = [
    "AWS::CloudTrail::Trail",
    "AWS::CloudWatch::Alarm",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
];

/// Makes what is missing of the stack.
pub(super) async fn make(builder: &Builder, stack: &Stack<'_>) {
    for (id, kind) in stack.resources() {
        let properties = stack.properties(id);
        match kind {
            "AWS::KMS::Key" => {
                // moto's CloudFormation keeps the policy as a document, which its KMS cannot give out.
                let input = json!({
                    "KeyId": stack.made[id], "PolicyName": "default",
                    "Policy": properties["KeyPolicy"].to_string(),
                });
                builder.make(&kms::PUT_KEY_POLICY, input).await;
            }
            "AWS::S3::Bucket" => bucket(builder, &properties).await,
            "AWS::S3::BucketPolicy" => {
                let input = json!({
                    "Bucket": properties["Bucket"], "Policy": properties["PolicyDocument"].to_string(),
                });
                builder.make(&s3::PUT_BUCKET_POLICY, input).await;
            }
            "AWS::Logs::LogGroup" => log_group(builder, &properties).await,
            "AWS::Logs::MetricFilter" => {
                builder.make(&logs::PUT_METRIC_FILTER, uncapitalised(properties)).await;
            }
            "AWS::CloudWatch::Alarm" => {
                builder.make(&cloudwatch::PUT_METRIC_ALARM, properties).await;
            }
            "AWS::SNS::Topic" => {
                let key = &properties["KmsMasterKeyId"];
                topic_attribute(builder, &stack.made[id], "KmsMasterKeyId", key.as_str().unwrap()).await;
            }
            "AWS::SNS::TopicPolicy" => {
                let policy = properties["PolicyDocument"].to_string();
                for topic in properties["Topics"].as_array().unwrap() {
                    topic_attribute(builder, topic.as_str().unwrap(), "Policy", &policy).await;
                }
            }
            "AWS::SQS::QueuePolicy" => {
                for queue in properties["Queues"].as_array().unwrap() {
                    let policy = properties["PolicyDocument"].to_string();
                    let input = json!({"QueueUrl": queue, "Attributes": {"Policy": policy}});
                    builder.make(&sqs::SET_QUEUE_ATTRIBUTES, input).await;
                }
            }
            "AWS::CloudTrail::Trail" => trail(builder, properties).await,
            _ => assert!(stack.made.contains_key(id), "moto did not make {id} ({kind})"),
        }
    }
}

/// A log group of moto's CloudFormation has no key, and moto knows no `AssociateKmsKey`: it is made
/// anew.
async fn log_group(builder: &Builder, properties: &Value) {
    let name = json!({"logGroupName": properties["LogGroupName"]});
    builder.make(&logs::DELETE_LOG_GROUP, name.clone()).await;
    let mut input = name.clone();
    input["kmsKeyId"] = properties["KmsKeyId"].clone();
    builder.make(&logs::CREATE_LOG_GROUP, input).await;
    let mut input = name;
    input["retentionInDays"] = properties["RetentionInDays"].clone();
    builder.make(&logs::PUT_RETENTION_POLICY, input).await;
}

async fn topic_attribute(builder: &Builder, topic: &str, name: &str, value: &str) {
    let input = json!({"TopicArn": topic, "AttributeName": name, "AttributeValue": value});
    builder.make(&sns::SET_TOPIC_ATTRIBUTES, input).await;
}

async fn bucket(builder: &Builder, properties: &Value) {
    let with = |member: &str, value: Value| json!({"Bucket": properties["BucketName"], member: value});
    let block = &properties["PublicAccessBlockConfiguration"];
    builder.make(&s3::PUT_PUBLIC_ACCESS_BLOCK, with("PublicAccessBlockConfiguration", block.clone())).await;
    let ownership = &properties["OwnershipControls"];
    builder.make(&s3::PUT_BUCKET_OWNERSHIP_CONTROLS, with("OwnershipControls", ownership.clone())).await;
    let versioning = &properties["VersioningConfiguration"];
    builder.make(&s3::PUT_BUCKET_VERSIONING, with("VersioningConfiguration", versioning.clone())).await;
    let rules = properties["LifecycleConfiguration"]["Rules"].as_array().unwrap().iter().map(|rule| {
        let transitions = rule["Transitions"].as_array().unwrap().iter().map(|transition| {
            json!({"Days": transition["TransitionInDays"], "StorageClass": transition["StorageClass"]})
        });
        json!({
            "ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule["Prefix"]},
            "Transitions": transitions.collect::<Vec<_>>(),
            "AbortIncompleteMultipartUpload": rule["AbortIncompleteMultipartUpload"],
        })
    });
    let lifecycle = json!({"Rules": rules.collect::<Vec<_>>()});
    builder.make(&s3::PUT_BUCKET_LIFECYCLE_CONFIGURATION, with("LifecycleConfiguration", lifecycle)).await;
    if let Some(logging) = properties.get("LoggingConfiguration") {
        let status = json!({"LoggingEnabled": {
            "TargetBucket": logging["DestinationBucketName"], "TargetPrefix": logging["LogFilePrefix"],
        }});
        builder.make(&s3::PUT_BUCKET_LOGGING, with("BucketLoggingStatus", status)).await;
    }
    if let Some(lock) = properties.get("ObjectLockConfiguration") {
        builder.make(&s3::PUT_OBJECT_LOCK_CONFIGURATION, with("ObjectLockConfiguration", lock.clone())).await;
    }
}

async fn trail(builder: &Builder, mut properties: Value) {
    let mut take = |name: &str| properties.as_object_mut().unwrap().remove(name).unwrap();
    let (name, logging) = (take("TrailName"), take("IsLogging"));
    let (events, insights) = (take("AdvancedEventSelectors"), take("InsightSelectors"));
    let (key, validation) = (take("KMSKeyId"), take("EnableLogFileValidation"));
    let mut input = properties;
    input["Name"] = name.clone();
    input["KmsKeyId"] = key;
    input["EnableLogFileValidation"] = validation;
    builder.make(&cloudtrail::CREATE_TRAIL, input).await;
    let input = json!({"TrailName": name, "AdvancedEventSelectors": events});
    builder.make(&cloudtrail::PUT_EVENT_SELECTORS, input).await;
    let input = json!({"TrailName": name, "InsightSelectors": insights});
    builder.make(&cloudtrail::PUT_INSIGHT_SELECTORS, input).await;
    assert_eq!(logging, true);
    builder.make(&cloudtrail::START_LOGGING, json!({"Name": name})).await;
}

/// CloudWatch Logs begins its members with small letters.
fn uncapitalised(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let small = members.into_iter().map(|(name, value)| {
                (format!("{}{}", name[..1].to_lowercase(), &name[1..]), uncapitalised(value))
            });
            Value::Object(small.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(uncapitalised).collect(),
        other => other,
    }
}
