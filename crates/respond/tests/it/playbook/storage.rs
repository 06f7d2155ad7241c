//! Buckets and keys.

use std::slice::from_ref;

use serde_json::{Value, json};
use trailkeep_aws::api::services::{kms, s3, s3control};
use trailkeep_baseline::Json;
use trailkeep_state::ResponseStatus;

use super::rig::{Look, REGION, Rig, Seen, auto};

async fn bucket(rig: &Rig, name: &str) -> String {
    let bucket = format!("{name}-{}", rig.account);
    let place = json!({"LocationConstraint": REGION});
    rig.make(&s3::CREATE_BUCKET, json!({"Bucket": bucket, "CreateBucketConfiguration": place})).await;
    bucket
}

fn block(acls: bool, policies: bool) -> Value {
    json!({"BlockPublicAcls": acls, "IgnorePublicAcls": acls, "BlockPublicPolicy": policies, "RestrictPublicBuckets": policies})
}

fn about(operation: &'static trailkeep_aws::api::Operation, bucket: &str) -> (Look, Seen) {
    let input = json!({"Bucket": bucket});
    ((operation, input.clone()), (operation, bucket.to_owned(), input))
}

fn request(bucket: &str, member: &str, value: Value) -> Value {
    json!({"bucketName": bucket, "Host": format!("{bucket}.s3.{REGION}.amazonaws.com"), member: value})
}

#[tokio::test]
async fn the_public_access_block_of_a_bucket() {
    let Some(rig) = Rig::new("300000000011", vec![auto()]).await else { return };
    let bucket = bucket(&rig, "logs").await;
    let put = json!({"Bucket": bucket, "PublicAccessBlockConfiguration": block(true, true)});
    rig.make(&s3::PUT_PUBLIC_ACCESS_BLOCK, put).await;
    let (look, seen) = about(&s3::GET_PUBLIC_ACCESS_BLOCK, &bucket);
    let change = async |rig: &Rig| {
        rig.make(&s3::DELETE_PUBLIC_ACCESS_BLOCK, json!({"Bucket": bucket})).await;
        rig.event(
            "s3",
            "DeleteBucketPublicAccessBlock",
            request(&bucket, "publicAccessBlock", json!("")),
            json!(null),
        )
    };
    rig.plays(from_ref(&look), from_ref(&seen), change).await;
    // Put back again, by hand this time.
    let put = json!({"Bucket": bucket, "PublicAccessBlockConfiguration": block(true, true)});
    rig.make(&s3::PUT_PUBLIC_ACCESS_BLOCK, put).await;
    rig.advance(60);
    let change = async |rig: &Rig| {
        let put = json!({"Bucket": bucket, "PublicAccessBlockConfiguration": block(true, false)});
        rig.make(&s3::PUT_PUBLIC_ACCESS_BLOCK, put).await;
        let asked = request(&bucket, "PublicAccessBlockConfiguration", block(true, false));
        rig.event("s3", "PutBucketPublicAccessBlock", asked, json!(null))
    };
    rig.plays(&[look], &[seen], change).await;
}

#[tokio::test]
async fn the_public_access_block_of_an_account() {
    let Some(rig) = Rig::new("300000000012", vec![auto()]).await else { return };
    let input = json!({"AccountId": rig.account});
    let put = json!({"AccountId": rig.account, "PublicAccessBlockConfiguration": block(true, true)});
    rig.make(&s3control::PUT_PUBLIC_ACCESS_BLOCK, put).await;
    let looks = [(&s3control::GET_PUBLIC_ACCESS_BLOCK, input.clone())];
    let seen = [(&s3control::GET_PUBLIC_ACCESS_BLOCK, String::new(), input.clone())];
    let change = async |rig: &Rig| {
        rig.make(&s3control::DELETE_PUBLIC_ACCESS_BLOCK, input.clone()).await;
        rig.event("s3", "DeleteAccountPublicAccessBlock", json!({"publicAccessBlock": ""}), json!(null))
    };
    rig.plays(&looks, &seen, change).await;
}

fn policy(bucket: &str, principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow", "Principal": principal,
        "Action": ["s3:GetObject"], "Resource": format!("arn:aws:s3:::{bucket}/*")}]})
}

#[tokio::test]
async fn the_policy_of_a_bucket() {
    let Some(rig) = Rig::new("300000000013", vec![auto()]).await else { return };
    let bucket = bucket(&rig, "logs").await;
    let (look, seen) = about(&s3::GET_BUCKET_POLICY, &bucket);
    // Widened where there was none: it is deleted again.
    let widen = async |rig: &Rig| {
        let open = policy(&bucket, "*");
        rig.make(&s3::PUT_BUCKET_POLICY, json!({"Bucket": bucket, "Policy": open.to_string()})).await;
        rig.event("s3", "PutBucketPolicy", request(&bucket, "bucketPolicy", open), json!(null))
    };
    rig.plays(from_ref(&look), from_ref(&seen), widen).await;
    // Byte for byte: with the spaces that its owner wrote.
    let own = serde_json::to_string_pretty(&policy(&bucket, &format!("arn:aws:iam::{}:root", rig.account)))
        .unwrap();
    rig.make(&s3::PUT_BUCKET_POLICY, json!({"Bucket": bucket, "Policy": own})).await;
    rig.advance(60);
    rig.plays(from_ref(&look), from_ref(&seen), widen).await;
    rig.make(&s3::PUT_BUCKET_POLICY, json!({"Bucket": bucket, "Policy": own})).await;
    rig.advance(60);
    let delete = async |rig: &Rig| {
        rig.make(&s3::DELETE_BUCKET_POLICY, json!({"Bucket": bucket})).await;
        rig.event("s3", "DeleteBucketPolicy", request(&bucket, "policy", json!("")), json!(null))
    };
    rig.plays(&[look], &[seen], delete).await;
}

#[tokio::test]
async fn server_access_logging_of_a_bucket() {
    let Some(rig) = Rig::new("300000000014", vec![auto()]).await else { return };
    let (source, target) = (bucket(&rig, "data").await, bucket(&rig, "access").await);
    let deliver = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{target}/*")}]});
    rig.make(&s3::PUT_BUCKET_POLICY, json!({"Bucket": target, "Policy": deliver.to_string()})).await;
    let on = json!({"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "data/"}});
    rig.make(&s3::PUT_BUCKET_LOGGING, json!({"Bucket": source, "BucketLoggingStatus": on})).await;
    let (look, seen) = about(&s3::GET_BUCKET_LOGGING, &source);
    let change = async |rig: &Rig| {
        rig.make(&s3::PUT_BUCKET_LOGGING, json!({"Bucket": source, "BucketLoggingStatus": {}})).await;
        let status = json!({"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"});
        rig.event("s3", "PutBucketLogging", request(&source, "BucketLoggingStatus", status), json!(null))
    };
    rig.plays(&[look], &[seen], change).await;
}

#[tokio::test]
async fn keys() {
    let Some(rig) = Rig::new("300000000015", vec![auto()]).await else { return };
    let key = rig.make(&kms::CREATE_KEY, json!({})).await;
    let (id, arn) = (key.text("KeyMetadata.KeyId").unwrap(), key.text("KeyMetadata.Arn").unwrap());
    let looks = [(&kms::DESCRIBE_KEY, json!({"KeyId": id}))];
    let change = async |rig: &Rig| {
        rig.make(&kms::SCHEDULE_KEY_DELETION, json!({"KeyId": id, "PendingWindowInDays": 7})).await;
        let response =
            json!({"keyId": arn, "deletionDate": "May 11, 2026, 12:00:00 AM", "pendingWindowInDays": 7});
        rig.event("kms", "ScheduleKeyDeletion", json!({"keyId": arn, "pendingWindowInDays": 7}), response)
    };
    rig.plays(&looks, &[], change).await;

    let key = rig.make(&kms::CREATE_KEY, json!({})).await;
    let (id, arn) = (key.text("KeyMetadata.KeyId").unwrap(), key.text("KeyMetadata.Arn").unwrap());
    let looks = [(&kms::DESCRIBE_KEY, json!({"KeyId": id}))];
    let disable = async |rig: &Rig| {
        rig.make(&kms::DISABLE_KEY, json!({"KeyId": id})).await;
        rig.event("kms", "DisableKey", json!({"keyId": arn}), json!({"keyId": arn}))
    };
    rig.plays(&looks, &[], disable).await;
    // Now it is known to be disabled: a deletion that is cancelled leaves it so.
    rig.advance(60);
    let change = async |rig: &Rig| {
        rig.make(&kms::SCHEDULE_KEY_DELETION, json!({"KeyId": id, "PendingWindowInDays": 30})).await;
        rig.event(
            "kms",
            "ScheduleKeyDeletion",
            json!({"keyId": id, "pendingWindowInDays": 30}),
            json!({"keyId": arn}),
        )
    };
    let before = rig.look(&looks).await;
    let event = change(&rig).await;
    let done = rig.handle(&event).await;
    rig.told(&done, ResponseStatus::Done).await;
    assert_eq!(rig.look(&looks).await, before);
    assert!(before.contains("\"Disabled\""));
}
