//! Alarms whose actions are turned off change their state and tell nobody.

use serde_json::json;

use super::{alarms, arn, name};
use crate::alert_path::is_disabled;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "alarm-actions-enabled",
    control: Control::Alarms,
    title: "Alarms have their actions enabled",
    severity: Severity::High,
    why: "Actions are turned off for a maintenance and forgotten; the alarm still turns red, for nobody. \
          https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html",
    expected: "ActionsEnabled is true",
    remediation: "aws cloudwatch enable-alarm-actions --region REGION --alarm-names ALARM",
    fix_calls: &["cloudwatch:EnableAlarmActions"],
    frameworks: Frameworks {
        security_hub: &["CloudWatch.17"],
        config_rules: &["cloudwatch-alarm-action-enabled-check"],
        nist_800_53: &["AU-6(1)", "AU-6(5)", "CA-7", "SI-2", "SI-4(12)"],
        pci_dss_4: &["10.4.1.1"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| {
        let judged = alarms(place)?.into_iter().map(|alarm| {
            let disabled = is_disabled(alarm);
            let observed = if disabled { "actions are disabled" } else { "actions are enabled" };
            Verdict::of(!disabled, place, arn(place, alarm), format!("{observed} for alarm {}", name(alarm)))
                .remediation(format!(
                    "aws cloudwatch enable-alarm-actions --region {} --alarm-names '{}'",
                    place.region,
                    name(alarm)
                ))
                .evidence(json!({"ActionsEnabled": alarm.at("ActionsEnabled")}))
        });
        Ok(judged.collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    #[test]
    fn disabled_actions_fail() {
        let mut sample = Sample::new();
        sample.add_alarm("cpu");
        passes(&sample, &CHECK, "actions are enabled for alarm cpu");
        sample.alarm()["ActionsEnabled"] = json!(false);
        fails(&sample, &CHECK, "actions are disabled for alarm cpu");
        sample.add_composite("all", "ALARM(cpu)");
        sample.composite()["ActionsEnabled"] = json!("false");
        assert_eq!(sample.run(&CHECK).len(), 2, "composite alarms too");
        sample.deny(HOME, "cloudwatch:DescribeAlarms", "");
        unknown(&sample, &CHECK, "cloudwatch:DescribeAlarms");
    }
}
