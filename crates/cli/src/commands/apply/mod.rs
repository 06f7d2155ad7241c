//! `trailkeep apply`: the plan, the question, the work, and taking it back.

mod emit;
mod undo;
mod watch;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use chrono::Utc;
use serde::Serialize;
use trailkeep_baseline::apply::{self, Clients, Journal, Outcome, Patience, StepResult};
use trailkeep_baseline::plan::{ApplySettings, Plan, plan};
use trailkeep_baseline::{Inventory, assess};
use trailkeep_server::Config;

use crate::args::{Apply, Format, Global};
use crate::exit::Status;
use crate::output::{clean, document, note};

use super::check::collect;

/// Plans, shows, asks, and does it.
pub(crate) async fn run(global: &Global, args: &Apply) -> anyhow::Result<Status> {
    if let Some(format) = args.emit {
        return emit::run(global, args, format);
    }
    anyhow::ensure!(
        matches!(global.output, Format::Table | Format::Json | Format::Ndjson),
        "a plan is printed as table, json or ndjson"
    );
    if let Some(run) = &args.undo {
        return undo::run(global, args, run.as_deref()).await;
    }
    let (inventory, clients, home) = look(global, args).await?;
    let plan = planned(global, args, &inventory, home)?;
    if args.dry_run {
        show(global, args, &plan)?;
        return Ok(if plan.is_empty() { Status::Done } else { Status::Found });
    }
    if global.output == Format::Table {
        show(global, args, &plan)?;
    }
    if plan.is_empty() {
        if global.output != Format::Table {
            document(global.output, &Report { run: None, plan: &plan, results: &[] })?;
        }
        note("nothing is to be done");
        return Ok(Status::Done);
    }
    if !args.yes {
        let steps = plan.steps.len();
        if let Some(status) = refused(&format!("Do these {steps} steps?"))? {
            return Ok(status);
        }
    }
    act(global, &plan, &clients).await
}

/// The estate, how its accounts are asked, and the Region of the settings.
async fn look(global: &Global, args: &Apply) -> anyhow::Result<(Inventory, Clients, Option<String>)> {
    if let Some(file) = &args.from_inventory {
        return Ok((collect::read(file)?, Clients::new(), None));
    }
    let aws = collect::load(&args.estate).await?;
    let (inventory, clients) = collect::survey(global, &args.estate, &[], &aws).await?;
    Ok((inventory, clients, Some(aws.region().to_owned())))
}

fn planned(
    global: &Global,
    args: &Apply,
    inventory: &Inventory,
    home: Option<String>,
) -> anyhow::Result<Plan> {
    let config = config(global)?;
    let defaults = ApplySettings::default();
    let home_region = args.home_region.clone().or(home).unwrap_or(defaults.home_region);
    if args.home_region.is_some() {
        let known = inventory.accounts.values().any(|account| account.regions.contains(&home_region));
        anyhow::ensure!(
            known,
            "no account of the estate has the Region {home_region}, or it is not in scope"
        );
    }
    let settings = ApplySettings {
        home_region,
        retention_days: config.check.settings.retention_days,
        object_lock_days: args.object_lock_days,
        notify: args.notify.clone(),
        live_events: args.live_events,
    };
    let assessment = assess(inventory, &config.check.settings, &[]);
    Ok(plan(inventory, &assessment, &settings).only(&args.controls))
}

fn config(global: &Global) -> anyhow::Result<Config> {
    match &global.config {
        Some(file) => Ok(Config::load(file)?),
        None => Ok(Config::default()),
    }
}

fn show(global: &Global, args: &Apply, plan: &Plan) -> anyhow::Result<()> {
    match global.output {
        Format::Table => {
            let mut out = io::stdout().lock();
            out.write_all(clean(&plan.text(args.calls)).as_bytes())?;
            Ok(out.flush()?)
        }
        format => document(format, plan),
    }
}

/// What was done, as a document.
#[derive(Serialize)]
struct Report<'a> {
    run: Option<&'a str>,
    plan: &'a Plan,
    results: &'a [StepResult],
}

async fn act(global: &Global, plan: &Plan, clients: &Clients) -> anyhow::Result<Status> {
    let mut journal = Journal::begin(&folder(global), plan, Utc::now())?;
    let run = journal.id().to_string();
    note(&format!("run {run}; the journal is {}", journal.path().display()));
    let watch = watch::Watch::new(global.quiet, "finishing the step at hand");
    let results = Box::pin(apply::apply(plan, clients, &mut journal, Patience::default(), &watch)).await?;
    if global.output != Format::Table {
        document(global.output, &Report { run: Some(&run), plan, results: &results })?;
    }
    let failed = results
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::Failed { .. } | Outcome::Skipped { .. }));
    let failed = failed.count();
    note(&format!(
        "{} of {} steps are done; `trailkeep apply --undo {run}` takes them back",
        results.len() - failed,
        results.len()
    ));
    Ok(if failed == 0 { Status::Done } else { Status::Incomplete })
}

/// Where the journals are.
fn folder(global: &Global) -> PathBuf {
    global.data_dir.join("apply")
}

/// Asks a person. How the command ends if the answer is no, or if there is nobody to ask.
fn refused(question: &str) -> anyhow::Result<Option<Status>> {
    if !io::stdin().is_terminal() {
        note("error: nobody can be asked without a terminal; look at the plan with --dry-run, and say --yes");
        return Ok(Some(Status::Usage));
    }
    let mut err = io::stderr().lock();
    write!(err, "{question} [y/N] ").and_then(|()| err.flush()).context("the question cannot be asked")?;
    drop(err);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("the answer cannot be read")?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(None);
    }
    note("nothing was done");
    Ok(Some(Status::Done))
}
