//! Whether one event sets off an alarm.
//!
//! A metric filter publishes a datapoint when an event matches. The alarm must turn to ALARM on that
//! one datapoint, and must not be in ALARM all the time: actions run on a change of state only.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use serde_json::Value;

use super::path::{Judged, Trouble, dead};
use crate::inventory::Unknown;
use crate::value::Json;

/// What a metric filter publishes for an event.
#[derive(Clone, Debug)]
pub(super) struct Published<'a> {
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// Name of the dimension, and where in the event its value is (`$.eventName`).
    pub(super) dimensions: Vec<(&'a str, &'a str)>,
    /// A number, or where in the event the number is.
    pub(super) value: &'a str,
    /// Published in minutes in which log events came, and none matched.
    pub(super) default: Option<f64>,
    pub(super) unit: &'a str,
}

/// How an alarm watches a metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch<'a> {
    statistic: &'a str,
    period: i64,
    unit: Option<&'a str>,
    /// The expression that the alarm computes from it, if it does.
    expression: Option<&'a str>,
    /// `[{Name, Value}]`
    pub(super) dimensions: &'a [Value],
}

impl<'a> Published<'a> {
    /// What a `metricTransformation` publishes.
    pub(super) fn of(transformation: &'a Value) -> Option<Self> {
        let dimensions = transformation.at("dimensions").and_then(Value::as_object);
        let dimensions = dimensions.into_iter().flatten();
        Some(Self {
            namespace: transformation.text("metricNamespace")?,
            name: transformation.text("metricName")?,
            dimensions: dimensions.filter_map(|(name, path)| Some((name.as_str(), path.as_str()?))).collect(),
            value: transformation.text("metricValue").unwrap_or("1"),
            default: number(transformation, "defaultValue"),
            unit: transformation.text("unit").unwrap_or("None"),
        })
    }

    /// How the alarm watches this metric, if it does.
    pub(super) fn watched_by(&self, alarm: &'a Value) -> Option<Watch<'a>> {
        if self.is(alarm) {
            return Some(Watch {
                statistic: alarm.text("Statistic").or(alarm.text("ExtendedStatistic")).unwrap_or("Sum"),
                period: alarm.int("Period").unwrap_or(60),
                unit: alarm.text("Unit"),
                expression: None,
                dimensions: alarm.items("Dimensions"),
            });
        }
        let queries = alarm.items("Metrics");
        let query = queries
            .iter()
            .find(|query| query.at("MetricStat.Metric").is_some_and(|metric| self.is(metric)))?;
        let returned =
            queries.iter().find(|query| query.at("ReturnData").is_none() || query.flag("ReturnData"));
        Some(Watch {
            statistic: query.text("MetricStat.Stat").unwrap_or("Sum"),
            period: query.int("MetricStat.Period").unwrap_or(60),
            unit: query.text("MetricStat.Unit"),
            expression: returned.and_then(|query| query.text("Expression")),
            dimensions: query.items("MetricStat.Metric.Dimensions"),
        })
    }

    /// An alarm, or a metric of one, names this metric.
    fn is(&self, metric: &Value) -> bool {
        let named =
            metric.text("Namespace") == Some(self.namespace) && metric.text("MetricName") == Some(self.name);
        let dimensions = metric.items("Dimensions");
        let same = || {
            self.dimensions.iter().all(|(name, _)| dimensions.iter().any(|d| d.text("Name") == Some(name)))
        };
        named && dimensions.len() == self.dimensions.len() && same()
    }
}

fn number(value: &Value, path: &str) -> Option<f64> {
    let value = value.at(path)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// The alarm runs no actions. Absent is enabled, as in `PutMetricAlarm`.
pub(crate) fn is_disabled(alarm: &Value) -> bool {
    alarm.at("ActionsEnabled").is_some() && !alarm.flag("ActionsEnabled")
}

/// One matching event turns the alarm to ALARM, and without one it is not in ALARM already.
pub(super) fn fires_on_one(alarm: &Value, watch: &Watch<'_>, published: &Published<'_>) -> Judged {
    let name = alarm.text("AlarmName").unwrap_or_default();
    if let Some(unit) = watch.unit.filter(|unit| *unit != published.unit) {
        return dead(format!(
            "alarm {name} waits for the unit {unit}, the filter publishes {}",
            published.unit
        ));
    }
    if let Some(expression) = watch.expression.filter(|expression| !is_plain(expression)) {
        return not_followed(name, &format!("metric math is not followed here ({expression})"));
    }
    let Some(threshold) = number(alarm, "Threshold") else {
        return not_followed(name, "comparison with an anomaly detection band is not followed here");
    };
    let operator = alarm.text("ComparisonOperator").unwrap_or_default();
    let Some(breaches) = comparison(operator) else {
        return not_followed(name, &format!("comparison {operator} is not followed here"));
    };
    let point = datapoint(name, watch, published)?;
    if !breaches(point, threshold) {
        return dead(format!(
            "alarm {name} needs a {} {} {threshold} in {} s, one event makes {point}",
            watch.statistic,
            sign(operator),
            watch.period
        ));
    }
    quiet_is_ok(alarm, name, published, |quiet| breaches(quiet, threshold), watch)?;
    one_datapoint_is_enough(alarm, name, published)
}

fn not_followed(name: &str, what: &str) -> Judged {
    Err(Trouble::Unknown(Unknown {
        call: "cloudwatch:DescribeAlarms".to_owned(),
        missing_action: None,
        reason: format!("alarm {name}: its {what}"),
    }))
}

/// Sums and maxima of single metrics, which one event raises as it would the metric itself.
fn is_plain(expression: &str) -> bool {
    let words =
        expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let known = |word: &str| {
        let id = word.starts_with(|c: char| c.is_ascii_lowercase());
        id || word.parse::<f64>().is_ok() || ["SUM", "MAX", "METRICS", "FILL"].contains(&word)
    };
    let operators = expression.chars().all(|c| c.is_ascii_alphanumeric() || "_+,()[] \"'".contains(c));
    operators && words.into_iter().all(known)
}

fn comparison(operator: &str) -> Option<fn(f64, f64) -> bool> {
    Some(match operator {
        "GreaterThanOrEqualToThreshold" => |value, threshold| value >= threshold,
        "GreaterThanThreshold" => |value, threshold| value > threshold,
        "LessThanThreshold" => |value, threshold| value < threshold,
        "LessThanOrEqualToThreshold" => |value, threshold| value <= threshold,
        _ => return None,
    })
}

fn sign(operator: &str) -> &'static str {
    match operator {
        "GreaterThanOrEqualToThreshold" => "of at least",
        "GreaterThanThreshold" => "above",
        "LessThanThreshold" => "below",
        _ => "of at most",
    }
}

/// The datapoint of a period in which one event matched.
fn datapoint(name: &str, watch: &Watch<'_>, published: &Published<'_>) -> Result<f64, Trouble> {
    if watch.statistic == "SampleCount" {
        return Ok(1.0);
    }
    let Ok(value) = published.value.parse::<f64>() else {
        return dead(format!("the filter publishes the field {}, which need not be there", published.value));
    };
    if value == 0.0 {
        return dead("the filter publishes 0 for a match");
    }
    let summed = matches!(watch.statistic, "Sum" | "Maximum");
    match published.default {
        Some(default) if !summed && default < value => dead(format!(
            "alarm {name} takes the {}, which the filter's default value {default} dilutes",
            watch.statistic
        )),
        _ => Ok(value),
    }
}

/// Without a matching event the alarm is not in ALARM: else nothing changes when one comes.
fn quiet_is_ok(
    alarm: &Value,
    name: &str,
    published: &Published<'_>,
    breaches: impl Fn(f64) -> bool,
    watch: &Watch<'_>,
) -> Judged {
    let quiet =
        if watch.statistic == "SampleCount" { published.default.map(|_| 1.0) } else { published.default };
    match quiet {
        Some(quiet) if breaches(quiet) => dead(format!(
            "alarm {name} is in ALARM whether or not anything matches, so nothing changes when it does"
        )),
        None if alarm.text("TreatMissingData") == Some("breaching") => dead(format!(
            "alarm {name} treats missing data as breaching: it is in ALARM while nothing happens"
        )),
        _ => Ok(()),
    }
}

/// One breaching datapoint among missing ones or zeros turns it to ALARM. Where more than one is
/// asked for, that is so only while missing data are treated as missing: the lone datapoint is then
/// all there is to go by once it is old enough.
fn one_datapoint_is_enough(alarm: &Value, name: &str, published: &Published<'_>) -> Judged {
    let periods = alarm.int("EvaluationPeriods").unwrap_or(1);
    let needed = alarm.int("DatapointsToAlarm").unwrap_or(periods);
    let missing = matches!(alarm.text("TreatMissingData"), None | Some("missing"));
    if needed <= 1 || (missing && published.default.is_none()) {
        return Ok(());
    }
    dead(format!("alarm {name} needs {needed} breaching datapoints of {periods}, one event makes one"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judge(filter: Value, alarm: Value) -> String {
        let mut transformation = json!({"metricNamespace": "CIS", "metricName": "sg", "metricValue": "1"});
        let mut whole = json!({"AlarmName": "sg", "Namespace": "CIS", "MetricName": "sg", "Statistic": "Sum",
            "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"});
        for (target, changes) in [(&mut transformation, filter), (&mut whole, alarm)] {
            for (name, value) in changes.as_object().unwrap() {
                target[name] = value.clone();
            }
        }
        let published = Published::of(&transformation).unwrap();
        let Some(watch) = published.watched_by(&whole) else { return "does not watch".to_owned() };
        match fires_on_one(&whole, &watch, &published) {
            Ok(()) => "fires".to_owned(),
            Err(Trouble::Dead(reason)) => reason,
            Err(Trouble::Unknown(unknown)) => format!("unknown: {}", unknown.reason),
        }
    }

    #[test]
    fn alarms_that_fire_on_one_event() {
        for (filter, alarm) in [
            (json!({}), json!({})),
            (json!({}), json!({"Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"})),
            (json!({"defaultValue": 0}), json!({})),
            (json!({}), json!({"Statistic": "Average"})),
            (json!({}), json!({"Statistic": "SampleCount"})),
            (json!({"metricValue": "5"}), json!({"Threshold": 5})),
            // The lone datapoint is all there is to go by.
            (json!({}), json!({"EvaluationPeriods": 3, "TreatMissingData": "missing"})),
            (json!({}), json!({"EvaluationPeriods": 3, "DatapointsToAlarm": 1})),
            (
                json!({"dimensions": {"name": "$.eventName"}}),
                json!({"Dimensions": [{"Name": "name", "Value": "x"}]}),
            ),
        ] {
            assert_eq!(judge(filter.clone(), alarm.clone()), "fires", "{filter} {alarm}");
        }
    }

    #[test]
    fn alarms_that_do_not() {
        for (filter, alarm, reason) in [
            (json!({}), json!({"Threshold": 5}), "needs a Sum of at least 5 in 300 s, one event makes 1"),
            (json!({}), json!({"ComparisonOperator": "GreaterThanThreshold"}), "above 1"),
            (json!({"metricValue": "0"}), json!({}), "publishes 0"),
            (json!({"metricValue": "$.size"}), json!({}), "the field $.size"),
            (json!({"defaultValue": 0}), json!({"Statistic": "Average"}), "dilutes"),
            (json!({"defaultValue": 0}), json!({"Threshold": 0}), "whether or not anything matches"),
            (json!({"defaultValue": 0}), json!({"Statistic": "SampleCount"}), "whether or not"),
            (json!({}), json!({"TreatMissingData": "breaching"}), "treats missing data as breaching"),
            (json!({}), json!({"EvaluationPeriods": 2}), "needs 2 breaching datapoints of 2"),
            (
                json!({"defaultValue": 0}),
                json!({"EvaluationPeriods": 3, "TreatMissingData": "missing"}),
                "needs 3",
            ),
            (json!({}), json!({"Unit": "Count"}), "waits for the unit Count, the filter publishes None"),
            (json!({}), json!({"MetricName": "other"}), "does not watch"),
            (json!({"dimensions": {"name": "$.eventName"}}), json!({}), "does not watch"),
        ] {
            let found = judge(filter.clone(), alarm.clone());
            assert!(found.contains(reason), "{filter} {alarm}: {found}");
        }
    }

    #[test]
    fn metric_math_is_followed_where_it_is_plain() {
        let math = |expression: &str| {
            let metric = json!({"Namespace": "CIS", "MetricName": "sg"});
            judge(
                json!({}),
                json!({"Namespace": null, "MetricName": null, "Metrics": [
                {"Id": "e1", "Expression": expression, "ReturnData": true},
                {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": false}]}),
            )
        };
        assert_eq!(math("SUM(METRICS())"), "fires");
        assert_eq!(math("m1 + FILL(m2, 0)"), "fires");
        assert!(math("m1 / m2").starts_with("unknown: alarm sg: its metric math"));
        assert!(math("RATE(m1)").starts_with("unknown"));
    }
}
