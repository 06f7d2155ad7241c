//! Buckets, and the account-wide Block Public Access.

use serde_json::{Value, json};
use trailkeep_aws::api::Operation;
use trailkeep_aws::api::services::{s3, s3control};

use crate::apply::effect::{Call, Effect, Kind, Read, Undo, contains, never, same_document, whole};
use crate::desired::TAG;
use crate::value::Json;

const NEW: &[&str] = &["NoSuchBucket", "OperationAborted"];

pub(super) static EFFECTS: [Effect; 11] = [
    Effect {
        operation: &s3::CREATE_BUCKET,
        subject,
        read: Read {
            operation: &s3::GET_BUCKET_TAGGING,
            input: about,
            state: whole,
            absent: &["NoSuchBucket"],
            empty: &["NoSuchTagSet"],
        },
        // A bucket gets its tags a moment after it is made.
        holds: |call, state| {
            state.is_some_and(|state| state.items("TagSet").is_empty() || is_tagged(call, state))
        },
        kind: Kind::Makes {
            delete: |call, _| vec![Undo::new(&s3::DELETE_BUCKET, json!({"Bucket": call.input["Bucket"]}))],
            in_use: None,
            in_use_codes: &["BucketNotEmpty"],
            adopts: false,
        },
        refused: never,
        settles: &["OperationAborted"],
    },
    Effect {
        holds: |call, state| state.is_some_and(|state| is_tagged(call, state)),
        ..setting(&s3::PUT_BUCKET_TAGGING, &s3::GET_BUCKET_TAGGING, &["NoSuchTagSet"], |_, _| Vec::new())
    },
    Effect {
        holds: |call, state| has(call, state, "PublicAccessBlockConfiguration"),
        ..setting(
            &s3::PUT_PUBLIC_ACCESS_BLOCK,
            &s3::GET_PUBLIC_ACCESS_BLOCK,
            &["NoSuchPublicAccessBlockConfiguration"],
            |call, former| match former {
                Some(former) => {
                    put(call, &s3::PUT_PUBLIC_ACCESS_BLOCK, "PublicAccessBlockConfiguration", former)
                }
                None => delete(call, &s3::DELETE_PUBLIC_ACCESS_BLOCK),
            },
        )
    },
    Effect {
        holds: |call, state| has(call, state, "OwnershipControls"),
        ..setting(
            &s3::PUT_BUCKET_OWNERSHIP_CONTROLS,
            &s3::GET_BUCKET_OWNERSHIP_CONTROLS,
            &["OwnershipControlsNotFoundError"],
            |call, former| match former {
                Some(former) => put(call, &s3::PUT_BUCKET_OWNERSHIP_CONTROLS, "OwnershipControls", former),
                None => delete(call, &s3::DELETE_BUCKET_OWNERSHIP_CONTROLS),
            },
        )
    },
    Effect {
        holds: |call, state| {
            state.is_some_and(|state| {
                state.text("Status") == call.input.text("VersioningConfiguration.Status")
            })
        },
        // Versioning can be suspended, and never be undone.
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
        ..setting(&s3::PUT_BUCKET_VERSIONING, &s3::GET_BUCKET_VERSIONING, &[], |call, former| {
            let status = former.and_then(|former| former.text("Status")).unwrap_or("Suspended");
            let input =
                json!({"Bucket": call.input["Bucket"], "VersioningConfiguration": {"Status": status}});
            vec![Undo::new(&s3::PUT_BUCKET_VERSIONING, input)]
        })
    },
    Effect {
        holds: |call, state| has(call, state, "ServerSideEncryptionConfiguration"),
        ..setting(
            &s3::PUT_BUCKET_ENCRYPTION,
            &s3::GET_BUCKET_ENCRYPTION,
            &["ServerSideEncryptionConfigurationNotFoundError"],
            |call, former| match former {
                Some(former) => {
                    put(call, &s3::PUT_BUCKET_ENCRYPTION, "ServerSideEncryptionConfiguration", former)
                }
                None => delete(call, &s3::DELETE_BUCKET_ENCRYPTION),
            },
        )
    },
    Effect {
        holds: |call, state| {
            state.is_some_and(|state| same_document(state.text("Policy"), call.input.text("Policy")))
        },
        settles: &["NoSuchBucket", "OperationAborted", "MalformedPolicy"],
        ..setting(&s3::PUT_BUCKET_POLICY, &s3::GET_BUCKET_POLICY, &["NoSuchBucketPolicy"], |call, former| {
            match former {
                Some(former) => put(call, &s3::PUT_BUCKET_POLICY, "Policy", former),
                None => delete(call, &s3::DELETE_BUCKET_POLICY),
            }
        })
    },
    Effect {
        holds: |call, state| {
            let wanted = call.input.at("LifecycleConfiguration.Rules");
            let rules = state.and_then(|state| state.at("Rules"));
            let ids = |rules: Option<&Value>| -> Vec<String> {
                let rules = rules.and_then(Value::as_array).into_iter().flatten();
                rules.filter_map(|rule| rule.text("ID").map(str::to_owned)).collect()
            };
            rules.is_some() && ids(rules) == ids(wanted)
        },
        ..setting(
            &s3::PUT_BUCKET_LIFECYCLE_CONFIGURATION,
            &s3::GET_BUCKET_LIFECYCLE_CONFIGURATION,
            &["NoSuchLifecycleConfiguration"],
            |call, former| match former {
                Some(former) => {
                    let rules = json!({"Rules": former["Rules"]});
                    let input = json!({"Bucket": call.input["Bucket"], "LifecycleConfiguration": rules});
                    vec![Undo::new(&s3::PUT_BUCKET_LIFECYCLE_CONFIGURATION, input)]
                }
                None => delete(call, &s3::DELETE_BUCKET_LIFECYCLE),
            },
        )
    },
    Effect {
        holds: |call, state| has(call, state, "ObjectLockConfiguration"),
        // Object Lock cannot be turned off; its default retention can.
        ..setting(
            &s3::PUT_OBJECT_LOCK_CONFIGURATION,
            &s3::GET_OBJECT_LOCK_CONFIGURATION,
            &["ObjectLockConfigurationNotFoundError"],
            |call, former| {
                let plain = json!({"ObjectLockEnabled": "Enabled"});
                let former = former.and_then(|former| former.at("ObjectLockConfiguration")).unwrap_or(&plain);
                let input = json!({"Bucket": call.input["Bucket"], "ObjectLockConfiguration": former});
                vec![Undo::new(&s3::PUT_OBJECT_LOCK_CONFIGURATION, input)]
            },
        )
    },
    Effect {
        holds: |call, state| {
            state.is_some_and(|state| {
                state.text("LoggingEnabled.TargetBucket")
                    == call.input.text("BucketLoggingStatus.LoggingEnabled.TargetBucket")
            })
        },
        // The target's policy may not be known everywhere yet.
        settles: &["NoSuchBucket", "OperationAborted", "InvalidTargetBucketForLogging"],
        ..setting(&s3::PUT_BUCKET_LOGGING, &s3::GET_BUCKET_LOGGING, &[], |call, former| {
            let enabled = former.and_then(|former| former.at("LoggingEnabled"));
            let status = enabled.map_or_else(|| json!({}), |enabled| json!({"LoggingEnabled": enabled}));
            let input = json!({"Bucket": call.input["Bucket"], "BucketLoggingStatus": status});
            vec![Undo::new(&s3::PUT_BUCKET_LOGGING, input)]
        })
    },
    Effect {
        operation: &s3control::PUT_PUBLIC_ACCESS_BLOCK,
        subject: |_| "Block Public Access of the account".to_owned(),
        read: Read {
            operation: &s3control::GET_PUBLIC_ACCESS_BLOCK,
            input: |call| Some(json!({"AccountId": call.input["AccountId"]})),
            state: whole,
            absent: &["NoSuchPublicAccessBlockConfiguration"],
            empty: &[],
        },
        holds: |call, state| has(call, state, "PublicAccessBlockConfiguration"),
        kind: Kind::Sets {
            restore: |call, former| {
                let mut input = json!({"AccountId": call.input["AccountId"]});
                match former {
                    Some(former) => {
                        input["PublicAccessBlockConfiguration"] =
                            former["PublicAccessBlockConfiguration"].clone();
                        vec![Undo::new(&s3control::PUT_PUBLIC_ACCESS_BLOCK, input)]
                    }
                    None => vec![Undo::new(&s3control::DELETE_PUBLIC_ACCESS_BLOCK, input)],
                }
            },
        },
        refused: never,
        settles: &[],
    },
];

/// A setting of a bucket. What is read is what is set, unless `holds` is given.
const fn setting(
    operation: &'static Operation,
    read: &'static Operation,
    absent: &'static [&'static str],
    restore: fn(&Call<'_>, Option<&Value>) -> Vec<Undo>,
) -> Effect {
    Effect {
        operation,
        subject,
        read: Read { operation: read, input: about, state: whole, absent, empty: &[] },
        holds: |_, state| state.is_some(),
        kind: Kind::Sets { restore },
        refused: never,
        settles: NEW,
    }
}

fn subject(input: &Value) -> String {
    format!("bucket {}", input.text("Bucket").unwrap_or_default())
}

#[allow(clippy::unnecessary_wraps, reason = "as Read has it")]
fn about(call: &Call<'_>) -> Option<Value> {
    Some(json!({"Bucket": call.input["Bucket"]}))
}

fn has(call: &Call<'_>, state: Option<&Value>, member: &str) -> bool {
    let wanted = &call.input[member];
    state.and_then(|state| state.at(member)).is_some_and(|there| contains(there, wanted))
}

fn is_tagged(call: &Call<'_>, state: &Value) -> bool {
    state
        .items("TagSet")
        .iter()
        .any(|tag| tag.text("Key") == Some(TAG) && tag.text("Value") == Some(call.run))
}

fn put(call: &Call<'_>, operation: &'static Operation, member: &str, former: &Value) -> Vec<Undo> {
    vec![Undo::new(operation, json!({"Bucket": call.input["Bucket"], member: former[member]}))]
}

fn delete(call: &Call<'_>, operation: &'static Operation) -> Vec<Undo> {
    vec![Undo::new(operation, json!({"Bucket": call.input["Bucket"]}))]
}
