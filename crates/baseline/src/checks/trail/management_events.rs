//! Management events, read and write, are recorded in every Region that a trail records at all.

use std::collections::BTreeMap;

use super::{called, each_account, listed, put_selectors, recording};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::selectors::{Selectors, management_of};
use crate::estate::trails::Trail;
use crate::inventory::Unknown;

pub(super) const CHECK: Check = Check {
    id: "trail-management-events",
    control: Control::Trail,
    title: "Management events are recorded, read and write",
    severity: Severity::High,
    why: "Write events tell what was changed, read events who looked around before. A trail for data events \
          or for one half only satisfies those who count trails, and leaves the other half in the dark. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html",
    expected: "the event selectors of the logging trails, taken together, let all read and all write \
               management events through in each Region",
    remediation: "aws cloudtrail put-event-selectors --region HOME_REGION --trail-name NAME --event-selectors \
                  '[{\"ReadWriteType\":\"All\",\"IncludeManagementEvents\":true}]'",
    fix_calls: &["cloudtrail:PutEventSelectors"],
    frameworks: Frameworks {
        cis_1_4: &["3.1"],
        cis_3_0: &["3.1"],
        cis_5_0: &["3.1"],
        security_hub: &["CloudTrail.1"],
        config_rules: &["multi-region-cloudtrail-enabled"],
        nist_800_53: &["AU-2", "AU-3", "AU-12", "AC-6(9)", "SI-4(20)"],
        pci_dss_4: &["10.2.1", "10.2.1.2"],
    },
    run: |context| {
        each_account(context, |account, trails| {
            // What is missing → the Regions where it is, and a trail that might record it.
            let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            let (mut recorded, mut at_fault) = (Vec::new(), None);
            for region in &account.account.regions {
                let logging = recording(trails, account.account_id(), region)?;
                let selectors = selectors(&logging)?;
                let management = management_of(&selectors);
                let lack = match (management.read, management.write) {
                    // A Region without any logging trail fails trail-region-coverage.
                    _ if logging.is_empty() => continue,
                    (true, true) => {
                        recorded.push(region);
                        continue;
                    }
                    (false, true) => "read events",
                    (true, false) => "write events",
                    (false, false) => "read and write events",
                };
                missing.entry(lack).or_default().push(region);
                at_fault = at_fault.or(logging.first().copied());
            }
            let Some(trail) = at_fault else {
                let observed = match recorded.len() {
                    0 => {
                        return Ok(vec![Verdict::fail(
                            account,
                            account.account_arn(),
                            "no trail is logging",
                        )]);
                    }
                    _ => format!("all read and write events are recorded in {}", listed(&recorded)),
                };
                return Ok(vec![Verdict::pass(account, account.account_arn(), observed)]);
            };
            let lacks: Vec<String> = missing
                .iter()
                .map(|(lack, regions)| {
                    format!("management {lack} are recorded by no trail in {}", listed(regions))
                })
                .collect();
            let observed =
                format!("{}: see the selectors of the {}", lacks.join("; "), called(trail, account));
            let fix = put_selectors(trail, trail.selectors()?.with_all_management());
            let evidence = trail.ask("cloudtrail:GetEventSelectors")?.cloned().unwrap_or_default();
            Ok(vec![Verdict::fail(account, trail.arn, observed).remediation(fix).evidence(evidence)])
        })
    },
};

fn selectors<'a>(trails: &[&Trail<'a>]) -> Result<Vec<Selectors<'a>>, Unknown> {
    trails.iter().map(|trail| trail.selectors()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, OTHER, TRAIL};

    #[test]
    fn recorded_by_either_kind_of_selectors() {
        let mut estate = Estate::compliant();
        estate.passes(&CHECK);
        estate.selectors(&json!([{"ReadWriteType": "All", "IncludeManagementEvents": true}]));
        estate.passes(&CHECK);
        estate.selectors(&json!([{"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "WriteOnly"}]));
        estate.passes(&CHECK);
    }

    #[test]
    fn one_half_only() {
        let mut estate = Estate::compliant();
        estate.selectors(&json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]));
        estate.fails(
            &CHECK,
            &["management read events are recorded by no trail in eu-west-1 and us-east-1", "trail main"],
        );
    }

    #[test]
    fn data_events_only() {
        let mut estate = Estate::compliant();
        estate.selectors(&json!([{"ReadWriteType": "All", "IncludeManagementEvents": false}]));
        let verdict = estate.fails(&CHECK, &["management read and write events"]);
        let fix = verdict.remediation.unwrap();
        assert!(
            fix.starts_with("aws cloudtrail put-event-selectors --region eu-west-1 --trail-name arn:"),
            "{fix}"
        );
    }

    #[test]
    fn two_trails_make_a_whole() {
        let mut estate = Estate::compliant();
        estate.selectors(&json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]));
        let second = "arn:aws:cloudtrail:us-east-1:111111111111:trail/reads";
        let shown =
            json!({"Name": "reads", "TrailARN": second, "HomeRegion": OTHER, "IsMultiRegionTrail": true});
        for region in [HOME, OTHER] {
            let shown = shown.clone();
            estate.edit(region, "cloudtrail:DescribeTrails", "", |output| {
                output["trailList"].as_array_mut().unwrap().push(shown);
            });
        }
        estate.answer(OTHER, "cloudtrail:GetTrailStatus", second, json!({"IsLogging": true}));
        estate.answer(
            OTHER,
            "cloudtrail:GetEventSelectors",
            second,
            json!({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}),
        );
        estate.passes(&CHECK);
    }

    #[test]
    fn nothing_logs() {
        let mut estate = Estate::compliant();
        estate.status(|status| status["IsLogging"] = json!(false));
        estate.fails(&CHECK, &["no trail is logging"]);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetEventSelectors", TRAIL, "cloudtrail:GetEventSelectors");
        estate.unknown(&CHECK, "cloudtrail:GetEventSelectors");
    }
}
