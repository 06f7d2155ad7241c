//! The policy of a log bucket lets other accounts in no further than the estate wants.

use super::{each_bucket, policy, statement_name};
use crate::assess::matches_wildcard;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::policy::{Foreign, Party};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-cross-account",
    control: Control::Bucket,
    title: "Other accounts cannot read or change the logs",
    severity: Severity::High,
    why: "A grant to another account outlives the reason for it: a supplier, a former subsidiary, a test account \
          reads the logs for years; one that may delete or change policies can undo the whole bucket. \
          https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
    expected: "grants only to accounts of the inventory and the own organisation, and none of them to delete objects \
               or to change the bucket",
    remediation: "take the statement out or narrow it: aws s3api put-bucket-policy --bucket BUCKET --policy \
                  file://policy.json",
    fix_calls: &["s3:PutBucketPolicy"],
    frameworks: Frameworks {
        security_hub: &["S3.6"],
        config_rules: &["s3-bucket-blacklisted-actions-prohibited", "s3-bucket-policy-grantee-check"],
        nist_800_53: &["AC-3", "AC-6", "AU-9", "AU-9(4)", "CA-9(1)", "CM-2"],
        pci_dss_4: &["10.3.1", "10.3.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let grants =
                policy(bucket)?.map(|policy| policy.foreign_accounts(owner.account_id())).unwrap_or_default();
            let (mut faults, mut known) = (Vec::new(), Vec::new());
            for grant in &grants {
                let Some((whom, trusted)) = whom(context, owner, grant) else { continue };
                let name = statement_name(grant.sid.as_deref(), grant.statement);
                let harm: Vec<&str> = HARMFUL.into_iter().filter(|action| allows(grant, action)).collect();
                if !trusted {
                    faults.push(format!("{name} grants {} to {whom}", grant.actions.join(", ")));
                } else if let Some(first) = harm.first() {
                    faults.push(format!(
                        "{name} lets {whom} do {first}{}",
                        if harm.len() > 1 { " and more" } else { "" }
                    ));
                } else {
                    known.push(format!("{name} grants {} to {whom}", grant.actions.join(", ")));
                }
            }
            Ok(Some(if !faults.is_empty() {
                Verdict::fail(owner, bucket.arn(), faults.join("; "))
            } else if known.is_empty() {
                Verdict::pass(
                    owner,
                    bucket.arn(),
                    format!("the policy of the bucket {} lets no other account in", bucket.name),
                )
            } else {
                Verdict::pass(owner, bucket.arn(), format!("within the estate: {}", known.join("; ")))
            }))
        })
    },
};

/// Actions by which an account that may only read gets to undo the bucket: those of Security Hub's S3.6
/// and those that delete.
const HARMFUL: [&str; 10] = [
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketVersioning",
    "s3:PutObjectAcl",
];

fn allows(grant: &Foreign, action: &str) -> bool {
    let action = action.to_lowercase();
    let named = |patterns: &[String]| {
        patterns.iter().any(|pattern| matches_wildcard(&pattern.to_lowercase(), &action))
    };
    named(&grant.actions) && !named(&grant.except_actions)
}

/// Who is let in, and whether it is of the estate; none for AWS's own and for those who are no more.
fn whom(context: &Context<'_>, owner: Place<'_>, grant: &Foreign) -> Option<(String, bool)> {
    Some(match &grant.party {
        Party::Account(id) => {
            let known = context.inventory.accounts.contains_key(id);
            let of = if known { "of the inventory" } else { "(not part of the inventory)" };
            (format!("account {id} {of}"), known)
        }
        Party::Organization(id) => {
            let organization = owner.get("organizations:DescribeOrganization").unwrap_or_default();
            let own = organization.and_then(|output| output.text("Organization.Id")) == Some(id);
            (format!("every account of the organisation {id}"), own)
        }
        Party::Provider(name) => (format!("whoever {name} signs in"), false),
        Party::CanonicalUser(id) => (format!("the account of canonical user {id}"), false),
        Party::AwsAccount(_) | Party::Service(_) | Party::Deleted(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::testing::{BUCKET, Estate};

    fn with(who: &str, actions: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.join_member();
        estate.bucket_policy(|statements| {
            statements.push(
                json!({"Sid": "Reader", "Effect": "Allow", "Principal": {"AWS": who}, "Action": actions,
                "Resource": ["arn:aws:s3:::trail-logs", "arn:aws:s3:::trail-logs/*"]}),
            );
        });
        estate
    }

    #[test]
    fn nobody_or_an_account_of_the_estate() {
        Estate::compliant().passes(&CHECK);
        with("arn:aws:iam::222222222222:role/audit", json!("s3:GetObject")).passes(&CHECK);
    }

    #[test]
    fn a_stranger() {
        let estate = with("arn:aws:iam::999999999999:root", json!(["s3:GetObject"]));
        estate.fails(
            &CHECK,
            &["statement Reader grants s3:GetObject to account 999999999999", "not part of the inventory"],
        );
    }

    #[test]
    fn an_account_of_the_estate_that_may_delete() {
        for actions in [json!("s3:*"), json!("s3:Delete*"), json!("*")] {
            with("222222222222", actions)
                .fails(&CHECK, &["statement Reader lets account 222222222222", "s3:DeleteObject and more"]);
        }
    }

    #[test]
    fn the_own_organisation_and_another() {
        let of = |id: &str| {
            let mut estate = Estate::compliant();
            estate.bucket_policy(|statements| {
                statements.push(json!({"Sid": "Org", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::trail-logs/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": id}}}));
            });
            estate
        };
        of("o-abcdefghij").passes(&CHECK);
        of("o-other").fails(&CHECK, &["statement Org", "organisation o-other"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:GetBucketPolicy", BUCKET, "s3:GetBucketPolicy");
        estate.unknown(&CHECK, "s3:GetBucketPolicy");
    }
}
