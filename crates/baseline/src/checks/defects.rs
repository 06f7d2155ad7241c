//! One defect at a time in a compliant estate: exactly the named checks of controls 1 and 4 fail, and
//! nothing becomes unknown.

use serde_json::{Value, json};

use crate::assess::assess;
use crate::check::{Control, Status};
use crate::testing::{ACCESS_BUCKET, BUCKET, Estate, HOME, KEY, OTHER, STORE, TRAIL, blocked};

/// The ids of the checks of controls 1 and 4 that have results of this status, in order.
fn with_status(estate: &Estate, status: Status) -> Vec<String> {
    let results = assess(&estate.inventory, &estate.settings, &[]).results;
    let ours =
        results.into_iter().filter(|result| matches!(result.control, Control::Trail | Control::Bucket));
    let mut ids: Vec<String> =
        ours.filter(|result| result.status == status).map(|result| result.check_id).collect();
    ids.dedup();
    ids
}

#[track_caller]
fn defect(name: &str, damage: impl FnOnce(&mut Estate), expected: &[&str]) {
    let mut estate = Estate::compliant();
    damage(&mut estate);
    assert_eq!(with_status(&estate, Status::Fail), expected, "{name}");
    assert!(
        with_status(&estate, Status::Unknown).is_empty(),
        "{name}: {:?}",
        with_status(&estate, Status::Unknown)
    );
}

fn set(
    region: &'static str,
    call: &'static str,
    resource: &'static str,
    output: Value,
) -> impl FnOnce(&mut Estate) {
    move |estate| estate.answer(region, call, resource, output)
}

fn none(call: &'static str, resource: &'static str) -> impl FnOnce(&mut Estate) {
    move |estate| estate.absent("global", call, resource, "NotFound")
}

#[test]
fn a_compliant_estate_has_no_failure() {
    defect("none", |_| {}, &[]);
    defect("a member joins", Estate::join_member, &[]);
    let passed = with_status(&Estate::compliant(), Status::Pass);
    let silent: Vec<&str> = super::all()
        .filter(|check| matches!(check.control, Control::Trail | Control::Bucket))
        .map(|check| check.id)
        .filter(|id| !passed.iter().any(|passed| passed == id))
        .collect();
    assert_eq!(silent, ["trail-notification-delivery"], "the trail has no topic; all others speak");
}

/// What a person reads: every failure of a neglected estate, with its fix.
#[test]
fn texts_of_a_neglected_estate() {
    let mut estate = Estate::compliant();
    estate.trail(|trail| {
        for member in ["IncludeGlobalServiceEvents", "IsOrganizationTrail", "LogFileValidationEnabled"] {
            trail[member] = json!(false);
        }
        trail["CloudWatchLogsLogGroupArn"] = Value::Null;
    });
    estate.status(|status| status["LatestDeliveryError"] = json!("AccessDenied"));
    estate.selectors(
        &json!([{"ReadWriteType": "WriteOnly", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]),
    );
    estate.absent(HOME, "cloudtrail:GetInsightSelectors", TRAIL, "InsightNotEnabledException");
    estate
        .edit(HOME, "kms:DescribeKey", KEY, |key| key["KeyMetadata"]["KeyState"] = json!("PendingDeletion"));
    estate.edit(HOME, "cloudtrail:GetEventDataStore", STORE, |store| {
        *store = json!({"Name": "lake", "RetentionPeriod": 90});
    });
    for call in ["PublicAccessBlock", "BucketOwnershipControls", "ObjectLockConfiguration"] {
        estate.absent("global", &format!("s3:Get{call}"), BUCKET, "NotFound");
    }
    estate.absent("global", "s3control:GetPublicAccessBlock", "", "NotFound");
    estate.answer("global", "s3:GetBucketVersioning", BUCKET, json!({}));
    estate.answer(
        "global",
        "s3:GetBucketLogging",
        BUCKET,
        json!({"LoggingEnabled": {"TargetBucket": "gone"}}),
    );
    let rule = json!({"ID": "tidy", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 30},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 7}});
    estate.answer("global", "s3:GetBucketLifecycleConfiguration", BUCKET, json!({"Rules": [rule]}));
    estate.bucket_policy(|statements| {
        statements.truncate(1);
        statements[0].as_object_mut().unwrap().remove("Condition");
        statements.push(json!({"Sid": "Share", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::trail-logs", "arn:aws:s3:::trail-logs/*"]}));
        statements.push(json!({"Sid": "Supplier", "Effect": "Allow", "Principal": {"AWS": "999999999999"},
            "Action": "s3:*", "Resource": "arn:aws:s3:::trail-logs/*"}));
    });
    let results = assess(&estate.inventory, &estate.settings, &[]).results;
    let ours =
        results.into_iter().filter(|result| matches!(result.control, Control::Trail | Control::Bucket));
    let failed = ours.filter(|result| result.status != Status::Pass);
    let text: Vec<String> = failed
        .map(|result| {
            let status = result.status.as_str();
            format!(
                "{status} {} ({}, {})\n  seen: {}\n  fix:  {}\n",
                result.check_id, result.severity, result.region, result.observed, result.remediation
            )
        })
        .collect();
    insta::assert_snapshot!(text.concat());
}

#[test]
fn defects_of_the_trail() {
    let trail = |member: &'static str, value: Value| {
        move |estate: &mut Estate| estate.trail(|trail| trail[member] = value.clone())
    };
    let status = |member: &'static str, value: Value| {
        move |estate: &mut Estate| estate.status(|status| status[member] = value)
    };
    defect("validation off", trail("LogFileValidationEnabled", json!(false)), &["trail-log-file-validation"]);
    defect("no key", trail("KmsKeyId", Value::Null), &["trail-kms-encryption"]);
    defect("no log group", trail("CloudWatchLogsLogGroupArn", Value::Null), &["trail-log-group"]);
    defect("no global events", trail("IncludeGlobalServiceEvents", json!(false)), &["trail-global-events"]);
    defect("not the organisation's", trail("IsOrganizationTrail", json!(false)), &["trail-organization"]);
    defect("bucket refuses", status("LatestDeliveryError", json!("AccessDenied")), &["trail-delivery"]);
    defect(
        "digest refused",
        status("LatestDigestDeliveryError", json!("AccessDenied")),
        &["trail-digest-delivery"],
    );
    let refused = status("LatestCloudWatchLogsDeliveryError", json!("AccessDenied"));
    defect("log group refuses", refused, &["trail-log-group-delivery"]);
    let one_region = |estate: &mut Estate| {
        estate.trail(|trail| trail["IsMultiRegionTrail"] = json!(false));
        estate.answer(OTHER, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
    };
    defect(
        "one Region only",
        one_region,
        &[
            "trail-global-events",
            "trail-multi-region",
            "trail-region-coverage",
            "trail-s3-data-events-read",
            "trail-s3-data-events-write",
        ],
    );
    // Nothing but its status says so; every question about what is recorded fails with it.
    defect(
        "stopped",
        status("IsLogging", json!(false)),
        &[
            "trail-global-events",
            "trail-insights",
            "trail-logging",
            "trail-management-events",
            "trail-multi-region",
            "trail-organization",
            "trail-region-coverage",
            "trail-s3-data-events-read",
            "trail-s3-data-events-write",
        ],
    );
}

#[test]
fn defects_of_selectors_keys_and_stores() {
    let objects = |kind: &str| {
        json!({"ReadWriteType": kind, "IncludeManagementEvents": false, "DataResources": [
        {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]})
    };
    let selectors = |selectors: Value| move |estate: &mut Estate| estate.selectors(&selectors);
    let writes = json!([{"ReadWriteType": "WriteOnly"}, objects("All")]);
    defect("write events only", selectors(writes), &["trail-management-events"]);
    let without_kms = json!([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}, objects("All")]);
    defect("KMS left out", selectors(without_kms), &["trail-excluded-sources"]);
    let no_reads = json!([{"ReadWriteType": "All"}, objects("WriteOnly")]);
    defect("reads of objects left out", selectors(no_reads), &["trail-s3-data-events-read"]);
    let call = "cloudtrail:GetInsightSelectors";
    defect("no Insights", set(HOME, call, TRAIL, json!({"InsightSelectors": []})), &["trail-insights"]);
    let disabled = json!({"KeyMetadata": {"KeyState": "Disabled", "KeyManager": "CUSTOMER"}});
    defect("key disabled", set(HOME, "kms:DescribeKey", KEY, disabled), &["trail-kms-key", "log-bucket-key"]);
    let store = |member: &'static str, value: Value| {
        move |estate: &mut Estate| {
            estate.edit(HOME, "cloudtrail:GetEventDataStore", STORE, |store| store[member] = value);
        }
    };
    defect("store stopped", store("Status", json!("STOPPED_INGESTION")), &["event-data-store-ingesting"]);
    defect("store short", store("RetentionPeriod", json!(30)), &["event-data-store-kept"]);
    defect("store without key", store("KmsKeyId", Value::Null), &["event-data-store-encrypted"]);
}

#[test]
fn defects_of_the_bucket() {
    let call = "s3:GetPublicAccessBlock";
    defect("bucket not blocked", none(call, BUCKET), &["log-bucket-public-access-block"]);
    let call = "s3control:GetPublicAccessBlock";
    defect("account not blocked", none(call, ""), &["log-bucket-account-public-access-block"]);
    let call = "s3:GetBucketOwnershipControls";
    defect("ACLs on", none(call, BUCKET), &["log-bucket-ownership"]);
    let call = "s3:GetBucketVersioning";
    defect("no versions", set("global", call, BUCKET, json!({})), &["log-bucket-versioning"]);
    let call = "s3:GetObjectLockConfiguration";
    defect("no lock", none(call, BUCKET), &["log-bucket-object-lock"]);
    let plain = |estate: &mut Estate| {
        estate.answer("global", "s3:GetBucketVersioning", BUCKET, json!({"Status": "Enabled"}));
        estate.absent("global", "s3:GetObjectLockConfiguration", BUCKET, "NotFound");
    };
    defect("neither lock nor MFA", plain, &["log-bucket-mfa-delete", "log-bucket-object-lock"]);
    let short =
        json!({"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 30}}]});
    let call = "s3:GetBucketLifecycleConfiguration";
    defect("short lifecycle", set("global", call, BUCKET, short), &["log-bucket-lifecycle"]);
    let call = "s3:GetBucketEncryption";
    defect("no KMS", none(call, BUCKET), &["log-bucket-encryption"]);
    let off = json!({"ReplicationConfiguration": {"Rules": [{"Status": "Disabled"}]}});
    defect(
        "copy turned off",
        set("global", "s3:GetBucketReplication", BUCKET, off),
        &["log-bucket-replication"],
    );
    defect(
        "bucket deleted",
        |estate| {
            estate.answer("global", "s3:ListBuckets", "", json!({"Buckets": [{"Name": ACCESS_BUCKET}]}));
            estate.absent("global", "s3:GetBucketLocation", BUCKET, "NoSuchBucket");
        },
        &["log-bucket-known"],
    );
    defect(
        "nobody logs access",
        |estate| {
            estate.selectors(&json!([{"ReadWriteType": "All"}]));
            estate.answer("global", "s3:GetBucketLogging", BUCKET, json!({}));
        },
        &["trail-s3-data-events-read", "trail-s3-data-events-write", "log-bucket-access-logging"],
    );
}

#[test]
fn defects_of_the_buckets_policy() {
    let policy = |change: fn(&mut Vec<Value>)| move |estate: &mut Estate| estate.bucket_policy(change);
    let no_tls = policy(|statements| {
        statements.pop();
    });
    defect("plain HTTP", no_tls, &["log-bucket-tls"]);
    let no_source = policy(|statements| {
        statements[1].as_object_mut().unwrap().remove("Condition");
    });
    defect("no SourceArn", no_source, &["log-bucket-service-source"]);
    let no_write = policy(|statements| {
        statements.remove(1);
    });
    defect("no right to write", no_write, &["log-bucket-trail-delivery"]);
    let public = policy(|statements| {
        statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::trail-logs/*"}));
    });
    defect("public", public, &["log-bucket-policy-public"]);
    let stranger = policy(|statements| {
        statements.push(json!({"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::trail-logs/*"}));
    });
    defect("a stranger reads", stranger, &["log-bucket-cross-account"]);
    let but = policy(|statements| {
        statements.push(json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111111111111"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::trail-logs/*"}));
    });
    defect("all but one", but, &["log-bucket-not-principal", "log-bucket-policy-public"]);
    defect(
        "public by ACL",
        |estate| {
            estate.absent("global", "s3:GetBucketOwnershipControls", BUCKET, "NotFound");
            estate.answer("global", "s3:GetPublicAccessBlock", BUCKET, blocked());
            estate.edit("global", "s3:GetBucketAcl", BUCKET, |acl| {
                let group = "http://acs.amazonaws.com/groups/global/AllUsers";
                let grant = json!({"Grantee": {"Type": "Group", "URI": group}, "Permission": "READ"});
                acl["Grants"].as_array_mut().unwrap().push(grant);
            });
        },
        &["log-bucket-acl", "log-bucket-ownership"],
    );
}
