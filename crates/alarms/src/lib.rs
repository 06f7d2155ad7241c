//! CloudWatch's alarms: metric filters make metrics, metrics decide alarms.

mod alarm_state;
pub mod anomaly;
pub mod composite;
pub mod definition;
pub mod evaluate;
pub mod math;
mod metric;
mod scan;
mod time;

pub use alarm_state::{AlarmState, UnknownState};
pub use metric::{Distribution, MetricId, Statistic, UnknownStatistic};
pub use time::parse_time;
