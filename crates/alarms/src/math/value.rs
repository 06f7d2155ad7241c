//! What expressions are made into.

/// Periods in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    /// Where the first begins, in seconds since 1970.
    pub start: i64,
    /// How long each is, in seconds.
    pub period: u32,
    /// How many there are.
    pub len: usize,
}

impl Grid {
    /// Where a period begins, in seconds since 1970.
    pub fn time(&self, index: usize) -> i64 {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        self.start.saturating_add(index.saturating_mul(i64::from(self.period)))
    }
}

/// One value per period of a grid, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The Id of the metric, where it is one.
    pub id: Option<String>,
    /// A value per period.
    pub points: Vec<Option<f64>>,
}

impl Series {
    pub(crate) fn of(points: Vec<Option<f64>>) -> Self {
        Self { id: None, points }
    }

    pub(crate) fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self::of(self.points.iter().map(|point| point.map(&f).and_then(finite)).collect())
    }
}

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number. Not finite where it could not be computed; points made of it are then missing.
    Scalar(f64),
    /// A time series.
    Series(Series),
    /// Several.
    Array(Vec<Series>),
}

impl Value {
    /// What it is, for errors.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "a number",
            Self::Series(_) => "a time series",
            Self::Array(_) => "a list of time series",
        }
    }
}

pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
