//! Answers of `GetMetricData`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Distribution;
use crate::metric_data::{MetricDataCall, Query};
use crate::parse_time;
use crate::time::epoch;

/// The longest message of CloudWatch's that is passed on, in characters.
const LONGEST: usize = 200;

/// What an answer says of one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answered {
    /// By the second at which the period begins.
    pub(crate) points: BTreeMap<i64, Distribution>,
    /// Datapoints that make no sense: one of the statistics is missing, or they contradict one another.
    pub(crate) unusable: u64,
    /// Why the answer is not all there is, in CloudWatch's words; `None` where it is.
    pub(crate) incomplete: Option<String>,
}

/// What is said of one query.
#[derive(Clone, Debug, Default)]
struct Said {
    values: BTreeMap<i64, f64>,
    /// The last that was said: a query whose datapoints are spread over pages is `PartialData` before.
    status: Option<String>,
    message: Option<String>,
}

/// Reads an answer, all pages put together: what it says of each of the call's questions, in their order.
/// Nothing is taken but times that were asked for, so that an answer is not larger than its question.
pub(crate) fn read(call: &MetricDataCall, answer: &Value) -> Vec<Answered> {
    let mut said: BTreeMap<(usize, &'static str), Said> = BTreeMap::new();
    let results = answer.get("MetricDataResults").and_then(Value::as_array).into_iter().flatten();
    for result in results {
        let id = result.get("Id").and_then(Value::as_str).unwrap_or_default();
        let Some((index, query)) = call.about(id) else { continue };
        let ask = &call.asks()[index];
        let said = said.entry((index, query.word())).or_default();
        said.status = Some(text(result.get("StatusCode")).unwrap_or_else(|| "Complete".to_owned()));
        let message = result.pointer("/Messages/0/Value");
        said.message = text(message).or(said.message.take());
        let list = |name: &str| result.get(name).and_then(Value::as_array).into_iter().flatten();
        for (time, value) in list("Timestamps").zip(list("Values")) {
            let (Some(time), Some(value)) = (seconds(time), value.as_f64()) else { continue };
            let asked =
                (ask.from..ask.to).contains(&time) && time.rem_euclid(i64::from(ask.period.max(1))) == 0;
            if asked && value.is_finite() {
                said.values.insert(time, value);
            }
        }
    }
    let reading = call.asks().iter().enumerate().map(|(index, ask)| {
        let none = Said::default();
        let of = |query: &Query| said.get(&(index, query.word())).unwrap_or(&none);
        let queries = Query::of(&ask.series);
        let incomplete = queries.iter().map(of).find_map(|said| match said.status.as_deref() {
            Some("Complete") => None,
            status => Some(reason(status, said.message.as_deref())),
        });
        let (points, unusable) = points(queries, of);
        Answered { points, unusable, incomplete }
    });
    reading.collect()
}

/// Puts the statistics of each period together.
fn points<'s>(queries: &[Query], of: impl Fn(&Query) -> &'s Said) -> (BTreeMap<i64, Distribution>, u64) {
    let (mut points, mut unusable) = (BTreeMap::new(), 0);
    let mut times: Vec<i64> = queries.iter().flat_map(|query| of(query).values.keys().copied()).collect();
    times.sort_unstable();
    times.dedup();
    for time in times {
        let at = |query: Query| of(&query).values.get(&time).copied();
        let point = if queries.contains(&Query::Aggregate) {
            aggregate(at(Query::Aggregate), at(Query::Count))
        } else {
            let all = at(Query::Count).zip(at(Query::Sum)).zip(at(Query::Minimum).zip(at(Query::Maximum)));
            all.and_then(|((count, sum), (low, high))| Distribution::statistic_set(count, sum, low, high))
        };
        match point {
            Some(point) => drop(points.insert(time, point)),
            None => unusable += 1,
        }
    }
    (points, unusable)
}

/// CloudWatch's value stands for all samples of the period: how many there are matters to percentiles.
fn aggregate(value: Option<f64>, count: Option<f64>) -> Option<Distribution> {
    let mut point = Distribution::default();
    point.add(value?, count?);
    (point.count() > 0.0).then_some(point)
}

fn reason(status: Option<&str>, message: Option<&str>) -> String {
    match (status, message) {
        (None, _) => "it was not answered".to_owned(),
        (Some(status), None) => status.to_owned(),
        (Some(status), Some(message)) => format!("{status}: {message}"),
    }
}

fn seconds(value: &Value) -> Option<i64> {
    let time = match value {
        Value::String(text) => parse_time(text),
        value => value.as_f64().and_then(epoch),
    };
    time.map(|time| time.timestamp())
}

/// A text of CloudWatch's, bounded, without control characters.
fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    Some(text)
}
