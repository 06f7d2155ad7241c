//! What an alarm watches and how it stands, in words.

use maud::{Markup, html};
use trailkeep_alarms::AlarmState;
use trailkeep_alarms::definition::{
    Alarm, AlarmSource, ComparisonOperator, CompositeAlarm, MetricAlarm, MetricStat, TreatMissingData,
};
use trailkeep_state::AlarmOrigin;

/// A state's badge: colour, shape and word. States are texts where they come from the state.
pub(super) fn state_badge(state: &str) -> Markup {
    let (class, shape) = match state.parse() {
        Ok(AlarmState::Alarm) => ("bad", "M5 .5 10 9.5H0z"),
        Ok(AlarmState::Ok) => ("ok", "M5 .5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z"),
        _ => ("medium", "M0 3.6h10v2.8H0z"),
    };
    html! { span class={ "badge " (class) } { svg viewBox="0 0 10 10" aria-hidden="true" { path d=(shape) {} } (state_word(state)) } }
}

/// The state as people say it.
pub(super) fn state_word(state: &str) -> &str {
    match state {
        "ALARM" => "In alarm",
        "OK" => "OK",
        "INSUFFICIENT_DATA" => "Insufficient data",
        other => other,
    }
}

/// The class that colours a state.
pub(super) fn state_class(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Alarm => "alarm",
        AlarmState::Ok => "fine",
        AlarmState::InsufficientData => "unsure",
    }
}

/// Where a definition comes from.
pub(super) fn origin_word(origin: AlarmOrigin) -> &'static str {
    match origin {
        AlarmOrigin::Toml => "trailkeep.toml",
        AlarmOrigin::Import => "imported",
        AlarmOrigin::Api => "console or API",
    }
}

/// What an alarm watches, as a sentence without a full stop.
pub(super) fn watches(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Metric(alarm) => {
            let (m, n) = (alarm.datapoints_to_alarm(), alarm.evaluation_periods);
            let periods = if n == 1 { "period" } else { "periods" };
            format!(
                "{} {} for {m} of {n} {periods} of {}",
                subject(alarm),
                bound(alarm),
                length(alarm.period())
            )
        }
        Alarm::Composite(alarm) => rule(alarm),
    }
}

/// A composite alarm's rule on one line.
fn rule(alarm: &CompositeAlarm) -> String {
    alarm.rule.as_str().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is compared: a statistic of a metric, or an expression.
pub(super) fn subject(alarm: &MetricAlarm) -> String {
    let stat = |stat: &MetricStat| format!("{} of {}", stat.stat, stat.metric);
    match (&alarm.source, alarm.watched()) {
        (AlarmSource::Metric(of), _) => stat(of),
        (AlarmSource::Queries(_), Some(query)) => match (&query.metric_stat, &query.expression) {
            (Some(of), _) => stat(of),
            (None, Some(expression)) => match query.label.as_deref().filter(|label| !label.is_empty()) {
                Some(label) => format!("{label} ({})", expression.as_str()),
                None => expression.as_str().to_owned(),
            },
            (None, None) => query.id.clone(),
        },
        (AlarmSource::Queries(_), None) => "its metrics".to_owned(),
    }
}

/// What it is compared with: `≥ 1`, `outside of what is expected`.
pub(super) fn bound(alarm: &MetricAlarm) -> String {
    use ComparisonOperator as Is;
    let threshold = alarm.threshold.map_or_else(|| "?".to_owned(), value);
    match alarm.comparison_operator {
        Is::GreaterThanOrEqualToThreshold => format!("≥ {threshold}"),
        Is::GreaterThanThreshold => format!("> {threshold}"),
        Is::LessThanThreshold => format!("< {threshold}"),
        Is::LessThanOrEqualToThreshold => format!("≤ {threshold}"),
        Is::LessThanLowerOrGreaterThanUpperThreshold => "outside of the expected band".to_owned(),
        Is::LessThanLowerThreshold => "below the expected band".to_owned(),
        Is::GreaterThanUpperThreshold => "above the expected band".to_owned(),
    }
}

/// What a missing datapoint counts as.
pub(super) fn treatment(treatment: TreatMissingData) -> &'static str {
    match treatment {
        TreatMissingData::Breaching => "as breaching",
        TreatMissingData::NotBreaching => "as not breaching",
        TreatMissingData::Ignore => "not at all: the state is kept",
        TreatMissingData::Missing => "as missing",
    }
}

/// `10 seconds`, `1 minute`, `2 hours`, `1 day`.
pub(super) fn length(seconds: u32) -> String {
    let (amount, unit) = match seconds {
        s if s.is_multiple_of(86_400) && s > 0 => (s / 86_400, "day"),
        s if s.is_multiple_of(3_600) && s > 0 => (s / 3_600, "hour"),
        s if s.is_multiple_of(60) && s > 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    if amount == 1 { format!("1 {unit}") } else { format!("{amount} {unit}s") }
}

/// A value as people read it: at most six significant digits, no exponent where it is short without.
pub(super) fn value(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:.3e}");
    }
    let digits = (5.0 - size.log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn alarm(changes: Value) -> Alarm {
        let mut value = json!({
            "AlarmName": "a", "Namespace": "Trailkeep", "MetricName": "root-use", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        });
        for (name, change) in changes.as_object().unwrap() {
            value[name] = change.clone();
        }
        value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        Alarm::from_value(&value).unwrap()
    }

    #[test]
    fn an_alarm_says_what_it_watches() {
        assert_eq!(watches(&alarm(json!({}))), "Sum of Trailkeep/root-use ≥ 1 for 1 of 1 period of 1 minute");
        let slow = json!({
            "Statistic": null, "ExtendedStatistic": "p99", "Period": 300, "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2, "Threshold": 0.25, "ComparisonOperator": "LessThanThreshold",
            "Dimensions": [{ "Name": "Host", "Value": "a" }],
        });
        assert_eq!(
            watches(&alarm(slow)),
            "p99 of Trailkeep/root-use Host=a < 0.25 for 2 of 3 periods of 5 minutes"
        );
        let none = json!({ "Namespace": null, "MetricName": null, "Statistic": null, "Period": null });
        let mut math = json!({ "Metrics": [
            { "Id": "m", "ReturnData": false, "MetricStat": {
                "Metric": { "Namespace": "N", "MetricName": "M" }, "Period": 60, "Stat": "Sum" } },
            { "Id": "e", "Expression": "m * 2", "Label": "Twice" },
        ] });
        math.as_object_mut().unwrap().extend(none.as_object().unwrap().clone());
        assert_eq!(watches(&alarm(math.clone())), "Twice (m * 2) ≥ 1 for 1 of 1 period of 1 minute");
        math["Metrics"][0]["ReturnData"] = json!(true);
        math["Metrics"][1] = json!({ "Id": "b", "Expression": "ANOMALY_DETECTION_BAND(m, 2)" });
        math["Threshold"] = Value::Null;
        math["ThresholdMetricId"] = json!("b");
        math["ComparisonOperator"] = json!("GreaterThanUpperThreshold");
        assert_eq!(watches(&alarm(math)), "Sum of N/M above the expected band for 1 of 1 period of 1 minute");
        let composite = json!({ "AlarmName": "c", "AlarmRule": "ALARM(a)\n  AND NOT OK(b)" });
        assert_eq!(watches(&Alarm::from_value(&composite).unwrap()), "ALARM(a) AND NOT OK(b)");
    }

    #[test]
    fn values_are_short_and_exact_enough() {
        let shown =
            [0.0, 1.0, -0.5, 1234.5, 100_000.0, 2.0 / 3.0, 99.95, 1e20, 0.000_01, 1_234_567.0].map(value);
        let expected =
            ["0", "1", "-0.5", "1234.5", "100000", "0.666667", "99.95", "1.000e20", "1.000e-5", "1234567"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn lengths_are_in_the_largest_unit() {
        assert_eq!(
            [10, 60, 90, 300, 3600, 86_400].map(length),
            ["10 seconds", "1 minute", "90 seconds", "5 minutes", "1 hour", "1 day"]
        );
    }
}
