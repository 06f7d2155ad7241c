//! `trailkeep ingest`.

use std::io::Write;
use std::time::Duration;

use trailkeep_pipeline::{PipelineOptions, Report};
use trailkeep_sources::Location;

use crate::args::{Format, Global, Ingest};
use crate::exit::Status;
use crate::output::{self, clean, note, thousands};
use crate::{context, progress, rules, signals};

/// How long the first Ctrl-C may take: a commit is a second or two, on slow stores more.
const DRAIN: Duration = Duration::from_secs(60);

pub(crate) async fn run(global: &Global, args: &Ingest) -> anyhow::Result<Status> {
    let locations = locations(&args.locations)?;
    let rules = rules::load(&args.rules, global.quiet)?;
    let sources = context::sources(global);
    let mut options = PipelineOptions::default();
    if let Some(workers) = args.workers {
        options.workers = workers.max(1);
    }
    if let Some(rows) = args.commit_rows {
        options.commit_rows = rows;
        options.batch_rows = options.batch_rows.min(usize::try_from(rows).unwrap_or(usize::MAX));
    }
    let pipeline = context::pipeline(global, &sources, rules, options).await?;
    let ingest = pipeline.ingest().read_again(args.again);
    let saying = "finishing the current commit; run the same command again to go on from there";
    signals::drain_on_interrupt(ingest.cancellation(), saying, DRAIN);
    let survey = sources.survey(locations.clone()).await;
    let bar = progress::Bar::start(ingest.progress(), survey.bytes, global.quiet);
    let report = ingest.run(&sources, locations).await;
    drop(bar);
    let report = report.map_err(|error| {
        let hint = if error.is_storage_full() {
            "the disk is full; free some space and run the same command again: it goes on from there"
        } else {
            "what was committed is safe; run the same command again to go on from there"
        };
        anyhow::Error::from(error).context(hint)
    })?;
    print(global, &report)?;
    Ok(status(&report))
}

/// What the user gave, as locations.
pub(crate) fn locations(given: &[String]) -> anyhow::Result<Vec<Location>> {
    given.iter().map(|text| Ok(Location::parse(text)?)).collect()
}

fn status(report: &Report) -> Status {
    if report.failed.is_empty() && !report.interrupted { Status::Done } else { Status::Incomplete }
}

fn print(global: &Global, report: &Report) -> anyhow::Result<()> {
    for failed in report.failed.iter().take(20) {
        note(&format!("cannot read {}: {}", clean(&failed.uri), clean(&failed.error)));
    }
    if report.failed.len() > 20 {
        note(&format!("… and {} more that could not be read", report.failed.len() - 20));
    }
    if global.output != Format::Table {
        return output::document(global.output, report);
    }
    let mut out = std::io::stdout().lock();
    let rate = report.events as f64 / report.seconds.max(0.001);
    writeln!(
        out,
        "{} files, {} new events in {:.1} s ({} events/s)",
        thousands(report.files),
        thousands(report.events),
        report.seconds,
        thousands(rate as u64),
    )?;
    for (table, events) in &report.tables {
        writeln!(out, "  {:<28} {:>12}", table, thousands(*events))?;
    }
    let mut rest: Vec<(String, u64)> = vec![
        ("duplicates, kept once".to_owned(), report.duplicates),
        ("files known from before".to_owned(), report.known_files),
        ("records in quarantine".to_owned(), report.quarantined),
    ];
    rest.extend(report.skipped.iter().map(|(what, n)| (format!("skipped: {}", clean(what)), *n)));
    rest.extend(report.findings.iter().rev().map(|(level, n)| (format!("findings: {level}"), *n)));
    for (what, n) in rest.into_iter().filter(|(_, n)| *n > 0) {
        writeln!(out, "  {:<28} {:>12}", what, thousands(n))?;
    }
    if report.interrupted {
        note("stopped before the end; run the same command again to go on from here");
    }
    Ok(())
}
