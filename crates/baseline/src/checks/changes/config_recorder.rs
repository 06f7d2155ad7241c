//! Changes to AWS Config's recorder and delivery channel: the four calls that CIS names. Deleting the
//! recorder, which CIS does not name, is told, and the fix includes it.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-config-changes",
    "{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder)) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-config-changes",
    control: Control::Changes,
    title: "Changes to AWS Config raise an alert",
    severity: Severity::Medium,
    why: "Without Config nobody can say what a resource looked like before; turning it off \
          hides what comes next. \
          https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html",
    expected: "each of the 4 calls that stop or change AWS Config's recorder or delivery \
          channel reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.9"],
        cis_3_0: &["4.9"],
        cis_5_0: &["4.9"],
        security_hub: &["CloudWatch.9"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "10.7.2"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    scene.calls(
        "config",
        &[
            ("StopConfigurationRecorder", json!({"configurationRecorderName": "default"})),
            ("DeleteDeliveryChannel", json!({"deliveryChannelName": "default"})),
            ("PutDeliveryChannel", json!({"deliveryChannel": {"name": "default", "s3BucketName": "logs"}})),
            (
                "PutConfigurationRecorder",
                json!({"configurationRecorder": {"name": "default",
            "recordingGroup": {"allSupported": false}}}),
            ),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    vec![scene.call("config", "DeleteConfigurationRecorder", json!({"configurationRecorderName": "default"}))]
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }
}
