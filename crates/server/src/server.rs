//! [`Server`]: bound, then run until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use chrono::Utc;
use hyper_util::rt::TokioTimer;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinSet;
use trailkeep_respond::config::{RespondConfig, Scope};
use trailkeep_state::{Actor, RetryPolicy, Role, Route, StateError};
use url::Url;

use crate::alarming::{self, LiveAlarms};
use crate::app::{App, Shared};
use crate::auth::Oidc;
use crate::backend::Backend;
use crate::config::{Config, FirstAdmin};
use crate::runtime::{
    CHANNEL, FINDING, Shutdown, Webhook, WebhookError, incidents, recheck, respond, sender, tidy, watch,
};
use crate::{routes, tls};

/// A client that says nothing for so long is let go.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);

/// Why the server does not start, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Others can reach the address, and TLS is missing.
    #[error(
        "{address} can be reached by others, and there is no certificate: set server.tls (cert, key), or listen on 127.0.0.1"
    )]
    NeedsTls {
        /// The address.
        address: SocketAddr,
    },
    /// A login is required, and nobody could log in.
    #[error(
        "{address} requires a login, and there is no user yet: set server.first_admin (name, password), or server.oidc"
    )]
    NeedsUser {
        /// The address.
        address: SocketAddr,
    },
    /// Nobody has to log in where others can reach.
    #[error(
        "{address} can be reached by others and requires no login: set server.login, or listen on 127.0.0.1"
    )]
    NeedsLogin {
        /// The address.
        address: SocketAddr,
    },
    /// A certificate or key is not usable.
    #[error("{}: {reason}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}; choose another with server.listen")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's own words.
        source: std::io::Error,
    },
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The webhook cannot be used.
    #[error("notify.webhook: {0}")]
    Webhook(#[from] WebhookError),
    /// The identity provider's settings cannot be used.
    #[error("server.oidc: {0}")]
    Oidc(String),
    /// Serving failed.
    #[error("serving failed: {0}")]
    Serve(std::io::Error),
}

/// A server that is bound and not yet running.
pub struct Server {
    app: Shared,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
    webhook: Option<Webhook>,
    retry: RetryPolicy,
    own: Vec<PathBuf>,
}

impl Config {
    /// Where the pipeline announces findings: give it to its options.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        let webhook = self.webhook.iter().map(|webhook| Route::channel(CHANNEL, webhook.min_level));
        webhook.chain([Route::inbox(FINDING, self.respond.min_level())]).collect()
    }
}

impl Server {
    /// Checks that the settings are safe, makes the first administrator if one is asked for, and
    /// binds the address (port 0 for any).
    ///
    /// # Errors
    /// [`ServerError`]: what is not safe, or not there, and what to do.
    pub async fn bind(mut config: Config, backend: Backend) -> Result<Self, ServerError> {
        let address = config.server.listen;
        let reachable = !address.ip().is_loopback();
        if reachable && config.server.tls.is_none() {
            return Err(ServerError::NeedsTls { address });
        }
        if reachable && !config.server.login {
            return Err(ServerError::NeedsLogin { address });
        }
        if let Some(admin) = &config.server.first_admin {
            first_admin(&backend, admin).await?;
        }
        if config.server.login
            && config.server.oidc.is_none()
            && backend.state.users().list().await?.is_empty()
        {
            return Err(ServerError::NeedsUser { address });
        }
        let tls = config.server.tls.as_ref().map(tls::load).transpose()?;
        let failed = |source| ServerError::Bind { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let console = config.server.public_url.clone().or_else(|| url_of(address, tls.is_some()));
        if let Some(alarms) = &backend.alarms {
            config.respond = with_actions(&config.respond, alarms, console.clone());
        }
        let webhook = config.webhook.as_ref().map(|webhook| Webhook::new(webhook, console)).transpose()?;
        let oidc = config.server.oidc.clone().map(|oidc| Oidc::new(&config.server, oidc, address));
        let oidc = oidc.transpose().map_err(ServerError::Oidc)?;
        let own = backend.state.path().parent().map(|folder| folder.to_owned()).into_iter().collect();
        let app = Arc::new(App::new(config, backend, recorder(), oidc));
        Ok(Self { app, listener, address, tls, webhook, retry: RetryPolicy::default(), own })
    }

    /// The address it is bound to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The console's address, for people.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}/", self.address)
    }

    /// Other pauses between deliveries of a webhook than the usual ones.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Serves until `shutdown` drains, then finishes what is under way within the configured
    /// limit; at once when it is forced.
    ///
    /// # Errors
    /// When serving itself fails.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), ServerError> {
        let (app, drain) = (Arc::clone(&self.app), self.app.config.server.drain);
        let mut tasks = JoinSet::new();
        self.start_tasks(&mut tasks, &shutdown);
        let handle = Handle::new();
        tasks.spawn(stop(handle.clone(), shutdown.clone(), drain));
        tracing::info!(address = %self.address, tls = self.tls.is_some(), login = app.config.server.login, "listening");
        let served = serve(self.listener, self.tls, routes::router(Arc::clone(&app)), handle).await;
        // The listener ended by itself only if it failed; the tasks must end with it.
        shutdown.drain();
        app.work.close();
        let finished = async {
            while tasks.join_next().await.is_some() {}
            app.work.wait().await;
        };
        tokio::select! {
            () = finished => {}
            () = shutdown.forced() => {}
            () = tokio::time::sleep(drain) => tracing::warn!("tasks did not end in time; they are cut off"),
        }
        served.map_err(ServerError::Serve)
    }

    fn start_tasks(&self, tasks: &mut JoinSet<()>, shutdown: &Shutdown) {
        let backend = &self.app.backend;
        for folder in &self.app.config.folders.paths {
            let settings = self.app.config.folders.clone();
            tasks.spawn(watch(backend.clone(), folder.clone(), settings, self.own.clone(), shutdown.clone()));
        }
        let (config, desk) = (&self.app.config, &self.app.desk);
        let sender = sender(backend.state.clone(), &config.respond, self.webhook.clone(), self.retry);
        let stop = shutdown.clone();
        tasks.spawn(async move { sender.run(stop.draining()).await });
        tasks.spawn(incidents(backend.state.clone(), Arc::clone(desk), shutdown.clone()));
        let (planner, stop) = (Arc::clone(desk), shutdown.clone());
        tasks.spawn(async move { planner.run(stop.draining()).await });
        tasks.spawn(tidy(backend.state.clone(), shutdown.clone()));
        tasks.spawn(recheck(Arc::clone(&self.app), shutdown.clone()));
        if let Some(alarms) = backend.alarms.as_ref().filter(|alarms| alarms.stopped().is_none()) {
            tasks.spawn(alarming::run(Arc::clone(alarms), Arc::clone(&backend.logs), shutdown.clone()));
            if let Some(cloudwatch) = &backend.cloudwatch {
                tasks.spawn(alarming::follow(Arc::clone(alarms), Arc::clone(cloudwatch), shutdown.clone()));
            }
        }
        if let Some(responder) = &backend.responder {
            tasks.spawn(respond(backend.state.clone(), responder.clone(), shutdown.clone()));
        }
        let (app, shutdown) = (Arc::clone(&self.app), shutdown.clone());
        tasks.spawn(async move { app.http_run.report(&app.backend.state, &shutdown).await });
    }
}

/// The channels, and those that alarms' actions ask for.
fn with_actions(config: &RespondConfig, alarms: &LiveAlarms, console: Option<Url>) -> Arc<RespondConfig> {
    let variable = |name: &str| std::env::var(name).ok();
    let scope = Scope { variable: &variable, base: Path::new(""), console, aws: None };
    let (config, problems) = config.clone().with_actions(&alarms.actions(), &scope);
    for problem in problems {
        tracing::warn!(action = problem.key, reason = problem.reason, "an alarm's action cannot be run");
    }
    Arc::new(config)
}

async fn stop(handle: Handle<SocketAddr>, shutdown: Shutdown, drain: Duration) {
    shutdown.draining().await;
    handle.graceful_shutdown(Some(drain));
    tokio::select! {
        () = shutdown.forced() => handle.shutdown(),
        () = tokio::time::sleep(drain) => {}
        () = idle(&handle) => {}
    }
}

/// Waits until no connection is open.
async fn idle(handle: &Handle<SocketAddr>) {
    while handle.connection_count() > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        Some(tls) => {
            let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
            server.serve(service).await
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?.handle(handle);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN);
            server.serve(service).await
        }
    }
}

async fn first_admin(backend: &Backend, admin: &FirstAdmin) -> Result<(), ServerError> {
    let users = backend.state.users();
    if users.list().await?.is_empty() {
        users.create(&admin.name, admin.password.reveal(), Role::Admin, &Actor::system(), Utc::now()).await?;
        tracing::info!(
            name = admin.name,
            "first administrator created; change the password after the first login"
        );
    }
    Ok(())
}

fn url_of(address: SocketAddr, tls: bool) -> Option<Url> {
    let scheme = if tls { "https" } else { "http" };
    Url::parse(&format!("{scheme}://{address}/")).ok()
}

/// The process's metrics recorder: installed once, shared by all servers of the process. None if
/// somebody else has installed another.
fn recorder() -> Option<PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let buckets = [0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];
            let recorder = PrometheusBuilder::new().set_buckets(&buckets).ok()?.build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).ok()?;
            Some(handle)
        })
        .clone()
}
