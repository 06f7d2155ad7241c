//! What was fetched takes the place of what was there.
//!
//! Samples that are made here are added to those of their minute: each comes once. What CloudWatch answers is
//! the whole of a period, is asked for again while it may still change, and comes again after a restart. So
//! it replaces: however often an answer is taken, the store has what the last one said.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::metric::{MetricStore, Recorded};
use crate::time::floor;
use crate::{Distribution, MetricId};

/// What replacing a stretch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Replacement {
    /// What became of the datapoints. Those that were there already, and are the same, are not counted.
    pub(crate) recorded: Recorded,
    /// Where the first change is, in seconds since 1970.
    pub(crate) changed_from: Option<i64>,
}

impl MetricStore {
    /// Makes `points` what a metric has from `from` to before `to`, in seconds since 1970. They are by the
    /// second at which their period begins; periods are not shorter than the store's buckets.
    pub(crate) fn replace(
        &mut self,
        metric: &MetricId,
        (from, to): (i64, i64),
        points: &BTreeMap<i64, Distribution>,
        now: DateTime<Utc>,
    ) -> Replacement {
        let mut done = Replacement::default();
        let known = self.series.contains_key(metric);
        if from >= to || (points.is_empty() && !known) {
            return done;
        }
        if self.entry(metric, now.timestamp() - self.limits.retention_seconds).is_none() {
            done.recorded.refused = points.len() as u64;
            return done;
        }
        let Some(stored) = self.series.get_mut(metric) else { return done };
        let width = stored.width();
        let points: BTreeMap<i64, &Distribution> =
            points.iter().map(|(time, point)| (floor(*time, width), point)).collect();
        let there: Vec<i64> = stored.buckets.range(from..to).map(|(bucket, _)| *bucket).collect();
        let mut change = |bucket: i64| {
            done.changed_from = Some(done.changed_from.map_or(bucket, |first: i64| first.min(bucket)));
        };
        for bucket in there {
            if points.get(&bucket).copied() != stored.buckets.get(&bucket) {
                stored.buckets.remove(&bucket);
                self.points = self.points.saturating_sub(1);
                change(bucket);
            }
        }
        for (bucket, point) in points {
            let kept = self.series.get(metric).is_some_and(|stored| stored.buckets.contains_key(&bucket));
            if kept || point.count() <= 0.0 {
                continue;
            }
            if !self.in_range(bucket, now) {
                done.recorded.out_of_range += 1;
                continue;
            }
            let one = self.insert(metric, bucket, point);
            done.recorded.accepted += one.accepted;
            done.recorded.refused += one.refused;
            if one.accepted > 0 {
                change(bucket);
            }
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::StoreLimits;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_586_400, 0).unwrap()
    }

    fn at(seconds: i64) -> i64 {
        now().timestamp() + seconds
    }

    fn points(list: &[(i64, f64)]) -> BTreeMap<i64, Distribution> {
        let point = |(time, sum): &(i64, f64)| {
            (at(*time), Distribution::statistic_set(2.0, *sum, 0.0, *sum).unwrap())
        };
        list.iter().map(point).collect()
    }

    fn replace(store: &mut MetricStore, from: i64, to: i64, list: &[(i64, f64)]) -> (u64, Option<i64>) {
        let metric = MetricId::new("N", "m", Vec::new());
        let done = store.replace(&metric, (at(from), at(to)), &points(list), now());
        (done.recorded.accepted, done.changed_from.map(|time| time - now().timestamp()))
    }

    fn sum(store: &MetricStore) -> f64 {
        store.samples(&MetricId::new("N", "m", Vec::new()), at(-9000), at(9000)).sum()
    }

    #[test]
    fn the_same_answer_twice_changes_nothing() {
        let mut store = MetricStore::default();
        assert_eq!(replace(&mut store, -600, 0, &[(-600, 1.0), (-540, 2.0)]), (2, Some(-600)));
        assert_eq!(replace(&mut store, -600, 0, &[(-600, 1.0), (-540, 2.0)]), (0, None));
        assert_eq!((sum(&store), store.len()), (3.0, 2));
    }

    #[test]
    fn later_answers_correct_add_and_take_away() {
        let mut store = MetricStore::default();
        replace(&mut store, -600, 0, &[(-600, 1.0), (-540, 2.0), (-480, 4.0)]);
        assert_eq!(replace(&mut store, -540, 0, &[(-540, 3.0), (-60, 8.0)]), (2, Some(-540)));
        assert_eq!((sum(&store), store.len()), (12.0, 3));
        assert_eq!(replace(&mut store, -600, 0, &[]), (0, Some(-600)));
        assert_eq!((sum(&store), store.len()), (0.0, 0));
    }

    /// An alarm with a shorter period came: the metric is fetched in smaller parts, and the large ones go.
    #[test]
    fn other_periods_leave_nothing_behind() {
        let mut store = MetricStore::default();
        replace(&mut store, -600, 0, &[(-600, 10.0), (-300, 20.0)]);
        replace(&mut store, -600, 0, &[(-540, 10.0), (-240, 5.0), (-120, 15.0)]);
        assert_eq!((sum(&store), store.len()), (30.0, 3));
        store.set_high_resolution(&MetricId::new("N", "m", Vec::new()));
        replace(&mut store, -120, 0, &[(-120, 7.0), (-110, 8.0)]);
        assert_eq!((sum(&store), store.len()), (30.0, 4));
    }

    #[test]
    fn it_stays_within_the_limits() {
        let limits = StoreLimits { series: 1, points: 2, retention_seconds: 3600, future_seconds: 60 };
        let mut store = MetricStore::new(limits);
        assert_eq!(
            replace(&mut store, -7200, 0, &[(-7200, 1.0), (-300, 1.0), (-240, 1.0), (-180, 1.0)]).0,
            3
        );
        assert_eq!((store.len(), sum(&store)), (2, 2.0), "its oldest made room");
        let other = MetricId::new("N", "other", Vec::new());
        let done = store.replace(&other, (at(-60), at(0)), &points(&[(-60, 1.0)]), now());
        assert_eq!((done.recorded.refused, done.changed_from), (1, None));
        let done = store.replace(&other, (at(-60), at(0)), &BTreeMap::new(), now());
        assert_eq!(done, Replacement::default());
    }
}
