//! Stopping, deleting or changing a trail reaches somebody.
//!
//! The calls are made against the trail itself, in its home Region and its owner's account, and run
//! through what listens there. The trail still records the call that stops it.

use chrono::SecondsFormat;
use serde_json::json;

use crate::alert_path::AwsEvent;
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::checks::changes::cis::{scene, verdict};
use crate::checks::changes::events::Scene;
use crate::estate::trails::{Trail, Trails};
use crate::inventory::Place;

pub(super) const CHECK: Check = Check {
    id: "alarm-trail-health",
    control: Control::Alarms,
    title: "Somebody hears when a trail is stopped, deleted or changed",
    severity: Severity::High,
    why: "All other alerts hang on the trail: whoever turns it off first turns them off with it, and only this \
          alert says so. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
    expected: "StopLogging, DeleteTrail and UpdateTrail on the trail reach somebody",
    remediation: "aws events put-rule --region HOME_REGION --name trailkeep-trail-health --event-pattern \
                  '{\"source\": [\"aws.cloudtrail\"], \"detail\": {\"eventName\": [\"StopLogging\", \"DeleteTrail\", \
                  \"UpdateTrail\", \"PutEventSelectors\"]}}' && aws events put-targets --region HOME_REGION --rule \
                  trailkeep-trail-health --targets Id=topic,Arn=TOPIC_ARN   # a topic whose policy lets \
                  events.amazonaws.com publish, with a confirmed subscription",
    fix_calls: &["events:PutRule", "events:PutTargets"],
    frameworks: Frameworks {
        cis_1_4: &["4.5"],
        cis_3_0: &["4.5"],
        cis_5_0: &["4.5"],
        security_hub: &["CloudWatch.5"],
        nist_800_53: &["AU-5", "AU-5(2)", "SI-4(5)"],
        pci_dss_4: &["10.7.2"],
        ..Frameworks::NONE
    },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    let trails = Trails::of(context.inventory);
    let of_trails = trails.iter().map(judge);
    let without = context.each_account(|place| {
        let covered =
            trails.iter().any(|trail| trail.accounts().any(|account| account == place.account_id()));
        if covered {
            return Ok(Vec::new());
        }
        let here = |(unread, _): &&(Place<'_>, _)| unread.account_id() == place.account_id();
        match trails.unread().iter().find(here) {
            Some((_, unknown)) => Err(unknown.clone()),
            None => {
                let observed = "no trail records the account: nobody would hear of anything done in it";
                Ok(vec![Verdict::fail(place, place.account_arn(), observed)])
            }
        }
    });
    of_trails.chain(without).collect()
}

fn judge(trail: &Trail<'_>) -> Verdict {
    let place = trail.place;
    let time = place.inventory.collected_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let scene = Scene { account: trail.owner, ..scene(place, trail.home_region, &time) };
    let paths = place.inventory.alert_paths();
    let coverage = paths.coverage(trail.owner, trail.home_region, &events(&scene, trail));
    let mut verdict = verdict(place, trail.arn, &coverage, &[]);
    verdict.remediation = Some(CHECK.remediation.replace("HOME_REGION", trail.home_region));
    verdict
}

fn events(scene: &Scene<'_>, trail: &Trail<'_>) -> Vec<AwsEvent> {
    vec![
        scene.call("cloudtrail", "StopLogging", json!({"name": trail.arn})),
        scene.call("cloudtrail", "DeleteTrail", json!({"name": trail.arn})),
        scene.call_by_role(
            "cloudtrail",
            "UpdateTrail",
            json!({"name": trail.name, "isMultiRegionTrail": false}),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, OTHER, Sample, TOPIC, TRAIL, fails, passes, unknown};

    #[test]
    fn a_rule_in_the_home_region_does() {
        let mut sample = Sample::new();
        fails(&sample, &CHECK, "nobody would hear of any of the 3 calls");
        assert_eq!(sample.verdict(&CHECK).resource_arn, TRAIL);
        let pattern = json!({"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging", "DeleteTrail",
            "UpdateTrail", "PutEventSelectors"]}});
        sample.add_rule("us-east-1", "elsewhere", pattern.clone(), TOPIC);
        fails(&sample, &CHECK, "nobody would hear of any of the 3 calls");
        sample.add_rule(HOME, "trail", pattern, TOPIC);
        passes(&sample, &CHECK, "all 3 calls raise an alert (rule trail → topic alerts");
    }

    #[test]
    fn a_metric_filter_does_as_far_as_it_goes() {
        let mut sample = Sample::new();
        sample.add_alert("stop", "{ $.eventName = StopLogging }");
        fails(
            &sample,
            &CHECK,
            "2 of 3 calls would slip by: DeleteTrail, UpdateTrail (metric filter stop picks 1 of 3)",
        );
        sample.deny(HOME, "logs:DescribeMetricFilters", "");
        unknown(&sample, &CHECK, "logs:DescribeMetricFilters");
    }

    #[test]
    fn an_account_without_a_trail_fails() {
        let mut sample = Sample::new();
        sample.add_account(OTHER);
        let verdicts = sample.run(&CHECK);
        let other = verdicts.iter().find(|verdict| verdict.account_id == OTHER).unwrap();
        assert!(other.observed.starts_with("no trail records the account"), "{}", other.observed);
        assert_eq!(verdicts.len(), 2);
    }
}
