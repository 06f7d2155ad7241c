//! Metrics: identities, samples, statistics.

mod distribution;
mod filters;
mod id;
mod statistic;
mod store;

pub use distribution::Distribution;
pub use filters::{FilterRun, MetricBatch, MetricFilters};
pub use id::MetricId;
pub use statistic::{Statistic, UnknownStatistic};
pub use store::{MetricStore, Recorded, StoreLimits};
