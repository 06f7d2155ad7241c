//! Each second: what is due is evaluated, and what came of it is kept.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use trailkeep_alarms::{Engine, Tick};
use trailkeep_state::{AlarmCommit, NewItem};

use super::actions::{self, AlarmAction};
use super::{LiveAlarms, queries, rows};
use crate::backend::Logs;
use crate::runtime::{ACTION, Shutdown};

/// Alarms with periods of ten seconds are evaluated each ten seconds; late samples sooner.
const EVERY: Duration = Duration::from_secs(1);
/// Between two snapshots where nothing changes.
pub(super) const SNAPSHOT: TimeDelta = TimeDelta::minutes(1);

/// Lets alarms live until the server stops.
pub(crate) async fn run(alarms: Arc<LiveAlarms>, logs: Arc<dyn Logs>, shutdown: Shutdown) {
    let counting = queries::count(&alarms, logs.as_ref());
    let evaluating = async {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = alarms.step(Utc::now()).await {
                tracing::warn!(%error, "alarms not kept; it is tried again");
            }
        }
    };
    tokio::select! {
        () = shutdown.draining() => {}
        () = counting => {}
        () = evaluating => {}
    }
    // What was sampled since the last snapshot would have to be read again.
    alarms.lock().saved = None;
    if let Err(error) = alarms.step(Utc::now()).await {
        tracing::warn!(%error, "alarms not kept; what is missing is made again at the next start");
    }
}

/// Adds what a tick brought to what is to be kept.
pub(super) fn add(commit: &mut AlarmCommit, engine: &Engine, tick: &Tick) {
    for transition in &tick.transitions {
        let id = rows::id_of(transition.alarm_arn.as_deref(), &transition.alarm_name);
        if let Some(live) = engine.alarm(id) {
            commit.states.push(rows::state(id, &live.state));
        }
        commit.items.push(rows::item(transition));
    }
    commit.events.extend(tick.history.iter().map(rows::event));
    for run in &tick.actions {
        for action in &run.actions {
            let todo = AlarmAction { run: run.clone(), action: action.clone() };
            let payload = serde_json::to_string(&todo).unwrap_or_default();
            commit.items.push(NewItem { kind: ACTION.to_owned(), key: actions::key(&todo), payload });
        }
    }
}
