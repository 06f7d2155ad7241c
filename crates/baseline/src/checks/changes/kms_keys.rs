//! Customer managed keys that are disabled or set to be deleted.
//!
//! A trail that leaves out `kms.amazonaws.com` (many do, for the volume) leaves these out too.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-kms-key-loss",
    "{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-kms-key-loss",
    control: Control::Changes,
    title: "Disabling or deleting KMS keys raises an alert",
    severity: Severity::Medium,
    why: "What a key encrypted is lost with the key; its deletion can be taken back for \
          some days only. https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    expected: "DisableKey and ScheduleKeyDeletion reach somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.7"],
        cis_3_0: &["4.7"],
        cis_5_0: &["4.7"],
        security_hub: &["CloudWatch.7"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "3.7.5"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let key = format!(
        "arn:{}:kms:{}:{}:key/8d3ac8d7-1f0e-4b9e-9c3e-6c1f7c2a9b10",
        scene.partition, scene.region, scene.account
    );
    scene.calls(
        "kms",
        &[
            ("DisableKey", json!({"keyId": key})),
            ("ScheduleKeyDeletion", json!({"keyId": key, "pendingWindowInDays": 7})),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    scene.calls(
        "kms",
        &[
            ("PutKeyPolicy", json!({"policyName": "default"})),
            ("DeleteImportedKeyMaterial", json!({})),
            ("DisableKeyRotation", json!({})),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::super::drill::alerted;
    use super::super::drill::every_hop;
    use super::*;
    use crate::alert_path::sample::{HOME, TRAIL, fails, unknown};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn a_trail_that_leaves_out_kms_hears_nothing() {
        let mut sample = alerted(&CHECK);
        let selector = json!({"ReadWriteType": "All", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["kms.amazonaws.com"]});
        sample.put(HOME, "cloudtrail:GetEventSelectors", TRAIL, json!({"EventSelectors": [selector]}));
        fails(
            &sample,
            &CHECK,
            "nobody would hear of either call: trail main leaves out events of kms.amazonaws.com",
        );
        sample.deny(HOME, "cloudtrail:GetEventSelectors", TRAIL);
        unknown(&sample, &CHECK, "cloudtrail:GetEventSelectors");
    }
}
