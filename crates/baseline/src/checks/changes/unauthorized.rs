//! API calls that were refused.
//!
//! EC2 says `Client.UnauthorizedOperation`, other services `AccessDenied` or `AccessDeniedException`. Whoever
//! tries stolen keys mostly reads, so reads that are refused must be heard too: EventBridge hands those to
//! rules only in the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`. The pattern that CIS 1.4 to 3.0
//! print joins its `!=` terms with OR and matches nearly every event: that passes, with a warning.

use super::cis::{Alert, FIX_CALLS, NONE, Scope, fix, judge_leniently};
use super::events::Scene;
use crate::alert_path::AwsEvent;
use crate::check::{Check, Control, Frameworks, Severity};

const FIX: &str = fix!(
    "trailkeep-unauthorized-calls",
    r#"{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }"#
);

const ALERT: Alert = Alert { scope: Scope::EveryRegion, calls, akin: NONE, noise: NONE, fix: FIX };

pub(super) const CHECK: Check = Check {
    id: "alert-unauthorized-calls",
    control: Control::Changes,
    title: "Refused API calls raise an alert",
    severity: Severity::Medium,
    why: "Stolen credentials show first by calls that are refused: their thief does not \
          know what they may do. \
          https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
    expected: "refused calls of EC2 and of other services, reading and writing, reach somebody",
    remediation: FIX,
    fix_calls: FIX_CALLS,
    frameworks: Frameworks {
        cis_1_4: &["4.1"],
        cis_3_0: &["4.1"],
        cis_5_0: &["4.1"],
        security_hub: &["CloudWatch.2"],
        nist_800_53: &["AU-6(1)", "CA-7", "SI-4(5)"],
        pci_dss_4: &["10.4.1.1", "10.2.1.4"],
        ..Frameworks::NONE
    },
    run: |context| judge_leniently(context, &ALERT),
};

fn calls(scene: &Scene<'_>) -> Vec<AwsEvent> {
    vec![
        scene.refused("ec2", "RunInstances", "Client.UnauthorizedOperation", false),
        scene.refused("iam", "CreateUser", "AccessDenied", false),
        scene.refused("cloudtrail", "StopLogging", "AccessDeniedException", false),
        scene.refused("s3", "ListBuckets", "AccessDenied", true),
    ]
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
    fn the_pattern_of_cis_3_0_matches_nearly_everything() {
        let mut sample = Sample::new();
        sample.add_alert("cis", r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }"#);
        passes(&sample, &CHECK, "warning: metric filter cis picks nearly every event (DescribeInstances, ");
    }

    #[test]
    fn the_pattern_of_cis_5_0_means_what_it_should() {
        let mut sample = Sample::new();
        sample.add_alert("cis", "{ ($.errorCode =*UnauthorizedOperation) || ($.errorCode =AccessDenied*) && ($.sourceIPAddress!=delivery.logs.amazonaws.com) && ($.eventName!=HeadBucket) }");
        passes(&sample, &CHECK, "all 4 calls raise an alert");
        assert!(!sample.verdict(&CHECK).observed.contains("warning"));
    }

    #[test]
    fn rules_hear_refused_reads_only_when_they_ask_for_them() {
        let mut sample = Sample::new();
        let pattern = json!({"detail": {"errorCode": [{"suffix": "UnauthorizedOperation"}, {"prefix": "AccessDenied"}]}});
        sample.add_rule(HOME, "refused", pattern, TOPIC);
        fails(&sample, &CHECK, "1 of 4 calls would slip by: ListBuckets refused with AccessDenied");
        sample.edit(HOME, "events:ListRules", "")["Rules"][0]["State"] =
            json!("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
        passes(&sample, &CHECK, "rule refused");
    }
}
