//! Definitions: metric alarms, composite alarms and metric filters, in the shapes of CloudWatch's API.
//!
//! ```text
//!   PutMetricAlarm · PutCompositeAlarm · DescribeAlarms · TOML ─► read_alarms ─► Alarm, its start state
//!   PutMetricFilter · DescribeMetricFilters · TOML             ─► read_filters ─► MetricFilter
//! ```
//!
//! What is read is checked as the API checks it; what it would refuse is refused here, with an error that
//! names the field, the value and what is allowed. Fields that only answers have are left out, but for the
//! ARN (who the alarm is) and the state (where it starts). A field whose name is nearly a known one is
//! refused: a misspelt `TreatMissingdata` would otherwise be passed over in silence.

mod alarm;
mod composite;
mod error;
mod fields;
mod filter;
mod metric;
mod query;
mod start;
#[cfg(test)]
mod tests;
mod validate;
mod words;

pub use alarm::{Alarm, AlarmEntry, alarms_from_value, each_alarm, read_alarms};
pub use composite::{ActionsSuppressor, CompositeAlarm};
pub use error::DefinitionError;
pub use filter::{MetricFilter, MetricTransformation, each_filter, filters_from_value, read_filters};
pub use metric::{AlarmSource, MetricAlarm, Tag};
pub use query::{Metric, MetricDataQuery, MetricStat};
pub use start::StartState;
pub use words::{ComparisonOperator, LowSamples, TreatMissingData};

pub(crate) use fields::Fields;
pub(crate) use validate::dimensions_value;
