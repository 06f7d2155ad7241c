//! Each trail is logging: its status, not its configuration.

use super::each_trail;
use crate::check::{Check, Control, Frameworks, Severity, Verdict};
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "trail-logging",
    control: Control::Trail,
    title: "Each trail is logging",
    severity: Severity::High,
    why: "StopLogging leaves the trail's configuration as it was, so that everything looks in order while \
          nothing is recorded; it is among the first things an intruder does. \
          https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    expected: "GetTrailStatus says IsLogging",
    remediation: "aws cloudtrail start-logging --region HOME_REGION --name NAME",
    fix_calls: &["cloudtrail:StartLogging"],
    frameworks: Frameworks {
        cis_1_4: &["3.1"],
        cis_3_0: &["3.1"],
        cis_5_0: &["3.1"],
        security_hub: &["CloudTrail.3"],
        config_rules: &["cloudtrail-enabled"],
        nist_800_53: &["AU-5", "AU-12"],
        pci_dss_4: &["10.2.1", "10.7.2"],
    },
    run: |context| {
        each_trail(context, CHECK.remediation, |trail| {
            let status = trail.status()?;
            let day = |member| status.time(member).map(|time| time.format("%F %R UTC").to_string());
            let verdict = if status.flag("IsLogging") {
                let since = day("StartLoggingTime").map(|time| format!(" since {time}")).unwrap_or_default();
                Verdict::pass(trail.place, trail.arn, format!("logging{since}"))
            } else {
                let observed = match (day("StopLoggingTime"), day("StartLoggingTime")) {
                    (Some(time), _) => format!("logging was stopped at {time}"),
                    (None, Some(time)) => format!("not logging, though it was started at {time}"),
                    (None, None) => "logging was never started".to_owned(),
                };
                let fix = format!(
                    "aws cloudtrail start-logging --region {} --name {}",
                    trail.home_region, trail.arn
                );
                Verdict::fail(trail.place, trail.arn, observed).remediation(fix)
            };
            Ok(Some(verdict.evidence(status.clone())))
        })
    },
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CHECK;
    use crate::testing::{Estate, HOME, TRAIL};

    #[test]
    fn one_verdict_for_a_trail_that_many_places_show() {
        let mut estate = Estate::compliant();
        estate.join_member();
        estate.passes(&CHECK);
        assert_eq!(estate.run(&CHECK).len(), 1);
    }

    #[test]
    fn stopped() {
        let mut estate = Estate::compliant();
        estate.status(|status| {
            status["IsLogging"] = json!(false);
            status["StopLoggingTime"] = json!(1_795_597_200.5);
        });
        let verdict = estate.fails(&CHECK, &["logging was stopped at 2026-11-25 09:00 UTC"]);
        assert_eq!((verdict.region.as_str(), verdict.resource_arn.as_str()), (HOME, TRAIL));
    }

    #[test]
    fn never_started() {
        let mut estate = Estate::compliant();
        estate.answer(HOME, "cloudtrail:GetTrailStatus", TRAIL, json!({"IsLogging": false}));
        estate.fails(&CHECK, &["never started"]);
    }

    #[test]
    fn unknown_without_its_home() {
        let mut estate = Estate::compliant();
        estate.denied(HOME, "cloudtrail:GetTrailStatus", TRAIL, "cloudtrail:GetTrailStatus");
        estate.unknown(&CHECK, "cloudtrail:GetTrailStatus");
        estate.account().regions.retain(|region| region != HOME);
        let verdict = estate.only(&CHECK, crate::Status::Unknown);
        assert!(verdict.observed.contains("home Region eu-west-1"), "{}", verdict.observed);
    }
}
