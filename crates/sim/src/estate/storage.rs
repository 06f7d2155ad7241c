//! S3: the log buckets of the log archive, and everybody's own buckets; what else is global.

use serde_json::{Value, json};

use super::book::Book;
use super::trail::{self, BUCKET};
use super::{Place, key};
use crate::org::{ACCOUNTS, Kind, ORGANIZATION, Org, SECURITY, US_EAST_1};

/// Buckets for the logs of others; the trail's is apart, with a key of its own.
const LOG_BUCKETS: [&str; 4] = [BUCKET, ACCESS_LOGS, "meridian-flow-logs", "meridian-config-snapshots"];
/// Where S3, load balancers and CloudFront write.
pub(super) const ACCESS_LOGS: &str = "meridian-access-logs";
/// Buckets that every account has of its own.
const OWN: u64 = 10;

pub(super) fn fill(book: &mut Book, place: Place, org: &Org) {
    let mut names: Vec<String> = Vec::new();
    if place.account == SECURITY {
        names.extend(LOG_BUCKETS.map(str::to_owned));
    } else {
        names.push(access_logs(place));
    }
    names.extend((0..OWN).map(|pick| org.resource(place.account, US_EAST_1, Kind::Bucket, pick).to_owned()));
    let listed: Vec<Value> =
        names.iter().map(|name| json!({"Name": name, "CreationDate": "2023-02-01T09:00:00Z"})).collect();
    book.global(
        place,
        "s3:ListBuckets",
        json!({"Buckets": listed, "Owner": {"ID": format!("canonical-{}", place.alias())}}),
    );
    for name in &names {
        bucket(book, place, name);
    }
    book.global(place, "s3control:GetPublicAccessBlock", json!({"PublicAccessBlockConfiguration": closed()}));
    book.global(
        place,
        "cloudfront:ListDistributions",
        json!({"DistributionList": {"Quantity": 0, "Items": []}}),
    );
    book.global(place, "cloudfront:ListRealtimeLogConfigs", json!({"RealtimeLogConfigs": {"Items": []}}));
    book.global(place, "wafv2:ListWebACLs", json!({"WebACLs": []}));
    book.global(place, "route53:ListHostedZones", json!({"HostedZones": []}));
    book.global(place, "route53:ListQueryLoggingConfigs", json!({"QueryLoggingConfigs": []}));
}

/// Where S3 writes about an account's buckets: it delivers only within the account.
fn access_logs(place: Place) -> String {
    if place.account == SECURITY {
        ACCESS_LOGS.to_owned()
    } else {
        format!("meridian-{}-access-logs", place.alias())
    }
}

fn closed() -> Value {
    json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true})
}

fn bucket(book: &mut Book, place: Place, name: &str) {
    let access = access_logs(place);
    let logs = LOG_BUCKETS.contains(&name) || name == access;
    let mut put = |call: &str, output: Value| book.global_for(place, call, name, output);
    put("s3:GetBucketLocation", json!({"LocationConstraint": ""}));
    put("s3:GetPublicAccessBlock", json!({"PublicAccessBlockConfiguration": closed()}));
    put("s3:GetBucketPolicy", json!({"Policy": policy(name, logs).to_string()}));
    put("s3:GetBucketPolicyStatus", json!({"PolicyStatus": {"IsPublic": false}}));
    let owner = format!("canonical-{}", place.alias());
    put(
        "s3:GetBucketAcl",
        json!({"Owner": {"ID": owner}, "Grants": [{"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}),
    );
    put(
        "s3:GetBucketOwnershipControls",
        json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
    );
    put(
        "s3:GetBucketVersioning",
        json!({"Status": "Enabled", "MFADelete": if logs { "Enabled" } else { "Disabled" }}),
    );
    let encryption = if logs {
        json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key(place)})
    } else {
        json!({"SSEAlgorithm": "AES256"})
    };
    put(
        "s3:GetBucketEncryption",
        json!({"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": true}]}}),
    );
    if name == access {
        put("s3:GetBucketLogging", json!({}));
    } else {
        put(
            "s3:GetBucketLogging",
            json!({"LoggingEnabled": {"TargetBucket": access, "TargetPrefix": format!("s3/{name}/")}}),
        );
    }
    // The told fault: a lifecycle rule that costs the trail its past.
    let days = if name == BUCKET { 90 } else { 730 };
    if logs {
        put(
            "s3:GetBucketLifecycleConfiguration",
            json!({"Rules": [{"ID": "save-money", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}}]}),
        );
        put(
            "s3:GetObjectLockConfiguration",
            json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}}}),
        );
        put(
            "s3:GetBucketReplication",
            json!({"ReplicationConfiguration": {"Role": place.global_arn("iam", "role/log-replication"), "Rules": [{
                "ID": "vault", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
                "Destination": {"Bucket": format!("arn:aws:s3:::{name}-vault"), "Account": ACCOUNTS[SECURITY].id},
            }]}}),
        );
    } else {
        book.global_absent(place, "s3:GetBucketLifecycleConfiguration", name, "NoSuchLifecycleConfiguration");
        book.global_absent(
            place,
            "s3:GetObjectLockConfiguration",
            name,
            "ObjectLockConfigurationNotFoundError",
        );
        book.global_absent(place, "s3:GetBucketReplication", name, "ReplicationConfigurationNotFoundError");
    }
}

/// TLS for everybody; for log buckets also what the services that write need, and nothing more.
fn policy(name: &str, logs: bool) -> Value {
    let (bucket, objects) = (format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*"));
    let mut statements = vec![json!({
        "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, objects],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })];
    let writer = match name {
        _ if !logs => None,
        BUCKET => Some("cloudtrail.amazonaws.com"),
        _ if name.ends_with("-access-logs") => Some("logging.s3.amazonaws.com"),
        "meridian-flow-logs" => Some("delivery.logs.amazonaws.com"),
        _ => Some("config.amazonaws.com"),
    };
    if let Some(service) = writer {
        // CloudTrail names the trail it writes for, the others the account.
        let condition = if service == "cloudtrail.amazonaws.com" {
            json!({"StringEquals": {"aws:SourceArn": trail::all()}})
        } else {
            json!({"StringEquals": {"aws:SourceAccount": ACCOUNTS.map(|account| account.id)}})
        };
        statements.push(json!({"Sid": "AclCheck", "Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:GetBucketAcl", "Resource": bucket, "Condition": condition}));
        statements.push(json!({"Sid": "Write", "Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject", "Resource": objects, "Condition": condition}));
    }
    if name == ACCESS_LOGS {
        statements.push(json!({
            "Sid": "LoadBalancers", "Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject", "Resource": objects, "Condition": {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}},
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}
