//! Security Hub is on.

use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

const CALL: &str = "securityhub:DescribeHub";

pub(super) const CHECK: Check = Check {
    id: "security-hub-on",
    control: Control::Central,
    title: "Security Hub is on",
    severity: Severity::Medium,
    why: "Security Hub gathers the findings of GuardDuty, Config, Inspector and others; in a Region where it is off they \
          stay each in its own place. \
          https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-settingup.html",
    expected: "Security Hub is on in the Region",
    remediation: "aws securityhub enable-security-hub --region REGION --enable-default-standards",
    fix_calls: &["securityhub:EnableSecurityHub"],
    frameworks: Frameworks {
        cis_3_0: &["4.16"],
        cis_5_0: &["4.16"],
        config_rules: &["securityhub-enabled"],
        nist_800_53: &["AU-6(3)", "CA-7", "SI-4"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run: |context: &Context<'_>| {
        context.each_region(|place| {
            let arn = place.arn("securityhub", "hub/default");
            let verdict = match place.get(CALL)? {
                Some(hub) => Verdict::pass(place, hub.text("HubArn").unwrap_or(&arn), "Security Hub is on"),
                None => Verdict::fail(place, arn, "Security Hub is off"),
            };
            let fix = format!(
                "aws securityhub enable-security-hub --region {} --enable-default-standards",
                place.region
            );
            Ok(vec![verdict.remediation(fix)])
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    #[test]
    fn on_and_off() {
        let mut sample = Sample::new();
        sample.put(
            HOME,
            CALL,
            "",
            json!({"HubArn": "arn:aws:securityhub:eu-west-1:111111111111:hub/default"}),
        );
        passes(&sample, &CHECK, "Security Hub is on");
        sample.absent(HOME, CALL, "");
        fails(&sample, &CHECK, "Security Hub is off");
        sample.deny(HOME, CALL, "");
        unknown(&sample, &CHECK, CALL);
    }
}
