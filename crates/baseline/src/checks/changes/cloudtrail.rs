//! Changes to trails. The five calls that CIS names are judged. `PutEventSelectors` can silence a trail that
//! goes on logging, and CIS does not name it: whether it is heard is told, and the fix includes it.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-cloudtrail-changes",
    "{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) || ($.eventName = PutEventSelectors)) }"
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-cloudtrail-changes",
    control: Control::Changes,
    title: "Changes to CloudTrail raise an alert",
    severity: Severity::High,
    why: "An intruder turns the recording off first; the call that does so is the last \
          thing the trail records, and it must be heard. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    expected: "each of the 5 calls that make, change, start, stop or delete a trail reaches \
          somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.5"],
        cis_3_0: &["4.5"],
        cis_5_0: &["4.5"],
        security_hub: &["CloudWatch.5"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "10.2.1.6", "10.7.2"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let name = json!({"name": format!("arn:{}:cloudtrail:{}:{}:trail/main", scene.partition, scene.region, scene.account)});
    scene.calls(
        "cloudtrail",
        &[
            ("CreateTrail", json!({"name": "main", "s3BucketName": "logs", "isMultiRegionTrail": true})),
            ("UpdateTrail", json!({"name": "main", "isMultiRegionTrail": false})),
            ("DeleteTrail", name.clone()),
            ("StartLogging", name.clone()),
            ("StopLogging", name),
        ],
    )
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let name = json!({"trailName": "main"});
    scene.calls(
        "cloudtrail",
        &[
            ("PutEventSelectors", name.clone()),
            ("PutInsightSelectors", name),
            ("DeleteEventDataStore", json!({"eventDataStore": "EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE"})),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;
    use crate::alert_path::sample::{Sample, passes};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn what_cis_forgets_is_told() {
        let mut sample = Sample::new();
        sample.add_alert(
            "cis",
            "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = \
            DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }",
        );
        passes(
            &sample,
            &CHECK,
            "not asked for here: PutEventSelectors, PutInsightSelectors, DeleteEventDataStore",
        );
    }
}
