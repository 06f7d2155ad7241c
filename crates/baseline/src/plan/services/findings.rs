//! Security Hub and GuardDuty, on in each Region.

use serde_json::json;

use super::super::draft::{Draft, Scope, tag_map};
use crate::check::Control;
use crate::value::Json;

const HUB: &str = "security-hub-on";
const GUARD: &str = "guardduty-on";

/// One step a Region where Security Hub says that it is not on.
/// <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html>
pub(super) fn security_hub(draft: &mut Draft<'_>) {
    for (region, all) in super::failing(draft, HUB) {
        let Some(place) = all.first().map(|failing| failing.place) else { continue };
        if place.get("securityhub:DescribeHub") != Ok(None) {
            continue;
        }
        let mut step = draft.step(region, "security-hub", Control::Central, "Turn Security Hub on");
        step.resource(draft.site.in_region(region).arn("securityhub", "hub/default"))
            .call("securityhub:EnableSecurityHub", json!({"EnableDefaultStandards": true, "Tags": tag_map()}))
            .covers_in(&Scope::Region(region.to_owned()), &[HUB])
            .words(
                "it is turned off again, which deletes its findings",
                "its default standards look at the account, with rules of AWS Config that it makes itself",
                "0.001 USD a check and resource up to 100,000 a month; findings are free up to 10,000 a month",
                "securityhub:DescribeHub gives the hub",
            );
        draft.add(step);
    }
}

/// One step a Region without a detector, or with one that is suspended.
/// <https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html>
pub(super) fn guardduty(draft: &mut Draft<'_>) {
    for (region, all) in super::failing(draft, GUARD) {
        let Some(place) = all.first().map(|failing| failing.place) else { continue };
        let Ok(answer) = place.get("guardduty:ListDetectors") else { continue };
        let ids = answer.map(|output| output.texts("DetectorIds")).unwrap_or_default();
        let mut step = draft.step(region, "guardduty", Control::Central, "Turn GuardDuty on");
        match ids.first() {
            None => step.call("guardduty:CreateDetector", json!({"Enable": true, "Tags": tag_map()})),
            Some(id) => step.call("guardduty:UpdateDetector", json!({"DetectorId": id, "Enable": true})),
        };
        step.resource(draft.site.in_region(region).arn("guardduty", "detector"))
            .covers_in(&Scope::Region(region.to_owned()), &[GUARD])
            .words(
                "the detector is deleted with its findings, or suspended as it was",
                "none; it reads copies of logs and touches no workload",
                "4 USD for a million events of CloudTrail, 1 USD for a GB of flow and DNS logs (first 500 GB); \
                 free for 30 days",
                "guardduty:GetDetector says ENABLED",
            );
        draft.add(step);
    }
}
