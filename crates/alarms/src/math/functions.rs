//! The functions of metric math.

use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::anomaly;
use crate::math::evaluate::{Evaluation, MathError, bounded, error, number_of};
use crate::math::expression::{Function, Node, Word};
use crate::math::value::finite;
use crate::math::{Grid, Series, Value, aggregate};

/// The width of a band where none is given, in deviations.
const WIDTH: f64 = 2.0;

pub(crate) fn call(on: &Evaluation<'_>, function: Function, arguments: &[Node]) -> Result<Value, MathError> {
    let value = |place: usize| on.node(&arguments[place]);
    match function {
        Function::Metrics => Ok(on.metrics(match arguments.first() {
            Some(Node::Text(part)) => part,
            _ => "",
        })),
        Function::If => {
            choose(on, &value(0)?, &value(1)?, arguments.get(2).map(|node| on.node(node)).transpose()?)
        }
        Function::Fill => match &arguments[1] {
            Node::Word(Word::Linear) => each(function, value(0)?, |series, _| linear(series)),
            Node::Word(_) => each(function, value(0)?, |series, _| repeat(series)),
            other => fill(value(0)?, &on.node(other)?),
        },
        Function::Avg
        | Function::DatapointCount
        | Function::Max
        | Function::Min
        | Function::Stddev
        | Function::Sum => Ok(aggregate::of(function, &value(0)?, on.grid.len)),
        Function::Abs => map(function, value(0)?, f64::abs),
        Function::Ceil => map(function, value(0)?, f64::ceil),
        Function::Floor => map(function, value(0)?, f64::floor),
        Function::Log => map(function, value(0)?, f64::ln),
        Function::Log10 => map(function, value(0)?, f64::log10),
        Function::Diff | Function::DiffTime | Function::Rate => {
            each(function, value(0)?, |series, _| differences(function, series, &on.grid))
        }
        Function::RunningSum => each(function, value(0)?, |series, _| running_sum(series)),
        Function::Minute
        | Function::Hour
        | Function::Day
        | Function::Date
        | Function::Month
        | Function::Year
        | Function::Epoch => match value(0)? {
            Value::Series(_) => Ok(Value::Series(clock(function, &on.grid))),
            other => error(format!("{} takes a time series, not {}", function.name(), other.what())),
        },
        Function::Period if on.is_metric(&arguments[0]) => Ok(Value::Scalar(f64::from(on.grid.period))),
        Function::Period => error("PERIOD takes the Id of a metric"),
        Function::TimeSeries => match value(0)? {
            Value::Scalar(number) => Ok(Value::Series(Series::of(vec![finite(number); on.grid.len]))),
            other => error(format!("TIME_SERIES takes a number, not {}", other.what())),
        },
        Function::AnomalyDetectionBand => band(on, arguments),
        Function::MetricCount => Ok(Value::Scalar(list(function, value(0)?)?.len() as f64)),
        Function::First | Function::Last => {
            let list = list(function, value(0)?)?;
            let found = if function == Function::First { list.first() } else { list.last() };
            let nothing = || Series::of(vec![None; on.grid.len]);
            Ok(Value::Series(found.cloned().unwrap_or_else(nothing)))
        }
        Function::RemoveEmpty => {
            let mut list = list(function, value(0)?)?;
            list.retain(|series| series.points.iter().any(Option::is_some));
            Ok(Value::Array(list))
        }
        Function::Slice => {
            let list = list(function, value(0)?)?;
            let start = place(function, &value(1)?)?.min(list.len());
            let end = if arguments.len() > 2 { place(function, &value(2)?)? } else { list.len() };
            Ok(Value::Array(list[start..end.clamp(start, list.len())].to_vec()))
        }
        Function::Sort => sort(on, arguments),
    }
}

fn list(function: Function, value: Value) -> Result<Vec<Series>, MathError> {
    match value {
        Value::Array(list) => Ok(list),
        Value::Series(series) => Ok(vec![series]),
        other @ Value::Scalar(_) => {
            error(format!("{} takes a list of time series, not {}", function.name(), other.what()))
        }
    }
}

/// A place in a list, from a number.
fn place(function: Function, value: &Value) -> Result<usize, MathError> {
    match value {
        // What is below zero or no number is the start.
        Value::Scalar(number) => Ok(number.max(0.0) as usize),
        other => error(format!("{} takes a number there, not {}", function.name(), other.what())),
    }
}

fn each(function: Function, value: Value, f: impl Fn(&Series, usize) -> Series) -> Result<Value, MathError> {
    match value {
        Value::Series(series) => Ok(Value::Series(f(&series, 0))),
        Value::Array(list) => {
            Ok(Value::Array(list.iter().enumerate().map(|(index, series)| f(series, index)).collect()))
        }
        Value::Scalar(_) => error(format!("{} takes a time series, not a number", function.name())),
    }
}

fn map(function: Function, value: Value, f: impl Fn(f64) -> f64) -> Result<Value, MathError> {
    match value {
        Value::Scalar(number) => Ok(Value::Scalar(f(number))),
        other => each(function, other, |series, _| series.map(&f)),
    }
}

fn choose(
    on: &Evaluation<'_>,
    condition: &Value,
    yes: &Value,
    no: Option<Value>,
) -> Result<Value, MathError> {
    let point = |value: &Value, index: usize| match value {
        Value::Scalar(number) => finite(*number),
        Value::Series(series) => series.points.get(index).copied().flatten(),
        Value::Array(_) => None,
    };
    for value in [condition, yes].into_iter().chain(no.as_ref()) {
        if matches!(value, Value::Array(_)) {
            return error("IF takes time series and numbers, not a list of time series");
        }
    }
    let series = match condition {
        Value::Scalar(condition) => {
            let chosen = if *condition != 0.0 { Some(yes) } else { no.as_ref() };
            match chosen {
                Some(Value::Scalar(number)) => return Ok(Value::Scalar(*number)),
                Some(chosen) => (0..on.grid.len).map(|index| point(chosen, index)).collect(),
                None => vec![None; on.grid.len],
            }
        }
        condition => (0..on.grid.len)
            .map(|index| match point(condition, index)? {
                // By the guide's table, a true point without a value is 0, and a false one is dropped.
                0.0 => point(no.as_ref()?, index),
                _ => point(yes, index).or(Some(0.0)),
            })
            .collect(),
    };
    Ok(Value::Series(Series::of(series)))
}

fn fill(value: Value, with: &Value) -> Result<Value, MathError> {
    let filled = |series: &Series, index: usize| {
        let filler = |place: usize| match with {
            Value::Scalar(number) => finite(*number),
            Value::Series(other) => other.points.get(place).copied().flatten(),
            Value::Array(list) => list.get(index)?.points.get(place).copied().flatten(),
        };
        let point = |(place, point): (usize, &Option<f64>)| point.or_else(|| filler(place));
        Series { id: series.id.clone(), points: series.points.iter().enumerate().map(point).collect() }
    };
    each(Function::Fill, value, filled)
}

fn repeat(series: &Series) -> Series {
    let mut last = None;
    let points = series.points.iter().map(|point| {
        last = point.or(last);
        last
    });
    Series { id: series.id.clone(), points: points.collect() }
}

fn linear(series: &Series) -> Series {
    let mut points = series.points.clone();
    let known: Vec<(usize, f64)> =
        points.iter().enumerate().filter_map(|(at, point)| Some((at, (*point)?))).collect();
    for pair in known.windows(2) {
        let [(from, a), (to, b)] = [pair[0], pair[1]];
        for (at, point) in points.iter_mut().enumerate().take(to).skip(from + 1) {
            *point = finite(a + (b - a) * (at - from) as f64 / (to - from) as f64);
        }
    }
    Series { id: series.id.clone(), points }
}

fn differences(function: Function, series: &Series, grid: &Grid) -> Series {
    let mut before: Option<(usize, f64)> = None;
    let points = series.points.iter().enumerate().map(|(at, point)| {
        let value = (*point)?;
        let (from, earlier) = before.replace((at, value))?;
        let seconds = (at - from) as f64 * f64::from(grid.period);
        finite(match function {
            Function::Diff => value - earlier,
            Function::DiffTime => seconds,
            _ => (value - earlier) / seconds,
        })
    });
    Series::of(points.collect())
}

fn running_sum(series: &Series) -> Series {
    let mut sum = 0.0;
    let points = series.points.iter().map(|point| {
        sum += (*point)?;
        finite(sum)
    });
    Series::of(points.collect())
}

fn clock(function: Function, grid: &Grid) -> Series {
    let point = |index: usize| {
        let seconds = grid.time(index);
        let time: DateTime<Utc> = DateTime::from_timestamp(seconds, 0)?;
        Some(match function {
            Function::Minute => f64::from(time.minute()),
            Function::Hour => f64::from(time.hour()),
            Function::Day => f64::from(time.weekday().number_from_monday()),
            Function::Date => f64::from(time.day()),
            Function::Month => f64::from(time.month()),
            Function::Year => f64::from(time.year()),
            _ => seconds as f64,
        })
    };
    Series::of((0..grid.len).map(point).collect())
}

fn sort(on: &Evaluation<'_>, arguments: &[Node]) -> Result<Value, MathError> {
    let by = match &arguments[1] {
        Node::Word(Word::Average) => Function::Avg,
        Node::Word(Word::Minimum) => Function::Min,
        Node::Word(Word::Maximum) => Function::Max,
        _ => Function::Sum,
    };
    let falling = matches!(arguments[2], Node::Word(Word::Descending));
    let list = list(Function::Sort, on.node(&arguments[0])?)?;
    let mut keyed: Vec<(f64, Series)> =
        list.into_iter().map(|series| (number_of(by, &series), series)).collect();
    // Series without points have no number, and come last either way.
    keyed.sort_by(|(a, _), (b, _)| {
        let order = if falling { b.total_cmp(a) } else { a.total_cmp(b) };
        a.is_nan().cmp(&b.is_nan()).then(order)
    });
    let most = match arguments.get(3) {
        Some(node) => place(Function::Sort, &on.node(node)?)?,
        None => keyed.len(),
    };
    bounded(keyed.into_iter().take(most).map(|(_, series)| series).collect())
}

fn band(on: &Evaluation<'_>, arguments: &[Node]) -> Result<Value, MathError> {
    let width = match arguments.get(1).map(|node| on.node(node)).transpose()? {
        None => WIDTH,
        Some(Value::Scalar(width)) if width > 0.0 && width.is_finite() => width,
        Some(Value::Scalar(_)) => {
            return error("ANOMALY_DETECTION_BAND takes a number of deviations above 0");
        }
        Some(other) => {
            return error(format!(
                "ANOMALY_DETECTION_BAND takes a number of deviations, not {}",
                other.what()
            ));
        }
    };
    let before = anomaly::training_grid(&on.grid);
    let history = match on.training(before)?.node(&arguments[0])? {
        Value::Series(series) => series,
        other => return error(format!("ANOMALY_DETECTION_BAND takes a time series, not {}", other.what())),
    };
    let bounds = anomaly::band(&before, &history.points, &on.grid, width);
    let side = |upper: bool| {
        let pick = |bound: &Option<anomaly::Bounds>| bound.map(|b| if upper { b.upper } else { b.lower });
        Series::of(bounds.iter().map(pick).collect())
    };
    Ok(Value::Array(vec![side(true), side(false)]))
}
