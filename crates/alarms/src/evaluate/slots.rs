//! Datapoints in their periods.

use chrono::{DateTime, TimeDelta, Utc};

use crate::definition::{ComparisonOperator, LowSamples, MetricAlarm};
use crate::evaluate::Datapoint;

/// A period of the evaluation range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// Where it begins.
    pub time: DateTime<Utc>,
    /// Its datapoint, unless it is missing.
    pub point: Option<Datapoint>,
    /// Whether the datapoint is outside of the threshold.
    pub breaching: bool,
    /// Whether it has too few samples for the alarm's percentile, and the alarm minds.
    pub low: bool,
}

impl Slot {
    /// Whether there is a datapoint.
    pub fn is_real(&self) -> bool {
        self.point.is_some()
    }
}

/// The evaluation range that ends at `end`, the oldest period first.
pub(crate) fn fill(alarm: &MetricAlarm, points: &[Datapoint], end: DateTime<Utc>) -> Vec<Slot> {
    let (period, range) = (i64::from(alarm.period()), i64::from(alarm.evaluation_range()));
    let start = end.timestamp() - period * range;
    let time = |index: i64| {
        let seconds = TimeDelta::seconds(period * (range - index));
        end.checked_sub_signed(seconds).unwrap_or(end)
    };
    let mut slots: Vec<Slot> = (0..range)
        .map(|index| Slot { time: time(index), point: None, breaching: false, low: false })
        .collect();
    let anomaly = alarm.comparison_operator.is_anomaly();
    for point in points {
        let seconds = point.time.timestamp() - start;
        let slot = usize::try_from(seconds.div_euclid(period)).ok().and_then(|index| slots.get_mut(index));
        let Some(slot) = slot.filter(|_| point.value.is_finite() && (!anomaly || point.band.is_some()))
        else {
            continue;
        };
        // The latest counts, and of one time the larger: so the order they come in does not matter.
        let later =
            |kept: &Datapoint| point.time.cmp(&kept.time).then(point.value.total_cmp(&kept.value)).is_gt();
        if slot.point.as_ref().is_none_or(later) {
            slot.point = Some(*point);
        }
    }
    let needed = match alarm.low_samples {
        LowSamples::Ignore => alarm.statistic().and_then(|stat| stat.samples_needed()),
        LowSamples::Evaluate => None,
    };
    for slot in &mut slots {
        let Some(point) = &slot.point else { continue };
        slot.breaching = breaches(alarm, point);
        slot.low = needed.zip(point.samples).is_some_and(|(needed, samples)| samples < needed);
    }
    slots
}

/// Whether a datapoint is outside of an alarm's threshold, or of its own band.
pub fn breaches(alarm: &MetricAlarm, point: &Datapoint) -> bool {
    use ComparisonOperator as Is;
    let value = point.value;
    let threshold =
        |holds: fn(&f64, &f64) -> bool| alarm.threshold.is_some_and(|threshold| holds(&value, &threshold));
    let below = point.band.is_some_and(|band| value < band.lower);
    let above = point.band.is_some_and(|band| value > band.upper);
    match alarm.comparison_operator {
        Is::GreaterThanOrEqualToThreshold => threshold(f64::ge),
        Is::GreaterThanThreshold => threshold(f64::gt),
        Is::LessThanThreshold => threshold(f64::lt),
        Is::LessThanOrEqualToThreshold => threshold(f64::le),
        Is::LessThanLowerOrGreaterThanUpperThreshold => below || above,
        Is::LessThanLowerThreshold => below,
        Is::GreaterThanUpperThreshold => above,
    }
}
