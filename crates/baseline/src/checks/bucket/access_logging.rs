//! Who reads or changes the logs is itself logged.

use super::acl::acls_are_off;
use super::each_bucket;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::LogBucket;
use crate::estate::selectors::{Events, Share};
use crate::estate::trails::Trails;
use crate::inventory::{Place, Unknown};
use crate::policy::Policy;
use crate::policy::acl::{self, AclGrantee};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-access-logging",
    control: Control::Bucket,
    title: "Access to the log bucket is logged",
    severity: Severity::Medium,
    why: "An intruder who reads the logs knows what is known of him, and one who deletes them hides; both show only \
          where access to the log bucket is logged, by S3 or by a trail's data events. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/logging-with-S3.html",
    expected: "server access logging to another bucket that is there, or a logging trail that records read and write \
               data events of all the bucket's objects",
    remediation: "aws s3api put-bucket-logging --bucket BUCKET --bucket-logging-status \
                  '{\"LoggingEnabled\":{\"TargetBucket\":\"TARGET\",\"TargetPrefix\":\"BUCKET/\"}}', or add a data \
                  event selector: aws cloudtrail put-event-selectors",
    fix_calls: &["s3:PutBucketLogging", "cloudtrail:PutEventSelectors"],
    frameworks: Frameworks {
        cis_1_4: &["3.6"],
        cis_3_0: &["3.4"],
        cis_5_0: &["3.4"],
        security_hub: &["CloudTrail.7", "S3.9"],
        config_rules: &["s3-bucket-logging-enabled"],
        nist_800_53: &[
            "AC-2(4)", "AC-4(26)", "AC-6(9)", "AU-2", "AU-3", "AU-6(3)", "AU-6(4)", "AU-10", "AU-12", "CA-7",
            "SC-7(9)", "SI-3(8)", "SI-4(20)", "SI-7(8)",
        ],
        pci_dss_4: &["10.2.1", "10.2.1.3"],
    },
    run: |context| {
        let trails = Trails::of(context.inventory);
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            if let Ok(Some(observed)) = endless(owner, bucket) {
                return Ok(Some(Verdict::fail(owner, bucket.arn(), observed)));
            }
            // The access logs of access logs would be a chain without end.
            if bucket.holds_only_access_logs() {
                return Ok(None);
            }
            // Not known whether a trail does: then only what S3 logs itself can say yes.
            let by_trail = recorded_by(&trails, owner, bucket);
            if let Ok(Some(name)) = by_trail {
                let observed = format!(
                    "the trail {name} records reads and writes of every object of the bucket {}",
                    bucket.name
                );
                return Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            }
            let (ok, observed) = server_access(owner, bucket)?;
            match by_trail {
                Err(unknown) if !ok => Err(unknown),
                _ => Ok(Some(Verdict::of(ok, owner, bucket.arn(), observed))),
            }
        })
    },
};

/// The logging trail that records read and write data events of all objects of the bucket.
fn recorded_by<'a>(
    trails: &Trails<'a>,
    owner: Place<'_>,
    bucket: &LogBucket<'_>,
) -> Result<Option<&'a str>, Unknown> {
    let region = bucket.region().unwrap_or("us-east-1");
    let objects = format!("{}/", bucket.arn());
    let mut unknown = None;
    for trail in trails.covering(owner.account_id(), region) {
        let all = trail.is_logging().and_then(|logging| {
            let selectors = trail.selectors()?;
            let share = |read_only| selectors.share(Events::Objects { arn_prefix: &objects, read_only });
            Ok(logging && share(true) == Share::All && share(false) == Share::All)
        });
        match all {
            Ok(true) => return Ok(Some(trail.name)),
            Ok(false) => {}
            Err(reason) => unknown = Some(reason),
        }
    }
    // A trail of all Regions shows in each: those of the bucket's own Region are enough to know.
    let home = owner.inventory.place(owner.account_id(), region);
    let unread = home.and_then(|home| trails.unread_at(home)).cloned();
    unknown.or(unread).map_or(Ok(None), Err)
}

/// The bucket that a bucket of the account logs access to, and the prefix there.
fn target<'a>(owner: Place<'a>, bucket: &str) -> Result<Option<(&'a str, &'a str)>, Unknown> {
    let output = owner.get_for("s3:GetBucketLogging", bucket)?;
    let log = |member: &str| output.and_then(|output| output.text(&format!("LoggingEnabled.{member}")));
    Ok(log("TargetBucket").map(|to| (to, log("TargetPrefix").unwrap_or(""))))
}

/// Logging of access that makes more access to log, for ever.
fn endless(owner: Place<'_>, bucket: &LogBucket<'_>) -> Result<Option<String>, Unknown> {
    let name = bucket.name;
    let Some((to, _)) = target(owner, name)? else { return Ok(None) };
    if to == name {
        return Ok(Some(format!("the bucket {name} logs access to itself: each log file makes another one")));
    }
    let back = target(owner, to).ok().flatten();
    let ring = back.is_some_and(|(back, _)| back == name);
    Ok(ring.then(|| format!("the buckets {name} and {to} log access to each other without end")))
}

/// Whether S3's server access logging works, and how it stands in words.
fn server_access(owner: Place<'_>, bucket: &LogBucket<'_>) -> Result<(bool, String), Unknown> {
    let name = bucket.name;
    let Some((to, prefix)) = target(owner, name)? else {
        let observed = format!(
            "server access logging of the bucket {name} is off, and no trail records its data events"
        );
        return Ok((false, observed));
    };
    let buckets = owner.list("s3:ListBuckets", "Buckets")?;
    if !buckets.iter().any(|bucket| bucket.text("Name") == Some(to)) {
        return Ok((
            false,
            format!("the bucket {name} logs access to {to}, which the account does not have"),
        ));
    }
    if !takes_logs(owner, bucket, to, prefix)? {
        let observed = format!(
            "the bucket {name} logs access to {to}, whose policy does not let logging.s3.amazonaws.com write under {prefix}"
        );
        return Ok((false, observed));
    }
    Ok((true, format!("access to the bucket {name} is logged to {to}")))
}

/// The target lets S3 write: by its policy, or by an old ACL for the log delivery group.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>
fn takes_logs(owner: Place<'_>, source: &LogBucket<'_>, to: &str, prefix: &str) -> Result<bool, Unknown> {
    let acls_off = acls_are_off(owner.get_for("s3:GetBucketOwnershipControls", to).unwrap_or_default());
    let acl = owner.get_for("s3:GetBucketAcl", to).unwrap_or_default().map(acl::grants).unwrap_or_default();
    let by_acl = acl.iter().any(|grant| grant.grantee == AclGrantee::LogDelivery && grant.is_write());
    if by_acl && !acls_off {
        return Ok(true);
    }
    let call = "s3:GetBucketPolicy";
    let Some(text) = owner.get_for(call, to)?.and_then(|output| output.text("Policy")) else {
        return Ok(false);
    };
    let policy = Policy::parse(text).map_err(|error| Unknown {
        call: call.to_owned(),
        missing_action: None,
        reason: format!("the policy of the bucket {to} cannot be read: {error}"),
    })?;
    let object = format!("arn:{}:s3:::{to}/{prefix}2026-01-01-00-00-00-0000000000000000", owner.partition());
    let (service, from) = ("logging.s3.amazonaws.com", source.arn());
    Ok(policy.allows_service(service, "s3:PutObject", &object, Some(&from), Some(owner.account_id())))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::testing::{ACCESS_BUCKET, BUCKET, Estate, HOME, TRAIL};

    const CALL: &str = "s3:GetBucketLogging";

    /// An estate whose trail records no data events, and whose log bucket logs access so.
    fn logs_to(target: Option<&str>) -> Estate {
        let mut estate = Estate::compliant();
        estate.selectors(&json!([{"ReadWriteType": "All"}]));
        let status = target.map_or(
            json!({}),
            |name| json!({"LoggingEnabled": {"TargetBucket": name, "TargetPrefix": "x/"}}),
        );
        estate.answer("global", CALL, BUCKET, status);
        estate
    }

    #[test]
    fn by_a_trail_or_by_s3() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 1, "the bucket for access logs is not asked");
        estate.answer("global", CALL, BUCKET, json!({}));
        estate.passes(&CHECK);
        let estate = logs_to(Some(ACCESS_BUCKET));
        estate.passes(&CHECK);
        assert_eq!(
            estate.run(&CHECK)[0].observed,
            "access to the bucket trail-logs is logged to access-logs"
        );
    }

    #[test]
    fn by_nobody() {
        logs_to(None).fails(&CHECK, &["server access logging of the bucket trail-logs is off"]);
    }

    #[test]
    fn writes_alone_or_other_objects_are_not_enough() {
        for (kind, values) in [("WriteOnly", "arn:aws:s3"), ("All", "arn:aws:s3:::trail-logs/AWSLogs/")] {
            let mut estate = logs_to(None);
            let data: Value = json!([{"Type": "AWS::S3::Object", "Values": [values]}]);
            estate.selectors(&json!([{"ReadWriteType": kind, "DataResources": data}]));
            estate.fails(&CHECK, &["no trail records its data events"]);
        }
    }

    #[test]
    fn to_itself_to_nowhere_or_in_a_ring() {
        logs_to(Some(BUCKET)).fails(&CHECK, &["logs access to itself"]);
        logs_to(Some("deleted")).fails(&CHECK, &["logs access to deleted, which the account does not have"]);
        let mut estate = logs_to(Some(ACCESS_BUCKET));
        estate.answer("global", CALL, ACCESS_BUCKET, json!({"LoggingEnabled": {"TargetBucket": BUCKET}}));
        let verdicts = estate.run(&CHECK);
        assert_eq!(verdicts.len(), 2, "both buckets of the ring");
        assert!(
            verdicts.iter().all(|verdict| verdict.observed.contains("log access to each other")),
            "{verdicts:#?}"
        );
    }

    #[test]
    fn a_bucket_that_logs_to_itself_and_holds_nothing_else() {
        let mut estate = logs_to(Some(ACCESS_BUCKET));
        estate.answer(
            "global",
            CALL,
            ACCESS_BUCKET,
            json!({"LoggingEnabled": {"TargetBucket": ACCESS_BUCKET}}),
        );
        assert!(estate.fails(&CHECK, &["logs access to itself"]).resource_arn.ends_with(ACCESS_BUCKET));
    }

    #[test]
    fn to_a_bucket_that_refuses_them_or_takes_them_by_acl() {
        let mut estate = logs_to(Some(ACCESS_BUCKET));
        estate.absent("global", "s3:GetBucketPolicy", ACCESS_BUCKET, "NoSuchBucketPolicy");
        estate.fails(
            &CHECK,
            &["access-logs, whose policy does not let logging.s3.amazonaws.com write under x/"],
        );
        estate.edit("global", "s3:GetBucketAcl", ACCESS_BUCKET, |acl| {
            let group = json!({"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"});
            acl["Grants"].as_array_mut().unwrap().push(json!({"Grantee": group, "Permission": "WRITE"}));
        });
        estate.fails(&CHECK, &["access-logs, whose policy"]);
        estate.absent(
            "global",
            "s3:GetBucketOwnershipControls",
            ACCESS_BUCKET,
            "OwnershipControlsNotFoundError",
        );
        estate.passes(&CHECK);
    }

    #[test]
    fn unknown() {
        let mut estate = logs_to(None);
        estate.denied("global", CALL, BUCKET, "s3:GetBucketLogging");
        estate.unknown(&CHECK, "s3:GetBucketLogging");
        let mut estate = logs_to(None);
        estate.denied(HOME, "cloudtrail:GetEventSelectors", TRAIL, "cloudtrail:GetEventSelectors");
        estate.unknown(&CHECK, "cloudtrail:GetEventSelectors");
    }
}
