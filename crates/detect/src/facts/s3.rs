//! Buckets: made public, stripped of protection, logs put at risk.
//!
//! Shapes: S3's XML bodies as JSON, under `bucketPolicy`, `AccessControlPolicy`,
//! `PublicAccessBlockConfiguration`, `BucketLoggingStatus`, `VersioningConfiguration`,
//! `LifecycleConfiguration`; canned ACLs as the header `x-amz-acl`.

use sonic_rs::Value;

use super::policy::grants_of;
use super::{Fact, Facts, Family, and_list, event_name, request};
use crate::{json, words};

pub(super) static FAMILY: Family = Family {
    prefix: "s3",
    sources: &["s3.amazonaws.com"],
    events: &[
        "CreateBucket",
        "DeleteBucket",
        "PutBucketPolicy",
        "DeleteBucketPolicy",
        "PutBucketAcl",
        "PutBucketCors",
        "DeleteBucketCors",
        "PutBucketPublicAccessBlock",
        "DeleteBucketPublicAccessBlock",
        "PutAccountPublicAccessBlock",
        "DeleteAccountPublicAccessBlock",
        "PutBucketLogging",
        "PutBucketVersioning",
        "PutBucketEncryption",
        "DeleteBucketEncryption",
        "PutBucketLifecycle",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
        "PutBucketReplication",
        "DeleteBucketReplication",
        "PutBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
        "PutBucketObjectLockConfiguration",
        "DeleteObject",
        "DeleteObjects",
    ],
    facts: &[
        ("s3.bucket", "the bucket's name"),
        (
            "s3.log_bucket",
            "the bucket looks like one that holds logs, by its name or by the services its policy lets write",
        ),
        ("s3.made_public", "the change lets everybody in, by policy or by ACL"),
        ("s3.public_actions", "what the policy lets everybody do"),
        ("s3.grants_accounts", "other accounts that the policy names"),
        (
            "s3.public_access_block_weakened",
            "a setting of Block Public Access was switched off or the whole removed",
        ),
        ("s3.logging_disabled", "server access logging was switched off"),
        ("s3.versioning_suspended", "versioning was suspended"),
        ("s3.mfa_delete_disabled", "MFA delete was switched off"),
        ("s3.encryption_removed", "the bucket's own encryption setting was removed"),
        ("s3.expires_after_days", "the shortest expiry that a lifecycle rule sets, in days"),
    ],
    derive,
};

/// Groups of grantees that mean everybody.
const EVERYBODY: &[&str] = &[
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
];

/// Services that deliver logs to buckets.
const LOG_WRITERS: &[&str] = &[
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logdelivery.elasticloadbalancing.amazonaws.com",
    "logging.s3.amazonaws.com",
];

fn derive(record: &Value, facts: &mut Facts) {
    let name = event_name(record);
    let asked = request(record);
    let bucket = json::text(asked, &["bucketName"]);
    facts.text("s3.bucket", bucket);
    let mut log_bucket = bucket.is_some_and(looks_like_logs);
    let target = bucket.unwrap_or("the account").to_owned();
    let mut summary = None;
    if let Some(document) = json::member(asked, "bucketPolicy").filter(|_| name == "PutBucketPolicy") {
        let grants = grants_of(document);
        log_bucket |= grants.services.iter().any(|service| LOG_WRITERS.contains(&service.as_str()));
        let own = json::text(record, &["recipientAccountId"]).unwrap_or_default();
        let others: Vec<String> = grants.accounts.into_iter().filter(|account| account != own).collect();
        summary = Some(match (grants.public, others.is_empty()) {
            (true, _) => {
                format!("made {target} public: everybody may {}", and_list(&grants.public_actions, 3))
            }
            (false, false) => format!("let {} into {target} by policy", and_list(&others, 3)),
            (false, true) => format!("changed the policy of {target}"),
        });
        facts.flag("s3.made_public", grants.public);
        facts.texts("s3.public_actions", grants.public_actions);
        facts.texts("s3.grants_accounts", others);
    }
    if matches!(name, "PutBucketAcl" | "CreateBucket") {
        let public = acl_is_public(asked);
        facts.flag("s3.made_public", public);
        summary = public.then(|| format!("made {target} public by ACL"));
    }
    let changed = settings(name, asked, &target, facts);
    facts.flag("s3.log_bucket", log_bucket);
    facts.summary = summary.or(changed).or_else(|| Some(words::in_words(name, Some(&target))));
}

/// Settings other than who may enter.
fn settings(name: &str, asked: &Value, target: &str, facts: &mut Facts) -> Option<String> {
    match name {
        "PutBucketPublicAccessBlock" | "PutAccountPublicAccessBlock" => {
            let off = switched_off(asked);
            facts.flag("s3.public_access_block_weakened", !off.is_empty());
            (!off.is_empty()).then(|| format!("switched off {} for {target}", and_list(&off, 4)))
        }
        "DeleteBucketPublicAccessBlock" | "DeleteAccountPublicAccessBlock" => {
            facts.flag("s3.public_access_block_weakened", true);
            Some(format!("removed Block Public Access from {target}"))
        }
        "PutBucketLogging" => {
            let off = json::list(asked, &["BucketLoggingStatus", "LoggingEnabled"]).is_empty();
            facts.flag("s3.logging_disabled", off);
            Some(if off {
                format!("switched off access logging of {target}")
            } else {
                format!("set access logging of {target}")
            })
        }
        "PutBucketVersioning" => {
            let suspended = json::text(asked, &["VersioningConfiguration", "Status"]) == Some("Suspended");
            let mfa_off = json::text(asked, &["VersioningConfiguration", "MfaDelete"]) == Some("Disabled");
            facts.flag("s3.versioning_suspended", suspended);
            facts.flag("s3.mfa_delete_disabled", mfa_off);
            Some(if suspended {
                format!("suspended versioning of {target}")
            } else {
                format!("set versioning of {target}")
            })
        }
        "DeleteBucketEncryption" => {
            facts.flag("s3.encryption_removed", true);
            Some(format!("removed the encryption setting of {target}"))
        }
        "PutBucketLifecycle" | "PutBucketLifecycleConfiguration" => {
            let days = shortest_expiry(asked);
            if let Some(days) = days {
                facts.set("s3.expires_after_days", Fact::Int(days));
            }
            days.map(|days| {
                let unit = if days == 1 { "day" } else { "days" };
                format!("set objects of {target} to be deleted after {days} {unit}")
            })
        }
        _ => None,
    }
}

/// Whether a bucket's name says that it holds logs. Words that merely contain "log" do not count.
fn looks_like_logs(bucket: &str) -> bool {
    let lower = bucket.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let innocent = ["blog", "catalog", "dialog", "login", "logo", "analog"];
        let log = word == "log" || word.contains("logs") || word.contains("logging") || word.ends_with("log");
        let trail = word.contains("trail") && !word.contains("trailer") || word.contains("audit");
        trail || (log && !innocent.iter().any(|innocent| word.contains(innocent)))
    })
}

fn acl_is_public(asked: &Value) -> bool {
    let canned = json::texts(asked, &["x-amz-acl"]).into_iter().any(|acl| acl.starts_with("public-read"));
    let canned = canned
        || json::texts(asked, &["accessControlList", "x-amz-acl"])
            .iter()
            .any(|acl| acl.starts_with("public-read"));
    let granted = json::list(asked, &["AccessControlPolicy", "AccessControlList", "Grant"])
        .into_iter()
        .filter_map(|grant| json::text(grant, &["Grantee", "URI"]))
        .any(|grantee| EVERYBODY.contains(&grantee));
    let headers =
        ["x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-full-control", "x-amz-grant-write-acp"];
    let by_header = headers
        .iter()
        .flat_map(|header| json::texts(asked, &[header]))
        .any(|grant| EVERYBODY.iter().any(|group| grant.contains(group)));
    canned || granted || by_header
}

fn switched_off(asked: &Value) -> Vec<String> {
    let settings = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let off = |setting: &&str| json::flag(asked, &["PublicAccessBlockConfiguration", setting]) == Some(false);
    settings.iter().filter(|setting| off(setting)).map(|setting| (*setting).to_owned()).collect()
}

fn shortest_expiry(asked: &Value) -> Option<i64> {
    let rules = json::list(asked, &["LifecycleConfiguration", "Rule"]);
    let enabled = rules.into_iter().filter(|rule| json::text(rule, &["Status"]) != Some("Disabled"));
    enabled.filter_map(|rule| json::at(rule, &["Expiration", "Days"]).and_then(json::integer)).min()
}

#[cfg(test)]
mod tests {
    use super::super::derive;
    use super::*;

    fn facts(name: &str, request: &str) -> Facts {
        let record = format!(
            r#"{{"eventSource":"s3.amazonaws.com","eventName":"{name}","recipientAccountId":"111111111111","requestParameters":{request}}}"#
        );
        derive(&json::parse(&record).unwrap())
    }

    #[test]
    fn log_buckets_by_name() {
        for name in [
            "acme-cloudtrail-logs",
            "baker-bucketssecuritylogsbef0",
            "org-audit",
            "my-log-archive",
            "aws-accesslog",
        ] {
            assert!(looks_like_logs(name), "{name}");
        }
        for name in ["acme-blog", "product-catalog", "login-assets", "movie-trailers", "acme-data"] {
            assert!(!looks_like_logs(name), "{name}");
        }
    }

    #[test]
    fn a_public_policy_says_what_everybody_may() {
        let facts = facts(
            "PutBucketPolicy",
            r#"{"bucketName":"b","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}}"#,
        );
        assert_eq!(facts.get("s3.made_public"), Some(&Fact::Bool(true)));
        assert_eq!(facts.summary.as_deref(), Some("made b public: everybody may s3:GetObject"));
    }

    #[test]
    fn a_policy_that_lets_cloudtrail_write_makes_a_log_bucket() {
        let facts = facts(
            "PutBucketPolicy",
            r#"{"bucketName":"b","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"*"}]}}"#,
        );
        assert_eq!(facts.get("s3.log_bucket"), Some(&Fact::Bool(true)));
        assert_eq!(facts.get("s3.made_public"), Some(&Fact::Bool(false)));
    }

    #[test]
    fn acls_come_as_headers_and_as_grants() {
        let canned = facts("PutBucketAcl", r#"{"bucketName":"b","x-amz-acl":["public-read"],"acl":""}"#);
        assert_eq!(canned.get("s3.made_public"), Some(&Fact::Bool(true)));
        let grants = facts(
            "PutBucketAcl",
            r#"{"bucketName":"b","AccessControlPolicy":{"AccessControlList":{"Grant":{"Grantee":{"xsi:type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"}}}}"#,
        );
        assert_eq!(grants.get("s3.made_public"), Some(&Fact::Bool(true)));
        let private = facts("PutBucketAcl", r#"{"bucketName":"b","x-amz-acl":["private"]}"#);
        assert_eq!(private.get("s3.made_public"), Some(&Fact::Bool(false)));
    }

    #[test]
    fn protections_taken_away() {
        let block = facts(
            "PutBucketPublicAccessBlock",
            r#"{"bucketName":"b","PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"BlockPublicPolicy":false}}"#,
        );
        assert_eq!(block.summary.as_deref(), Some("switched off BlockPublicPolicy for b"));
        let logging = facts(
            "PutBucketLogging",
            r#"{"bucketName":"b","logging":"","BucketLoggingStatus":{"xmlns":"x"}}"#,
        );
        assert_eq!(logging.get("s3.logging_disabled"), Some(&Fact::Bool(true)));
        let kept =
            facts("PutBucketLogging", r#"{"BucketLoggingStatus":{"LoggingEnabled":{"TargetBucket":"x"}}}"#);
        assert_eq!(kept.get("s3.logging_disabled"), Some(&Fact::Bool(false)));
        let expiry = facts(
            "PutBucketLifecycle",
            r#"{"bucketName":"b","LifecycleConfiguration":{"Rule":[{"Status":"Enabled","Expiration":{"Days":90}},{"Status":"Enabled","Expiration":{"Days":1}}]}}"#,
        );
        assert_eq!(expiry.get("s3.expires_after_days"), Some(&Fact::Int(1)));
    }
}
