//! `trailkeep demo`: the whole product on a simulated, attacked organisation.

mod alarms;
mod controls;
mod story;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use anyhow::Context;
use trailkeep_pipeline::{Pipeline, PipelineOptions, Report};
use trailkeep_server as server;
use trailkeep_sim::{Config, FileSpec, Simulator};
use trailkeep_sources::Location;

use crate::args::{Demo, Global, RuleArgs};
use crate::exit::Status;
use crate::output::thousands;
use crate::{context, progress, rules};

/// Stands in a folder that the demo made and may make anew.
const MARKER: &str = ".trailkeep-demo";

pub(crate) async fn run(global: &Global, args: &Demo) -> anyhow::Result<Status> {
    let global =
        Global { data_dir: fresh_folder(&global.data_dir.join("demo"))?, lake: None, ..global.clone() };
    let started = Instant::now();
    let config = Config { seed: args.seed, events: args.events, ..Config::default() };
    let simulator = Simulator::new(config).context("cannot simulate that")?;
    say(&format!("Trailkeep demo, in {}", global.data_dir.display()))?;

    let logs = global.data_dir.join("logs");
    let step = Instant::now();
    let (files, bytes) = write_logs(&simulator, &logs).await?;
    said(
        step,
        &format!(
            "simulated a day of {} accounts in {} Regions: {} files, {} MB",
            simulator.accounts().len(),
            simulator.regions().len(),
            thousands(files),
            bytes / 1_000_000
        ),
    )?;

    let step = Instant::now();
    let loaded = rules::load(&RuleArgs::default(), global.quiet)?;
    let count = loaded.rules().len();
    let sources = context::sources(&Global { data_dir: global.data_dir.join("lake"), ..global.clone() });
    let options =
        PipelineOptions { routes: server::Config::default().routes(), ..PipelineOptions::default() };
    let pipeline = context::pipeline(&global, &sources, loaded, options).await?;
    let ingest = pipeline.ingest();
    let bar = progress::Bar::start(ingest.progress(), bytes, global.quiet);
    let report = ingest.run(&sources, vec![Location::Path(logs)]).await;
    drop(bar);
    let report = report?;
    tell_ingest(step, &report, count)?;
    tell_lake(&pipeline, bytes).await?;
    controls::tell(&global, pipeline.state(), &simulator).await?;
    story::tell(&pipeline, &simulator).await?;
    let alarms = alarms::tell(&pipeline, &simulator).await?;
    said(started, "all of it")?;
    if args.no_serve {
        return Ok(Status::Done);
    }
    super::serve::demo(&global, pipeline, args.listen, alarms).await
}

/// Empties a folder that an earlier demo made; refuses one that it did not.
fn fresh_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    if folder.exists() {
        anyhow::ensure!(
            folder.join(MARKER).exists(),
            "{} was not made by the demo; move it away, or choose another place with --data-dir",
            folder.display()
        );
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(folder.join(MARKER), "made by `trailkeep demo`, which may delete this folder\n")?;
    Ok(folder.to_owned())
}

/// Writes every log file of the day, as S3 would hold them. Returns how many, and their bytes.
async fn write_logs(simulator: &Simulator, folder: &Path) -> anyhow::Result<(u64, u64)> {
    let specs: Arc<Vec<FileSpec>> = Arc::new(simulator.plan().collect());
    let (next, bytes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
    let mut threads = tokio::task::JoinSet::new();
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let (specs, next, bytes, folder) =
            (Arc::clone(&specs), Arc::clone(&next), Arc::clone(&bytes), folder.to_owned());
        threads.spawn_blocking(move || -> anyhow::Result<()> {
            while let Some(spec) = specs.get(next.fetch_add(1, Relaxed)) {
                let file = spec.render();
                let path = folder.join(&file.key);
                if let Some(parent) = path.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::write(&path, &file.bytes)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                bytes.fetch_add(file.bytes.len() as u64, Relaxed);
            }
            Ok(())
        });
    }
    while let Some(done) = threads.join_next().await {
        done??;
    }
    Ok((specs.len() as u64, bytes.load(Relaxed)))
}

fn tell_ingest(step: Instant, report: &Report, rules: usize) -> anyhow::Result<()> {
    let rate = report.events as f64 / report.seconds.max(0.001);
    said(
        step,
        &format!(
            "ingested {} events with {rules} rules running: {} events/s",
            thousands(report.events),
            thousands(rate as u64)
        ),
    )?;
    for (table, events) in &report.tables {
        say(&format!("           {table:<26} {:>9}", thousands(*events)))?;
    }
    Ok(())
}

async fn tell_lake(pipeline: &Pipeline, source_bytes: u64) -> anyhow::Result<()> {
    let mut bytes = 0;
    for def in trailkeep_formats::registry::tables() {
        if let Some(table) = pipeline.lake().existing(def).await? {
            bytes += table.stats().await.bytes;
        }
    }
    let ratio = bytes as f64 / source_bytes.max(1) as f64;
    say(&format!("           the lake has {} MB, {ratio:.2} of the compressed logs", bytes / 1_000_000))
}

/// A line to stdout.
fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// A line with the time a step took.
fn said(step: Instant, text: &str) -> anyhow::Result<()> {
    say(&format!("  {:>6.2} s  {text}", step.elapsed().as_secs_f64()))
}
