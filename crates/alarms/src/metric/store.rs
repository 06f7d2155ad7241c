//! Samples of many metrics, in bounded memory.
//!
//! Samples are kept by minute, and by ten seconds for metrics of which an alarm asks so. A period of any
//! length that is a multiple of that, beginning anywhere, is read from them; so five-minute periods can end
//! at each minute. Late samples are taken within the retention and simply are part of what is read next.
//!
//! A metric filter's default value is not a sample. It is added when a minute is read in which its table
//! had events and the metric has no sample; so it does not matter whether a match or the events without one
//! come first.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::evaluate::Datapoint;
use crate::math::Grid;
use crate::time::floor;
use crate::{Distribution, MetricId, Statistic};

/// Seconds of a bucket.
const MINUTE: i64 = 60;
/// Seconds of a bucket of a metric with high resolution.
const TEN: i64 = 10;
/// Tables of which it is known when events came.
const MOST_TABLES: usize = 256;

/// What a store may hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreLimits {
    /// Different metrics. Those without a sample within the retention make room.
    pub series: usize,
    /// Buckets of all metrics together. A metric beyond it loses its own oldest.
    pub points: usize,
    /// How long samples are kept, and how late they may come.
    pub retention_seconds: i64,
    /// How far in the future a sample may lie; CloudWatch takes two hours.
    pub future_seconds: i64,
}

impl Default for StoreLimits {
    /// 10,000 metrics, 500,000 buckets (of counters: about 60 MB), 15 days, two hours.
    fn default() -> Self {
        Self { series: 10_000, points: 500_000, retention_seconds: 15 * 86_400, future_seconds: 7200 }
    }
}

/// What became of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Taken.
    pub accepted: u64,
    /// Older than the retention, or too far in the future.
    pub out_of_range: u64,
    /// Of a metric too many, or of a metric that had no room.
    pub refused: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// By the second at which the bucket begins.
    pub(super) buckets: BTreeMap<i64, Distribution>,
    #[serde(default)]
    pub(super) high_resolution: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<DefaultValue>,
}

impl Stored {
    /// Seconds of its buckets.
    pub(super) fn width(&self) -> i64 {
        if self.high_resolution { TEN } else { MINUTE }
    }
}

/// What a metric has where the events of a table came and none matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct DefaultValue {
    table: String,
    value: f64,
}

/// The samples of metrics.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricStore {
    #[serde(default)]
    pub(super) limits: StoreLimits,
    #[serde(with = "pairs")]
    pub(super) series: BTreeMap<MetricId, Stored>,
    /// Minutes in which a table had events.
    active: BTreeMap<String, BTreeSet<i64>>,
    pub(super) points: usize,
}

/// JSON has no objects with structured keys: a list of pairs.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::MetricId;

    pub(crate) fn serialize<S: Serializer, V: Serialize>(
        map: &BTreeMap<MetricId, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
        from: D,
    ) -> Result<BTreeMap<MetricId, V>, D::Error> {
        Ok(Vec::<(MetricId, V)>::deserialize(from)?.into_iter().collect())
    }
}

impl MetricStore {
    /// An empty store.
    pub fn new(limits: StoreLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The same samples under other limits, which hold from the next sample on.
    pub(crate) fn with_limits(mut self, limits: StoreLimits) -> Self {
        // Counted anew: a stored number may be wrong.
        self.points = self.series.values().map(|stored| stored.buckets.len()).sum();
        self.limits = limits;
        self
    }

    /// Keeps a metric by ten seconds from now on, and not by the minute.
    pub fn set_high_resolution(&mut self, metric: &MetricId) {
        if let Some(stored) = self.entry(metric, i64::MIN) {
            stored.high_resolution = true;
        }
    }

    /// The value of a metric for minutes in which `table` had events and the metric has no sample.
    pub fn set_default(&mut self, metric: &MetricId, table: &str, value: f64) {
        if let Some(stored) = self.entry(metric, i64::MIN) {
            stored.default = value.is_finite().then(|| DefaultValue { table: table.to_owned(), value });
        }
    }

    /// Forgets all defaults, as before the metric filters are set anew.
    pub(crate) fn clear_defaults(&mut self) {
        self.series.values_mut().for_each(|stored| stored.default = None);
    }

    /// Says that events of a table came in the minute of `time`.
    pub fn mark_active(&mut self, table: &str, time: DateTime<Utc>, now: DateTime<Utc>) {
        let seconds = time.timestamp();
        if !self.in_range(seconds, now) {
            return;
        }
        if !self.active.contains_key(table) {
            if self.active.len() >= MOST_TABLES {
                return;
            }
            self.active.insert(table.to_owned(), BTreeSet::new());
        }
        if let Some(minutes) = self.active.get_mut(table) {
            minutes.insert(floor(seconds, MINUTE));
        }
    }

    /// Takes samples of one metric at one time.
    pub fn record(
        &mut self,
        metric: &MetricId,
        time: DateTime<Utc>,
        samples: &Distribution,
        now: DateTime<Utc>,
    ) -> Recorded {
        let seconds = time.timestamp();
        if samples.count() <= 0.0 {
            return Recorded::default();
        }
        if !self.in_range(seconds, now) {
            return Recorded { out_of_range: 1, ..Recorded::default() };
        }
        let oldest_kept = now.timestamp() - self.limits.retention_seconds;
        if self.entry(metric, oldest_kept).is_none() {
            return Recorded { refused: 1, ..Recorded::default() };
        }
        let Some(stored) = self.series.get_mut(metric) else { return Recorded::default() };
        let bucket = floor(seconds, stored.width());
        if let Some(there) = stored.buckets.get_mut(&bucket) {
            there.merge(samples);
            return Recorded { accepted: 1, ..Recorded::default() };
        }
        self.insert(metric, bucket, samples)
    }

    /// Takes a new bucket of a metric that is known.
    pub(super) fn insert(&mut self, metric: &MetricId, bucket: i64, samples: &Distribution) -> Recorded {
        let full = self.points >= self.limits.points;
        let Some(stored) = self.series.get_mut(metric) else { return Recorded::default() };
        if full {
            // Makes room with its own oldest, unless that would be the new one.
            match stored.buckets.first_key_value() {
                Some((oldest, _)) if *oldest < bucket => drop(stored.buckets.pop_first()),
                _ => return Recorded { refused: 1, ..Recorded::default() },
            }
        }
        stored.buckets.insert(bucket, samples.clone());
        if !full {
            self.points += 1;
        }
        Recorded { accepted: 1, ..Recorded::default() }
    }

    pub(super) fn in_range(&self, seconds: i64, now: DateTime<Utc>) -> bool {
        let now = now.timestamp();
        seconds >= now - self.limits.retention_seconds && seconds <= now + self.limits.future_seconds
    }

    /// A metric's place, made if there is room for one more, or if something older than `oldest` goes.
    pub(super) fn entry(&mut self, metric: &MetricId, oldest: i64) -> Option<&mut Stored> {
        if !self.series.contains_key(metric) {
            if self.series.len() >= self.limits.series {
                self.drop_older(oldest);
            }
            if self.series.len() >= self.limits.series {
                return None;
            }
            self.series.insert(metric.clone(), Stored::default());
        }
        self.series.get_mut(metric)
    }

    /// Forgets the samples of some metrics, and the minutes of some tables, from a time on.
    pub(crate) fn forget(
        &mut self,
        from: i64,
        metrics: impl Fn(&MetricId) -> bool,
        tables: impl Fn(&str) -> bool,
    ) {
        for (_, stored) in self.series.iter_mut().filter(|(metric, _)| metrics(metric)) {
            let gone = stored.buckets.split_off(&floor(from, MINUTE));
            self.points = self.points.saturating_sub(gone.len());
        }
        for (_, minutes) in self.active.iter_mut().filter(|(table, _)| tables(table)) {
            drop(minutes.split_off(&floor(from, MINUTE)));
        }
    }

    /// Lets go what is older than the retention. To be called now and then.
    pub fn expire(&mut self, now: DateTime<Utc>) {
        self.drop_older(now.timestamp() - self.limits.retention_seconds);
    }

    fn drop_older(&mut self, oldest: i64) {
        for stored in self.series.values_mut() {
            while stored.buckets.first_key_value().is_some_and(|(bucket, _)| *bucket < oldest) {
                stored.buckets.pop_first();
                self.points = self.points.saturating_sub(1);
            }
        }
        // What an alarm or filter asked for stays, with or without samples.
        self.series.retain(|_, stored| {
            !stored.buckets.is_empty() || stored.high_resolution || stored.default.is_some()
        });
        for minutes in self.active.values_mut() {
            *minutes = minutes.split_off(&oldest);
        }
    }

    /// The samples of a stretch of time, `from` inclusive and `to` exclusive, in seconds; with defaults.
    pub fn samples(&self, metric: &MetricId, from: i64, to: i64) -> Distribution {
        let mut all = Distribution::default();
        let Some(stored) = self.series.get(metric).filter(|_| from < to) else { return all };
        stored.buckets.range(from..to).for_each(|(_, samples)| all.merge(samples));
        let Some(default) = &stored.default else { return all };
        let active = self.active.get(&default.table).into_iter().flat_map(|minutes| minutes.range(from..to));
        for minute in active {
            if stored.buckets.range(*minute..*minute + MINUTE).next().is_none() {
                all.add(default.value, 1.0);
            }
        }
        all
    }

    /// A datapoint per period of the grid that has one.
    pub fn read(&self, metric: &MetricId, stat: &Statistic, grid: &Grid) -> Vec<Option<Datapoint>> {
        let point = |index: usize| {
            let (from, to) = (grid.time(index), grid.time(index + 1));
            let samples = self.samples(metric, from, to);
            let time = DateTime::from_timestamp(from, 0)?;
            Some(Datapoint { samples: Some(samples.count()), ..Datapoint::new(time, stat.of(&samples)?) })
        };
        if self.series.contains_key(metric) {
            (0..grid.len).map(point).collect()
        } else {
            vec![None; grid.len]
        }
    }

    /// The metrics it knows.
    pub fn metrics(&self) -> impl Iterator<Item = &MetricId> {
        self.series.keys()
    }

    /// How many buckets it holds.
    pub fn len(&self) -> usize {
        self.points
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// The time of a metric's newest sample.
    pub fn newest(&self, metric: &MetricId) -> Option<DateTime<Utc>> {
        let (bucket, _) = self.series.get(metric)?.buckets.last_key_value()?;
        DateTime::from_timestamp(*bucket, 0)
    }

    /// Since when samples are kept, at `now`.
    pub fn kept_since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_sub_signed(TimeDelta::seconds(self.limits.retention_seconds)).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_586_400 + seconds, 0).unwrap()
    }

    fn id(name: &str) -> MetricId {
        MetricId::new("N", name, Vec::new())
    }

    fn one(value: f64) -> Distribution {
        let mut samples = Distribution::default();
        samples.add(value, 1.0);
        samples
    }

    fn sums(store: &MetricStore, name: &str, start: i64, period: u32, len: usize) -> Vec<Option<f64>> {
        let grid = Grid { start: at(start).timestamp(), period, len };
        let points = store.read(&id(name), &Statistic::sum(), &grid);
        points.into_iter().map(|point| point.map(|point| point.value)).collect()
    }

    #[test]
    fn periods_begin_anywhere_and_late_samples_count() {
        let mut store = MetricStore::default();
        let now = at(600);
        for (time, value) in [(0, 1.0), (59, 2.0), (61, 4.0), (290, 8.0)] {
            assert_eq!(store.record(&id("m"), at(time), &one(value), now).accepted, 1);
        }
        assert_eq!(sums(&store, "m", 0, 60, 5), [Some(3.0), Some(4.0), None, None, Some(8.0)]);
        assert_eq!(sums(&store, "m", 0, 300, 1), [Some(15.0)]);
        assert_eq!(sums(&store, "m", -60, 300, 2), [Some(7.0), Some(8.0)]);
        store.record(&id("m"), at(125), &one(16.0), now);
        assert_eq!(sums(&store, "m", 0, 60, 3)[2], Some(16.0));
        assert_eq!(sums(&store, "other", 0, 60, 2), [None, None]);
    }

    #[test]
    fn ten_seconds_are_kept_where_an_alarm_asks_for_them() {
        let mut store = MetricStore::default();
        store.set_high_resolution(&id("fast"));
        for name in ["fast", "slow"] {
            for time in [0, 15, 25] {
                store.record(&id(name), at(time), &one(1.0), at(60));
            }
        }
        assert_eq!(sums(&store, "fast", 0, 10, 3), [Some(1.0), Some(1.0), Some(1.0)]);
        assert_eq!(sums(&store, "slow", 0, 10, 3), [Some(3.0), None, None]);
        assert_eq!(sums(&store, "fast", 0, 60, 1), sums(&store, "slow", 0, 60, 1));
    }

    #[test]
    fn defaults_are_for_minutes_with_events_and_without_a_match() {
        let mut store = MetricStore::default();
        let now = at(600);
        store.set_default(&id("m"), "t", 0.0);
        store.mark_active("t", at(0), now);
        store.mark_active("t", at(70), now);
        store.mark_active("other", at(130), now);
        store.record(&id("m"), at(75), &one(1.0), now);
        assert_eq!(sums(&store, "m", 0, 60, 4), [Some(0.0), Some(1.0), None, None]);
        let grid = Grid { start: at(0).timestamp(), period: 300, len: 1 };
        let average = store.read(&id("m"), &"Average".parse().unwrap(), &grid)[0].unwrap();
        assert_eq!((average.value, average.samples), (0.5, Some(2.0)));
        // A match that comes late takes the default's place.
        store.record(&id("m"), at(30), &one(1.0), now);
        assert_eq!(sums(&store, "m", 0, 60, 2), [Some(1.0), Some(1.0)]);
    }

    #[test]
    fn everything_is_bounded() {
        let limits = StoreLimits { series: 2, points: 3, retention_seconds: 3600, future_seconds: 60 };
        let mut store = MetricStore::new(limits);
        let mut record =
            |name: &str, time: i64, now: i64| store.record(&id(name), at(time), &one(1.0), at(now));
        assert_eq!(record("a", -3601, 0).out_of_range, 1);
        assert_eq!(record("a", 61, 0).out_of_range, 1);
        assert_eq!(record("a", 0, 0).accepted, 1);
        assert_eq!(record("b", 0, 0).accepted, 1);
        assert_eq!(record("c", 0, 0).refused, 1, "a metric too many");
        assert_eq!(record("a", 60, 60).accepted, 1);
        assert_eq!(record("a", 120, 120).accepted, 1, "its oldest made room");
        assert_eq!(record("a", 0, 120).refused, 1, "it would be its own oldest");
        assert_eq!(record("c", 7200, 7200).accepted, 1, "the others had become too old");
        assert_eq!((store.len(), store.metrics().count()), (1, 1));
        for table in 0..1000 {
            store.mark_active(&format!("t{table}"), at(7200), at(7200));
        }
        assert_eq!(store.active.len(), MOST_TABLES);
    }

    #[test]
    fn a_snapshot_comes_back_as_it_was() {
        let mut store = MetricStore::default();
        store.set_default(&id("m"), "t", 0.5);
        store.set_high_resolution(&id("fast"));
        store.mark_active("t", at(0), at(0));
        for value in 0..100 {
            store.record(&id("m"), at(value), &one(f64::from(value as i32)), at(600));
        }
        store.record(&id("set"), at(0), &Distribution::statistic_set(3.0, 6.0, 1.0, 3.0).unwrap(), at(0));
        let text = serde_json::to_string(&store).unwrap();
        assert_eq!(serde_json::from_str::<MetricStore>(&text).unwrap(), store);
    }

    proptest! {
        #[test]
        fn samples_may_come_in_any_order(mut samples in prop::collection::vec((0i64..600, -9i32..9), 0..60), seed in any::<usize>()) {
            let fill = |samples: &[(i64, i32)]| {
                let mut store = MetricStore::default();
                for (time, value) in samples {
                    store.record(&id("m"), at(*time), &one(f64::from(*value)), at(600));
                }
                store
            };
            let whole = fill(&samples);
            let len = samples.len().max(1);
            samples.rotate_left(seed % len);
            samples.reverse();
            prop_assert_eq!(sums(&fill(&samples), "m", 0, 120, 5), sums(&whole, "m", 0, 120, 5));
        }
    }
}
