//! `trailkeep check`: which of the six controls hold, where, and how to mend the rest.

pub(super) mod collect;
mod schedule;
mod waivers;

use std::io::{IsTerminal, Write};

use chrono::Utc;
use trailkeep_baseline::report::{About, Look};
use trailkeep_baseline::{Assessment, Report, Status as Verdict, assess};
use trailkeep_server::{Config, posture};

pub(crate) use schedule::AwsEstate;

use crate::args::{Check, Format, Global};
use crate::context;
use crate::exit::Status;
use crate::output::{clean, note};

/// Wide enough for most lines, where the width is not known.
const WIDTH: usize = 100;

/// Collects or reads an inventory, assesses it, and tells what came of it.
pub(crate) async fn run(global: &Global, args: &Check) -> anyhow::Result<Status> {
    anyhow::ensure!(
        global.output != Format::Parquet,
        "parquet is for `query` only; choose table, json, ndjson, csv, html, junit, asff or ocsf"
    );
    let config = match &global.config {
        Some(file) => Config::load(file)?,
        None => Config::default(),
    };
    // Mistakes are told before minutes of collecting, not after them.
    let waivers = waivers::load(args.waivers.as_deref().or(config.check.waivers.as_deref()))?;
    let inventory = Box::pin(collect::inventory(global, args)).await?;
    let settings = &config.check.settings;
    let mut assessment = assess(&inventory, settings, &waivers);
    let mut about = About::new(env!("CARGO_PKG_VERSION"), &inventory, settings, &waivers, &assessment);
    if !args.controls.is_empty() {
        assessment.results.retain(|result| args.controls.contains(&result.control));
        about.controls.retain(|control| args.controls.contains(control));
    } else if !args.no_save {
        keep(global, &config, &assessment, &about).await;
    }
    print(global, &Report::new(&assessment, &about))?;
    let failed = |result: &trailkeep_baseline::CheckResult| {
        result.status == Verdict::Fail && result.severity >= args.fail_on
    };
    Ok(if assessment.results.iter().any(failed) { Status::Found } else { Status::Done })
}

/// For the console's board and trend. A data folder that cannot be written is no reason to withhold
/// the answer.
async fn keep(global: &Global, config: &Config, assessment: &Assessment, about: &About) {
    let kept = async {
        let state = context::state(global).await?;
        anyhow::Ok(posture::keep(&state, assessment, about, "check", &config.routes(), Utc::now()).await?)
    };
    match kept.await {
        Ok(kept) if kept.regressed > 0 && !global.quiet => note(&format!(
            "{} since the last assessment; `trailkeep findings` lists them",
            if kept.regressed == 1 {
                "1 result got worse".to_owned()
            } else {
                format!("{} results got worse", kept.regressed)
            }
        )),
        Ok(_) => {}
        Err(error) => note(&format!("warning: not kept for the console: {}", clean(&format!("{error:#}")))),
    }
}

fn print(global: &Global, report: &Report<'_>) -> anyhow::Result<()> {
    let text = match global.output {
        Format::Table | Format::Parquet => report.terminal(&look()),
        Format::Json => report.json(),
        Format::Ndjson => report.ndjson(),
        Format::Csv => report.csv(),
        Format::Html => report.html(),
        Format::Junit => report.junit(),
        Format::Asff => report.asff(),
        Format::Ocsf => report.ocsf(),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Colour and width as the terminal has them. <https://no-color.org>
pub(crate) fn look() -> Look {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let terminal = std::io::stdout().is_terminal();
    let width = comfy_table::Table::new().width().filter(|_| terminal).map_or(WIDTH, usize::from);
    Look { width, colour: terminal && !plain, ..Look::default() }
}
