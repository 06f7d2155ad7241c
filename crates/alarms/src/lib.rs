//! CloudWatch's alarms: metric filters make metrics, metrics decide alarms.
//!
//! ```text
//!   log events ─► metric filters ─┐
//!   SQL, GetMetricData ───────────┼─► metric store ─► evaluate ─► states ─► composite alarms
//!                                 │                      ▲            └─► transitions, actions, history
//!   PutMetricAlarm, DescribeAlarms, TOML ─► definitions ─┘                         ▲
//!   CloudWatch's own alarms: events, messages, polls ─► watch ─────────────────────┘
//! ```
//!
//! In flow definitions in the shapes of the API, samples, and times; out flow transitions, actions to run, and
//! history in the shape of `DescribeAlarmHistory`. The crate is pure: no clock, no disk, no network; the same
//! input always gives the same.
//!
//! * [`definition`] reads alarms and metric filters, and refuses what the API would refuse.
//! * [`evaluate`](mod@evaluate) is the documented evaluation: M out of N, missing data, reasons in
//!   CloudWatch's words.
//! * [`composite`] has the rules over other alarms, and the suppressors that hold actions back.
//! * [`MetricStore`] and [`MetricFilters`] make datapoints of log events, in bounded memory.
//! * [`math`] is metric math, and [`anomaly`] the band of what is expected.
//! * [`metric_data`] says what is to be asked of CloudWatch for alarms on its metrics, and takes the answers.
//! * [`engine`] lets alarms live; [`watch`] takes the transitions of CloudWatch's own alarms.
//! * [`simulate`](mod@simulate) tells what an alarm would have done on given datapoints.

mod alarm_state;
pub mod anomaly;
pub mod composite;
pub mod definition;
pub mod engine;
pub mod evaluate;
pub mod math;
mod metric;
pub mod metric_data;
mod scan;
pub mod simulate;
mod time;
pub mod watch;

pub use alarm_state::{AlarmState, UnknownState};
pub use engine::{Engine, EngineLimits, Tick, Transition};
pub use metric::{
    Distribution, FetchedFrom, FilterRun, MetricBatch, MetricFilters, MetricId, MetricStore, Recorded,
    Statistic, StoreLimits, UnknownStatistic,
};
pub use simulate::simulate;
pub use time::parse_time;
