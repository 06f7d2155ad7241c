//! GuardDuty is on.

use serde_json::json;

use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

const LIST: &str = "guardduty:ListDetectors";
const GET: &str = "guardduty:GetDetector";

pub(super) const CHECK: Check = Check {
    id: "guardduty-on",
    control: Control::Central,
    title: "GuardDuty is on",
    severity: Severity::High,
    why: "GuardDuty reads CloudTrail, flow logs and DNS for signs of intruders; they prefer Regions where it is off. \
          https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_settingup.html",
    expected: "a detector that is enabled in the Region, used or not",
    remediation: "aws guardduty create-detector --region REGION --enable   # or update-detector --detector-id ID --enable",
    fix_calls: &["guardduty:CreateDetector", "guardduty:UpdateDetector"],
    frameworks: Frameworks {
        security_hub: &["GuardDuty.1"],
        config_rules: &["guardduty-enabled-centralized"],
        nist_800_53: &[
            "AC-2(12)", "AU-6(1)", "AU-6(5)", "CA-7", "CM-8(3)", "RA-3(4)", "SA-11(1)", "SA-11(6)",
            "SA-15(2)", "SA-15(8)", "SA-8(19)", "SA-8(21)", "SA-8(25)", "SC-5", "SC-5(1)", "SC-5(3)",
            "SI-20", "SI-3(8)", "SI-4", "SI-4(1)", "SI-4(13)", "SI-4(2)", "SI-4(22)", "SI-4(25)", "SI-4(4)",
            "SI-4(5)",
        ],
        pci_dss_4: &["11.5.1"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| context.each_region(|place| Ok(vec![judge(place)?])),
};

/// The detector of the Region that is enabled, if there is one.
pub(super) fn enabled_detector<'a>(place: Place<'a>) -> Result<Option<&'a str>, Unknown> {
    let Some(output) = place.get(LIST)? else { return Ok(None) };
    for id in output.texts("DetectorIds") {
        if place.get_for(GET, id)?.and_then(|detector| detector.text("Status")) == Some("ENABLED") {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn judge(place: Place<'_>) -> Result<Verdict, Unknown> {
    let ids = place.get(LIST)?.map(|output| output.texts("DetectorIds")).unwrap_or_default();
    let enabled = enabled_detector(place)?;
    let id = enabled.or(ids.first().copied());
    let arn = id.map_or_else(|| place.account_arn(), |id| place.arn("guardduty", &format!("detector/{id}")));
    let (observed, fix) = match (enabled, id) {
        (Some(_), _) => {
            ("GuardDuty is on", format!("aws guardduty create-detector --region {} --enable", place.region))
        }
        (None, Some(id)) => (
            "GuardDuty is suspended",
            format!("aws guardduty update-detector --region {} --detector-id {id} --enable", place.region),
        ),
        (None, None) => {
            ("GuardDuty is off", format!("aws guardduty create-detector --region {} --enable", place.region))
        }
    };
    Ok(Verdict::of(enabled.is_some(), place, arn, observed)
        .remediation(fix)
        .evidence(json!({"DetectorIds": ids})))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    #[test]
    fn on_suspended_and_off() {
        let mut sample = Sample::new();
        sample.put(HOME, LIST, "", json!({"DetectorIds": ["d1"]}));
        sample.put(HOME, GET, "d1", json!({"Status": "ENABLED"}));
        passes(&sample, &CHECK, "GuardDuty is on");
        sample.put(HOME, GET, "d1", json!({"Status": "DISABLED"}));
        fails(&sample, &CHECK, "GuardDuty is suspended");
        sample.put(HOME, LIST, "", json!({"DetectorIds": []}));
        fails(&sample, &CHECK, "GuardDuty is off");
        sample.deny(HOME, LIST, "");
        unknown(&sample, &CHECK, LIST);
    }
}
