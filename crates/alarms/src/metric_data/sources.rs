//! Which series an alarm's metric is.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::definition::{MetricAlarm, MetricStat};
use crate::engine::scope_of_arn;
use crate::evaluate::{aligned_end, window_end};
use crate::metric::{FetchedFrom, MetricFilters};
use crate::{MetricId, Statistic};

/// A period has ended so many seconds ago before it is taken, where nothing else is said.
const SETTLE: u32 = 60;
/// The same for periods below a minute: such an alarm sees nothing that is older than its few periods.
const SETTLE_FINE: u32 = 10;

/// An account and a Region.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Twelve digits.
    pub account_id: String,
    /// `eu-west-1`.
    pub region: String,
}

/// Which metrics CloudWatch is asked for: those that nothing here makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetching {
    default: Option<Place>,
    made_here: BTreeMap<String, BTreeSet<String>>,
    settle: u32,
}

impl Fetching {
    /// Alarms without an ARN are on metrics of `default`; without it, those are not fetched.
    pub fn new(default: Option<Place>) -> Self {
        Self { default, made_here: BTreeMap::new(), settle: SETTLE }
    }

    /// The metrics of this name are made here, as by a query on a schedule: whatever their dimensions, they
    /// are not fetched. Those of metric filters are known to be.
    #[must_use]
    pub fn made_here(mut self, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        self.made_here.entry(namespace.into()).or_default().insert(name.into());
        self
    }

    /// Takes periods that ended at least so many seconds ago; 60 unless said otherwise, and at most 10 for
    /// periods below a minute. Less is sooner, and sees more values that change yet.
    #[must_use]
    pub fn settle(mut self, seconds: u32) -> Self {
        self.settle = seconds;
        self
    }

    /// How long ago a period of a metric of which periods of this length are read has to have ended.
    pub(crate) fn lag(&self, period: u32) -> i64 {
        i64::from(if period < 60 { self.settle.min(SETTLE_FINE) } else { self.settle })
    }
}

/// Where an alarm's metric is read.
pub(crate) enum Source {
    /// It is made here.
    Here,
    /// It is fetched: as which series, and which statistic of that is the alarm's.
    Fetched(MetricId, Statistic),
    /// It would be fetched, if it were known where.
    Nowhere,
}

/// Knows of each metric whether it is made here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) fetching: Option<Fetching>,
}

impl Sources {
    pub(crate) fn of(&self, filters: &MetricFilters, alarm: &MetricAlarm, stat: &MetricStat) -> Source {
        let Some(fetching) = &self.fetching else { return Source::Here };
        let metric = &stat.metric;
        let listed = fetching.made_here.get(metric.namespace());
        if filters.makes(metric) || listed.is_some_and(|names| names.contains(metric.name())) {
            return Source::Here;
        }
        let own = alarm.arn.as_deref().and_then(scope_of_arn);
        let default =
            fetching.default.as_ref().map(|place| (place.region.as_str(), place.account_id.as_str()));
        let Some((region, account)) = own.or(default) else { return Source::Nowhere };
        let aggregated = (!stat.stat.is_basic()).then(|| (stat.stat.as_str().to_owned(), stat.period));
        // The only value of its period is its own maximum, to the last bit.
        let read = if aggregated.is_some() { Statistic::maximum() } else { stat.stat.clone() };
        let from = FetchedFrom {
            account_id: account.to_owned(),
            region: region.to_owned(),
            owner: stat.account_id.clone().filter(|owner| owner != account),
            unit: stat.unit.clone(),
            aggregated,
        };
        Source::Fetched(metric.fetched(from), read)
    }

    /// What is read of the store for an alarm's metric.
    pub(crate) fn series<'s>(
        &self,
        filters: &MetricFilters,
        alarm: &MetricAlarm,
        stat: &'s MetricStat,
    ) -> (Cow<'s, MetricId>, Cow<'s, Statistic>) {
        match self.of(filters, alarm, stat) {
            Source::Fetched(metric, stat) => (Cow::Owned(metric), Cow::Owned(stat)),
            Source::Here | Source::Nowhere => (Cow::Borrowed(&stat.metric), Cow::Borrowed(&stat.stat)),
        }
    }

    /// Where the last period ends that an evaluation at `now` sees. What is fetched is seen once it may be
    /// taken; what CloudWatch aggregates, at whole periods.
    pub(crate) fn end(
        &self,
        filters: &MetricFilters,
        alarm: &MetricAlarm,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let Some(fetching) = &self.fetching else { return window_end(alarm, now) };
        let mut seen = now;
        let mut whole = false;
        for stat in alarm.metrics() {
            if let Source::Fetched(metric, _) = self.of(filters, alarm, stat) {
                let lag = TimeDelta::seconds(fetching.lag(stat.period));
                seen = seen.min(now.checked_sub_signed(lag).unwrap_or(now));
                whole |= metric.fetched_from().is_some_and(|from| from.aggregated.is_some());
            }
        }
        if whole { aligned_end(alarm, seen) } else { window_end(alarm, seen) }
    }
}
