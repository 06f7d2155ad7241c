//! What alarms are evaluated on.

use chrono::{DateTime, Utc};

use crate::AlarmState;
use crate::anomaly::Bounds;
use crate::definition::{AlarmSource, MetricAlarm, MetricStat};
use crate::evaluate::{Datapoint, Evaluation, evaluate};
use crate::math::{self, Grid};
use crate::metric::{MetricFilters, MetricStore};
use crate::metric_data::Sources;

/// Samples, and which of them an alarm's metrics are.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'e> {
    pub(crate) store: &'e MetricStore,
    pub(crate) filters: &'e MetricFilters,
    pub(crate) sources: &'e Sources,
}

impl Reading<'_> {
    /// Where the last period ends that an evaluation at `now` sees.
    pub(crate) fn end(self, alarm: &MetricAlarm, now: DateTime<Utc>) -> DateTime<Utc> {
        self.sources.end(self.filters, alarm, now)
    }

    /// Reads what an alarm watches, and evaluates it.
    pub(crate) fn evaluate(
        self,
        alarm: &MetricAlarm,
        now: DateTime<Utc>,
        previous: AlarmState,
    ) -> Evaluation {
        let end = self.end(alarm, now);
        let (period, len) = (alarm.period(), alarm.evaluation_range() as usize);
        let start = end.timestamp() - i64::from(period) * i64::from(alarm.evaluation_range());
        let grid = Grid { start, period, len };
        evaluate(alarm, &self.datapoints(alarm, &grid), end, now, previous)
    }

    /// What an alarm watches, per period of the grid that has a value.
    pub(crate) fn datapoints(self, alarm: &MetricAlarm, grid: &Grid) -> Vec<Datapoint> {
        match &alarm.source {
            AlarmSource::Metric(stat) => self.points(alarm, stat, grid).into_iter().flatten().collect(),
            AlarmSource::Queries(_) => {
                let read = |stat: &MetricStat, grid: &Grid| -> Vec<Option<f64>> {
                    let points = self.points(alarm, stat, grid);
                    points.into_iter().map(|point| point.map(|point| point.value)).collect()
                };
                let mut points = computed(alarm, &read, grid);
                // Of a metric that is watched as it is, the number of samples is known.
                if let Some(stat) = alarm.watched().and_then(|query| query.metric_stat.as_ref()) {
                    for (point, read) in points.iter_mut().zip(self.points(alarm, stat, grid)) {
                        if let (Some(point), Some(read)) = (point, read) {
                            point.samples = read.samples;
                        }
                    }
                }
                points.into_iter().flatten().collect()
            }
        }
    }

    fn points(self, alarm: &MetricAlarm, stat: &MetricStat, grid: &Grid) -> Vec<Option<Datapoint>> {
        let (metric, stat) = self.sources.series(self.filters, alarm, stat);
        self.store.read(&metric, &stat, grid)
    }
}

/// The datapoints of an alarm with `Metrics`, per period of the grid.
pub(crate) fn computed(
    alarm: &MetricAlarm,
    read: &dyn math::Readings,
    grid: &Grid,
) -> Vec<Option<Datapoint>> {
    let AlarmSource::Queries(queries) = &alarm.source else { return Vec::new() };
    let evaluation = math::Evaluation::new(queries, read, *grid);
    // What does not depend on data was checked with the definition; what is left is no data.
    let Some(Ok(watched)) = alarm.watched().map(|query| evaluation.series(&query.id)) else {
        return vec![None; grid.len];
    };
    let band = alarm.threshold_metric_id.as_ref().and_then(|id| evaluation.band(id).ok());
    let point = |index: usize| {
        let bounds = band.as_ref().and_then(|(lower, upper)| {
            Some(Bounds { lower: lower.points[index]?, upper: upper.points[index]? })
        });
        let time = DateTime::from_timestamp(grid.time(index), 0)?;
        Some(Datapoint { band: bounds, ..Datapoint::new(time, watched.points[index]?) })
    };
    (0..grid.len).map(point).collect()
}
