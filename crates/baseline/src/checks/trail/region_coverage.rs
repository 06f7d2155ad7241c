//! Every Region of every account is recorded by some trail.

use super::{called, listed, recording};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::trails::Trails;

pub(super) const CHECK: Check = Check {
    id: "trail-region-coverage",
    control: Control::Trail,
    title: "Every Region is recorded by a trail",
    severity: Severity::High,
    why: "Regions that nobody uses are where nobody looks: what happens in a Region that no logging trail \
          covers leaves no log file. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
    expected: "each enabled Region is covered by a trail that is logging",
    remediation: "aws cloudtrail update-trail --region HOME_REGION --name NAME --is-multi-region-trail",
    fix_calls: &["cloudtrail:UpdateTrail", "cloudtrail:CreateTrail", "cloudtrail:StartLogging"],
    frameworks: Frameworks {
        cis_1_4: &["3.1"],
        cis_3_0: &["3.1"],
        cis_5_0: &["3.1"],
        security_hub: &["CloudTrail.3"],
        config_rules: &["cloudtrail-enabled"],
        nist_800_53: &["AU-2", "AU-12", "CA-7"],
        pci_dss_4: &["10.2.1"],
    },
    run: |context| {
        let trails = Trails::of(context.inventory);
        context.each_region(|place| {
            let (account, region) = (place.account_id(), place.region);
            let logging = recording(&trails, account, region)?;
            let arn = place.account_arn();
            if let Some(trail) = logging.first() {
                let observed = format!("{region} is recorded by the {}", called(trail, place));
                return Ok(vec![Verdict::pass(place, arn, observed)]);
            }
            let stopped: Vec<String> =
                trails.covering(account, region).map(|trail| called(trail, place)).collect();
            if let (Some(unknown), true) = (trails.unread_at(place), stopped.is_empty()) {
                return Err(unknown.clone());
            }
            let elsewhere: Vec<String> = trails
                .iter()
                .filter(|trail| trail.accounts().any(|id| id == account) && !trail.is_multi_region())
                .map(|trail| format!("{} records {} only", called(trail, place), trail.home_region))
                .collect();
            let observed = match (stopped.is_empty(), elsewhere.is_empty()) {
                (false, _) => format!("{region} is not recorded: the {} is not logging", listed(&stopped)),
                (true, false) => format!("{region} is not recorded: the {}", elsewhere.join(", the ")),
                (true, true) => format!("{region} is not recorded: there is no trail"),
            };
            Ok(vec![Verdict::fail(place, arn, observed)])
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::check::Status;
    use crate::testing::{Estate, HOME, OTHER, TRAIL};

    #[test]
    fn every_region_of_every_account() {
        let mut estate = Estate::compliant();
        estate.join_member();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 4);
    }

    #[test]
    fn the_uncovered_region_is_named() {
        let mut estate = Estate::compliant();
        estate.trail(|trail| trail["IsMultiRegionTrail"] = json!(false));
        estate.answer(OTHER, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
        let verdict =
            estate.fails(&CHECK, &["us-east-1 is not recorded", "trail main records eu-west-1 only"]);
        assert_eq!(verdict.region, OTHER);
    }

    #[test]
    fn a_stopped_trail_covers_nothing() {
        let mut estate = Estate::compliant();
        estate.status(|status| status["IsLogging"] = json!(false));
        let verdicts = estate.run(&CHECK);
        assert_eq!(verdicts.iter().filter(|v| v.status == Status::Fail).count(), 2);
        assert!(verdicts[0].observed.contains("the trail main is not logging"), "{}", verdicts[0].observed);
    }

    #[test]
    fn a_region_that_could_not_be_asked() {
        let mut estate = Estate::compliant();
        estate.denied(OTHER, "cloudtrail:DescribeTrails", "", "cloudtrail:DescribeTrails");
        estate.passes(&CHECK);
        estate.answer(HOME, "cloudtrail:DescribeTrails", "", json!({"trailList": []}));
        estate.unknown(&CHECK, "cloudtrail:DescribeTrails");
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetTrailStatus", TRAIL, "cloudtrail:GetTrailStatus");
        assert!(estate.run(&CHECK).iter().all(|verdict| verdict.status == Status::Unknown));
    }
}
