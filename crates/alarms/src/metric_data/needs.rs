//! What alarms need of each series.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, Utc};

use crate::MetricId;
use crate::anomaly::training_grid;
use crate::definition::MetricAlarm;
use crate::math::Grid;
use crate::metric::MetricFilters;
use crate::metric_data::{Source, Sources};

/// Different series that are fetched.
const MOST_SERIES: usize = 5000;
/// Alarms that are named of those whose metrics are not fetched.
const NAMED: usize = 20;

/// What is needed of a series now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// The period to fetch, in seconds: each alarm's windows are made of it.
    pub(crate) period: u32,
    /// The shortest period that an alarm reads, in seconds.
    pub(crate) shortest: u32,
    /// Where the evaluation ranges begin, in seconds since 1970.
    pub(crate) evaluated_from: i64,
    /// From where on data is of use: bands learn from what was before.
    pub(crate) used_from: i64,
}

/// What all alarms need to be evaluated at `now`, and what cannot be fetched: sentences for people.
pub(crate) fn needs<'a>(
    alarms: impl Iterator<Item = &'a MetricAlarm>,
    filters: &MetricFilters,
    sources: &Sources,
    now: DateTime<Utc>,
) -> (BTreeMap<MetricId, Need>, Vec<String>) {
    let mut needs: BTreeMap<MetricId, Need> = BTreeMap::new();
    let (mut beyond, mut unplaced) = (Unfetched::default(), Unfetched::default());
    for alarm in alarms {
        for stat in alarm.metrics() {
            let series = match sources.of(filters, alarm, stat) {
                Source::Here => continue,
                Source::Fetched(series, _) => series,
                Source::Nowhere => {
                    unplaced.add(alarm, &stat.metric);
                    continue;
                }
            };
            let aggregated = series.fetched_from().is_some_and(|from| from.aggregated.is_some());
            let end = sources.end(filters, alarm, now).timestamp();
            let need = need(alarm, stat.period, aggregated, end);
            let room = needs.len() < MOST_SERIES;
            match needs.entry(series) {
                Entry::Occupied(mut known) => known.get_mut().join(need),
                Entry::Vacant(place) if room => drop(place.insert(need)),
                Entry::Vacant(place) => beyond.add(alarm, place.key()),
            }
        }
    }
    let mut problems = unplaced.tell(
        "it is not known of which account and Region: give the alarm its AlarmArn, or say which account is the own one",
    );
    problems.extend(beyond.tell(&format!(
        "{MOST_SERIES} metrics are fetched already, so that this one is not; watch fewer accounts here"
    )));
    (needs, problems)
}

/// Metrics that are not fetched, for one reason.
#[derive(Default)]
struct Unfetched {
    named: Vec<(String, String)>,
    more: usize,
}

impl Unfetched {
    fn add(&mut self, alarm: &MetricAlarm, metric: &MetricId) {
        if self.named.len() < NAMED {
            self.named.push((alarm.name.clone(), metric.to_string()));
        } else {
            self.more += 1;
        }
    }

    fn tell(self, why: &str) -> Vec<String> {
        let named = self.named.into_iter();
        let mut told: Vec<String> =
            named.map(|(alarm, metric)| format!("alarm '{alarm}' watches {metric}, and {why}")).collect();
        if self.more > 0 {
            told.push(format!("so it is with {} more", self.more));
        }
        told
    }
}

fn need(alarm: &MetricAlarm, period: u32, aggregated: bool, end: i64) -> Need {
    let range = i64::from(alarm.evaluation_range()).saturating_mul(i64::from(period));
    let evaluated_from = end.saturating_sub(range);
    let band = alarm.threshold_metric_id.is_some();
    let grid = Grid { start: evaluated_from, period, len: 1 };
    let used_from = if band { training_grid(&grid).start } else { evaluated_from };
    // Windows end at multiples of the cadence, and are whole periods long.
    let fetched = if aggregated { period } else { gcd(period, alarm.cadence()) };
    Need { period: fetched, shortest: period, evaluated_from, used_from }
}

impl Need {
    fn join(&mut self, other: Self) {
        self.period = gcd(self.period, other.period);
        self.shortest = self.shortest.min(other.shortest);
        self.evaluated_from = self.evaluated_from.min(other.evaluated_from);
        self.used_from = self.used_from.min(other.used_from);
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
