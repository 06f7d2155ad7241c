//! From a log group by its metric filters to alarms.

use std::sync::Arc;

use serde_json::Value;
use trailkeep_detect::filter_pattern::FilterPattern;

use super::actions;
use super::alarm::{Published, fires_on_one};
use super::condition::{Condition, Form};
use super::path::{AlertPath, Hop, HopKind, dead};
use crate::inventory::{Place, Unknown};
use crate::value::Json;

/// The ways on from the log group that `path` ends with.
///
/// # Errors
/// [`Unknown`] when the Region's metric filters could not be listed.
pub(super) fn from_log_group(
    path: &AlertPath,
    place: Place<'_>,
    log_group: &str,
    form: Form,
) -> Result<Vec<AlertPath>, Unknown> {
    let filters = place.list("logs:DescribeMetricFilters", "metricFilters")?;
    let own = filters.iter().filter(|filter| filter.text("logGroupName") == Some(log_group));
    Ok(own.flat_map(|filter| from_filter(path, place, filter, form)).collect())
}

fn from_filter(path: &AlertPath, place: Place<'_>, filter: &Value, form: Form) -> Vec<AlertPath> {
    let name = filter.text("filterName").unwrap_or_default();
    let hop = Hop::new(HopKind::MetricFilter, name, "");
    let text = filter.at("filterPattern").and_then(Value::as_str).unwrap_or_default();
    let path = match FilterPattern::parse(text) {
        Ok(pattern) => path.through(hop, Ok(())).when(Condition::Filter(Arc::new(pattern), form)),
        // CloudWatch took the pattern, so that it matches something; what, is not known here.
        Err(error) => path.through(
            hop,
            Err(Unknown {
                call: "logs:DescribeMetricFilters".to_owned(),
                missing_action: None,
                reason: format!("the pattern of metric filter {name} cannot be read: {error}"),
            }
            .into()),
        ),
    };
    let published = filter.items("metricTransformations").iter().filter_map(Published::of);
    published.flat_map(|published| from_metric(&path, place, &published)).collect()
}

fn from_metric(path: &AlertPath, place: Place<'_>, published: &Published<'_>) -> Vec<AlertPath> {
    let broken = |judged| {
        let mut path = path.clone();
        path.judge(judged);
        vec![path]
    };
    let alarms = match place.list("cloudwatch:DescribeAlarms", "MetricAlarms") {
        Ok(alarms) => alarms,
        Err(unknown) => return broken(Err(unknown.into())),
    };
    let mut ways = Vec::new();
    for alarm in alarms {
        let Some(watch) = published.watched_by(alarm) else { continue };
        let hop = Hop::new(
            HopKind::Alarm,
            alarm.text("AlarmName").unwrap_or_default(),
            alarm.text("AlarmArn").unwrap_or_default(),
        );
        let mut path = path.through(hop, fires_on_one(alarm, &watch, published));
        for (name, from) in &published.dimensions {
            let watched = watch.dimensions.iter().find(|dimension| dimension.text("Name") == Some(name));
            let value = watched.and_then(|dimension| dimension.text("Value")).unwrap_or_default();
            path = path.when(Condition::Field { path: (*from).to_owned(), value: value.to_owned() });
        }
        ways.extend(actions::from_alarm(&path, place, alarm));
    }
    if ways.is_empty() {
        let filter = path.hops.last().map(Hop::label).unwrap_or_default();
        return broken(dead(format!(
            "no alarm watches the metric {}/{} of {filter}",
            published.namespace, published.name
        )));
    }
    ways
}
