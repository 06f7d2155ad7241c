//! Metric filters and alarms for the alerts of control 5.

use serde_json::Value;

use super::draft::{Draft, Scope};
use super::trail::{Subject, Wants};
use crate::check::Control;
use crate::desired::alerts::{ALERTS, Alert};
use crate::value::Json;

/// Where the metric filters are put: the log group of the trail, in the home Region.
pub(super) struct Spot {
    pub(super) log_group: String,
}

/// What an alert lacks.
pub(super) struct Lack {
    alert: &'static Alert,
    filter: bool,
    alarm: bool,
}

impl Spot {
    /// `None` where the trail's log group is not this account's, or not known.
    pub(super) fn of(draft: &mut Draft<'_>, subject: &Subject<'_, '_>, wants: &Wants) -> Option<Self> {
        if wants.log_group {
            return Some(Self { log_group: draft.site.log_group().to_owned() });
        }
        let prefix = draft.site.arn("logs", "log-group:");
        let name =
            subject.trail().and_then(|trail| trail.log_group()).and_then(|arn| arn.strip_prefix(&prefix));
        if name.is_none() {
            for alert in ALERTS {
                draft.note(
                    alert.check,
                    "the events of the account go to a log group that is not its own, or to none; filters and alarms belong where the trail's log group is",
                );
            }
        }
        name.map(|name| Self { log_group: name.to_owned() })
    }
}

/// The alerts whose check fails and whose filter or alarm is not there.
pub(super) fn missing(draft: &Draft<'_>, spot: &Spot) -> Vec<Lack> {
    let (Ok(filters), Ok(alarms)) = (
        draft.home.list("logs:DescribeMetricFilters", "metricFilters"),
        draft.home.list("cloudwatch:DescribeAlarms", "MetricAlarms"),
    ) else {
        return Vec::new();
    };
    let lack = |alert: &'static Alert| {
        let named = filters.iter().find(|filter| {
            filter.text("filterName") == Some(alert.name)
                && filter.text("logGroupName") == Some(&spot.log_group)
        });
        // A filter or alarm of that name that says something else is somebody's own.
        if named.is_some_and(|filter| filter.text("filterPattern") != Some(alert.pattern)) {
            return None;
        }
        let alarm = alarms.iter().any(|alarm: &Value| alarm.text("AlarmName") == Some(alert.name));
        let lack = Lack { alert, filter: named.is_none(), alarm: !alarm };
        (lack.filter || lack.alarm).then_some(lack)
    };
    ALERTS.iter().filter(|alert| draft.fails(alert.check)).filter_map(lack).collect()
}

/// A step for each alert.
pub(super) fn write(draft: &mut Draft<'_>, spot: &Spot) {
    let site = draft.site.clone();
    let topic = site.topic_arn();
    for lack in missing(draft, spot) {
        let Lack { alert, filter, alarm } = lack;
        let title = format!("Raise an alarm on {}", alert.about);
        let mut step = draft.step(&site.region, alert.name, Control::Changes, title);
        if filter {
            step.call("logs:PutMetricFilter", alert.filter(&spot.log_group));
        }
        if alarm {
            step.call("cloudwatch:PutMetricAlarm", alert.alarm(&site, &spot.log_group, &topic));
        }
        step.resource(site.arn("cloudwatch", &format!("alarm:{}", alert.name)))
            .needs(draft.id(&site.region, "log-group"))
            .needs(draft.id(&site.region, "trail"))
            .needs(draft.id(&site.region, "topic"))
            .covers_in(&Scope::Account, &[alert.check])
            .words(
                "alarm and metric filter are deleted",
                "none but messages to those who are told",
                "0.10 USD a month for the alarm, 0.30 USD for the metric while it counts",
                "logs:DescribeMetricFilters and cloudwatch:DescribeAlarms give what was set",
            );
        if alert.check == "alert-cloudtrail-changes" {
            step.covers(&["alarm-trail-health"]);
        }
        draft.add(step);
    }
}
