//! Reasons in CloudWatch's words, and `StateReasonData`.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::AlarmState;
use crate::definition::{AlarmSource, ComparisonOperator, MetricAlarm, TreatMissingData};
use crate::evaluate::decide::{Basis, Decision};
use crate::evaluate::number::java;
use crate::evaluate::{Datapoint, Slot};
use crate::time::{short, stamp};

/// Datapoints that a reason lists; the API bounds reasons at 1,023 characters.
const LISTED: usize = 10;
/// Datapoints in reason data.
const KEPT: usize = 100;

pub(crate) fn text(alarm: &MetricAlarm, slots: &[Slot], decision: &Decision) -> String {
    let n = alarm.evaluation_periods as usize;
    match decision.basis {
        Basis::NoData => {
            format!("Insufficient Data: {} unknown.", counted(n, "datapoint", "was", "were"))
        }
        Basis::KeptForMissing | Basis::KeptForFew | Basis::KeptForLowSamples => kept(alarm, decision),
        Basis::Datapoints | Basis::Premature => crossed(alarm, slots, decision, 0),
        Basis::Filled(missing) => crossed(alarm, slots, decision, missing),
    }
}

fn kept(alarm: &MetricAlarm, decision: &Decision) -> String {
    let (n, real) = (alarm.evaluation_periods as usize, decision.real.len());
    let received =
        format!("{} received for {}", counted(real, "datapoint", "was", "were"), plural(n, "period"));
    let why = match decision.basis {
        Basis::KeptForMissing => format!("{received}, and missing datapoints are ignored"),
        Basis::KeptForFew => format!(
            "{received}, all of them breaching; {} needed, or that the oldest is as many periods old",
            counted(alarm.datapoints_to_alarm() as usize, "datapoint", "is", "are")
        ),
        _ => "a datapoint has too few samples for the percentile".to_owned(),
    };
    format!("State kept: {why}.")
}

fn crossed(alarm: &MetricAlarm, slots: &[Slot], decision: &Decision, filled: usize) -> String {
    let is_alarm = decision.state == AlarmState::Alarm;
    let n = alarm.evaluation_periods as usize;
    let points = decision.real.iter().filter(|index| slots[**index].breaching == is_alarm);
    let points: Vec<&Datapoint> = points.filter_map(|index| slots[*index].point.as_ref()).collect();
    let head =
        if alarm.comparison_operator.is_anomaly() { "Thresholds Crossed: " } else { "Threshold Crossed: " };
    let mut text = head.to_owned();
    let mut put = |part: &str| text.push_str(part);
    if points.is_empty() {
        let real = decision.real.len();
        let received = if real == 0 {
            "no datapoints were".to_owned()
        } else {
            counted(real, "datapoint", "was", "were")
        };
        put(&format!("{received} received for {}", plural(n, "period")));
    } else {
        put(&how_many(alarm, points.len()));
        put(&listed(&points));
        put(if points.len() == 1 { " was " } else { " were " });
        put(&compared(alarm, &points, is_alarm));
    }
    if filled > 0 {
        let breaching = alarm.treat_missing_data() == TreatMissingData::Breaching;
        let as_what = if breaching { "Breaching" } else { "NonBreaching" };
        put(&format!(" and {} treated as [{as_what}]", counted(filled, "missing datapoint", "was", "were")));
    }
    if let Some(m) = alarm.datapoints_to_alarm.filter(|_| !points.is_empty()) {
        let (least, change) = match is_alarm {
            true => (m as usize, "OK -> ALARM"),
            false => (n + 1 - m as usize, "ALARM -> OK"),
        };
        put(&format!(" (minimum {} for {change} transition)", plural(least, "datapoint")));
    }
    put(".");
    text
}

/// `1 out of the last 3 datapoints` where M is given, otherwise `1 datapoint`.
fn how_many(alarm: &MetricAlarm, count: usize) -> String {
    match alarm.datapoints_to_alarm {
        // CloudWatch writes the plural here even for one.
        Some(_) => format!("{count} out of the last {} datapoints", alarm.evaluation_periods),
        None => plural(count, "datapoint"),
    }
}

fn listed(points: &[&Datapoint]) -> String {
    list(points, |point| format!("{} ({})", java(point.value), short(point.time)))
}

fn list(points: &[&Datapoint], one: impl Fn(&Datapoint) -> String) -> String {
    let mut text = String::from(" [");
    for (index, point) in points.iter().take(LISTED).enumerate() {
        // A String takes whatever is written to it.
        write!(text, "{}{}", if index == 0 { "" } else { ", " }, one(point)).ok();
    }
    text.push_str(if points.len() > LISTED { ", ...]" } else { "]" });
    text
}

fn compared(alarm: &MetricAlarm, points: &[&Datapoint], is_alarm: bool) -> String {
    use ComparisonOperator as Is;
    let not = if is_alarm { "" } else { "not " };
    let threshold = |words: &str| {
        let threshold = alarm.threshold.map(java).unwrap_or_default();
        format!("{not}{words} the threshold ({threshold})")
    };
    let lower = || {
        let bounds = list(points, |point| point.band.map(|band| java(band.lower)).unwrap_or_default());
        format!("{not}less than the lower thresholds{bounds}")
    };
    let upper = || {
        let bounds = list(points, |point| point.band.map(|band| java(band.upper)).unwrap_or_default());
        format!("{not}greater than the upper thresholds{bounds}")
    };
    match alarm.comparison_operator {
        Is::GreaterThanOrEqualToThreshold => threshold("greater than or equal to"),
        Is::GreaterThanThreshold => threshold("greater than"),
        Is::LessThanThreshold => threshold("less than"),
        Is::LessThanOrEqualToThreshold => threshold("less than or equal to"),
        Is::LessThanLowerOrGreaterThanUpperThreshold => format!("{} or {}", lower(), upper()),
        Is::LessThanLowerThreshold => lower(),
        Is::GreaterThanUpperThreshold => upper(),
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn counted(count: usize, what: &str, one: &str, many: &str) -> String {
    format!("{} {}", plural(count, what), if count == 1 { one } else { many })
}

pub(crate) fn data(alarm: &MetricAlarm, slots: &[Slot], decision: &Decision, now: DateTime<Utc>) -> Value {
    let real = decision.real.iter().rev().filter_map(|index| slots[*index].point.as_ref());
    let real: Vec<&Datapoint> = real.collect();
    let recent = &real[real.len().saturating_sub(KEPT)..];
    let each = |of: fn(&Datapoint) -> Option<f64>| -> Value {
        recent.iter().map(|point| json!(of(point))).collect()
    };
    let mut map = Map::new();
    let mut put = |name: &str, value: Value| map.insert(name.to_owned(), value);
    put("version", json!("1.0"));
    put("queryDate", json!(stamp(now)));
    if let Some(first) = recent.first() {
        put("startDate", json!(stamp(first.time)));
    }
    if let AlarmSource::Metric(metric) = &alarm.source {
        if let Some(unit) = &metric.unit {
            put("unit", json!(unit));
        }
        put("statistic", json!(metric.stat.as_str()));
    }
    put("period", json!(alarm.period()));
    put("recentDatapoints", each(|point| Some(point.value)));
    let operator = alarm.comparison_operator;
    if operator.is_anomaly() && operator != ComparisonOperator::GreaterThanUpperThreshold {
        put("recentLowerThresholds", each(|point| point.band.map(|band| band.lower)));
    }
    if operator.is_anomaly() && operator != ComparisonOperator::LessThanLowerThreshold {
        put("recentUpperThresholds", each(|point| point.band.map(|band| band.upper)));
    }
    if let Some(threshold) = alarm.threshold {
        put("threshold", json!(threshold));
    }
    put("evaluatedDatapoints", evaluated(alarm, slots, decision));
    Value::Object(map)
}

/// The datapoints that decided and, where there are fewer than N, the newest missing ones: the newest first.
fn evaluated(alarm: &MetricAlarm, slots: &[Slot], decision: &Decision) -> Value {
    let mut missing = (alarm.evaluation_periods as usize).saturating_sub(decision.real.len());
    let mut real = decision.real.iter().copied().peekable();
    let mut list = Vec::new();
    for index in (0..slots.len()).rev() {
        let slot = &slots[index];
        let is_evaluated = real.next_if_eq(&index).is_some();
        if !is_evaluated && (slot.is_real() || missing == 0) {
            continue;
        }
        let mut entry = Map::new();
        entry.insert("timestamp".to_owned(), json!(stamp(slot.time)));
        match slot.point.filter(|_| is_evaluated) {
            Some(point) => {
                entry["timestamp"] = json!(stamp(point.time));
                if let Some(samples) = point.samples {
                    entry.insert("sampleCount".to_owned(), json!(samples));
                }
                entry.insert("value".to_owned(), json!(point.value));
            }
            None => missing -= 1,
        }
        list.push(Value::Object(entry));
        if list.len() >= KEPT {
            break;
        }
    }
    Value::Array(list)
}
