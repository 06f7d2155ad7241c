//! Alarms that live: definitions, states and samples, moved on by time.
//!
//! ```text
//!   put, remove ─► definitions ─┐
//!   record ─► metric store ─────┼─► tick(now) ─► transitions · actions to run · history
//!   snapshot ─► states, holds ──┘        metric alarms, then composite ones after their children
//! ```
//!
//! The engine asks no clock: `now` is passed in. Alarms are evaluated at most each minute, each ten seconds for
//! periods below a minute, each hour where they look back more than a day; samples that come for a period
//! that was evaluated already have the alarms on them evaluated again at the next tick. Actions are told
//! once per change of state, to be run by whoever calls.
//!
//! Metrics that nothing here makes are fetched from CloudWatch: [`Engine::plan_fetch`] says what to ask, and
//! [`Engine::take_fetched`] takes the answers ([`metric_data`](crate::metric_data)).
//!
//! Alarms are known by their ARN, or by their name where they have none, so that those of many accounts
//! live beside one another. A composite alarm's children are sought in its own account and Region first.

mod error;
mod fetch;
mod history;
mod live;
mod read;
mod snapshot;
#[cfg(test)]
mod tests;
mod tick;
mod transition;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::composite::{Order, Trigger, order};
use crate::definition::{Alarm, AlarmEntry, MetricFilter};
use crate::evaluate::Datapoint;
use crate::math::Grid;
use crate::metric::{MetricBatch, MetricFilters, MetricStore, Recorded, StoreLimits};
use crate::metric_data::{FetchProgress, Sources};
use crate::{AlarmState, MetricId};

pub use error::EngineError;
pub use fetch::{FetchPlan, TakenData};
pub use history::{HistoryItem, action_item};
pub use live::{LiveAlarm, StateRecord};
pub(crate) use read::{Reading, computed};
pub use snapshot::EngineSnapshot;
pub use tick::Tick;
pub use transition::{ActionRun, Origin, Transition, scope_of_arn};

/// What an engine may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EngineLimits {
    /// Alarms.
    pub alarms: usize,
    /// Samples.
    pub store: StoreLimits,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self { alarms: 20_000, store: StoreLimits::default() }
    }
}

/// Alarms, their states, and the samples they look at.
#[derive(Debug, Default)]
pub struct Engine {
    limits: EngineLimits,
    store: MetricStore,
    filters: MetricFilters,
    /// Which metrics are fetched, and up to where they are known.
    sources: Sources,
    fetched: FetchProgress,
    alarms: BTreeMap<String, LiveAlarm>,
    /// Which alarms read a metric.
    readers: HashMap<MetricId, Vec<String>>,
    order: Order,
}

impl Engine {
    /// An engine without alarms.
    pub fn new(limits: EngineLimits) -> Self {
        Self { limits, store: MetricStore::new(limits.store), ..Self::default() }
    }

    /// Makes or changes an alarm. A changed one keeps its state, as in CloudWatch; a new one is in the
    /// state of its entry, or in `INSUFFICIENT_DATA`. Gives the item for its history; none where nothing
    /// changed.
    ///
    /// # Errors
    ///
    /// Where there are as many alarms as the limits allow.
    pub fn put(&mut self, entry: AlarmEntry, now: DateTime<Utc>) -> Result<Option<HistoryItem>, EngineError> {
        let item = self.put_one(entry, now)?;
        if item.is_some() {
            self.reindex();
        }
        Ok(item)
    }

    /// As [`Engine::put`], for many alarms: what they are found by is made once for all of them.
    ///
    /// # Errors
    ///
    /// As [`Engine::put`]; those before the one too many are taken.
    pub fn put_all(
        &mut self,
        entries: impl IntoIterator<Item = AlarmEntry>,
        now: DateTime<Utc>,
    ) -> Result<Vec<HistoryItem>, EngineError> {
        let items: Result<Vec<Option<HistoryItem>>, EngineError> =
            entries.into_iter().map(|entry| self.put_one(entry, now)).collect();
        self.reindex();
        Ok(items?.into_iter().flatten().collect())
    }

    fn put_one(&mut self, entry: AlarmEntry, now: DateTime<Utc>) -> Result<Option<HistoryItem>, EngineError> {
        let key = entry.alarm.reference().to_owned();
        let full = self.alarms.len() >= self.limits.alarms;
        let item = match self.alarms.get_mut(&key) {
            Some(live) if live.alarm == entry.alarm => return Ok(None),
            Some(live) => {
                let item = history::configuration("Update", &entry.alarm, now);
                live.change(entry.alarm);
                item
            }
            None if full => {
                return Err(EngineError::TooMany { most: self.limits.alarms });
            }
            None => {
                let item = history::configuration("Create", &entry.alarm, now);
                self.alarms.insert(key, LiveAlarm::new(entry, now));
                item
            }
        };
        Ok(Some(item))
    }

    /// Takes an alarm out. Gives the item for its history.
    ///
    /// # Errors
    ///
    /// Where there is no such alarm.
    pub fn remove(&mut self, name: &str, now: DateTime<Utc>) -> Result<HistoryItem, EngineError> {
        let key = self.key(name)?;
        let Some(live) = self.alarms.remove(&key) else { return Err(EngineError::NotFound { name: key }) };
        self.reindex();
        Ok(history::configuration("Delete", &live.alarm, now))
    }

    /// Switches an alarm's actions on or off, as `EnableAlarmActions` and `DisableAlarmActions` do. Snapshots
    /// keep that, until the definition changes.
    ///
    /// # Errors
    ///
    /// Where there is no such alarm.
    pub fn set_actions_enabled(
        &mut self,
        name: &str,
        enabled: bool,
        now: DateTime<Utc>,
    ) -> Result<HistoryItem, EngineError> {
        let key = self.key(name)?;
        let Some(live) = self.alarms.get_mut(&key) else { return Err(EngineError::NotFound { name: key }) };
        live.switch(enabled);
        Ok(history::configuration("Update", &live.alarm, now))
    }

    /// Sets a state by hand, as `SetAlarmState` does: actions run, and the next evaluation may change it
    /// again.
    ///
    /// # Errors
    ///
    /// Where there is no such alarm.
    pub fn set_state(
        &mut self,
        name: &str,
        state: AlarmState,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Tick, EngineError> {
        let key = self.key(name)?;
        let mut tick = Tick::default();
        self.apply(&key, state, reason.chars().take(1023).collect(), Value::Null, now, &mut tick);
        self.suppress(now, &mut tick);
        Ok(tick)
    }

    /// Sets the metric filters whose samples are recorded; their default values hold from now on.
    pub fn set_filters(&mut self, filters: Vec<MetricFilter>) {
        self.filters = MetricFilters::new(filters);
        self.store.clear_defaults();
        for (metric, table, value) in self.filters.defaults() {
            self.store.set_default(&metric, table, value);
        }
        // What a filter makes is not fetched any more, and what none makes any more is.
        self.reindex();
    }

    /// Forgets what metric filters made of events of the minute of `since` and later, for these events to
    /// be read again.
    pub fn forget_filtered(&mut self, since: DateTime<Utc>) {
        let filters = &self.filters;
        let made = |metric: &MetricId| metric.fetched_from().is_none() && filters.makes(metric);
        self.store.forget(since.timestamp(), made, |table| filters.reads(table));
    }

    /// The metric filters: run them over events with [`MetricFilters::run`], and record what comes out.
    pub fn filters(&self) -> &MetricFilters {
        &self.filters
    }

    /// Takes samples. Those that come late have alarms evaluated again at the next tick.
    pub fn record(&mut self, batch: &MetricBatch, now: DateTime<Utc>) -> Recorded {
        let mut all = Recorded { refused: batch.dropped, ..Recorded::default() };
        for (table, minutes) in &batch.active {
            for minute in minutes {
                self.store.mark_active(table, at(*minute), now);
            }
        }
        for ((metric, seconds), samples) in &batch.samples {
            let one = self.store.record(metric, at(*seconds), samples, now);
            all.accepted += one.accepted;
            all.out_of_range += one.out_of_range;
            all.refused += one.refused;
            if one.accepted == 0 {
                continue;
            }
            self.came(metric, *seconds);
        }
        all
    }

    /// The samples.
    pub fn store(&self) -> &MetricStore {
        &self.store
    }

    /// All alarms, by ARN or name.
    pub fn alarms(&self) -> impl Iterator<Item = &LiveAlarm> {
        self.alarms.values()
    }

    /// An alarm by its ARN or name.
    pub fn alarm(&self, name: &str) -> Option<&LiveAlarm> {
        self.alarms.get(&self.key(name).ok()?)
    }

    /// What keeps composite alarms from being what they were meant to be: circles, and alarms that are
    /// not there. Sentences for people.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self
            .order
            .stuck
            .iter()
            .map(|key| format!("{key} is not evaluated: it is in a circle of composite alarms, or depends on one; set the AlarmRule of one of them to FALSE"))
            .collect();
        for (key, live) in &self.alarms {
            let Alarm::Composite(alarm) = &live.alarm else { continue };
            let suppressor = alarm.suppressor.as_ref().map(|suppressor| &suppressor.alarm);
            for name in alarm.rule.children().iter().chain(suppressor) {
                if self.resolve(name, key).is_none() {
                    problems.push(format!("{key} speaks of {name}, and there is no such alarm"));
                }
            }
        }
        problems
    }

    /// The key of an alarm that is named by ARN, or by a name that only one alarm has.
    fn key(&self, name: &str) -> Result<String, EngineError> {
        if self.alarms.contains_key(name) {
            return Ok(name.to_owned());
        }
        let mut named = self.alarms.iter().filter(|(_, live)| live.alarm.name() == name);
        match (named.next(), named.next()) {
            (Some((key, _)), None) => Ok(key.clone()),
            (None, _) => Err(EngineError::NotFound { name: name.to_owned() }),
            (Some((one, _)), Some((other, _))) => {
                Err(EngineError::Ambiguous { name: name.to_owned(), one: one.clone(), other: other.clone() })
            }
        }
    }

    /// The key of an alarm as a composite alarm names it.
    fn resolve(&self, name: &str, from: &str) -> Option<String> {
        const MARK: &str = ":alarm:";
        let prefix = from.find(MARK).filter(|_| from.starts_with("arn:"));
        let beside = prefix.map(|end| format!("{}{MARK}{name}", &from[..end]));
        let bare = name.find(MARK).filter(|_| name.starts_with("arn:")).map(|at| &name[at + MARK.len()..]);
        beside
            .into_iter()
            .chain([name.to_owned()])
            .chain(bare.map(str::to_owned))
            .find(|key| self.alarms.contains_key(key))
    }

    fn reindex(&mut self) {
        self.readers.clear();
        let mut composites: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, live) in &self.alarms {
            match &live.alarm {
                Alarm::Metric(alarm) => {
                    for stat in alarm.metrics() {
                        let (metric, _) = self.sources.series(&self.filters, alarm, stat);
                        if stat.period < 60 {
                            self.store.set_high_resolution(&metric);
                        }
                        let readers = self.readers.entry(metric.into_owned()).or_default();
                        if readers.last() != Some(key) {
                            readers.push(key.clone());
                        }
                    }
                }
                Alarm::Composite(alarm) => {
                    let children = alarm.rule.children().iter().filter_map(|name| self.resolve(name, key));
                    composites.insert(key.clone(), children.collect());
                }
            }
        }
        self.order = order(&composites);
    }

    /// The datapoints of an alarm from a time on, for a graph, the newest 10,080 periods at most: a week of
    /// minutes. `None` for composite alarms.
    pub fn series(&self, name: &str, from: DateTime<Utc>, now: DateTime<Utc>) -> Option<Vec<Datapoint>> {
        const MOST: i64 = 10_080;
        let Alarm::Metric(alarm) = &self.alarm(name)?.alarm else { return None };
        let (period, end) = (i64::from(alarm.period()), self.reading().end(alarm, now).timestamp());
        let len = ((end - from.timestamp()).max(0) / period.max(1)).min(MOST);
        let grid = Grid {
            start: end - len * period,
            period: alarm.period(),
            len: usize::try_from(len).unwrap_or_default(),
        };
        Some(self.reading().datapoints(alarm, &grid))
    }

    /// What an alarm was evaluated on last, for a graph: `None` for composite alarms.
    pub fn explain(&self, name: &str, now: DateTime<Utc>) -> Option<crate::evaluate::Evaluation> {
        let live = self.alarm(name)?;
        let Alarm::Metric(alarm) = &live.alarm else { return None };
        Some(self.reading().evaluate(alarm, now, live.state.value))
    }

    fn reading(&self) -> Reading<'_> {
        Reading { store: &self.store, filters: &self.filters, sources: &self.sources }
    }

    /// Samples of this time came: alarms that were evaluated beyond it are evaluated again.
    fn came(&mut self, metric: &MetricId, seconds: i64) {
        for reader in self.readers.get(metric).into_iter().flatten() {
            if let Some(live) = self.alarms.get_mut(reader) {
                live.late |= live.evaluated_to.is_some_and(|end| seconds < end);
            }
        }
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// The reason data of an alarm that was never evaluated.
fn no_data() -> Value {
    json!({})
}

fn first_trigger() -> Trigger {
    Trigger::Created
}
