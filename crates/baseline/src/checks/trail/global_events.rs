//! The events of services without a Region are recorded.

use super::{called, each_account, listed};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::trails::Trail;
use crate::inventory::Place;

pub(super) const CHECK: Check = Check {
    id: "trail-global-events",
    control: Control::Trail,
    title: "Events of global services are recorded",
    severity: Severity::High,
    why: "IAM, STS and CloudFront have no Region of their own: their events, among them every new user, key \
          and role, reach only trails that include global service events and record the partition's first \
          Region. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
    expected: "a logging trail with IncludeGlobalServiceEvents that records the Region of global events",
    remediation: "aws cloudtrail update-trail --region HOME_REGION --name NAME --include-global-service-events \
                  --is-multi-region-trail",
    fix_calls: &["cloudtrail:UpdateTrail"],
    frameworks: Frameworks {
        cis_1_4: &["3.1"],
        cis_3_0: &["3.1"],
        cis_5_0: &["3.1"],
        security_hub: &["CloudTrail.1"],
        config_rules: &["cloudtrail-security-trail-enabled"],
        nist_800_53: &["AU-2", "AU-12"],
        pci_dss_4: &["10.2.1"],
    },
    run: |context| {
        each_account(context, |account, trails| {
            let (mut without, mut unknown) = (Vec::new(), None);
            for trail in trails.iter().filter(|trail| records_globals(trail, account)) {
                match trail.is_logging() {
                    Ok(true) if trail.has_global_events() => {
                        let observed =
                            format!("the {} records global service events", called(trail, account));
                        return Ok(vec![Verdict::pass(account, trail.arn, observed)]);
                    }
                    Ok(true) => without.push(trail),
                    Ok(false) => {}
                    Err(reason) => unknown = Some(reason),
                }
            }
            if let Some(reason) = unknown {
                return Err(reason);
            }
            let silent = trails.unread().iter().find(|(place, _)| place.account_id() == account.account_id());
            if let (Some((_, reason)), true) = (silent, without.is_empty()) {
                return Err(reason.clone());
            }
            let Some(trail) = without.first() else {
                let observed = "no logging trail records the Region of global service events";
                return Ok(vec![Verdict::fail(account, account.account_arn(), observed)]);
            };
            let names: Vec<String> = without.iter().map(|trail| called(trail, account)).collect();
            let observed = format!("the {} leaves global service events out", listed(&names));
            let fix = format!(
                "aws cloudtrail update-trail --region {} --name {} --include-global-service-events",
                trail.home_region, trail.arn
            );
            Ok(vec![Verdict::fail(account, trail.arn, observed).remediation(fix)])
        })
    },
};

/// The trail would get the account's global events: it records every Region, or the one where they
/// are recorded. Trails of one other Region have not got them since 2021.
fn records_globals(trail: &Trail<'_>, account: Place<'_>) -> bool {
    let region = match account.partition() {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    let shown = trail.accounts().any(|id| id == account.account_id());
    shown && (trail.is_multi_region() || trail.home_region == region)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, OTHER, TRAIL};

    #[test]
    fn included() {
        Estate::compliant().passes(&CHECK);
    }

    #[test]
    fn left_out() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["IncludeGlobalServiceEvents"] = json!(false));
        estate.fails(&CHECK, &["the trail main leaves global service events out"]);
    }

    #[test]
    fn a_trail_of_a_region_that_gets_none() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["IsMultiRegionTrail"] = json!(false));
        estate.answer(OTHER, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
        estate.fails(&CHECK, &["no logging trail"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetTrailStatus", TRAIL, "cloudtrail:GetTrailStatus");
        estate.unknown(&CHECK, "cloudtrail:GetTrailStatus");
    }
}
