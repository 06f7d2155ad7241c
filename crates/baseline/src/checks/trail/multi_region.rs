//! A multi-Region trail that is logging, its own or the organisation's, in every account.

use super::{called, each_account};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-multi-region",
    control: Control::Trail,
    title: "A multi-Region trail is logging",
    severity: Severity::High,
    why: "A trail of one Region is blind to the others, which is where an intruder goes to work unseen; a \
          multi-Region trail also records Regions that are turned on later. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html",
    expected: "at least one trail with IsMultiRegionTrail that GetTrailStatus says is logging, made by the \
               account or by its organisation",
    remediation: "aws cloudtrail create-trail --name NAME --s3-bucket-name BUCKET --is-multi-region-trail \
                  --include-global-service-events --enable-log-file-validation && aws cloudtrail start-logging --name NAME",
    fix_calls: &["cloudtrail:CreateTrail", "cloudtrail:UpdateTrail", "cloudtrail:StartLogging"],
    frameworks: Frameworks {
        cis_1_4: &["3.1"],
        cis_3_0: &["3.1"],
        cis_5_0: &["3.1"],
        security_hub: &["CloudTrail.1", "CloudTrail.3"],
        config_rules: &["multi-region-cloudtrail-enabled", "cloudtrail-enabled"],
        nist_800_53: &[
            "AC-2(4)", "AC-4(26)", "AC-6(9)", "AU-2", "AU-3", "AU-10", "AU-12", "CA-7", "SI-4(20)",
        ],
        pci_dss_4: &["10.2.1"],
    },
    run: |context| {
        each_account(context, |account, trails| {
            let (mut seen, mut unknown) = (Vec::new(), None);
            for trail in trails.iter().filter(|trail| trail.accounts().any(|id| id == account.account_id())) {
                let name = called(trail, account);
                if !trail.is_multi_region() {
                    seen.push((trail, format!("{name} records {} only", trail.home_region)));
                    continue;
                }
                match trail.status() {
                    Ok(status) if status.flag("IsLogging") => {
                        let observed =
                            format!("the {name} (home {}) is logging in every Region", trail.home_region);
                        return Ok(vec![Verdict::pass(account, trail.arn, observed)]);
                    }
                    Ok(_) => seen.push((trail, format!("the multi-Region {name} is not logging"))),
                    Err(reason) => unknown = unknown.or(Some((trail, reason))),
                }
            }
            if let Some((trail, reason)) = unknown {
                return Ok(vec![Verdict::unknown(account, trail.arn, &reason)]);
            }
            // A trail may hide in a Region that could not be asked.
            let silent = trails.unread().iter().find(|(place, _)| place.account_id() == account.account_id());
            if let Some((_, reason)) = silent {
                return Err(reason.clone());
            }
            let Some((first, _)) = seen.first() else {
                let observed = "no trail, and none of an organisation, records this account";
                return Ok(vec![Verdict::fail(account, account.account_arn(), observed)]);
            };
            let (arn, name, home) = (first.arn, first.name, first.home_region);
            let fix = format!(
                "aws cloudtrail update-trail --region {home} --name {name} --is-multi-region-trail && \
                 aws cloudtrail start-logging --region {home} --name {name}"
            );
            let texts: Vec<String> = seen.into_iter().map(|(_, text)| text).collect();
            Ok(vec![Verdict::fail(account, arn, texts.join("; ")).remediation(fix)])
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::check::Status;
    use crate::testing::{ACCOUNT, Estate, HOME, MEMBER, OTHER, TRAIL};

    #[test]
    fn the_accounts_own_trail_and_the_organisations_count() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.join_member();
        let verdicts = estate.run(&CHECK);
        assert_eq!(
            verdicts.iter().map(|v| (v.status, &*v.account_id)).collect::<Vec<_>>(),
            [(Status::Pass, ACCOUNT), (Status::Pass, MEMBER)]
        );
        assert!(verdicts[1].observed.contains("organisation trail main of account 111111111111"));
    }

    #[test]
    fn no_trail() {
        let mut estate = Estate::compliant();
        estate.no_trail();
        estate.fails(&CHECK, &["no trail"]);
    }

    #[test]
    fn a_trail_of_one_region() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["IsMultiRegionTrail"] = json!(false));
        let verdict = estate.fails(&CHECK, &["trail main records eu-west-1 only"]);
        assert!(verdict.remediation.unwrap().contains("update-trail --region eu-west-1 --name main"));
    }

    #[test]
    fn configured_but_stopped() {
        let mut estate = Estate::compliant();
        estate.status(|status| status["IsLogging"] = json!(false));
        estate.fails(&CHECK, &["the multi-Region trail main is not logging"]);
    }

    #[test]
    fn unknown_without_status_and_without_lists() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetTrailStatus", TRAIL, "cloudtrail:GetTrailStatus");
        estate.unknown(&CHECK, "cloudtrail:GetTrailStatus");
        let mut estate = Estate::compliant();
        for region in [HOME, OTHER] {
            estate.denied(region, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        }
        estate.unknown(&CHECK, "cloudtrail:DescribeTrails");
    }

    #[test]
    fn one_region_that_could_not_be_asked_may_hide_the_trail() {
        let mut estate = Estate::compliant();
        estate.no_trail();
        estate.denied(HOME, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        estate.unknown(&CHECK, "cloudtrail:DescribeTrails");
    }
}
