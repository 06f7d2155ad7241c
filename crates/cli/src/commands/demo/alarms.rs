//! The day's alarms, and the incidents that people would have had.

use std::sync::Arc;
use std::time::Instant;

use chrono::{NaiveTime, TimeDelta, Utc};
use trailkeep_pipeline::Pipeline;
use trailkeep_respond::desk::Desk;
use trailkeep_server::config::AlarmsConfig;
use trailkeep_server::{EngineLogs, LiveAlarms, take_incidents};
use trailkeep_sim::Simulator;

use super::said;
use crate::context;

/// Lets the built-in alarms live through the day, and groups what happened into incidents.
pub(super) async fn tell(pipeline: &Pipeline, simulator: &Simulator) -> anyhow::Result<Arc<LiveAlarms>> {
    let step = Instant::now();
    let (lake, state) = (pipeline.lake().clone(), pipeline.state());
    let timeout = std::time::Duration::from_secs(120);
    let engine = context::engine_with_timeout(lake.clone(), Some(state.clone()), timeout).await?;
    let logs = EngineLogs::new(engine, lake);
    let begins = simulator.config().start.and_time(NaiveTime::MIN).and_utc();
    let ends = begins + TimeDelta::days(1);
    let alarms = LiveAlarms::open(state, AlarmsConfig::builtin()?, begins).await?;
    let transitions = alarms.replay(&logs, begins, ends).await?;
    let in_alarm = alarms.config().alarms.len();
    said(step, &format!("ran {in_alarm} alarms through the day: {transitions} changes of state"))?;
    let step = Instant::now();
    let desk = Desk::new(state.clone(), Arc::default());
    while take_incidents(state, &desk, Utc::now()).await? > 0 {}
    let counts = state.incidents().counts().await?;
    let open: u64 = counts.unresolved.iter().map(|(_, count)| count).sum();
    said(step, &format!("grouped findings and alarms into incidents: {open} are open"))?;
    Ok(alarms)
}
