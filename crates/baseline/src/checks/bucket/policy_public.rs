//! The policy of a log bucket grants nothing to anyone.

use super::{each_bucket, in_force, policy, statement_name};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::policy::Grant;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-policy-public",
    control: Control::Bucket,
    title: "The log bucket's policy opens nothing to the public",
    severity: Severity::Critical,
    why: "Logs name people, addresses, keys and weaknesses. What a policy grants to anyone, under conditions that \
          anyone can meet, it grants to whoever guesses the bucket's name. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    expected: "no statement grants anything to everybody, after what other statements deny",
    remediation: "take the statement out: aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json",
    fix_calls: &["s3:PutBucketPolicy"],
    frameworks: Frameworks {
        cis_1_4: &["3.3"],
        security_hub: &["S3.2", "S3.3", "CloudTrail.6"],
        config_rules: &["s3-bucket-public-read-prohibited", "s3-bucket-public-write-prohibited"],
        nist_800_53: &["AC-3", "AC-4", "AC-6", "AC-21", "AU-9", "SC-7", "SC-7(3)", "SC-7(4)"],
        pci_dss_4: &["1.4.4", "10.3.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let grants = policy(bucket)?.map(|policy| policy.public_grants()).unwrap_or_default();
            if grants.is_empty() {
                let observed =
                    format!("the policy of the bucket {} grants nothing to the public", bucket.name);
                return Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            }
            let mut observed: Vec<String> = grants.iter().map(say).collect();
            let held = in_force(owner, bucket, "RestrictPublicBuckets");
            if held {
                observed.push("RestrictPublicBuckets alone holds it back".to_owned());
            }
            let severity = if held { Severity::Medium } else { CHECK.severity };
            Ok(Some(Verdict::fail(owner, bucket.arn(), observed.join("; ")).severity(severity)))
        })
    },
};

fn say(grant: &Grant) -> String {
    let name = statement_name(grant.sid.as_deref(), grant.statement);
    let whom = match grant.all_but.as_slice() {
        [] => "anyone".to_owned(),
        names => format!("anyone but {}", names.join(", ")),
    };
    let except = match grant.except_actions.as_slice() {
        [] => String::new(),
        names => format!(" but {}", names.join(", ")),
    };
    let when = match grant.conditions.as_slice() {
        [] => String::new(),
        conditions => format!(" where {}", conditions.join(" and ")),
    };
    format!(
        "{name} grants {whom} {}{except} on {}{when}",
        grant.actions.join(", "),
        grant.resources.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::check::Severity;
    use crate::testing::{BUCKET, Estate};

    fn with(statement: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| statements.push(statement));
        estate
    }

    fn read(principal: &str, who: Value, condition: Value) -> Value {
        json!({"Sid": "Read", "Effect": "Allow", principal: who, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::trail-logs/*", "Condition": condition})
    }

    #[test]
    fn closed() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.absent("global", "s3:GetBucketPolicy", BUCKET, "NoSuchBucketPolicy");
        estate.passes(&CHECK);
        with(read("Principal", json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})))
            .passes(&CHECK);
    }

    #[test]
    fn open_to_anyone() {
        let mut estate = with(read("Principal", json!("*"), json!({})));
        let verdict = estate.fails(
            &CHECK,
            &[
                "statement Read grants anyone s3:GetObject on arn:aws:s3:::trail-logs/*",
                "RestrictPublicBuckets alone",
            ],
        );
        assert_eq!(verdict.severity, Some(Severity::Medium));
        estate.absent("global", "s3:GetPublicAccessBlock", BUCKET, "NoSuchPublicAccessBlockConfiguration");
        estate.absent("global", "s3control:GetPublicAccessBlock", "", "NoSuchPublicAccessBlockConfiguration");
        assert_eq!(estate.fails(&CHECK, &["statement Read"]).severity, Some(Severity::Critical));
    }

    #[test]
    fn open_to_all_but_one_and_under_a_condition_that_anyone_meets() {
        let but = json!({"AWS": "arn:aws:iam::111111111111:root"});
        with(read("NotPrincipal", but, json!({})))
            .fails(&CHECK, &["anyone but arn:aws:iam::111111111111:root"]);
        let tls = json!({"Bool": {"aws:SecureTransport": "true"}});
        with(read("Principal", json!({"AWS": "*"}), tls))
            .fails(&CHECK, &["where Bool aws:SecureTransport true"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:GetBucketPolicy", BUCKET, "s3:GetBucketPolicy");
        estate.unknown(&CHECK, "s3:GetBucketPolicy");
        estate.answer("global", "s3:GetBucketPolicy", BUCKET, json!({"Policy": "{"}));
        let verdict = estate.only(&CHECK, crate::Status::Unknown);
        assert!(verdict.observed.contains("cannot be read"), "{}", verdict.observed);
    }
}
