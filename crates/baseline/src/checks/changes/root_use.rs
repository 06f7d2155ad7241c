//! Use of the root user: writing calls anywhere and, where sign-ins of root are recorded, its sign-in.
//! Reading calls are told and not judged: EventBridge keeps them from rules that do not ask for them.

use serde_json::json;

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-root-use",
    r#"{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }"#
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-root-use",
    control: Control::Changes,
    title: "Use of the root user raises an alert",
    severity: Severity::High,
    why: "Nothing in an account stops its root user; it is for emergencies, and each use \
          of it should have a reason that somebody knows. \
          https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
    expected: "a sign-in of the root user and calls made by it reach somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.3"],
        cis_3_0: &["4.3"],
        cis_5_0: &["4.3"],
        security_hub: &["CloudWatch.1"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "10.2.1.2"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    let mut events = vec![
        scene.by_root("iam", "CreateAccessKey", json!({"userName": "root"}), false),
        scene.by_root("s3", "DeleteBucket", json!({"bucketName": "logs"}), false),
    ];
    if scene.is_home {
        events.push(scene.sign_in_by_root());
    }
    events
}

fn akin(scene: &Scene<'_>) -> Vec<AwsEvent> {
    vec![scene.by_root("s3", "ListBuckets", json!({}), true)]
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, TOPIC, passes};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn reading_is_told_and_not_judged() {
        let mut sample = Sample::new();
        for region in [HOME, "us-east-1"] {
            sample.add_rule(region, "root", json!({"detail": {"userIdentity": {"type": ["Root"]}}}), TOPIC);
        }
        passes(&sample, &CHECK, "not heard either, though not asked for here: ListBuckets by root");
    }
}
