//! Metrics of CloudWatch: what to ask, and what answers bring.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::definition::Alarm;
use crate::engine::Engine;
use crate::metric::Recorded;
use crate::metric_data::{self, Fetching, MetricDataCall};

/// Calls between two evaluations where no alarm has a period below a minute, in seconds.
const MINUTE: u32 = 60;
const TEN: u32 = 10;
/// Metrics that are named of one answer.
const NAMED: usize = 5;

/// What has to be asked of CloudWatch now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchPlan {
    /// The calls, in any order; several at a time do no harm.
    pub calls: Vec<MetricDataCall>,
    /// In how many seconds to plan again: 60, or 10 where an alarm's period is below a minute.
    pub every: u32,
    /// How many metrics are fetched in all; most of the time not all of them are due.
    pub metrics: usize,
    /// Alarms of which a metric cannot be fetched, and why: sentences for people. The same each time.
    pub problems: Vec<String>,
}

/// What an answer brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenData {
    /// Datapoints that are new or other than they were, and those that had no room.
    pub recorded: Recorded,
    /// Datapoints that made no sense: one of the statistics was missing, or they contradicted each other.
    pub unusable: u64,
    /// Metrics that were not answered in full, and why: sentences for people. They are asked again.
    pub problems: Vec<String>,
}

impl Engine {
    /// Fetches metrics that nothing here makes from CloudWatch; `None`: what is not made here has no data.
    pub fn set_fetching(&mut self, fetching: Option<Fetching>) {
        self.sources.fetching = fetching;
        self.reindex();
    }

    /// What has to be asked of CloudWatch to evaluate all alarms at `now`. Asking the same more than once does
    /// no harm; until an answer is taken, it is asked again.
    pub fn plan_fetch(&mut self, now: DateTime<Utc>) -> FetchPlan {
        let Some(fetching) = &self.sources.fetching else {
            return FetchPlan { every: MINUTE, ..FetchPlan::default() };
        };
        let alarms = self.alarms.values().filter_map(|live| match &live.alarm {
            Alarm::Metric(alarm) => Some(alarm.as_ref()),
            Alarm::Composite(_) => None,
        });
        let (needs, problems) = metric_data::needs(alarms, &self.filters, &self.sources, now);
        self.fetched.keep(|series| needs.contains_key(series));
        let kept_since = self.store.kept_since(now).timestamp();
        let calls = metric_data::plan(&needs, &self.fetched, fetching, kept_since, now.timestamp());
        let fine = needs.values().any(|need| need.shortest < MINUTE);
        FetchPlan { calls, every: if fine { TEN } else { MINUTE }, metrics: needs.len(), problems }
    }

    /// Takes CloudWatch's answer to a call, all pages put together. What it says takes the place of what was
    /// there; alarms that were evaluated on something else are evaluated again at the next tick.
    pub fn take_fetched(&mut self, call: &MetricDataCall, answer: &Value, now: DateTime<Utc>) -> TakenData {
        let mut taken = TakenData::default();
        let mut unanswered: BTreeSet<String> = BTreeSet::new();
        for (ask, answered) in call.asks().iter().zip(metric_data::read(call, answer)) {
            taken.unusable += answered.unusable;
            let mut parts = Vec::new();
            match answered.incomplete {
                None => {
                    parts.push(((ask.from, ask.to), answered.points));
                    self.fetched.answered(ask, now.timestamp());
                }
                // Each datapoint is the whole of its period, and between them nothing is known.
                Some(reason) => {
                    let period = i64::from(ask.period);
                    let point = |(time, point)| ((time, time + period), [(time, point)].into());
                    parts.extend(answered.points.into_iter().map(point));
                    unanswered.insert(format!("{}: {reason}", ask.series));
                }
            }
            for (stretch, points) in parts {
                let done = self.store.replace(&ask.series, stretch, &points, now);
                taken.recorded.accepted += done.recorded.accepted;
                taken.recorded.out_of_range += done.recorded.out_of_range;
                taken.recorded.refused += done.recorded.refused;
                if let Some(first) = done.changed_from {
                    self.came(&ask.series, first);
                }
            }
        }
        let place = format!("{} in {}", call.account_id(), call.region());
        let more = unanswered.len().saturating_sub(NAMED);
        taken.problems = unanswered.into_iter().take(NAMED).collect();
        if more > 0 {
            taken.problems.push(format!("{more} more metrics of {place} were not answered in full"));
        }
        taken
    }
}
