//! Metric math: expressions over metrics.
//!
//! ```text
//!   text ─► parse ─► Expression ─┐
//!   Metrics of an alarm ─────────┼─► Evaluation over a grid of periods ─► Series
//!   values of metrics per period ┘
//! ```
//!
//! What the user guide leaves open is decided here:
//!
//! * Operators bind as elsewhere: `^` (to the right), `-` before a value, `* /`, `+ -`, comparisons, `AND`, `OR`.
//! * Between two series, a point that one of them lacks counts as 0; a point that both lack stays missing. With
//!   a number, a missing point stays missing. Results that are no number (division by zero, the logarithm
//!   of nothing) are dropped.
//! * `AVG` of one series counts missing points as 0, as the guide says; `STDDEV` is that of the population,
//!   over the points that are there, as `MIN`, `MAX` and `SUM` are.
//! * `FILL(…, REPEAT)` does not fill before the first point, nor `LINEAR` before the first and after the last.
//!
//! `SEARCH`, `SERVICE_QUOTA`, `INSIGHT_RULE_METRIC`, `DB_PERF_INSIGHTS`, `LAMBDA` and Metrics Insights queries need
//! the service's own catalogue and are refused.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

mod aggregate;
mod evaluate;
mod expression;
mod functions;
mod parse;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use evaluate::check;
pub use evaluate::{Evaluation, MathError, Readings};
pub use expression::Expression;
pub use value::{Grid, Series, Value};
