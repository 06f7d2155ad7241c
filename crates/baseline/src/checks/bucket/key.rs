//! The key of a log bucket can be used, and by the estate only.

use super::encryption::default_encryption;
use super::{each_bucket, statement_name};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::estate::keys;
use crate::inventory::{Place, Unknown};
use crate::policy::{Party, Policy};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-key",
    control: Control::Bucket,
    title: "The log bucket's key is enabled and open to the estate only",
    severity: Severity::High,
    why: "The key is the second lock of the logs: a policy that lets strangers use it leaves the first alone, and a key \
          that is disabled or deleted locks out everybody, for good. \
          https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
    expected: "the key is enabled; its policy grants nothing to anyone, to accounts outside the inventory, or to services \
               without a source",
    remediation: "aws kms put-key-policy --region REGION --key-id KEY --policy-name default --policy file://policy.json; \
                  aws kms enable-key --region REGION --key-id KEY",
    fix_calls: &["kms:PutKeyPolicy", "kms:EnableKey", "kms:CancelKeyDeletion"],
    frameworks: Frameworks {
        security_hub: &["S3.17", "KMS.3"],
        config_rules: &["kms-cmk-not-scheduled-for-deletion"],
        nist_800_53: &["AC-3", "AC-6", "AU-9", "SC-12", "SC-12(2)", "SC-28(1)"],
        pci_dss_4: &["3.6.1", "3.7.5", "10.3.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let (algorithm, Some(name)) = default_encryption(bucket)? else { return Ok(None) };
            if !algorithm.is_some_and(|algorithm| algorithm.starts_with("aws:kms")) {
                return Ok(None);
            }
            let region = bucket.region().unwrap_or("us-east-1");
            let near = context.inventory.place(owner.account_id(), region).ok_or_else(|| Unknown {
                call: "kms:DescribeKey".to_owned(),
                missing_action: None,
                reason: format!("the Region {region} of the key {name} is not part of the inventory"),
            })?;
            let key = keys::find(context.inventory, near, name)?;
            if !key.is_enabled() {
                let observed = format!("the key {} is {}", key.arn, key.state());
                return Ok(Some(Verdict::fail(owner, bucket.arn(), observed).remediation(key.revival())));
            }
            let fail = |observed: String| {
                Ok(Some(Verdict::fail(owner, bucket.arn(), observed).remediation(key.put_policy())))
            };
            if key.is_aws_managed() {
                let observed = format!("the key {} is AWS's own and closed to other accounts", key.arn);
                return Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            }
            let text = key.policy()?.unwrap_or("{\"Statement\":[]}");
            let policy = match Policy::parse(text) {
                Ok(policy) => policy,
                Err(error) => {
                    return fail(format!("the policy of the key {} cannot be read: {error}", key.arn));
                }
            };
            let faults = strangers(context, key.place, &policy);
            if faults.is_empty() {
                let observed = format!("the key {} is enabled and open to the estate only", key.arn);
                return Ok(Some(Verdict::pass(owner, bucket.arn(), observed)));
            }
            fail(format!("the key {}: {}", key.arn, faults.join("; ")))
        })
    },
};

/// What the policy grants to whom the estate does not know.
fn strangers(context: &Context<'_>, place: Place<'_>, policy: &Policy) -> Vec<String> {
    let public = policy.public_grants().into_iter().map(|grant| {
        let name = statement_name(grant.sid.as_deref(), grant.statement);
        format!("{name} grants anyone {}", grant.actions.join(", "))
    });
    let known = |id: &String| context.inventory.accounts.contains_key(id);
    let own_organization = place.global().get("organizations:DescribeOrganization").unwrap_or_default();
    let own_organization = own_organization.and_then(|output| output.text("Organization.Id"));
    let foreign = policy.foreign_accounts(place.account_id()).into_iter().filter_map(|grant| {
        let whom = match &grant.party {
            Party::Account(id) if !known(id) => format!("account {id}, which is not part of the inventory,"),
            Party::Organization(id) if own_organization != Some(id) => {
                format!("every account of the organisation {id}")
            }
            Party::Provider(name) => format!("whoever {name} signs in"),
            Party::CanonicalUser(id) => format!("canonical user {id}"),
            Party::Service(service) if !grant.is_guarded() => format!("{service}, for anyone,"),
            _ => return None,
        };
        let name = statement_name(grant.sid.as_deref(), grant.statement);
        Some(format!("{name} grants {whom} {}", grant.actions.join(", ")))
    });
    public.chain(foreign).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::testing::{BUCKET, Estate, HOME, KEY};

    fn with(principal: Value, condition: Value) -> Estate {
        let mut estate = Estate::compliant();
        estate.key_policy(
            &json!([{"Sid": "Use", "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt",
            "Resource": "*", "Condition": condition}]),
        );
        estate
    }

    #[test]
    fn the_estate_only() {
        let estate = Estate::compliant();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 1, "AES256 has no key to ask about");
        with(json!({"AWS": "*"}), json!({"StringEquals": {"kms:CallerAccount": "111111111111"}}))
            .passes(&CHECK);
    }

    #[test]
    fn strangers() {
        with(json!({"AWS": "*"}), json!({})).fails(&CHECK, &["statement Use grants anyone kms:Decrypt"]);
        let other = json!({"AWS": "arn:aws:iam::999999999999:root"});
        with(other, json!({})).fails(&CHECK, &["statement Use grants account 999999999999", "kms:Decrypt"]);
        let service = json!({"Service": "delivery.logs.amazonaws.com"});
        with(service, json!({})).fails(&CHECK, &["delivery.logs.amazonaws.com, for anyone"]);
    }

    #[test]
    fn a_key_that_cannot_be_used() {
        let mut estate = Estate::compliant();
        estate.edit(HOME, "kms:DescribeKey", KEY, |output| {
            output["KeyMetadata"]["KeyState"] = json!("PendingDeletion");
        });
        estate.fails(&CHECK, &[KEY, "pending deletion"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "kms:GetKeyPolicy", KEY, "kms:GetKeyPolicy");
        estate.unknown(&CHECK, "kms:GetKeyPolicy");
        estate.denied("global", "s3:GetBucketEncryption", BUCKET, "s3:GetEncryptionConfiguration");
        estate.unknown(&CHECK, "s3:GetEncryptionConfiguration");
    }
}
