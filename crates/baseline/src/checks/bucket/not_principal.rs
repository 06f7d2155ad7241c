//! The policy of a log bucket does not allow by naming who may not.

use super::{each_bucket, policy, statement_name};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::policy::{Effect, Named};

pub(super) const CHECK: Check = Check {
    id: "log-bucket-not-principal",
    control: Control::Bucket,
    title: "The log bucket's policy never allows with NotPrincipal",
    severity: Severity::High,
    why: "Allow with NotPrincipal grants to all the world but the few it names, users without credentials among \
          them; AWS warns against it. \
          https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html",
    expected: "no statement with Effect Allow has NotPrincipal",
    remediation: "name in Principal who may: aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json",
    fix_calls: &["s3:PutBucketPolicy"],
    frameworks: Frameworks {
        nist_800_53: &["AC-3", "AC-6", "AU-9"],
        pci_dss_4: &["10.3.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let statements = policy(bucket)?.map(|policy| policy.statements).unwrap_or_default();
            let faults: Vec<String> = statements
                .iter()
                .enumerate()
                .filter(|(_, statement)| statement.effect == Effect::Allow)
                .filter_map(|(index, statement)| match &statement.principals {
                    Named::AllBut(names) => {
                        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                        let name = statement_name(statement.sid.as_deref(), index);
                        Some(format!("{name} allows everybody but {}", names.join(", ")))
                    }
                    Named::These(_) => None,
                })
                .collect();
            Ok(Some(if faults.is_empty() {
                let observed = format!("no statement of the bucket {} allows with NotPrincipal", bucket.name);
                Verdict::pass(owner, bucket.arn(), observed)
            } else {
                Verdict::fail(owner, bucket.arn(), faults.join("; "))
            }))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    #[test]
    fn only_allowing_counts() {
        let statement = |effect: &str| {
            json!({"Sid": "Others", "Effect": effect, "NotPrincipal": {"AWS": "arn:aws:iam::111111111111:role/audit"},
                "Action": "s3:GetObject", "Resource": "arn:aws:s3:::trail-logs/*"})
        };
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.bucket_policy(|statements| statements.push(statement("Deny")));
        estate.passes(&CHECK);
        estate.bucket_policy(|statements| statements.push(statement("Allow")));
        estate.fails(&CHECK, &["statement Others allows everybody but arn:aws:iam::111111111111:role/audit"]);
        estate.denied("global", "s3:GetBucketPolicy", BUCKET, "s3:GetBucketPolicy");
        estate.unknown(&CHECK, "s3:GetBucketPolicy");
    }
}
