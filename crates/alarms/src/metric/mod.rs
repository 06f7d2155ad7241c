//! Metrics: identities, samples, statistics.

mod distribution;
mod filters;
mod id;
mod origin;
mod replace;
mod statistic;
mod store;

pub use distribution::Distribution;
pub use filters::{FilterRun, MetricBatch, MetricFilters};
pub use id::MetricId;
pub use origin::FetchedFrom;
pub use statistic::{Statistic, UnknownStatistic};
pub(crate) use store::pairs;
pub use store::{MetricStore, Recorded, StoreLimits};
