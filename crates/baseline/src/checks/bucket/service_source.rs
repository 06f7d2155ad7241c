//! AWS's services may write to a log bucket for known sources only.

use super::{each_bucket, policy, statement_name};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::policy::Party;

pub(super) const CHECK: Check = Check {
    id: "log-bucket-service-source",
    control: Control::Bucket,
    title: "Services may write to the log bucket for known sources only",
    severity: Severity::Medium,
    why: "A statement for cloudtrail.amazonaws.com without aws:SourceArn lets anyone's trail write into the bucket: \
          false events among the true, on the owner's bill (the confused deputy). \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    expected: "each statement for a service has aws:SourceArn, aws:SourceAccount or aws:SourceOrgID with the estate's own",
    remediation: "add the condition {\"StringEquals\":{\"aws:SourceArn\":\"TRAIL_ARN\"}} to the statement: aws s3api \
                  put-bucket-policy --bucket BUCKET --policy file://policy.json",
    fix_calls: &["s3:PutBucketPolicy"],
    frameworks: Frameworks {
        nist_800_53: &["AC-3", "AC-4", "AU-9", "AU-10"],
        pci_dss_4: &["10.3.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_bucket(context, CHECK.remediation, |owner, bucket| {
            let grants =
                policy(bucket)?.map(|policy| policy.foreign_accounts(owner.account_id())).unwrap_or_default();
            let (mut faults, mut cloudtrail, mut sound) = (Vec::new(), false, 0);
            for grant in &grants {
                let Party::Service(service) = &grant.party else { continue };
                let strangers: Vec<&str> = grant
                    .sources
                    .iter()
                    .map(String::as_str)
                    .filter(|id| !context.inventory.accounts.contains_key(*id))
                    .collect();
                let name = statement_name(grant.sid.as_deref(), grant.statement);
                let fault = if !grant.is_guarded() {
                    format!(
                        "{name} lets {service} do {} for anyone: it has no aws:SourceArn",
                        grant.actions.join(", ")
                    )
                } else if strangers.is_empty() {
                    sound += 1;
                    continue;
                } else {
                    format!(
                        "{name} lets {service} act for account {}, which is not part of the inventory",
                        strangers.join(", ")
                    )
                };
                faults.push(fault);
                cloudtrail |= service.starts_with("cloudtrail.");
            }
            Ok(Some(if faults.is_empty() {
                let observed = match sound {
                    0 => format!("no statement of the bucket {} is for a service", bucket.name),
                    _ => format!(
                        "each statement of the bucket {} for a service names its sources",
                        bucket.name
                    ),
                };
                Verdict::pass(owner, bucket.arn(), observed)
            } else {
                // AWS's own examples for other services go without the condition.
                let severity = if cloudtrail { CHECK.severity } else { Severity::Low };
                Verdict::fail(owner, bucket.arn(), faults.join("; ")).severity(severity)
            }))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::check::Severity;
    use crate::testing::{BUCKET, Estate};

    #[test]
    fn bound_to_the_trail() {
        Estate::compliant().passes(&CHECK);
    }

    #[test]
    fn bound_to_nothing() {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| {
            statements[1].as_object_mut().unwrap().remove("Condition");
        });
        let verdict = estate
            .fails(&CHECK, &["statement Write lets cloudtrail.amazonaws.com do s3:PutObject for anyone"]);
        assert_eq!(verdict.severity, Some(Severity::Medium));
    }

    #[test]
    fn another_service_weighs_less() {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| {
            statements
                .push(json!({"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": "s3:PutObject", "Resource": "arn:aws:s3:::trail-logs/*"}));
        });
        assert_eq!(
            estate.fails(&CHECK, &["statement 4 lets delivery.logs.amazonaws.com"]).severity,
            Some(Severity::Low)
        );
    }

    #[test]
    fn bound_to_a_strangers_trail() {
        let mut estate = Estate::compliant();
        estate.bucket_policy(|statements| {
            statements[1]["Condition"]["StringEquals"]["aws:SourceArn"] =
                json!("arn:aws:cloudtrail:eu-west-1:999999999999:trail/main");
        });
        estate
            .fails(&CHECK, &["statement Write", "account 999999999999, which is not part of the inventory"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied("global", "s3:GetBucketPolicy", BUCKET, "s3:GetBucketPolicy");
        estate.unknown(&CHECK, "s3:GetBucketPolicy");
    }
}
