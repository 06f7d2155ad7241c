//! No trail leaves a service's management events out, unless another trail has them.

use super::{each_trail, put_selectors};
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::estate::selectors::{Selectors, management_of};
use crate::estate::trails::{Trail, Trails};
use crate::inventory::Unknown;

pub(super) const CHECK: Check = Check {
    id: "trail-excluded-sources",
    control: Control::Trail,
    title: "No service is left out of the management events",
    severity: Severity::Medium,
    why: "KMS and RDS Data API events are left out to save money; with them go the uses of every key and the \
          SQL statements sent through the API. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html",
    expected: "no ExcludeManagementEventSources, and no advanced selector on eventSource, that another logging \
               trail of the same Regions does not make good",
    remediation: "aws cloudtrail put-event-selectors --region HOME_REGION --trail-name NAME --event-selectors \
                  '[{\"ReadWriteType\":\"All\",\"IncludeManagementEvents\":true,\"ExcludeManagementEventSources\":[]}]'",
    fix_calls: &["cloudtrail:PutEventSelectors"],
    frameworks: Frameworks {
        config_rules: &["cloudtrail-security-trail-enabled"],
        nist_800_53: &["AU-2", "AU-12"],
        pci_dss_4: &["10.2.1"],
        ..Frameworks::NONE
    },
    run: |context| {
        let trails = Trails::of(context.inventory);
        each_trail(context, CHECK.remediation, |trail| {
            let own = trail.selectors()?;
            let management = own.management();
            if !management.read && !management.write {
                return Ok(None);
            }
            let mut together = vec![own];
            together.extend(others(&trails, trail)?);
            let missing: Vec<String> =
                management_of(&together).excluded.intersection(&management.excluded).cloned().collect();
            if missing.is_empty() {
                let observed = if management.excluded.is_empty() {
                    "no service is left out".to_owned()
                } else {
                    let names: Vec<String> = management.excluded.into_iter().collect();
                    format!(
                        "{} is left out here, and recorded by another trail of the same Regions",
                        names.join(", ")
                    )
                };
                return Ok(Some(Verdict::pass(trail.place, trail.arn, observed)));
            }
            let observed =
                format!("the selectors leave out the management events of {}", missing.join(" and "));
            let fix = put_selectors(trail, own.with_all_management());
            let evidence = trail.ask("cloudtrail:GetEventSelectors")?.cloned().unwrap_or_default();
            Ok(Some(Verdict::fail(trail.place, trail.arn, observed).remediation(fix).evidence(evidence)))
        })
    },
};

/// The selectors of the logging trails that record wherever this one does.
fn others<'a>(trails: &Trails<'a>, trail: &Trail<'a>) -> Result<Vec<Selectors<'a>>, Unknown> {
    let mut found = Vec::new();
    for other in trails.iter().filter(|other| other.arn != trail.arn && other.covers_all_of(trail)) {
        if other.is_logging()? {
            found.push(other.selectors()?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, OTHER, TRAIL};

    fn kms_left_out() -> Estate {
        let mut estate = Estate::compliant();
        estate.selectors(
            &json!([{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]),
        );
        estate
    }

    #[test]
    fn nothing_left_out() {
        Estate::compliant().passes(&CHECK);
    }

    #[test]
    fn basic_and_advanced_exclusions() {
        kms_left_out().fails(&CHECK, &["kms.amazonaws.com"]);
        let mut estate = Estate::compliant();
        estate.edit(HOME, "cloudtrail:GetEventSelectors", TRAIL, |output| {
            let fields = output["AdvancedEventSelectors"][0]["FieldSelectors"].as_array_mut().unwrap();
            fields.push(json!({"Field": "eventSource", "NotEquals": ["rdsdata.amazonaws.com"]}));
        });
        estate.fails(&CHECK, &["rdsdata.amazonaws.com"]);
    }

    #[test]
    fn another_trail_makes_it_good() {
        let mut estate = kms_left_out();
        let second = "arn:aws:cloudtrail:us-east-1:111111111111:trail/keys";
        let shown =
            json!({"Name": "keys", "TrailARN": second, "HomeRegion": OTHER, "IsMultiRegionTrail": true});
        for region in [HOME, OTHER] {
            let shown = shown.clone();
            estate.edit(region, "cloudtrail:DescribeTrails", "", |output| {
                output["trailList"].as_array_mut().unwrap().push(shown);
            });
        }
        estate.answer(OTHER, "cloudtrail:GetEventSelectors", second, json!({"EventSelectors": []}));
        estate.answer(OTHER, "cloudtrail:GetTrailStatus", second, json!({"IsLogging": true}));
        estate.passes(&CHECK);
        estate.answer(OTHER, "cloudtrail:GetTrailStatus", second, json!({"IsLogging": false}));
        estate.fails(&CHECK, &["kms.amazonaws.com"]);
    }

    #[test]
    fn a_trail_for_data_events_has_nothing_to_leave_out() {
        let mut estate = Estate::compliant();
        estate.selectors(&json!([{"ReadWriteType": "All", "IncludeManagementEvents": false}]));
        estate.silent(&CHECK);
    }

    #[test]
    fn unknown() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetEventSelectors", TRAIL, "cloudtrail:GetEventSelectors");
        estate.unknown(&CHECK, "cloudtrail:GetEventSelectors");
    }
}
