//! The evaluation of a metric alarm: a pure function of definition, datapoints, time and previous state.
//!
//! ```text
//!   datapoints ─► slots of the evaluation range ─► breaching, within, missing ─► decide ─► state, reason
//! ```
//!
//! The evaluation at a time sees the periods that end at or before it. It looks at N periods and two more
//! ([`MetricAlarm::evaluation_range`]); then, as the user guide has it:
//!
//! 1. With N or more real datapoints in the range, the newest N of them decide, and missing ones do not
//!    matter: `ALARM` if at least M breach, otherwise `OK`.
//! 2. With fewer, the missing ones are filled up to N by `TreatMissingData`. `breaching` and `notBreaching` count
//!    as such. For `missing`, the real ones decide alone; without any, `INSUFFICIENT_DATA`. For `ignore`,
//!    the real ones decide if they can, otherwise the state is kept.
//! 3. Where all real ones breach and there are fewer than M, the next one may be within the threshold again.
//!    For `missing`, the alarm goes into `ALARM` only if the oldest of them is at least M periods old; until
//!    then, and always for `ignore`, it keeps its state.
//!
//! What the guide leaves open: before the oldest is M periods old, the state is kept, not set to `OK`.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>

mod decide;
mod number;
mod reason;
mod slots;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::AlarmState;
use crate::anomaly::Bounds;
use crate::definition::MetricAlarm;
use crate::time::floor;

pub use decide::Basis;
pub use slots::{Slot, breaches};

/// One period's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    /// Where the period begins.
    pub time: DateTime<Utc>,
    /// The statistic, or the expression's value.
    pub value: f64,
    /// How many samples it is of, if that is known.
    pub samples: Option<f64>,
    /// What is expected, for alarms on anomaly bands. Without it the datapoint counts as missing.
    pub band: Option<Bounds>,
}

impl Datapoint {
    /// A value, of an unknown number of samples.
    pub fn new(time: DateTime<Utc>, value: f64) -> Self {
        Self { time, value, samples: None, band: None }
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The state that the alarm is in from now on.
    pub state: AlarmState,
    /// What it rests on.
    pub basis: Basis,
    /// In CloudWatch's words; where the state was kept, in our own.
    pub reason: String,
    /// As `StateReasonData` has it, read.
    pub reason_data: Value,
    /// The evaluation range, the oldest period first.
    pub slots: Vec<Slot>,
}

/// Where the last period ends that an evaluation at `now` sees, on a running system: the last full minute,
/// the last full ten seconds for periods below a minute, and the last full hour for alarms that look
/// back more than a day. Periods are counted back from there, as CloudWatch does it: a five-minute
/// period ends at each minute.
pub fn window_end(alarm: &MetricAlarm, now: DateTime<Utc>) -> DateTime<Utc> {
    at(floor(now.timestamp(), i64::from(alarm.cadence())))
}

/// Where the last period ends that an evaluation at `now` sees, with periods that begin at multiples of
/// their length: how datapoints from a file are laid out.
pub fn aligned_end(alarm: &MetricAlarm, now: DateTime<Utc>) -> DateTime<Utc> {
    at(floor(now.timestamp(), i64::from(alarm.period())))
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// Evaluates an alarm over the periods that end at `end`; `now` is the time of the evaluation, which reason
/// data tells. `points` are in any order. A datapoint counts for the period that it begins in; of several
/// in one period the latest counts. What is not a number is missing.
pub fn evaluate(
    alarm: &MetricAlarm,
    points: &[Datapoint],
    end: DateTime<Utc>,
    now: DateTime<Utc>,
    previous: AlarmState,
) -> Evaluation {
    let slots = slots::fill(alarm, points, end);
    let decision = decide::decide(alarm, &slots, previous);
    let reason = reason::text(alarm, &slots, &decision);
    let reason_data = reason::data(alarm, &slots, &decision, now);
    Evaluation { state: decision.state, basis: decision.basis, reason, reason_data, slots }
}
