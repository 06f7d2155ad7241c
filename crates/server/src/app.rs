//! What all requests share.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::PrometheusHandle;
use rand::RngCore;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use trailkeep_detect::Level;
use trailkeep_respond::desk::Desk;
use trailkeep_state::{AlarmFilter, FindingFilter, IncidentFilter, IncidentStatus, Status};

use crate::auth::{Identity, Oidc};
use crate::backend::{Backend, EventRow, LogsError, TableHealth};
use crate::config::Config;
use crate::console::events::FindingOn;
use crate::console::layout::Frame;
use crate::http::error::PageError;
use crate::ingest::Rate;
use crate::runtime::RunKeeper;

/// How long the health of the tables is taken for true.
const HEALTH_FOR: Duration = Duration::from_secs(5);

/// What all requests share.
pub(crate) type Shared = Arc<App>;

pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) backend: Backend,
    /// Where what happens becomes incidents.
    pub(crate) desk: Arc<Desk>,
    /// Signs the forms of those who need no session.
    pub(crate) open_csrf: String,
    pub(crate) rate: Rate,
    pub(crate) slots: Semaphore,
    pub(crate) metrics: Option<PrometheusHandle>,
    pub(crate) oidc: Option<Oidc>,
    pub(crate) http_run: RunKeeper,
    /// Work that goes on after its request was answered; the server ends after it.
    pub(crate) work: TaskTracker,
    health: Mutex<Option<(Instant, Arc<Vec<TableHealth>>)>>,
    asking: tokio::sync::Mutex<()>,
}

impl App {
    pub(crate) fn new(
        config: Config,
        backend: Backend,
        metrics: Option<PrometheusHandle>,
        oidc: Option<Oidc>,
    ) -> Self {
        let mut secret = [0u8; 32];
        rand::rng().fill_bytes(&mut secret);
        let desk = Desk::new(backend.state.clone(), Arc::clone(&config.respond));
        Self {
            desk: Arc::new(desk),
            rate: Rate::new(config.ingest.rate, config.ingest.burst),
            slots: Semaphore::new(config.ingest.concurrency),
            open_csrf: hex::encode(secret),
            metrics,
            oidc,
            http_run: RunKeeper::new("http"),
            work: TaskTracker::new(),
            health: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            config,
            backend,
        }
    }

    /// Nobody has to log in.
    pub(crate) fn open(&self) -> bool {
        !self.config.server.login
    }

    /// Whether cookies must travel over TLS only.
    pub(crate) fn secure_cookies(&self) -> bool {
        let public = self.config.server.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
        self.config.server.tls.is_some() || public
    }

    /// Gives a query its time, and no more.
    pub(crate) async fn in_time<T>(
        &self,
        query: impl Future<Output = Result<T, LogsError>>,
    ) -> Result<T, LogsError> {
        let limit = self.config.server.query_timeout;
        let begun = Instant::now();
        let answer = tokio::time::timeout(limit, query).await.unwrap_or_else(|_| {
            let text = format!(
                "stopped after {} s; narrow the range, or raise server.query_timeout",
                limit.as_secs()
            );
            Err(LogsError::Wrong(text))
        });
        metrics::histogram!("trailkeep_query_seconds").record(begun.elapsed().as_secs_f64());
        answer
    }

    /// How the tables are doing, a few seconds old at most. Asked once at a time.
    pub(crate) async fn health(&self) -> Result<Arc<Vec<TableHealth>>, LogsError> {
        let _one = self.asking.lock().await;
        let known = self.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, health)) = known
            && at.elapsed() < HEALTH_FOR
        {
            return Ok(health);
        }
        let health = Arc::new(self.in_time(self.backend.logs.health()).await?);
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&health)));
        Ok(health)
    }

    /// Time of the newest event of all, if there is any and the lake can be asked.
    pub(crate) async fn newest(&self) -> Option<DateTime<Utc>> {
        let health = self.health().await.ok()?;
        health.iter().filter_map(|table| table.last_event).max()
    }

    /// One event, with the findings that rest on it.
    pub(crate) async fn event(
        &self,
        table: &str,
        event_uid: &str,
        at: Option<DateTime<Utc>>,
    ) -> Result<Option<(EventRow, Vec<FindingOn>)>, PageError> {
        let logs = &self.backend.logs;
        if !self.in_time(logs.tables()).await?.iter().any(|known| known.name == table && !known.view) {
            return Ok(None);
        }
        let Some(event) = self.in_time(logs.event(table, event_uid, at)).await? else { return Ok(None) };
        let findings = self.backend.state.findings();
        let mut on = Vec::new();
        for id in findings.of_event(event_uid).await?.iter().take(20) {
            if let Some(detail) = findings.get(id, 0).await? {
                on.push(FindingOn {
                    id: detail.row.id,
                    level: detail.row.level,
                    summary: detail.row.finding.summary,
                });
            }
        }
        Ok(Some((event, on)))
    }

    /// What stands around a page.
    pub(crate) async fn frame(&self, who: &Identity) -> Result<Frame, PageError> {
        let urgent = FindingFilter {
            min_level: Some(Level::High),
            statuses: vec![Status::New],
            ..FindingFilter::default()
        };
        let counts = self.backend.state.findings().counts(&urgent).await?;
        let waiting = self.backend.state.responses().waiting().await?;
        let open = IncidentFilter { statuses: vec![IncidentStatus::Open], ..IncidentFilter::default() };
        let incidents = self.backend.state.incidents().counts_of(&open).await?;
        let ringing = AlarmFilter { states: vec!["ALARM".to_owned()], ..AlarmFilter::default() };
        let alarms = self.backend.state.alarms().counts_of(&ringing).await?;
        Ok(Frame {
            name: who.name.clone(),
            role: who.role,
            csrf: who.csrf(self).to_owned(),
            theme: who.theme,
            urgent: counts.total,
            alarms: alarms.iter().map(|(_, found)| found).sum(),
            incidents: incidents.unresolved.iter().map(|(_, found)| found).sum(),
            waiting,
            open: self.open(),
        })
    }
}
