//! Buckets, and the account's Block Public Access.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html>

use serde_json::{Value, json};
use trailkeep_aws::api::services::{s3, s3control};
use trailkeep_baseline::Json;

use crate::playbook::facet::{Call, Change, Context, Facet, Reading, one, pairs};
use crate::playbook::state::{fits, same_document};

static TAGS: Reading = Reading {
    operation: &s3::GET_BUCKET_TAGGING,
    input: |place| json!({"Bucket": place.subject}),
    absent: &["NoSuchTagSet"],
    context: |output| Some(Context { vpc: None, tags: pairs(output.items("TagSet")) }),
};

const BLOCK: &str = "PublicAccessBlockConfiguration";

/// A bucket's Block Public Access.
pub(in crate::playbook) static PUBLIC_ACCESS: Facet = Facet {
    absent: &["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"],
    is_global: true,
    writes: &[&s3::PUT_PUBLIC_ACCESS_BLOCK, &s3::DELETE_PUBLIC_ACCESS_BLOCK],
    calls: |change| match changed(change, BLOCK) {
        None => Vec::new(),
        Some(Value::Null) => {
            vec![Call::new(&s3::DELETE_PUBLIC_ACCESS_BLOCK, json!({"Bucket": change.subject}))]
        }
        Some(to) => {
            vec![Call::new(&s3::PUT_PUBLIC_ACCESS_BLOCK, json!({"Bucket": change.subject, BLOCK: to}))]
        }
    },
    context: Some(&TAGS),
    ..Facet::reading(
        "bucket-public-access-block",
        &s3::GET_PUBLIC_ACCESS_BLOCK,
        |bucket| json!({"Bucket": bucket}),
        |bucket, output| one(bucket, BLOCK, &output[BLOCK]),
    )
};

/// The account's Block Public Access. The subject is the account.
pub(in crate::playbook) static ACCOUNT_PUBLIC_ACCESS: Facet = Facet {
    absent: &["NoSuchPublicAccessBlockConfiguration"],
    is_global: true,
    writes: &[&s3control::PUT_PUBLIC_ACCESS_BLOCK, &s3control::DELETE_PUBLIC_ACCESS_BLOCK],
    calls: |change| match changed(change, BLOCK) {
        None => Vec::new(),
        Some(Value::Null) => {
            vec![Call::new(&s3control::DELETE_PUBLIC_ACCESS_BLOCK, json!({"AccountId": change.account}))]
        }
        Some(to) => {
            vec![Call::new(
                &s3control::PUT_PUBLIC_ACCESS_BLOCK,
                json!({"AccountId": change.account, BLOCK: to}),
            )]
        }
    },
    ..Facet::reading(
        "account-public-access-block",
        &s3control::GET_PUBLIC_ACCESS_BLOCK,
        |account| json!({"AccountId": account}),
        |account, output| one(account, BLOCK, &output[BLOCK]),
    )
};

/// A bucket's policy, as text.
pub(in crate::playbook) static POLICY: Facet = Facet {
    absent: &["NoSuchBucketPolicy", "NoSuchBucket"],
    is_global: true,
    holds: |there, wanted| match (there.as_str(), wanted.as_str()) {
        (Some(there), Some(wanted)) => same_document(there, wanted),
        _ => there.is_null() && wanted.is_null(),
    },
    writes: &[&s3::PUT_BUCKET_POLICY, &s3::DELETE_BUCKET_POLICY],
    calls: |change| match changed(change, "Policy") {
        None => Vec::new(),
        Some(Value::Null) => vec![Call::new(&s3::DELETE_BUCKET_POLICY, json!({"Bucket": change.subject}))],
        Some(to) => vec![Call::new(&s3::PUT_BUCKET_POLICY, json!({"Bucket": change.subject, "Policy": to}))],
    },
    context: Some(&TAGS),
    ..Facet::reading(
        "bucket-policy",
        &s3::GET_BUCKET_POLICY,
        |bucket| json!({"Bucket": bucket}),
        |bucket, output| one(bucket, "Policy", &output["Policy"]),
    )
};

/// A bucket's server access logging.
pub(in crate::playbook) static LOGGING: Facet = Facet {
    absent: &["NoSuchBucket"],
    is_global: true,
    holds: |there, wanted| fits(there, wanted),
    writes: &[&s3::PUT_BUCKET_LOGGING],
    calls: |change| {
        let Some(to) = changed(change, "LoggingEnabled") else { return Vec::new() };
        let status = if to.is_null() { json!({}) } else { json!({"LoggingEnabled": writable(to)}) };
        vec![Call::new(
            &s3::PUT_BUCKET_LOGGING,
            json!({"Bucket": change.subject, "BucketLoggingStatus": status}),
        )]
    },
    context: Some(&TAGS),
    ..Facet::reading(
        "bucket-logging",
        &s3::GET_BUCKET_LOGGING,
        |bucket| json!({"Bucket": bucket}),
        |bucket, output| one(bucket, "LoggingEnabled", &output["LoggingEnabled"]),
    )
};

/// As it is written: an element with nothing in it reads as empty text, and is written as an object.
fn writable(enabled: &Value) -> Value {
    let mut enabled = enabled.clone();
    if enabled.at("TargetObjectKeyFormat.SimplePrefix").is_some() {
        enabled["TargetObjectKeyFormat"] = json!({"SimplePrefix": {}});
    }
    if let Some(members) = enabled.as_object_mut() {
        members.retain(|name, value| {
            name != "TargetGrants" || value.as_array().is_none_or(|list| !list.is_empty())
        });
    }
    enabled
}

/// What a part is to be, where it is something else.
fn changed<'a>(change: &Change<'a>, part: &str) -> Option<&'a Value> {
    let to = change.to.get(part)?;
    (change.from.get(part).unwrap_or(&Value::Null) != to).then_some(to)
}
