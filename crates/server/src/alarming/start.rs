//! From what is kept to alarms that live.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use serde::Deserialize;
use trailkeep_alarms::definition::{Alarm, AlarmEntry, MetricFilter};
use trailkeep_alarms::engine::{EngineError, EngineSnapshot, HistoryItem};
use trailkeep_alarms::watch::Watcher;
use trailkeep_alarms::{Engine, EngineLimits, MetricBatch, MetricFilters};
use trailkeep_state::{AlarmCommit, AlarmFilter, AlarmOrigin, AlarmRow, State};

use super::{AlarmsError, ENGINE, Inner, Kept, LiveAlarms, WATCHER, rows};
use crate::backend::{ExportFormat, Logs, LogsError};
use crate::config::AlarmsConfig;

/// Events may be read so long before the snapshot was kept and committed after it.
const SLACK: TimeDelta = TimeDelta::hours(1);
/// Graphs show this much.
const SHOWN: TimeDelta = TimeDelta::hours(3);

impl LiveAlarms {
    /// Keeps the alarms and filters of the configuration, and goes on from where the last process
    /// stopped. What its snapshot lacks comes with [`LiveAlarms::catch_up`].
    ///
    /// # Errors
    /// When the state cannot be read or written, or there are too many alarms.
    pub async fn open(
        state: &State,
        config: AlarmsConfig,
        now: DateTime<Utc>,
    ) -> Result<Arc<Self>, AlarmsError> {
        let kept = state.alarms();
        let before = kept.list(&AlarmFilter::default(), 0, usize::MAX).await?;
        let alarms: Vec<_> =
            config.alarms.iter().map(|entry| rows::alarm(entry, AlarmOrigin::Toml, None, now)).collect();
        kept.replace(AlarmOrigin::Toml, None, &alarms, now).await?;
        let filters: Vec<_> =
            config.filters.iter().map(|filter| rows::filter(filter, AlarmOrigin::Toml, None)).collect();
        kept.replace_filters(AlarmOrigin::Toml, None, &filters, now).await?;
        let (mut entries, mut filters) = (config.alarms.clone(), config.filters.clone());
        if config.evaluate_imported {
            let (more, their_filters) = imported(state).await?;
            let own: BTreeSet<String> =
                entries.iter().map(|entry| entry.alarm.reference().to_owned()).collect();
            entries.extend(more.into_iter().filter(|entry| !own.contains(entry.alarm.reference())));
            filters.extend(their_filters);
        }
        let filters = distinct(filters);
        let mut engine = Engine::new(EngineLimits::default());
        engine.set_filters(filters.clone());
        let last = last(state).await?;
        let history =
            define(&mut engine, &before, entries, last.as_ref().map(|(last, _)| &last.engine), now)?;
        let (mut counted, mut saved) = (BTreeMap::new(), None);
        if let Some((last, at)) = last {
            engine.restore(last.engine)?;
            (counted, saved) = (last.counted, Some(at));
        }
        let events = history.iter().map(rows::event).collect();
        kept.commit(&AlarmCommit { events, ..AlarmCommit::default() }, now).await?;
        let watcher = match kept.snapshot(WATCHER).await? {
            Some((body, _)) => serde_json::from_str(&body).unwrap_or_else(|error| {
                tracing::warn!(%error, "what was kept of CloudWatch's alarms cannot be read; it begins anew");
                Watcher::new()
            }),
            None => Watcher::new(),
        };
        for problem in engine.problems() {
            tracing::warn!(problem, "an alarm is not what it was meant to be");
        }
        Ok(Arc::new(Self {
            state: state.clone(),
            config,
            filters: MetricFilters::new(filters),
            inner: Mutex::new(Inner { engine, counted, saved, ..Inner::default() }),
            watcher: tokio::sync::Mutex::new(watcher),
            keeping: tokio::sync::Mutex::default(),
            stopped: Mutex::default(),
        }))
    }

    /// Makes the samples of metric filters that the snapshot lacks of the lake's events; gives how many
    /// events were read. To be called before new events come.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn catch_up(&self, logs: &dyn Logs, now: DateTime<Utc>) -> Result<u64, AlarmsError> {
        if self.filters.filters().is_empty() {
            return Ok(0);
        }
        let since = self.needed_since(now);
        self.lock().engine.forget_filtered(since);
        let (batch, events) = self.read(logs, since).await?;
        self.record(batch);
        Ok(events)
    }

    /// What the filters make of the lake's events from a time on, and how many events these are.
    async fn read(&self, logs: &dyn Logs, since: DateTime<Utc>) -> Result<(MetricBatch, u64), AlarmsError> {
        let failed = |error: LogsError| AlarmsError::Logs(error.to_string());
        let tables: BTreeSet<&str> =
            self.filters.filters().iter().map(|filter| filter.table.as_str()).collect();
        let known = logs.tables().await.map_err(failed)?;
        let (mut all, mut events) = (MetricBatch::default(), 0);
        for table in tables.iter().filter(|table| known.iter().any(|known| known.name == **table)) {
            let Some(mut run) = self.filters.run(table) else { continue };
            let from = since.format("%Y-%m-%d %H:%M:%S");
            let sql = format!("SELECT event_time, raw FROM {table} WHERE event_time >= TIMESTAMP '{from}'");
            let mut stream = logs.export(&sql, ExportFormat::Ndjson).await.map_err(failed)?;
            let mut rest = Vec::new();
            while let Some(bytes) = stream.next().await {
                rest.extend_from_slice(&bytes.map_err(failed)?);
                let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
                for line in rest[..end].split(|byte| *byte == b'\n') {
                    let Ok(row) = serde_json::from_slice::<Row>(line) else { continue };
                    if let Some(time) = rows::time(&row.event_time) {
                        run.event(time, &row.raw);
                        events += 1;
                    }
                }
                rest.drain(..=end);
            }
            all.merge(run.finish());
        }
        Ok((all, events))
    }

    /// Lets the alarms live through a stretch of the past, minute by minute, over the lake's events, and
    /// stops their clock at its end: what would they have said? Gives the number of transitions.
    ///
    /// # Errors
    /// When the lake cannot be read, or the state not be written.
    pub async fn replay(
        &self,
        logs: &dyn Logs,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<usize, AlarmsError> {
        let minute =
            |seconds: i64| DateTime::from_timestamp(seconds - seconds.rem_euclid(60), 0).unwrap_or(from);
        let (all, _) = self.read(logs, from).await?;
        let mut minutes: BTreeMap<DateTime<Utc>, MetricBatch> = BTreeMap::new();
        for ((metric, seconds), samples) in all.samples {
            minutes.entry(minute(seconds)).or_default().samples.insert((metric, seconds), samples);
        }
        for (table, active) in all.active {
            for seconds in active {
                let batch = minutes.entry(minute(seconds)).or_default();
                batch.active.entry(table.clone()).or_default().insert(seconds);
            }
        }
        let mut commit = AlarmCommit::default();
        let mut now = minute(from.timestamp());
        while now <= to {
            let next = now + TimeDelta::minutes(1);
            let mut inner = self.lock();
            if let Some(batch) = minutes.remove(&now) {
                inner.engine.record(&batch, next);
            }
            let tick = inner.engine.tick(next);
            super::run::add(&mut commit, &inner.engine, &tick);
            now = next;
        }
        self.state.alarms().commit(&commit, to).await?;
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(commit.events.iter().filter(|event| event.item_type == "StateUpdate").count())
    }

    /// The first minute that has to be made again: what alarms look at and graphs show, as far as it is
    /// not in the snapshot.
    fn needed_since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let inner = self.lock();
        let windows = inner.engine.alarms().filter_map(|live| match &live.alarm {
            Alarm::Metric(alarm) => {
                Some(i64::from(alarm.evaluation_range() + 2).saturating_mul(i64::from(alarm.period())))
            }
            Alarm::Composite(_) => None,
        });
        let longest = TimeDelta::try_seconds(windows.max().unwrap_or_default()).unwrap_or(SHOWN).max(SHOWN);
        let since = now.checked_sub_signed(longest).unwrap_or(now).max(inner.engine.store().kept_since(now));
        let since = inner.saved.map_or(since, |saved| since.max(saved - SLACK));
        let seconds = since.timestamp();
        DateTime::from_timestamp(seconds - seconds.rem_euclid(60), 0).unwrap_or(since)
    }
}

/// What the last process kept, and when.
async fn last(state: &State) -> Result<Option<(Kept, DateTime<Utc>)>, AlarmsError> {
    let Some((body, at)) = state.alarms().snapshot(ENGINE).await? else { return Ok(None) };
    let kept = serde_json::from_str(&body).inspect_err(|error| {
        tracing::warn!(%error, "what was kept of alarms cannot be read; they begin anew");
    });
    Ok(kept.ok().map(|kept| (kept, at)))
}

/// Puts the alarms into the engine: first as they were when the last process ended, then as they are now, so
/// that what comes out for their history is what is new, another or gone.
fn define(
    engine: &mut Engine,
    before: &[AlarmRow],
    entries: Vec<AlarmEntry>,
    last: Option<&EngineSnapshot>,
    now: DateTime<Utc>,
) -> Result<Vec<HistoryItem>, EngineError> {
    let here: BTreeSet<String> = entries.iter().map(|entry| entry.alarm.reference().to_owned()).collect();
    // What was imported and is only watched from now on, is not gone.
    let ours = |row: &&AlarmRow| row.origin == AlarmOrigin::Toml || here.contains(&row.id);
    let had = |row: &&AlarmRow| last.is_some_and(|last| last.knows(&row.id));
    let read = |row: &AlarmRow| {
        let value = serde_json::from_str(&row.definition).unwrap_or_default();
        AlarmEntry::from_value(&value).ok()
    };
    engine.put_all(before.iter().filter(ours).filter(had).filter_map(read), now)?;
    let gone = engine.alarms().map(|live| live.alarm.reference()).filter(|id| !here.contains(*id));
    let gone: Vec<String> = gone.map(str::to_owned).collect();
    let mut history = Vec::new();
    for id in gone {
        history.push(engine.remove(&id, now)?);
    }
    history.extend(engine.put_all(entries, now)?);
    Ok(history)
}

#[derive(Deserialize)]
struct Row {
    event_time: String,
    raw: String,
}

async fn imported(state: &State) -> Result<(Vec<AlarmEntry>, Vec<MetricFilter>), AlarmsError> {
    let filter = AlarmFilter { origin: Some(AlarmOrigin::Import), ..AlarmFilter::default() };
    let mut entries = Vec::new();
    for row in state.alarms().list(&filter, 0, usize::MAX).await? {
        let value = serde_json::from_str(&row.definition).unwrap_or_default();
        match AlarmEntry::from_value(&value) {
            Ok(entry) => entries.push(entry),
            Err(error) => tracing::warn!(alarm = row.id, %error, "an imported alarm cannot be read"),
        }
    }
    let mut filters = Vec::new();
    for row in state.alarms().filters().await?.into_iter().filter(|row| row.origin == AlarmOrigin::Import) {
        let value = serde_json::from_str(&row.definition).unwrap_or_default();
        match MetricFilter::from_value(&value) {
            Ok(filter) => filters.push(filter),
            Err(error) => tracing::warn!(filter = row.id, %error, "an imported metric filter cannot be read"),
        }
    }
    Ok((entries, filters))
}

/// Filters that make the same metric of the same events count once: accounts often have the same ones,
/// and here all of their events are in one table.
fn distinct(filters: Vec<MetricFilter>) -> Vec<MetricFilter> {
    let mut seen = BTreeSet::new();
    let what = |filter: &MetricFilter| {
        let mut value = filter.to_value();
        if let Some(map) = value.as_object_mut() {
            map.remove("filterName");
            map.remove("logGroupName");
        }
        value.to_string()
    };
    filters.into_iter().filter(|filter| seen.insert(what(filter))).collect()
}
