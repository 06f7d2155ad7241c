//! `trailkeep serve`, and the console that `demo` ends in.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio_util::sync::CancellationToken;
use trailkeep_pipeline::{Observer, Observers, Pipeline, PipelineOptions};
use trailkeep_server::backend::{Estate, Responder};
use trailkeep_server::{Backend, Changes, Config, EngineLogs, LiveAlarms, PipelineIntake, Server, Shutdown};
use trailkeep_sources::Sources;

use crate::args::{Global, RuleArgs, Serve};
use crate::exit::Status;
use crate::output::note;
use crate::{context, rules, signals};

/// On top of the server's own limit for draining, before the process is ended from outside.
const GRACE: Duration = Duration::from_secs(5);

/// Commits of live events are this close together at the most.
const COMMIT_EVERY: Duration = Duration::from_secs(1);

pub(crate) async fn run(global: &Global, args: &Serve) -> anyhow::Result<Status> {
    let mut config = match &global.config {
        Some(file) => Config::load(file)?,
        None => Config::default(),
    };
    if let Some(listen) = args.listen {
        config.server.listen = listen;
    }
    let mut global = global.clone();
    global.lake = global.lake.or_else(|| config.lake.url.as_ref().map(ToString::to_string));
    let mut rule_args = RuleArgs { folders: config.detect.rules.clone(), no_builtin: !config.detect.builtin };
    rule_args.folders.extend(args.rules.folders.clone());
    rule_args.no_builtin |= args.rules.no_builtin;
    let sources = context::sources(&global);
    let changes = (!config.respond.playbooks.rules.is_empty()).then(|| Arc::new(Changes::default()));
    let loaded = rules::load(&rule_args, global.quiet)?;
    let state = context::state(&global).await?;
    let alarms = LiveAlarms::open(&state, config.alarms.clone(), Utc::now()).await?;
    let mut observers: Vec<Arc<dyn Observer>> = vec![Arc::clone(&alarms) as Arc<dyn Observer>];
    observers.extend(changes.clone().map(|changes| changes as Arc<dyn Observer>));
    let options = PipelineOptions {
        routes: config.routes(),
        commit_every: COMMIT_EVERY,
        observer: Some(Arc::new(Observers(observers))),
        ..PipelineOptions::default()
    };
    let pipeline = context::pipeline_over(&global, &sources, state, loaded, options).await?;
    let responder = match changes {
        Some(changes) => {
            Box::pin(super::respond::responder(&config.respond.playbooks, pipeline.state(), changes)).await?
        }
        None => None,
    };
    serve(config, pipeline, sources, responder, alarms).await
}

/// The console over what the demo made.
pub(crate) async fn demo(
    global: &Global,
    pipeline: Pipeline,
    listen: SocketAddr,
    alarms: Arc<LiveAlarms>,
) -> anyhow::Result<Status> {
    let mut config = Config::default();
    config.server.listen = listen;
    serve(config, pipeline, context::sources(global), None, alarms).await
}

async fn serve(
    config: Config,
    pipeline: Pipeline,
    sources: Sources,
    responder: Option<Responder>,
    alarms: Arc<LiveAlarms>,
) -> anyhow::Result<Status> {
    let drain = config.server.drain;
    let backend = Backend { responder, ..backend(&config, pipeline, sources).await? };
    // Before anything listens: what is read now is not counted as it comes.
    if alarms.stopped().is_none() {
        let events = alarms.catch_up(backend.logs.as_ref(), Utc::now()).await?;
        tracing::debug!(events, "metric filters caught up");
    }
    let cloudwatch = match &config.alarms.cloudwatch {
        Some(config) => Some(Arc::new(Box::pin(super::respond::cloudwatch(config)).await?)),
        None => None,
    };
    let backend = Backend { alarms: Some(alarms), cloudwatch, ..backend };
    let server = Server::bind(config, backend).await?;
    note(&format!("the console is at {}  (Ctrl-C stops it)", server.url()));
    let shutdown = Shutdown::new();
    let token = CancellationToken::new();
    signals::drain_on_interrupt(token.clone(), "finishing what is under way", drain + GRACE);
    let switch = shutdown.clone();
    tokio::spawn(async move {
        token.cancelled().await;
        switch.drain();
    });
    server.run(shutdown).await?;
    Ok(Status::Done)
}

async fn backend(config: &Config, pipeline: Pipeline, sources: Sources) -> anyhow::Result<Backend> {
    let lake = pipeline.lake().clone();
    let estate: Option<Arc<dyn Estate>> = match config.check.enabled {
        true => Some(Arc::new(super::check::AwsEstate::new(&config.check)?)),
        false => None,
    };
    let engine = context::engine_with_timeout(
        lake.clone(),
        Some(pipeline.state().clone()),
        config.server.query_timeout,
    )
    .await?;
    Ok(Backend {
        logs: Arc::new(EngineLogs::new(engine, lake)),
        state: pipeline.state().clone(),
        rules: Arc::clone(pipeline.rules()),
        estate,
        responder: None,
        alarms: None,
        cloudwatch: None,
        ingest: Arc::new(PipelineIntake::new(pipeline, sources)),
    })
}
