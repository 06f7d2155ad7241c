//! Evaluating expressions over a grid of periods.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::definition::{MetricDataQuery, MetricStat};
use crate::math::expression::{Function, Node, Op};
use crate::math::value::finite;
use crate::math::{Grid, Series, Value, aggregate, functions};

/// Where the values of metrics come from.
pub trait Readings {
    /// A value per period of the grid, or none where the metric has no samples.
    fn read(&self, stat: &MetricStat, grid: &Grid) -> Vec<Option<f64>>;
}

impl<F: Fn(&MetricStat, &Grid) -> Vec<Option<f64>>> Readings for F {
    fn read(&self, stat: &MetricStat, grid: &Grid) -> Vec<Option<f64>> {
        self(stat, grid)
    }
}

/// An expression that cannot be evaluated, whatever the data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MathError(pub(crate) String);

pub(crate) fn error<T>(text: impl Into<String>) -> Result<T, MathError> {
    Err(MathError(text.into()))
}

/// The entries of `Metrics` over one grid. Each entry is computed once.
pub struct Evaluation<'a> {
    queries: &'a [MetricDataQuery],
    readings: &'a dyn Readings,
    pub(crate) grid: Grid,
    /// Set while a band's model is made: bands of bands are not a thing.
    training: bool,
    known: RefCell<HashMap<&'a str, Result<Value, MathError>>>,
}

impl<'a> Evaluation<'a> {
    /// Over these entries and this grid.
    pub fn new(queries: &'a [MetricDataQuery], readings: &'a dyn Readings, grid: Grid) -> Self {
        Self { queries, readings, grid, training: false, known: RefCell::default() }
    }

    /// The series of an entry.
    ///
    /// # Errors
    ///
    /// Where the entry gives a number or several series, or functions get what they do not take.
    pub fn series(&self, id: &str) -> Result<Series, MathError> {
        match self.value(id)? {
            Value::Series(series) => Ok(series),
            Value::Array(mut list) if list.len() == 1 => Ok(list.swap_remove(0)),
            Value::Array(list) => {
                error(format!("{id} gives {} time series, and an alarm watches one", list.len()))
            }
            Value::Scalar(_) => error(format!(
                "{id} gives a number, and an alarm watches a time series; write TIME_SERIES(…)"
            )),
        }
    }

    /// The lower and the upper bound of an entry that is a band.
    ///
    /// # Errors
    ///
    /// As [`Evaluation::series`], and where the entry gives no two series.
    pub fn band(&self, id: &str) -> Result<(Series, Series), MathError> {
        match self.value(id)? {
            Value::Array(list) => match <[Series; 2]>::try_from(list) {
                Ok([upper, lower]) => Ok((lower, upper)),
                Err(list) => error(format!("{id} gives {} time series, and a band is two", list.len())),
            },
            other => error(format!("{id} gives {}, and a band is two time series", other.what())),
        }
    }

    fn value(&self, id: &str) -> Result<Value, MathError> {
        let Some(query) = self.queries.iter().find(|query| query.id == id) else {
            return error(format!("there is no entry {id}"));
        };
        if let Some(known) = self.known.borrow().get(query.id.as_str()) {
            return known.clone();
        }
        // While it is computed it is not known: an entry that uses itself ends here.
        let circle = error(format!("{id} uses itself"));
        self.known.borrow_mut().insert(&query.id, circle);
        let value = match (&query.metric_stat, &query.expression) {
            (Some(stat), _) => Ok(Value::Series(self.metric(&query.id, stat))),
            (None, Some(expression)) => self.node(&expression.root),
            (None, None) => error(format!("{id} has neither a metric nor an expression")),
        };
        self.known.borrow_mut().insert(&query.id, value.clone());
        value
    }

    fn metric(&self, id: &str, stat: &MetricStat) -> Series {
        let mut points = self.readings.read(stat, &self.grid);
        points.resize(self.grid.len, None);
        points.iter_mut().for_each(|point| *point = point.and_then(finite));
        Series { id: Some(id.to_owned()), points }
    }

    pub(crate) fn node(&self, node: &Node) -> Result<Value, MathError> {
        match node {
            Node::Number(number) => Ok(Value::Scalar(*number)),
            Node::Id(id) => self.value(id),
            Node::Text(_) | Node::Word(_) => error("a text or a word stands where a value is needed"),
            Node::Negative(node) => Ok(match self.node(node)? {
                Value::Scalar(number) => Value::Scalar(-number),
                Value::Series(series) => Value::Series(series.map(|value| -value)),
                Value::Array(list) => {
                    Value::Array(list.iter().map(|series| series.map(|value| -value)).collect())
                }
            }),
            Node::Binary(op, left, right) => binary(*op, &self.node(left)?, &self.node(right)?),
            Node::List(nodes) => {
                let mut list = Vec::new();
                for node in nodes {
                    match self.node(node)? {
                        Value::Series(series) => list.push(series),
                        Value::Array(more) => list.extend(more),
                        Value::Scalar(_) => {
                            return error("a number in a list of time series; write TIME_SERIES(…)");
                        }
                    }
                }
                bounded(list)
            }
            Node::Call(function, arguments) => functions::call(self, *function, arguments),
        }
    }

    /// `METRICS()`: all metrics, or those whose Id has a text in it. Expressions are not among them.
    pub(crate) fn metrics(&self, part: &str) -> Value {
        let metrics = self.queries.iter().filter_map(|query| Some((query, query.metric_stat.as_ref()?)));
        let named = metrics.filter(|(query, _)| query.id.contains(part));
        Value::Array(named.map(|(query, stat)| self.metric(&query.id, stat)).collect())
    }

    /// The same entries over another grid, for a band's model.
    pub(crate) fn training(&self, grid: Grid) -> Result<Self, MathError> {
        if self.training {
            return error("ANOMALY_DETECTION_BAND of an expression with a band");
        }
        Ok(Self { grid, training: true, known: RefCell::default(), ..*self })
    }

    /// Whether this argument is a metric, and no expression.
    pub(crate) fn is_metric(&self, node: &Node) -> bool {
        let Node::Id(id) = node else { return false };
        self.queries.iter().any(|query| query.id == *id && query.metric_stat.is_some())
    }
}

/// Lists do not grow without end, however they are nested.
pub(crate) fn bounded(list: Vec<Series>) -> Result<Value, MathError> {
    const MOST: usize = 500;
    if list.len() > MOST {
        return error(format!("a list of {} time series; at most {MOST}", list.len()));
    }
    Ok(Value::Array(list))
}

fn binary(op: Op, left: &Value, right: &Value) -> Result<Value, MathError> {
    use Value::{Array, Scalar, Series as One};
    let with_number = |series: &Series, number: f64, number_left: bool| {
        series.map(|value| if number_left { apply(op, number, value) } else { apply(op, value, number) })
    };
    Ok(match (left, right) {
        (Scalar(a), Scalar(b)) => Scalar(apply(op, *a, *b)),
        (One(series), Scalar(number)) => One(with_number(series, *number, false)),
        (Scalar(number), One(series)) => One(with_number(series, *number, true)),
        (One(a), One(b)) => One(pair(op, a, b)),
        (Array(list), Scalar(number)) => {
            Array(list.iter().map(|series| with_number(series, *number, false)).collect())
        }
        (Scalar(number), Array(list)) => {
            Array(list.iter().map(|series| with_number(series, *number, true)).collect())
        }
        (Array(list), One(b)) => Array(list.iter().map(|a| pair(op, a, b)).collect()),
        (One(a), Array(list)) => Array(list.iter().map(|b| pair(op, a, b)).collect()),
        (Array(a), Array(b)) if a.len() == b.len() => {
            Array(a.iter().zip(b).map(|(a, b)| pair(op, a, b)).collect())
        }
        (Array(a), Array(b)) => {
            return error(format!(
                "an operator between lists of {} and {} time series; they have to be as long",
                a.len(),
                b.len()
            ));
        }
    })
}

fn pair(op: Op, a: &Series, b: &Series) -> Series {
    let of = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (None, None) => None,
        (a, b) => finite(apply(op, a.unwrap_or(0.0), b.unwrap_or(0.0))),
    };
    Series::of(a.points.iter().zip(&b.points).map(of).collect())
}

fn apply(op: Op, a: f64, b: f64) -> f64 {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    match op {
        Op::Add => a + b,
        Op::Subtract => a - b,
        Op::Multiply => a * b,
        Op::Divide => a / b,
        Op::Power => a.powf(b),
        // A number that could not be computed is neither true nor false.
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        Op::Equal => truth(a == b),
        Op::NotEqual => truth(a != b),
        Op::Less => truth(a < b),
        Op::LessOrEqual => truth(a <= b),
        Op::Greater => truth(a > b),
        Op::GreaterOrEqual => truth(a >= b),
        Op::And => truth(a != 0.0 && b != 0.0),
        Op::Or => truth(a != 0.0 || b != 0.0),
    }
}

/// Checks an alarm's entries for what no data would mend, by evaluating them over no data.
pub(crate) fn check(queries: &[MetricDataQuery], watched: &str, band: Option<&str>) -> Result<(), MathError> {
    let nothing = |_: &MetricStat, grid: &Grid| vec![None; grid.len];
    let evaluation = Evaluation::new(queries, &nothing, Grid { start: 0, period: 60, len: 1 });
    for query in queries {
        evaluation.value(&query.id)?;
    }
    evaluation.series(watched)?;
    band.map_or(Ok(()), |id| evaluation.band(id).map(drop))
}

/// The one number that an aggregate gives, for functions that sort by it.
pub(crate) fn number_of(function: Function, series: &Series) -> f64 {
    aggregate::of_series(function, series)
}
