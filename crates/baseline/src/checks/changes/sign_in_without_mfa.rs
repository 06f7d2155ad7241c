//! Console sign-ins of IAM users without MFA.
//!
//! Of people who come through single sign-on CloudTrail says `MFAUsed: No` whatever their identity provider
//! asked for; the shorter of the two CIS patterns fires on each of them. That passes, and is told.

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-sign-in-without-mfa",
    r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin: NONE, noise, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-console-sign-in-without-mfa",
    control: Control::Changes,
    title: "Console sign-ins without MFA raise an alert",
    severity: Severity::Medium,
    why: "A password alone is not enough for the console; a sign-in without a second \
          factor is either a user without one or a thief. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html",
    expected: "the sign-in of an IAM user without MFA reaches somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.2"],
        cis_3_0: &["4.2"],
        cis_5_0: &["4.2"],
        security_hub: &["CloudWatch.3"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "8.4.1"],
        ..Frameworks::NONE
    },
    run: |context| judge(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    vec![scene.sign_in_without_mfa()]
}

fn noise(scene: &Scene<'_>) -> Vec<AwsEvent> {
    vec![scene.sign_in_by_sso()]
}

#[cfg(test)]
mod tests {
    use super::super::drill::every_hop;
    use super::*;
    use serde_json::json;

    use crate::alert_path::sample::{HOME, Sample, TOPIC, fails, passes};

    #[test]
    fn each_hop_counts() {
        every_hop(&CHECK);
    }

    #[test]
    fn the_short_cis_pattern_fires_on_single_sign_on_too() {
        let mut sample = Sample::new();
        sample.add_alert(
            "cis",
            r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#,
        );
        passes(
            &sample,
            &CHECK,
            "metric filter cis also fires on ConsoleLogin through single sign-on, falsely",
        );
    }

    #[test]
    fn sign_ins_have_an_envelope_of_their_own() {
        let mut sample = Sample::new();
        let pattern = |kind: &str| {
            json!({"detail-type": [kind], "detail": {"eventName": ["ConsoleLogin"],
            "additionalEventData": {"MFAUsed": ["No"]}}})
        };
        sample.add_rule(HOME, "api", pattern("AWS API Call via CloudTrail"), TOPIC);
        fails(&sample, &CHECK, "nobody would hear of it");
        sample.add_rule(HOME, "sign-in", pattern("AWS Console Sign In via CloudTrail"), TOPIC);
        passes(&sample, &CHECK, "rule sign-in");
    }
}
