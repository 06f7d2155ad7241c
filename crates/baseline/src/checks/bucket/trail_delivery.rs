//! The policy of a trail's bucket lets that trail deliver.

use serde_json::{Value, json};

use super::{each_bucket, policy};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::buckets::Source;
use crate::estate::trails::{Trail, Trails};
use crate::policy::{Decision, Policy};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-trail-delivery",
    control: Control::Bucket,
    title: "The log bucket's policy lets the trail deliver",
    severity: Severity::High,
    why: "CloudTrail writes under the bucket's policy alone: a prefix that changed, a Deny that went too far or a \
          SourceArn of a trail that was made anew stops delivery. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    expected: "the policy allows cloudtrail.amazonaws.com s3:GetBucketAcl on the bucket and s3:PutObject under the \
               trail's prefix, for this trail",
    remediation: "aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json, with both statements and \
                  aws:SourceArn of the trail",
    fix_calls: &["s3:PutBucketPolicy"],
    frameworks: Frameworks {
        nist_800_53: &["AU-5", "AU-12"],
        pci_dss_4: &["10.2.1", "10.7.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        let trails = Trails::of(context.inventory);
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            if !bucket.serves(Source::Trail) {
                return Ok(None);
            }
            let delivering: Vec<&Trail<'_>> = trails.delivering_to_bucket(bucket.name).collect();
            let fix = format!(
                "aws s3api put-bucket-policy --bucket {} --policy file://policy.json, with {}",
                bucket.name,
                statements(&bucket.arn(), &delivering)
            );
            let Some(policy) = policy(bucket)? else {
                let observed =
                    format!("the bucket {} has no policy, so CloudTrail cannot write", bucket.name);
                return Ok(Some(Verdict::fail(owner, bucket.arn(), observed).remediation(fix)));
            };
            let names: Vec<&str> = delivering.iter().map(|trail| trail.name).collect();
            let faults: Vec<String> =
                delivering.iter().flat_map(|trail| refusals(&policy, &bucket.arn(), trail)).collect();
            Ok(Some(if faults.is_empty() {
                let observed =
                    format!("the policy of the bucket {} lets {} deliver", bucket.name, names.join(", "));
                Verdict::pass(owner, bucket.arn(), observed)
            } else {
                Verdict::fail(owner, bucket.arn(), faults.join("; ")).remediation(fix)
            }))
        })
    },
};

/// The statements that let these trails deliver, and nobody else's.
fn statements(bucket_arn: &str, trails: &[&Trail<'_>]) -> Value {
    let arns: Vec<&str> = trails.iter().map(|trail| trail.arn).collect();
    let objects: Vec<String> = trails
        .iter()
        .map(|trail| {
            let prefix =
                trail.config.text("S3KeyPrefix").map(|prefix| format!("{prefix}/")).unwrap_or_default();
            format!("{bucket_arn}/{prefix}AWSLogs/*")
        })
        .collect();
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    json!([
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": bucket_arn,
         "Condition": {"StringEquals": {"aws:SourceArn": arns}}},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": objects,
         "Condition": {"StringEquals": {"aws:SourceArn": arns, "s3:x-amz-acl": "bucket-owner-full-control"}}}])
}

/// What the policy keeps the trail from.
fn refusals(policy: &Policy, bucket_arn: &str, trail: &Trail<'_>) -> Vec<String> {
    let prefix = trail.config.text("S3KeyPrefix").map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let object = format!(
        "{bucket_arn}/{prefix}AWSLogs/{owner}/CloudTrail/{region}/2026/01/01/log.json.gz",
        owner = trail.owner,
        region = trail.home_region
    );
    let asked = [("s3:GetBucketAcl", bucket_arn), ("s3:PutObject", object.as_str())];
    asked
        .into_iter()
        .filter_map(|(action, resource)| {
            let service = "cloudtrail.amazonaws.com";
            match policy.decide_service(service, action, resource, Some(trail.arn), Some(trail.owner)) {
                Decision::Allow => None,
                Decision::Deny => {
                    Some(format!("a Deny keeps the trail {} from {action} on {resource}", trail.name))
                }
                Decision::NoMatch => {
                    Some(format!("no statement allows the trail {} {action} on {resource}", trail.name))
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{ACCESS_BUCKET, BUCKET, Estate};

    #[test]
    fn allowed() {
        let estate = Estate::compliant();
        estate.passes(&CHECK);
        assert!(estate.run(&CHECK).iter().all(|verdict| !verdict.resource_arn.contains(ACCESS_BUCKET)));
    }

    #[test]
    fn another_trail_another_prefix_or_no_policy() {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| {
            statements[1]["Condition"]["StringEquals"]["aws:SourceArn"] =
                json!("arn:aws:cloudtrail:eu-west-1:111111111111:trail/old");
        });
        estate.fails(&CHECK, &["no statement allows the trail main s3:PutObject on arn:aws:s3:::trail-logs/AWSLogs/111111111111/"]);
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["S3KeyPrefix"] = json!("cloudtrail"));
        estate.fails(&CHECK, &["arn:aws:s3:::trail-logs/cloudtrail/AWSLogs/"]);
        estate.absent("global", "s3:GetBucketPolicy", BUCKET, "NoSuchBucketPolicy");
        let fix = estate.fails(&CHECK, &["has no policy"]).remediation.unwrap();
        let policy = format!("{{\"Statement\":{}}}", fix.split_once(", with ").unwrap().1);
        estate.answer("global", "s3:GetBucketPolicy", BUCKET, json!({"Policy": policy}));
        estate.passes(&CHECK);
    }

    #[test]
    fn denied() {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| {
            statements.push(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::trail-logs/*"}));
        });
        estate.fails(&CHECK, &["a Deny keeps the trail main from s3:PutObject"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:GetBucketPolicy", BUCKET, "s3:GetBucketPolicy");
        estate.unknown(&CHECK, "s3:GetBucketPolicy");
    }
}
