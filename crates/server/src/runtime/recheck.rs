//! Assesses the estate again, every so often, and keeps what came of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use trailkeep_baseline::inventory::Watch;
use trailkeep_baseline::report::About;
use trailkeep_baseline::{Waiver, assess, parse_waivers};
use trailkeep_state::{State, StateError, StoredAssessment};

use super::Shutdown;
use crate::app::App;
use crate::backend::Estate;
use crate::config::CheckConfig;
use crate::posture::{self, Kept};

/// Where the state keeps why the latest re-check failed; empty when it did not.
const FAILURE_KEY: &str = "check.failure";

/// What the assessments of the schedule are marked with.
const ORIGIN: &str = "serve";

/// Why the latest re-check failed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) at: DateTime<Utc>,
    pub(crate) reason: String,
}

impl Failure {
    /// What the state keeps.
    pub(crate) async fn latest(state: &State) -> Result<Option<Self>, StateError> {
        let kept = state.meta().get(FAILURE_KEY).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Whether a re-check has succeeded since. An assessment is kept before the failure before it is
    /// taken back, and a page may be asked for between the two.
    pub(crate) fn is_past(&self, latest: &StoredAssessment) -> bool {
        latest.origin == ORIGIN && latest.assessed_at >= self.at
    }
}

/// Events of an account that are no older than this arrive as they happen.
const LIVE: TimeDelta = TimeDelta::hours(1);

/// A waiver file is read up to here.
const MAX_WAIVERS: u64 = 4 << 20;

/// Runs until the server stops. A re-check that fails is tried again when the next one is due.
pub(crate) async fn recheck(app: std::sync::Arc<App>, shutdown: Shutdown) {
    let Some(estate) = app.backend.estate.clone().filter(|_| app.config.check.enabled) else { return };
    let mut pause = until_due(&app, Utc::now()).await;
    loop {
        tokio::select! {
            () = shutdown.draining() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let outcome = tokio::select! {
            () = shutdown.draining() => return,
            outcome = once(&app, estate.as_ref()) => outcome,
        };
        tell(&app, outcome).await;
        pause = app.config.check.interval;
    }
}

/// A server that is started again and again does not ask AWS each time.
async fn until_due(app: &App, now: DateTime<Utc>) -> Duration {
    let latest = app.backend.state.assessments().latest().await.ok().flatten();
    let age = latest.and_then(|latest| (now - latest.assessed_at).to_std().ok());
    age.map_or(Duration::ZERO, |age| app.config.check.interval.saturating_sub(age))
}

async fn once(app: &App, estate: &dyn Estate) -> Result<Kept, String> {
    let config = &app.config.check;
    let waivers = waivers(config)?;
    let mut inventory = estate.inventory().await?;
    if let Some(responder) = &app.backend.responder
        && let Err(error) = responder.playbooks.learn(&inventory).await
    {
        tracing::warn!(%error, "playbooks did not learn from the inventory; they will from the next one");
    }
    inventory.trailkeep = Some(watch(app).await);
    let assessment = assess(&inventory, &config.settings, &waivers);
    let about = About::new(env!("CARGO_PKG_VERSION"), &inventory, &config.settings, &waivers, &assessment);
    let (state, routes) = (&app.backend.state, app.config.routes());
    let kept = posture::keep(state, &assessment, &about, ORIGIN, &routes, Utc::now()).await;
    kept.map_err(|error| error.to_string())
}

/// Read anew each time: a waiver that was taken back holds no longer.
fn waivers(config: &CheckConfig) -> Result<Vec<Waiver>, String> {
    let Some(path) = &config.waivers else { return Ok(Vec::new()) };
    let name = path.display().to_string();
    let wrong = |error: std::io::Error| format!("{name}: {error}");
    if std::fs::metadata(path).map_err(wrong)?.len() > MAX_WAIVERS {
        return Err(format!("{name} is too large to be a list of waivers"));
    }
    let text = std::fs::read_to_string(path).map_err(wrong)?;
    parse_waivers(&name, &text).map_err(|error| error.to_string())
}

/// What Trailkeep itself watches: a change that reaches it raises an alert here.
async fn watch(app: &App) -> Watch {
    let since = (Utc::now() - LIVE).format("%Y-%m-%d %H:%M:%S");
    let sql =
        format!("SELECT DISTINCT account_id FROM cloudtrail_logs WHERE event_time >= TIMESTAMP '{since}'");
    let logs = &app.backend.logs;
    let tables = logs.tables().await.unwrap_or_default();
    let known = tables.iter().any(|table| table.name == "cloudtrail_logs");
    let rows =
        if known { app.in_time(logs.sql(&sql, 10_000)).await.unwrap_or_default().rows } else { Vec::new() };
    let accounts = rows.into_iter().filter_map(|row| row.into_iter().next().flatten());
    Watch {
        accounts: accounts.collect(),
        notifies: app.config.webhook.is_some() || app.config.respond.routing.tells(),
    }
}

async fn tell(app: &App, outcome: Result<Kept, String>) {
    let failure = match outcome {
        Ok(kept) => {
            tracing::info!(regressed = kept.regressed, "controls assessed");
            metrics::counter!("trailkeep_checks_total", "outcome" => "done").increment(1);
            String::new()
        }
        Err(reason) => {
            tracing::warn!(%reason, "controls not assessed; it is tried again when the next check is due");
            metrics::counter!("trailkeep_checks_total", "outcome" => "failed").increment(1);
            serde_json::json!(Failure { at: Utc::now(), reason }).to_string()
        }
    };
    if let Err(error) = app.backend.state.meta().set(FAILURE_KEY, &failure).await {
        tracing::warn!(%error, "the outcome of the check was not kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_past_once_a_later_check_of_the_schedule_is_kept() {
        let at = DateTime::UNIX_EPOCH;
        let failure = Failure { at, reason: "no credentials".to_owned() };
        let stored = |origin: &str, seconds| StoredAssessment {
            id: trailkeep_state::AssessmentId(1),
            assessed_at: at + TimeDelta::seconds(seconds),
            origin: origin.to_owned(),
            scope: String::new(),
            board: Vec::new(),
            about: String::new(),
            results: 0,
        };
        assert!(failure.is_past(&stored("serve", 1)));
        assert!(!failure.is_past(&stored("serve", -1)));
        assert!(!failure.is_past(&stored("check", 1)), "says nothing of the schedule");
    }
}
