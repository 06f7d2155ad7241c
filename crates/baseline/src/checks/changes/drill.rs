//! The cases that every check of this control must get right.

use serde_json::json;

use crate::alert_path::sample::{ACCOUNT, HOME, Sample, TOPIC, TRAIL, fails, passes, unknown};
use crate::check::{Check, Status};
use crate::inventory::Watch;

/// The filter pattern that the check tells people to paste.
pub(super) fn pattern(check: &Check) -> &'static str {
    let text = check.remediation.split("--filter-pattern '").nth(1).expect("a filter pattern");
    text.split('\'').next().unwrap()
}

/// An estate in which the check passes: its own fix was made.
pub(super) fn alerted(check: &Check) -> Sample {
    let mut sample = Sample::new();
    sample.add_alert("own", pattern(check));
    sample
}

/// One estate in which it passes, one for every hop that may be broken, and one that is not known.
pub(super) fn every_hop(check: &Check) {
    assert!(pattern(check).len() <= 1024, "CloudWatch Logs takes patterns of 1024 characters");
    let good = alerted(check);
    passes(&good, check, "metric filter own → alarm own → topic alerts → subscription email ops@example.com");
    assert!(good.run(check).iter().all(|verdict| verdict.status == Status::Pass), "in every Region");
    let broken = |change: &dyn Fn(&mut Sample), wanted: &str| {
        let mut sample = good.clone();
        change(&mut sample);
        fails(&sample, check, wanted);
    };
    broken(
        &|s| s.put(HOME, "cloudtrail:GetTrailStatus", TRAIL, json!({"IsLogging": false})),
        "trail main is not logging",
    );
    broken(
        &|s| {
            for region in [HOME, "us-east-1"] {
                let trails = s.edit(region, "cloudtrail:DescribeTrails", "");
                trails["trailList"][0].as_object_mut().unwrap().remove("CloudWatchLogsLogGroupArn");
            }
        },
        "trail main delivers to no log group",
    );
    broken(
        &|s| s.put(HOME, "logs:DescribeLogGroups", "", json!({"logGroups": []})),
        "log group trail of trail main does not exist",
    );
    broken(
        &|s| s.put(HOME, "logs:DescribeMetricFilters", "", json!({"metricFilters": []})),
        "log group trail of trail main has no metric filter",
    );
    broken(
        &|s| s.put(HOME, "cloudwatch:DescribeAlarms", "", json!({"MetricAlarms": [], "CompositeAlarms": []})),
        "no alarm watches the metric Trailkeep/own of metric filter own",
    );
    broken(&|s| s.alarm()["ActionsEnabled"] = json!(false), "alarm own has its actions disabled");
    broken(&|s| s.alarm()["AlarmActions"] = json!([]), "alarm own has no action for ALARM");
    broken(
        &|s| s.alarm()["Threshold"] = json!(5.0),
        "alarm own needs a Sum of at least 5 in 300 s, one event makes 1",
    );
    broken(&|s| s.put(HOME, "sns:ListTopics", "", json!({"Topics": []})), "topic alerts does not exist");
    broken(
        &|s| {
            s.edit(HOME, "sns:GetTopicAttributes", TOPIC)["Attributes"]["Policy"] =
                json!(r#"{"Statement": []}"#);
        },
        "topic alerts has a policy that does not let in CloudWatch alarms (sns:Publish)",
    );
    broken(
        &|s| {
            let subscriptions = s.edit(HOME, "sns:ListSubscriptionsByTopic", TOPIC);
            subscriptions["Subscriptions"][0]["SubscriptionArn"] = json!("PendingConfirmation");
        },
        "topic alerts has only unconfirmed subscriptions",
    );
    let mut denied = good.clone();
    denied.deny(HOME, "logs:DescribeMetricFilters", "");
    unknown(&denied, check, "logs:DescribeMetricFilters");
    let mut watched = Sample::new();
    fails(&watched, check, "has no metric filter");
    watched.inventory.trailkeep = Some(Watch { accounts: vec![ACCOUNT.to_owned()], notifies: true });
    passes(&watched, check, "Trailkeep");
    watched.inventory.trailkeep = Some(Watch { accounts: vec![ACCOUNT.to_owned()], notifies: false });
    fails(&watched, check, "Trailkeep has no channel through which it notifies anybody");
}
