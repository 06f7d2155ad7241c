//! `AVG`, `DATAPOINT_COUNT`, `MAX`, `MIN`, `STDDEV`, `SUM`: a number of a series, a series of a list.

use crate::math::expression::Function;
use crate::math::value::finite;
use crate::math::{Series, Value};

/// The aggregate of whatever it is.
pub(crate) fn of(function: Function, value: &Value, len: usize) -> Value {
    match value {
        // A number is the aggregate of itself.
        Value::Scalar(number) => Value::Scalar(*number),
        Value::Series(series) => Value::Scalar(of_series(function, series)),
        Value::Array(list) => {
            let point = |index: usize| {
                let values = list.iter().filter_map(|series| series.points.get(index).copied().flatten());
                let values: Vec<f64> = values.collect();
                if values.is_empty() && function != Function::DatapointCount {
                    return None;
                }
                finite(reduce(function, &values, list.len()))
            };
            Value::Series(Series::of((0..len).map(point).collect()))
        }
    }
}

/// The aggregate of a series' points.
pub(crate) fn of_series(function: Function, series: &Series) -> f64 {
    let values: Vec<f64> = series.points.iter().copied().flatten().collect();
    reduce(function, &values, series.points.len())
}

/// `all` counts the missing ones too, which `AVG` takes as 0.
fn reduce(function: Function, values: &[f64], all: usize) -> f64 {
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    match function {
        Function::Avg => sum / all as f64,
        Function::DatapointCount => count,
        Function::Max => values.iter().copied().reduce(f64::max).unwrap_or(f64::NAN),
        Function::Min => values.iter().copied().reduce(f64::min).unwrap_or(f64::NAN),
        Function::Stddev => {
            let mean = sum / count;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
        }
        _ => sum,
    }
}
