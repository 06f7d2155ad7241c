//! Accounts of an organisation are recorded by a trail that they cannot turn off.

use super::{called, concrete, each_account};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-organization",
    control: Control::Trail,
    title: "The organisation's own trail records every account",
    severity: Severity::Medium,
    why: "An organisation trail records accounts from the day they join, and no administrator of a member can \
          stop or change it. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    expected: "each account of the organisation shows a logging trail with IsOrganizationTrail",
    remediation: "in the management account: aws organizations enable-aws-service-access --service-principal \
                  cloudtrail.amazonaws.com && aws cloudtrail update-trail --region HOME_REGION --name NAME \
                  --is-organization-trail --is-multi-region-trail",
    fix_calls: &[
        "organizations:EnableAWSServiceAccess",
        "cloudtrail:UpdateTrail",
        "iam:CreateServiceLinkedRole",
    ],
    frameworks: Frameworks {
        nist_800_53: &["AU-2", "AU-6(4)", "AU-12"],
        pci_dss_4: &["10.2.1", "10.3.2"],
        ..Frameworks::NONE
    },
    run: |context| {
        each_account(context, |account, trails| {
            let Some(output) = account.get("organizations:DescribeOrganization")? else {
                return Ok(Vec::new());
            };
            let organization = output.text("Organization.Id").unwrap_or("of unknown id");
            let (mut stopped, mut unknown) = (None, None);
            let shown = |id: &&str| *id == account.account_id();
            for trail in
                trails.iter().filter(|trail| trail.is_organization() && trail.accounts().any(|id| shown(&id)))
            {
                match trail.is_logging() {
                    Ok(true) => {
                        let observed =
                            format!("the {} records organisation {organization}", called(trail, account));
                        return Ok(vec![Verdict::pass(account, trail.arn, observed)]);
                    }
                    Ok(false) => stopped = Some(trail),
                    Err(reason) => unknown = Some(reason),
                }
            }
            if let Some(reason) = unknown {
                return Err(reason);
            }
            Ok(vec![match stopped {
                Some(trail) => {
                    let observed = format!("the organisation trail {} is not logging", trail.name);
                    Verdict::fail(account, trail.arn, observed)
                }
                None => {
                    let own = trails.iter().find(|trail| trail.owner == account.account_id());
                    let observed =
                        format!("no organisation trail of {organization} is shown in this account");
                    let verdict = Verdict::fail(account, account.account_arn(), observed);
                    own.map_or(verdict.clone(), |trail| concrete(verdict, CHECK.remediation, trail))
                }
            }])
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::check::Status;
    use crate::testing::{Estate, MEMBER};

    #[test]
    fn owner_and_member_show_it() {
        let mut estate = Estate::compliant();
        estate.join_member();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 2);
    }

    #[test]
    fn a_trail_of_the_account_alone() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["IsOrganizationTrail"] = json!(false));
        estate.fails(&CHECK, &["no organisation trail of o-abcdefghij"]);
    }

    #[test]
    fn a_member_that_it_misses() {
        let mut estate = Estate::compliant();
        estate.join_member();
        let calls = &mut estate.inventory.accounts.get_mut(MEMBER).unwrap().answers;
        for region in calls.values_mut() {
            if let Some(answers) = region.get_mut("cloudtrail:DescribeTrails") {
                answers.insert(String::new(), crate::Answer::Output(json!({"trailList": []})));
            }
        }
        assert_eq!(estate.only(&CHECK, Status::Fail).account_id, MEMBER);
    }

    #[test]
    fn stopped() {
        let mut estate = Estate::compliant();
        estate.status(|status| status["IsLogging"] = json!(false));
        estate.fails(&CHECK, &["organisation trail main is not logging"]);
    }

    #[test]
    fn no_organisation_and_unknown() {
        let mut estate = Estate::compliant();
        estate.absent(
            "global",
            "organizations:DescribeOrganization",
            "",
            "AWSOrganizationsNotInUseException",
        );
        estate.silent(&CHECK);
        estate.denied(
            "global",
            "organizations:DescribeOrganization",
            "",
            "organizations:DescribeOrganization",
        );
        estate.unknown(&CHECK, "organizations:DescribeOrganization");
    }
}
