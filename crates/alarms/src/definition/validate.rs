//! What the API checks, and checks that several definitions share.

use serde_json::{Value, json};

use crate::MetricId;
use crate::definition::metric::AlarmSource;
use crate::definition::query::{MOST_QUERIES, MetricDataQuery};
use crate::definition::words::UNITS;
use crate::definition::{DefinitionError, Fields, MetricAlarm};
use crate::math::check;

/// The most actions for one state.
const MOST_ACTIONS: usize = 5;
/// The most dimensions of a metric.
const MOST_DIMENSIONS: usize = 30;
const DAY: u64 = 86_400;

/// Ten, twenty or thirty seconds, or minutes.
pub(crate) fn check_period(field: &str, period: u32) -> Result<(), DefinitionError> {
    if matches!(period, 10 | 20 | 30) || (period > 0 && period.is_multiple_of(60)) {
        return Ok(());
    }
    Err(DefinitionError::new(field, Some(period), "write 10, 20, 30 or a multiple of 60, in seconds"))
}

/// A name without control characters, which terminals and mails would take as commands.
pub(crate) fn name(fields: &Fields<'_>, field: &str) -> Result<String, DefinitionError> {
    let name = fields.required(field, 1, 255)?;
    if name.chars().any(char::is_control) {
        return Err(DefinitionError::new(
            fields.at(field),
            Some(format!("{name:?}")),
            "control characters are not allowed",
        ));
    }
    Ok(name)
}

pub(crate) fn namespace(fields: &Fields<'_>) -> Result<String, DefinitionError> {
    let namespace = fields.required("Namespace", 1, 255)?;
    if namespace.starts_with(':') {
        return Err(DefinitionError::text(
            fields.at("Namespace"),
            &namespace,
            "it does not begin with a colon",
        ));
    }
    Ok(namespace)
}

pub(crate) fn unit(fields: &Fields<'_>, field: &str) -> Result<Option<String>, DefinitionError> {
    Ok(fields.word(field, &UNITS.map(|unit| (unit, unit)))?.map(str::to_owned))
}

/// A list of `{"Name", "Value"}`.
pub(crate) fn dimensions(fields: &Fields<'_>, field: &str) -> Result<Vec<(String, String)>, DefinitionError> {
    let mut dimensions: Vec<(String, String)> = Vec::new();
    for (index, value) in fields.list(field, MOST_DIMENSIONS)?.iter().enumerate() {
        let entry = Fields::new(fields.at(&format!("{field}[{index}]")), value)?;
        let name = entry.required("Name", 1, 255)?;
        if name.starts_with(':') {
            return Err(DefinitionError::text(entry.at("Name"), &name, "it does not begin with a colon"));
        }
        if dimensions.iter().any(|(other, _)| *other == name) {
            return Err(DefinitionError::text(entry.at("Name"), &name, "a dimension is given once"));
        }
        dimensions.push((name, entry.required("Value", 1, 1024)?));
    }
    Ok(dimensions)
}

pub(crate) fn dimensions_value(metric: &MetricId) -> Value {
    metric.dimensions().iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

pub(crate) fn actions(fields: &Fields<'_>, field: &str) -> Result<Vec<String>, DefinitionError> {
    fields.texts(field, MOST_ACTIONS, 1024)
}

/// What concerns several fields of a metric alarm.
pub(crate) fn metric_alarm(alarm: &MetricAlarm) -> Result<(), DefinitionError> {
    let periods = alarm.evaluation_periods;
    if let Some(m) = alarm.datapoints_to_alarm.filter(|m| *m > periods) {
        let allowed = format!("it is at most EvaluationPeriods, {periods}");
        return Err(DefinitionError::new("DatapointsToAlarm", Some(m), allowed));
    }
    threshold(alarm)?;
    if let AlarmSource::Queries(queries) = &alarm.source {
        self::queries(alarm, queries)?;
    }
    let period = alarm.period();
    let (most, words) = if period < 3600 { (DAY, "a day") } else { (7 * DAY, "seven days") };
    let range = u64::from(period) * u64::from(periods);
    if range > most {
        let kind = if period < 3600 { "shorter than an hour" } else { "of an hour or more" };
        let allowed = format!(
            "with a period of {period} s the alarm looks back {range} s; periods {kind} allow {words}, {} of them",
            most / u64::from(period)
        );
        return Err(DefinitionError::new("EvaluationPeriods", Some(periods), allowed));
    }
    Ok(())
}

fn threshold(alarm: &MetricAlarm) -> Result<(), DefinitionError> {
    let anomaly = alarm.comparison_operator.is_anomaly();
    match (&alarm.threshold, &alarm.threshold_metric_id) {
        (Some(_), None) if !anomaly => Ok(()),
        (None, Some(_)) if anomaly => Ok(()),
        (Some(threshold), _) if anomaly => {
            let allowed = "an alarm on an anomaly band has a ThresholdMetricId and no Threshold";
            Err(DefinitionError::new("Threshold", Some(threshold), allowed))
        }
        (None, None) if anomaly => {
            let allowed = "name the entry of Metrics that is the ANOMALY_DETECTION_BAND";
            Err(DefinitionError::missing("ThresholdMetricId", allowed))
        }
        (_, Some(id)) => {
            let allowed =
                "only an alarm whose ComparisonOperator speaks of upper and lower thresholds has it";
            Err(DefinitionError::text("ThresholdMetricId", id, allowed))
        }
        _ => Err(DefinitionError::missing("Threshold", "write the number that datapoints are compared with")),
    }
}

fn queries(alarm: &MetricAlarm, queries: &[MetricDataQuery]) -> Result<(), DefinitionError> {
    if queries.is_empty() || queries.len() > MOST_QUERIES {
        let found = format!("a list of {}", queries.len());
        return Err(DefinitionError::new(
            "Metrics",
            Some(found),
            format!("it has 1 to {MOST_QUERIES} entries"),
        ));
    }
    let ids: Vec<&str> = queries.iter().map(|query| query.id.as_str()).collect();
    if let Some(index) = (1..ids.len()).find(|index| ids[..*index].contains(&ids[*index])) {
        return Err(DefinitionError::text(format!("Metrics[{index}].Id"), ids[index], "an Id is given once"));
    }
    for (index, query) in queries.iter().enumerate() {
        let Some(expression) = &query.expression else { continue };
        for id in expression.identifiers() {
            if !ids.contains(&id) {
                let allowed = format!("it speaks of {id}; the entries are {}", ids.join(", "));
                return Err(DefinitionError::text(
                    format!("Metrics[{index}].Expression"),
                    expression.as_str(),
                    allowed,
                ));
            }
        }
    }
    no_circle(queries)?;
    band(alarm, queries)?;
    one_is_watched(alarm, queries)?;
    one_period(queries)?;
    let watched = alarm.watched().map_or("", |query| &query.id);
    check(queries, watched, alarm.threshold_metric_id.as_deref())
        .map_err(|error| DefinitionError::text("Metrics", "not computable", error.to_string()))
}

/// Expressions may use others, but not themselves.
fn no_circle(queries: &[MetricDataQuery]) -> Result<(), DefinitionError> {
    // Each round settles those that use only settled ones; what is left at the end is in a circle.
    let mut open: Vec<&MetricDataQuery> = queries.iter().filter(|query| query.expression.is_some()).collect();
    loop {
        let ids: Vec<&str> = open.iter().map(|query| query.id.as_str()).collect();
        let uses_open = |query: &&MetricDataQuery| {
            query.expression.as_ref().is_some_and(|e| e.identifiers().iter().any(|id| ids.contains(id)))
        };
        let left: Vec<&MetricDataQuery> = open.iter().copied().filter(|query| uses_open(query)).collect();
        match left.first() {
            None => return Ok(()),
            Some(first) if left.len() == open.len() => {
                let allowed = format!("these expressions use one another in a circle: {}", ids.join(", "));
                return Err(DefinitionError::text("Metrics", &first.id, allowed));
            }
            Some(_) => open = left,
        }
    }
}

fn band(alarm: &MetricAlarm, queries: &[MetricDataQuery]) -> Result<(), DefinitionError> {
    let Some(id) = &alarm.threshold_metric_id else { return Ok(()) };
    let query = queries.iter().find(|query| query.id == *id);
    let is_band =
        query.and_then(|query| query.expression.as_ref()).is_some_and(|expression| expression.is_band());
    if is_band {
        return Ok(());
    }
    Err(DefinitionError::text(
        "ThresholdMetricId",
        id,
        "it names an entry of Metrics that is ANOMALY_DETECTION_BAND(…)",
    ))
}

fn one_is_watched(alarm: &MetricAlarm, queries: &[MetricDataQuery]) -> Result<(), DefinitionError> {
    let is_threshold = |query: &&MetricDataQuery| Some(&query.id) == alarm.threshold_metric_id.as_ref();
    let watched = queries.iter().filter(|query| query.return_data && !is_threshold(query)).count();
    if watched == 1 {
        return Ok(());
    }
    let allowed =
        "exactly one entry has ReturnData true, beside that of the band: the one that the alarm watches";
    Err(DefinitionError::new("Metrics", Some(format!("a list with {watched} entries to watch")), allowed))
}

fn one_period(queries: &[MetricDataQuery]) -> Result<(), DefinitionError> {
    let of = |query: &MetricDataQuery| query.metric_stat.as_ref().map(|stat| stat.period).or(query.period);
    let Some(first) = queries.iter().find_map(of) else {
        let allowed = "an expression without metrics needs a Period";
        return Err(DefinitionError::missing("Metrics[0].Period", allowed));
    };
    for (index, query) in queries.iter().enumerate() {
        if let Some(period) = of(query).filter(|period| *period != first) {
            let field = if query.metric_stat.is_some() { "MetricStat.Period" } else { "Period" };
            let allowed = format!("all metrics of an alarm have the same period, here {first}");
            return Err(DefinitionError::new(format!("Metrics[{index}].{field}"), Some(period), allowed));
        }
    }
    Ok(())
}
