//! Alarms that have nothing to go by.
//!
//! An alarm that is in `INSUFFICIENT_DATA` for more than a day watches a metric that nobody publishes:
//! the instance is gone, the name or a dimension is wrong. The metric of a metric filter is the
//! exception: it is silent while nothing happens, and the alarm still works; that is a minor fault, as
//! it hides the others.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{alarms, arn, name};
use crate::check::{Check, Context, Control, Frameworks, Severity, Verdict};
use crate::inventory::Place;
use crate::value::Json;

pub(super) const CHECK: Check = Check {
    id: "alarm-insufficient-data",
    control: Control::Alarms,
    title: "Alarms have data to go by",
    severity: Severity::Medium,
    why: "An alarm without data cannot fire; most often the resource that it watched is gone, or a dimension was \
          misspelled. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
    expected: "not in INSUFFICIENT_DATA for more than a day",
    remediation: "aws cloudwatch list-metrics --region REGION --namespace NAMESPACE --metric-name METRIC   # is it \
                  published, with these dimensions? Correct the alarm (put-metric-alarm), delete it \
                  (delete-alarms), or let missing data count as good (--treat-missing-data notBreaching)",
    fix_calls: &["cloudwatch:PutMetricAlarm"],
    frameworks: Frameworks { nist_800_53: &["CA-7", "SI-4"], pci_dss_4: &["10.7.2"], ..Frameworks::NONE },
    run,
};

fn run(context: &Context<'_>) -> Vec<Verdict> {
    context.each_region(|place| Ok(alarms(place)?.into_iter().map(|alarm| judge(place, alarm)).collect()))
}

fn judge(place: Place<'_>, alarm: &Value) -> Verdict {
    let (name, arn) = (name(alarm), arn(place, alarm));
    let state = alarm.text("StateValue").unwrap_or("of no state");
    let since = alarm.time("StateTransitionedTimestamp").or(alarm.time("StateUpdatedTimestamp"));
    let age = since.map_or(TimeDelta::zero(), |since| place.inventory.collected_at - since);
    let evidence = json!({"StateValue": state, "StateReason": alarm.at("StateReason"),
        "StateUpdatedTimestamp": alarm.at("StateUpdatedTimestamp")});
    if state != "INSUFFICIENT_DATA" || age <= TimeDelta::days(1) {
        return Verdict::pass(place, arn, format!("alarm {name} is {state}")).evidence(evidence);
    }
    let metric = alarm.text("MetricName").unwrap_or("its metric");
    let observed = format!("alarm {name} has had no data of {metric} for {} days", age.num_days());
    let verdict = Verdict::fail(place, &arn, observed).evidence(evidence);
    if !is_filtered(place, alarm) {
        return verdict;
    }
    let mut verdict = verdict.severity(Severity::Low).remediation(
        "aws cloudwatch put-metric-alarm --region REGION --alarm-name ALARM … --treat-missing-data notBreaching   # \
         repeat the alarm's other settings, as the call replaces them",
    );
    verdict.observed.push_str("; a metric filter publishes it, only when something happens");
    verdict
}

/// A metric filter of the Region publishes the alarm's metric.
fn is_filtered(place: Place<'_>, alarm: &Value) -> bool {
    let filters = place.list("logs:DescribeMetricFilters", "metricFilters").unwrap_or_default();
    let mut published = filters.iter().flat_map(|filter| filter.items("metricTransformations"));
    published.any(|metric| {
        metric.text("metricName") == alarm.text("MetricName")
            && metric.text("metricNamespace") == alarm.text("Namespace")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert_path::sample::{HOME, Sample, fails, passes, unknown};

    #[test]
    fn a_day_without_data_is_too_long() {
        let mut sample = Sample::new();
        sample.add_alarm("cpu");
        passes(&sample, &CHECK, "alarm cpu is OK");
        sample.alarm()["StateValue"] = json!("INSUFFICIENT_DATA");
        sample.alarm()["StateUpdatedTimestamp"] = json!("2026-11-24T12:00:00Z");
        passes(&sample, &CHECK, "alarm cpu is INSUFFICIENT_DATA");
        sample.alarm()["StateUpdatedTimestamp"] = json!("2026-11-15T01:00:00Z");
        fails(&sample, &CHECK, "alarm cpu has had no data of cpu for 10 days");
        assert_eq!(sample.verdict(&CHECK).severity, None);
        sample.deny(HOME, "cloudwatch:DescribeAlarms", "");
        unknown(&sample, &CHECK, "cloudwatch:DescribeAlarms");
    }

    #[test]
    fn metric_filters_are_silent_while_nothing_happens() {
        let mut sample = Sample::new();
        sample.add_alert("sg", "{ $.eventName = x }");
        sample.alarm()["StateValue"] = json!("INSUFFICIENT_DATA");
        fails(&sample, &CHECK, "a metric filter publishes it, only when something happens");
        assert_eq!(sample.verdict(&CHECK).severity, Some(Severity::Low));
    }
}
