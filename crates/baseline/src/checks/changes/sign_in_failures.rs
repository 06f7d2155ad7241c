//! Console sign-ins with a wrong password.
//!
//! An alarm that fires only after some of them in a few minutes is sensible for people who mistype, yet CIS
//! asks for one on each; it fails here with the number that it waits for.

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-sign-in-failures",
    r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin: NONE, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-console-sign-in-failures",
    control: Control::Changes,
    title: "Failed console sign-ins raise an alert",
    severity: Severity::Medium,
    why: "Guessed passwords show as failed sign-ins before one succeeds. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html",
    expected: "a failed console sign-in reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.6"],
        cis_3_0: &["4.6"],
        cis_5_0: &["4.6"],
        security_hub: &["CloudWatch.6"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "10.2.1.4"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    vec![scene.sign_in_failed()]
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
