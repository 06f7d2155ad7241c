//! Alarms that live in the server.
//!
//! ```text
//!   new events ─► metric filters ─┐
//!   SQL, each period ─────────────┼─► engine ─► states, history, inbox (one transaction)
//!   GetMetricData ────────────────┘                                       │
//!   EventBridge, SNS, SQS, DescribeAlarms ─► watcher ─► states, history ──┤
//!                                                                         ▼
//!                                                         incidents, actions (runtime)
//! ```
//!
//! Samples of metric filters are in memory, and in a snapshot that is kept each minute and with each
//! change of a state. What came after it is made again of the lake's events when the server starts, so
//! that no event is missing or counted twice. A change of state is in the state, the history and the
//! inbox at once, or not at all.

mod actions;
pub mod cloudwatch;
mod follow;
mod observe;
mod queries;
pub mod rows;
mod run;
mod start;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use trailkeep_alarms::definition::{Alarm, DefinitionError};
use trailkeep_alarms::engine::{EngineError, EngineSnapshot, HistoryItem};
use trailkeep_alarms::evaluate::{Datapoint, Evaluation};
use trailkeep_alarms::watch::{Poll, PollScope, Watcher};
use trailkeep_alarms::{AlarmState, Engine, MetricBatch, MetricFilters, Tick, Transition};
use trailkeep_state::{Actor, AlarmCommit, AlarmOrigin, NewAuditEntry, State, StateError};

pub(crate) use actions::act;
pub use cloudwatch::CloudWatch;
pub(crate) use follow::follow;
pub(crate) use run::run;

use crate::config::AlarmsConfig;

/// The engine's snapshot, and what was counted and fetched up to then.
const ENGINE: &str = "engine";
/// The watcher's snapshot.
const WATCHER: &str = "watcher";

/// Why alarms cannot live, or one cannot be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlarmsError {
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// There is no such alarm, or there are too many.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// An answer of CloudWatch has not the shape of one.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The lake could not be read.
    #[error("{0}")]
    Logs(String),
}

/// What is guarded together, and kept together.
#[derive(Debug, Default)]
struct Inner {
    engine: Engine,
    /// Up to where each metric of SQL was counted, in seconds since 1970.
    counted: BTreeMap<String, i64>,
    /// Samples that came since the engine looked last.
    waiting: MetricBatch,
    /// What a failed commit left to be kept.
    unsaved: AlarmCommit,
    /// When the snapshot was kept last.
    saved: Option<DateTime<Utc>>,
}

/// What is kept over a restart.
#[derive(Serialize, Deserialize)]
struct Kept {
    engine: EngineSnapshot,
    #[serde(default)]
    counted: BTreeMap<String, i64>,
}

/// Alarms that live, and those of CloudWatch that are watched. One per process.
#[derive(Debug)]
pub struct LiveAlarms {
    state: State,
    config: AlarmsConfig,
    filters: MetricFilters,
    inner: Mutex<Inner>,
    watcher: tokio::sync::Mutex<Watcher>,
    /// One commit at a time, in the order of what they are of.
    keeping: tokio::sync::Mutex<()>,
    /// Where the clock was stopped, after a replay.
    stopped: Mutex<Option<DateTime<Utc>>>,
}

impl LiveAlarms {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &AlarmsConfig {
        &self.config
    }

    /// The time that alarms go by: now, or the end of what was replayed.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.stopped().unwrap_or_else(Utc::now)
    }

    /// Where a replay stopped the clock.
    #[must_use]
    pub fn stopped(&self) -> Option<DateTime<Utc>> {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes samples; alarms look at them within a second.
    pub fn record(&self, batch: MetricBatch) {
        self.lock().waiting.merge(batch);
    }

    /// Whether an alarm is evaluated here.
    #[must_use]
    pub fn is_evaluated(&self, id: &str) -> bool {
        self.lock().engine.alarm(id).is_some()
    }

    /// An alarm that is evaluated here, with its actions switched as they are now.
    #[must_use]
    pub fn alarm(&self, id: &str) -> Option<Alarm> {
        self.lock().engine.alarm(id).map(|live| live.alarm.clone())
    }

    /// What an alarm was evaluated on last; none for composite alarms, and those that are only watched.
    #[must_use]
    pub fn explain(&self, id: &str, now: DateTime<Utc>) -> Option<Evaluation> {
        self.lock().engine.explain(id, now)
    }

    /// An alarm's datapoints from a time on; none for composite alarms, and those that are only watched.
    #[must_use]
    pub fn series(&self, id: &str, from: DateTime<Utc>, now: DateTime<Utc>) -> Option<Vec<Datapoint>> {
        self.lock().engine.series(id, from, now)
    }

    /// What keeps alarms from being what they were meant to be, in sentences.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.lock().engine.problems()
    }

    /// Every action of every alarm that is evaluated here: ARNs and names of channels.
    #[must_use]
    pub fn actions(&self) -> Vec<String> {
        let inner = self.lock();
        let states = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
        let of = |state| inner.engine.alarms().flat_map(move |live| live.alarm.actions(state).to_vec());
        let mut all: Vec<String> = states.into_iter().flat_map(of).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Evaluates what is due, and keeps what came of it. Gives the number of transitions.
    ///
    /// # Errors
    /// When the state cannot be written; what was found is kept with the next call.
    pub async fn step(&self, now: DateTime<Utc>) -> Result<usize, AlarmsError> {
        let tick = {
            let mut inner = self.lock();
            let waiting = std::mem::take(&mut inner.waiting);
            if !waiting.is_empty() {
                let recorded = inner.engine.record(&waiting, now);
                if recorded.refused > 0 {
                    tracing::warn!(
                        refused = recorded.refused,
                        "samples were refused: there are too many metrics"
                    );
                }
            }
            inner.engine.tick(now)
        };
        metrics::counter!("trailkeep_alarms_evaluated_total").increment(tick.evaluated as u64);
        self.keep(tick, None, now).await
    }

    /// Keeps what a tick brought, with the snapshot where that is due.
    async fn keep(
        &self,
        tick: Tick,
        audit: Option<NewAuditEntry>,
        now: DateTime<Utc>,
    ) -> Result<usize, AlarmsError> {
        let _one = self.keeping.lock().await;
        let transitions = tick.transitions.len();
        for transition in &tick.transitions {
            tell(transition);
        }
        let commit = {
            let mut inner = self.lock();
            let mut commit = std::mem::take(&mut inner.unsaved);
            run::add(&mut commit, &inner.engine, &tick);
            let due = inner.saved.is_none_or(|saved| now - saved >= run::SNAPSHOT);
            // What a person does is kept at once: no event makes it again.
            if due || audit.is_some() || !commit.states.is_empty() || !commit.items.is_empty() {
                let kept = Kept { engine: inner.engine.snapshot(), counted: inner.counted.clone() };
                let body = serde_json::to_string(&kept)
                    .map_err(|error| AlarmsError::Logs(format!("the snapshot cannot be written: {error}")))?;
                commit.snapshot = Some((ENGINE.to_owned(), body));
            }
            commit
        };
        if commit.snapshot.is_none() && commit.events.is_empty() && audit.is_none() {
            return Ok(transitions);
        }
        let done = self.state.alarms().commit(&commit, now).await;
        if let Err(error) = done {
            self.lock().unsaved = AlarmCommit { snapshot: None, ..commit };
            return Err(error.into());
        }
        if commit.snapshot.is_some() {
            self.lock().saved = Some(now);
        }
        if let Some(audit) = audit {
            self.state.audit().append(&audit, now).await?;
        }
        Ok(transitions)
    }

    /// Takes a change of one of CloudWatch's alarms. False when it is known, or the alarm is evaluated
    /// here.
    ///
    /// # Errors
    /// When the state cannot be written; the same change may be told again then.
    pub async fn heard(&self, transition: Transition, now: DateTime<Utc>) -> Result<bool, AlarmsError> {
        let mut watcher = self.watcher.lock().await;
        let mut next = watcher.clone();
        let new: Vec<Transition> = next.take(transition).into_iter().collect();
        let count = self.keep_heard(&mut watcher, next, new, now).await?;
        Ok(count > 0)
    }

    /// Takes an answer of `DescribeAlarms`: definitions, and the changes that nobody told. Gives the
    /// number of these.
    ///
    /// # Errors
    /// When it is no answer, or the state cannot be written.
    pub async fn polled(
        &self,
        scope: &PollScope,
        answer: &Value,
        now: DateTime<Utc>,
    ) -> Result<usize, AlarmsError> {
        let asked = scope.account_id.as_deref().zip(scope.region.as_deref());
        let entries = trailkeep_alarms::definition::each_alarm(answer)?.into_iter().flatten();
        let known: Vec<_> = entries.filter(|entry| !self.is_evaluated(entry.alarm.reference())).collect();
        if asked.is_some() && !self.config.evaluate_imported {
            let rows: Vec<_> =
                known.iter().map(|entry| rows::alarm(entry, AlarmOrigin::Import, asked, now)).collect();
            self.state.alarms().replace(AlarmOrigin::Import, asked, &rows, now).await?;
        }
        let poll = Poll::read(answer, scope)?;
        for unread in &poll.unread {
            tracing::warn!(%unread, "an alarm cannot be read; it is not watched");
        }
        let mut watcher = self.watcher.lock().await;
        let mut next = watcher.clone();
        let new = next.poll(poll);
        self.keep_heard(&mut watcher, next, new, now).await
    }

    async fn keep_heard(
        &self,
        watcher: &mut Watcher,
        next: Watcher,
        mut new: Vec<Transition>,
        now: DateTime<Utc>,
    ) -> Result<usize, AlarmsError> {
        new.retain(|transition| {
            !self.is_evaluated(rows::id_of(transition.alarm_arn.as_deref(), &transition.alarm_name))
        });
        if next == *watcher {
            return Ok(0);
        }
        new.iter().for_each(tell);
        let body = serde_json::to_string(&next)
            .map_err(|error| AlarmsError::Logs(format!("the snapshot cannot be written: {error}")))?;
        let commit = AlarmCommit {
            states: new.iter().map(rows::heard).collect(),
            events: new.iter().map(rows::heard_event).collect(),
            items: new.iter().map(rows::item).collect(),
            snapshot: Some((WATCHER.to_owned(), body)),
        };
        self.state.alarms().commit(&commit, now).await?;
        *watcher = next;
        Ok(new.len())
    }

    /// Switches an alarm's actions on or off, as `EnableAlarmActions` and `DisableAlarmActions` do. It
    /// holds until the definition changes.
    ///
    /// # Errors
    /// When there is no such alarm here, or the state cannot be written.
    pub async fn set_actions_enabled(
        &self,
        id: &str,
        enabled: bool,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), AlarmsError> {
        let item: HistoryItem = self.lock().engine.set_actions_enabled(id, enabled, now)?;
        let act = if enabled { "alarm.enable_actions" } else { "alarm.disable_actions" };
        let audit = NewAuditEntry::new(actor, act, format!("alarm:{id}"), Value::Null);
        let tick = Tick { history: vec![item], ..Tick::default() };
        self.keep(tick, Some(audit), now).await.map(|_| ())
    }

    /// Sets an alarm's state by hand, as `SetAlarmState` does: its actions run, and the next evaluation
    /// may change it again.
    ///
    /// # Errors
    /// When there is no such alarm here, or the state cannot be written.
    pub async fn set_state(
        &self,
        id: &str,
        state: AlarmState,
        reason: &str,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), AlarmsError> {
        let tick = self.lock().engine.set_state(id, state, reason, now)?;
        let detail = serde_json::json!({ "state": state.as_str(), "reason": reason });
        let audit = NewAuditEntry::new(actor, "alarm.set_state", format!("alarm:{id}"), detail);
        self.keep(tick, Some(audit), now).await.map(|_| ())
    }
}

fn tell(transition: &Transition) {
    metrics::counter!("trailkeep_alarm_transitions_total", "state" => transition.to.as_str()).increment(1);
    tracing::info!(
        alarm = transition.alarm_name,
        arn = transition.alarm_arn,
        from = transition.from.map(AlarmState::as_str),
        to = transition.to.as_str(),
        origin = ?transition.origin,
        reason = transition.reason,
        "alarm changed its state"
    );
}
