//! The key of each trail is enabled, and its policy lets CloudTrail use it for this trail.

use super::each_trail;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::keys;
use crate::policy::{Decision, Policy, Principal, Request};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-kms-key",
    control: Control::Trail,
    title: "The trail's key can be used by CloudTrail",
    severity: Severity::High,
    why: "When the key is disabled, about to be deleted or refuses CloudTrail, no log file can be written any \
          more, and those written cannot be read. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    expected: "the key is enabled, and its policy allows cloudtrail.amazonaws.com kms:GenerateDataKey for this trail",
    remediation: "aws kms enable-key --region REGION --key-id KEY; aws kms put-key-policy --region REGION --key-id KEY \
                  --policy-name default --policy file://policy.json, allowing cloudtrail.amazonaws.com \
                  kms:GenerateDataKey* and kms:DescribeKey where aws:SourceArn is the trail's ARN",
    fix_calls: &["kms:EnableKey", "kms:CancelKeyDeletion", "kms:PutKeyPolicy"],
    frameworks: Frameworks {
        cis_1_4: &["3.7"],
        cis_3_0: &["3.5"],
        cis_5_0: &["3.5"],
        security_hub: &["CloudTrail.2", "KMS.3"],
        config_rules: &["kms-cmk-not-scheduled-for-deletion"],
        nist_800_53: &["AU-9", "SC-12", "SC-28"],
        pci_dss_4: &["10.3.2", "10.7.2"],
    },
    run: |context| {
        each_trail(context, CHECK.remediation, |trail| {
            let Some(name) = trail.config.text("KmsKeyId") else { return Ok(None) };
            let key = keys::find(context.inventory, trail.place, name)?;
            if !key.is_enabled() {
                let observed = format!("the key {} is {}", key.arn, key.state());
                return Ok(Some(Verdict::fail(trail.place, trail.arn, observed).remediation(key.revival())));
            }
            let fix = format!(
                "{}, with {{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"cloudtrail.amazonaws.com\"}},\"Action\":\
                 [\"kms:GenerateDataKey*\",\"kms:DescribeKey\"],\"Resource\":\"*\",\"Condition\":{{\"StringEquals\":\
                 {{\"aws:SourceArn\":\"{}\"}}}}}}",
                key.put_policy(),
                trail.arn
            );
            let fail = |observed: String| {
                Ok(Some(Verdict::fail(trail.place, trail.arn, observed).remediation(fix.clone())))
            };
            let Some(text) = key.policy()? else { return fail(format!("the key {} has no policy", key.arn)) };
            let policy = match Policy::parse(text) {
                Ok(policy) => policy,
                Err(error) => {
                    return fail(format!("the policy of the key {} cannot be read: {error}", key.arn));
                }
            };
            let request = Request {
                principal: Principal::Service("cloudtrail.amazonaws.com"),
                action: "kms:GenerateDataKey",
                resource: &key.arn,
                // What CloudTrail sends along: the trail, and the encryption context of its log files.
                conditions: &[
                    ("aws:SourceArn", trail.arn),
                    ("aws:SourceAccount", trail.owner),
                    ("kms:EncryptionContext:aws:cloudtrail:arn", trail.arn),
                ],
            };
            match policy.decide(&request) {
                Decision::Allow => {
                    let observed =
                        format!("the key {} is enabled and open to CloudTrail for this trail", key.arn);
                    Ok(Some(Verdict::pass(trail.place, trail.arn, observed)))
                }
                Decision::Deny => fail(format!(
                    "a Deny in the policy of the key {} keeps CloudTrail from kms:GenerateDataKey for this trail",
                    key.arn
                )),
                Decision::NoMatch => fail(format!(
                    "no statement in the policy of the key {} allows cloudtrail.amazonaws.com kms:GenerateDataKey \
                     for this trail",
                    key.arn
                )),
            }
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::CHECK;
    use crate::testing::{Estate, HOME, KEY};

    #[test]
    fn usable() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.trail(|trail| trail["KmsKeyId"] = json!("arn:aws:kms:eu-west-1:111111111111:alias/trail"));
        estate.passes(&CHECK);
    }

    #[test]
    fn disabled_or_about_to_go() {
        for (state, words) in [("Disabled", "is disabled"), ("PendingDeletion", "is pending deletion")] {
            let mut estate = Estate::compliant();
            estate.edit(HOME, "kms:DescribeKey", KEY, |output| {
                output["KeyMetadata"]["KeyState"] = json!(state);
            });
            let fix = estate.fails(&CHECK, &[KEY, words]).remediation.unwrap();
            assert_eq!(
                fix.contains("cancel-key-deletion --region eu-west-1"),
                state == "PendingDeletion",
                "{fix}"
            );
        }
        let mut estate = Estate::compliant();
        estate.absent(HOME, "kms:DescribeKey", KEY, "NotFoundException");
        estate.fails(&CHECK, &["is not there"]);
    }

    #[test]
    fn closed_to_cloudtrail() {
        let mut estate = Estate::compliant();
        let root = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "kms:*", "Resource": "*"}]});
        estate.answer(HOME, "kms:GetKeyPolicy", KEY, json!({"Policy": root.to_string()}));
        estate.fails(&CHECK, &["no statement", "kms:GenerateDataKey"]);
        let mut estate = Estate::compliant();
        estate.key_policy(&json!([{"Effect": "Deny", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:*", "Resource": "*"}]));
        estate.fails(&CHECK, &["a Deny in the policy"]);
    }

    #[test]
    fn open_to_another_trail_only() {
        let mut estate = Estate::compliant();
        estate.edit(HOME, "kms:GetKeyPolicy", KEY, |output| {
            let text = output["Policy"].as_str().unwrap().replace("trail/main", "trail/other");
            output["Policy"] = json!(text);
        });
        estate.fails(&CHECK, &["for this trail"]);
    }

    #[test]
    fn none_and_unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "kms:GetKeyPolicy", KEY, "kms:GetKeyPolicy");
        estate.unknown(&CHECK, "kms:GetKeyPolicy");
        estate.trail(|trail| trail["KmsKeyId"] = json!(KEY.replace("111111111111", "999999999999")));
        let verdict = estate.only(&CHECK, crate::Status::Unknown);
        assert!(verdict.observed.contains("not part of the inventory"), "{}", verdict.observed);
        estate.trail(|trail| trail["KmsKeyId"] = Value::Null);
        estate.silent(&CHECK);
    }
}
