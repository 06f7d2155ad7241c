//! Metrics: identities, samples, statistics.

mod distribution;
mod id;
mod statistic;

pub use distribution::Distribution;
pub use id::MetricId;
pub use statistic::{Statistic, UnknownStatistic};
