//! What an alarm would have done on these datapoints.
//!
//! Each row of a CSV text is the datapoint of the period that its time lies in; a period without a row is
//! a missing datapoint. Periods begin at multiples of their length. An evaluation at a time sees the
//! periods that end at or before it. Two ways:
//!
//! * **over the span**: evaluated at the end of each period, from the first row's to the last row's, each
//!   from the state that the one before left;
//! * **once**, at a given time, from a given state.
//!
//! Several rows in one period are samples, and the alarm's statistic is taken of them. For an alarm with
//! `Metrics`, a column `value` is its metric if it has one only, and the expressions are computed; otherwise
//! the value that it watches. Columns may also be named by the Ids of its metrics.

mod csv;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AlarmState;
use crate::definition::{Alarm, AlarmSource, MetricAlarm, MetricStat};
use crate::engine::computed;
use crate::evaluate::{Datapoint, Evaluation, aligned_end, evaluate};
use crate::math::Grid;
use crate::time::floor;

pub use csv::CsvError;

/// Periods looked at in all evaluations together.
const MOST_LOOKS: i64 = 100_000_000;

/// A change of state in a simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulatedTransition {
    /// When the evaluation took place that brought it.
    pub time: DateTime<Utc>,
    /// The state before.
    pub from: AlarmState,
    /// The state after.
    pub to: AlarmState,
    /// CloudWatch's reason.
    pub reason: String,
    /// CloudWatch's reason data.
    pub reason_data: Value,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Simulation {
    /// Changes of state, in the order of time.
    pub transitions: Vec<SimulatedTransition>,
    /// The state at the end.
    pub state: AlarmState,
    /// Why, of the last evaluation: also where it changed nothing.
    pub reason: String,
    /// How many evaluations there were.
    pub evaluations: u64,
}

/// A simulation that cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// The datapoints cannot be read.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The alarm looks at other alarms.
    #[error(
        "alarm '{name}' is a composite alarm, which looks at other alarms and has no datapoints; simulate those that it speaks of"
    )]
    Composite {
        /// Its name.
        name: String,
    },
    /// Nothing says when to evaluate.
    #[error("there are no datapoints, and so no span to evaluate; give the time of one evaluation")]
    NoSpan,
    /// The span is too long.
    #[error(
        "{evaluations} evaluations of {range} periods each are too many; cut the datapoints to a shorter span"
    )]
    TooLong {
        /// How many evaluations there would be.
        evaluations: i64,
        /// How many periods each looks at.
        range: u32,
    },
}

/// Simulates an alarm over datapoints as CSV text, `timestamp,value` with or without a heading; times as
/// [`parse_time`](crate::parse_time) reads them, and `sample_count` as an optional third column.
///
/// `start` is the state it begins in, `INSUFFICIENT_DATA` where it is `None`. With `once`, there is one
/// evaluation, at that time; otherwise one per period of the datapoints' span.
///
/// # Errors
///
/// Where the alarm is a composite one, the text is no such CSV (with the line), or there is nothing to
/// evaluate.
pub fn simulate(
    alarm: &Alarm,
    csv: &str,
    start: Option<AlarmState>,
    once: Option<DateTime<Utc>>,
) -> Result<Simulation, SimulateError> {
    let Alarm::Metric(alarm) = alarm else {
        return Err(SimulateError::Composite { name: alarm.name().to_owned() });
    };
    let rows = csv::read(csv, &columns(alarm))?;
    let data = Data::new(alarm, &rows);
    let mut simulation = Simulation {
        transitions: Vec::new(),
        state: start.unwrap_or_default(),
        reason: String::new(),
        evaluations: 0,
    };
    if let Some(time) = once {
        simulation.step(time, &data.evaluate(aligned_end(alarm, time), time, simulation.state));
        return Ok(simulation);
    }
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Err(SimulateError::NoSpan) };
    let period = i64::from(alarm.period());
    let (first, last) = (floor(first.seconds, period), floor(last.seconds, period));
    let evaluations = (last - first) / period + 1;
    let range = alarm.evaluation_range();
    if evaluations.saturating_mul(i64::from(range)) > MOST_LOOKS {
        return Err(SimulateError::TooLong { evaluations, range });
    }
    for index in 1..=evaluations {
        let end = DateTime::from_timestamp(first + index * period, 0).unwrap_or_default();
        simulation.step(end, &data.evaluate(end, end, simulation.state));
    }
    Ok(simulation)
}

/// Datapoints as [`simulate`] lays them out.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// What the alarm looks at, in the order of time: of an alarm with an expression, the expression's values.
    pub points: Vec<Datapoint>,
    /// Where the first period begins.
    pub from: DateTime<Utc>,
    /// Where the last period ends.
    pub to: DateTime<Utc>,
    /// Periods between them, with and without a datapoint: how many evaluations there are over the span.
    pub periods: i64,
}

/// Lays datapoints out in the alarm's periods, as [`simulate`] would evaluate them. `most` periods are
/// taken at most: whoever simulates what strangers send bounds the work with it beforehand.
///
/// # Errors
///
/// As [`simulate`]; and where there are more periods than `most`.
pub fn lay_out(alarm: &Alarm, csv: &str, most: i64) -> Result<Layout, SimulateError> {
    let Alarm::Metric(alarm) = alarm else {
        return Err(SimulateError::Composite { name: alarm.name().to_owned() });
    };
    let rows = csv::read(csv, &columns(alarm))?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Err(SimulateError::NoSpan) };
    let period = i64::from(alarm.period());
    let (start, last) = (floor(first.seconds, period), floor(last.seconds, period));
    let periods = (last - start) / period + 1;
    if periods > most {
        return Err(SimulateError::TooLong { evaluations: periods, range: alarm.evaluation_range() });
    }
    let grid = Grid { start, period: alarm.period(), len: usize::try_from(periods).unwrap_or_default() };
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let points = Data::new(alarm, &rows).points(&grid);
    Ok(Layout { points, from: at(start), to: at(last + period), periods })
}

impl Simulation {
    fn step(&mut self, time: DateTime<Utc>, found: &Evaluation) {
        self.evaluations += 1;
        self.reason.clone_from(&found.reason);
        if found.state != self.state {
            let (reason, reason_data) = (found.reason.clone(), found.reason_data.clone());
            self.transitions.push(SimulatedTransition {
                time,
                from: self.state,
                to: found.state,
                reason,
                reason_data,
            });
            self.state = found.state;
        }
    }
}

/// The columns of values that an alarm's datapoints may have, after `value`: the Ids of its metrics.
fn columns(alarm: &MetricAlarm) -> Vec<String> {
    match &alarm.source {
        AlarmSource::Metric(_) => Vec::new(),
        AlarmSource::Queries(queries) => {
            queries.iter().filter(|query| query.metric_stat.is_some()).map(|query| query.id.clone()).collect()
        }
    }
}

/// Values per period.
struct Data<'a> {
    alarm: &'a MetricAlarm,
    /// By where the period begins: of the column `value`.
    values: BTreeMap<i64, Datapoint>,
    /// The same of each metric of an alarm with `Metrics`, where those are given.
    metrics: Option<Vec<(&'a MetricStat, BTreeMap<i64, Datapoint>)>>,
}

impl<'a> Data<'a> {
    fn new(alarm: &'a MetricAlarm, rows: &csv::Rows) -> Self {
        let values = rows.column("value").map(|column| per_period(alarm, column, alarm.statistic()));
        let stats = || alarm.metrics().filter(|_| matches!(alarm.source, AlarmSource::Queries(_)));
        let named = |stat: &'a MetricStat| {
            let query = match &alarm.source {
                AlarmSource::Queries(queries) => {
                    queries.iter().find(|q| q.metric_stat.as_ref().is_some_and(|s| std::ptr::eq(s, stat)))
                }
                AlarmSource::Metric(_) => None,
            };
            let column = query.and_then(|query| rows.column(&query.id));
            (stat, column.map(|column| per_period(alarm, column, Some(&stat.stat))).unwrap_or_default())
        };
        let metrics = match &values {
            Some(values) if stats().count() == 1 => {
                let one = stats().map(|stat| (stat, values.clone())).collect();
                Some(one)
            }
            Some(_) => None,
            None => Some(stats().map(named).collect()),
        };
        Self { alarm, values: values.unwrap_or_default(), metrics }
    }

    fn evaluate(&self, end: DateTime<Utc>, now: DateTime<Utc>, previous: AlarmState) -> Evaluation {
        let period = self.alarm.period();
        let range = self.alarm.evaluation_range();
        let start = end.timestamp() - i64::from(period) * i64::from(range);
        let grid = Grid { start, period, len: range as usize };
        evaluate(self.alarm, &self.points(&grid), end, now, previous)
    }

    /// What the alarm looks at in these periods.
    fn points(&self, grid: &Grid) -> Vec<Datapoint> {
        match (&self.metrics, &self.alarm.source) {
            (Some(metrics), AlarmSource::Queries(_)) => {
                let read = |stat: &MetricStat, grid: &Grid| -> Vec<Option<f64>> {
                    let values = metrics.iter().find(|(of, _)| *of == stat).map(|(_, values)| values);
                    let value = |index| Some(values?.get(&grid.time(index))?.value);
                    (0..grid.len).map(value).collect()
                };
                computed(self.alarm, &read, grid).into_iter().flatten().collect()
            }
            _ => self.values.range(grid.start..grid.time(grid.len)).map(|(_, point)| *point).collect(),
        }
    }
}

/// One datapoint per period: the row as it is, or the statistic of several.
fn per_period(
    alarm: &MetricAlarm,
    column: Vec<csv::Cell>,
    stat: Option<&crate::Statistic>,
) -> BTreeMap<i64, Datapoint> {
    let mut cells: BTreeMap<i64, Vec<csv::Cell>> = BTreeMap::new();
    for cell in column {
        cells.entry(floor(cell.seconds, i64::from(alarm.period()))).or_default().push(cell);
    }
    let average = "Average".parse().ok();
    let point = |(start, cells): (i64, Vec<csv::Cell>)| {
        let time = DateTime::from_timestamp(start, 0)?;
        let point = match cells.as_slice() {
            [one] => Datapoint { samples: one.samples, ..Datapoint::new(time, one.value) },
            many => {
                let mut samples = crate::Distribution::default();
                many.iter().for_each(|cell| samples.add(cell.value, 1.0));
                let value = stat.or(average.as_ref())?.of(&samples)?;
                Datapoint { samples: Some(samples.count()), ..Datapoint::new(time, value) }
            }
        };
        Some((start, point))
    };
    cells.into_iter().filter_map(point).collect()
}
