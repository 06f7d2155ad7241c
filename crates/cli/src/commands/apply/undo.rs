//! `trailkeep apply --undo`.

use trailkeep_baseline::apply::{Fate, Patience, RunSummary, runs, undo};
use trailkeep_baseline::collect;

use super::{folder, refused, watch};
use crate::args::{Apply, Format, Global};
use crate::commands::check::collect::{load, scope};
use crate::exit::Status;
use crate::output::{document, items, note};

const HEADER: [&str; 6] = ["run", "began", "accounts", "steps", "calls", "undone"];

/// Takes back a run, or lists the runs.
pub(super) async fn run(global: &Global, args: &Apply, run: Option<&str>) -> anyhow::Result<Status> {
    let folder = folder(global);
    let all = runs(&folder)?;
    let Some(run) = run else {
        if all.is_empty() && global.output == Format::Table {
            note(&format!("there are no runs in {}", folder.display()));
            return Ok(Status::Done);
        }
        items(global.output, &all, &HEADER, row)?;
        return Ok(Status::Done);
    };
    if let Some(summary) = all.iter().find(|summary| summary.id.as_str() == run) {
        let question = format!(
            "Take back the {} calls of {} in {}?",
            summary.calls,
            summary.at.format("%F %R UTC"),
            summary.accounts.join(", ")
        );
        if !args.yes
            && let Some(status) = refused(&question)?
        {
            return Ok(status);
        }
    }
    let aws = load(&args.estate).await?;
    let clients = Box::pin(collect::enter(&aws, &scope(&args.estate))).await?;
    let watch = watch::Watch::new(global.quiet, "finishing what is at hand");
    let undone = Box::pin(undo(&folder, run, &clients, Patience::default(), &watch)).await?;
    if global.output != Format::Table {
        document(global.output, &undone)?;
    }
    let count = |wanted: fn(&Fate) -> bool| undone.iter().filter(|thing| wanted(&thing.fate)).count();
    let back = count(|fate| matches!(fate, Fate::Deleted | Fate::Restored));
    let kept = count(|fate| matches!(fate, Fate::Kept { .. }));
    let failed = count(|fate| matches!(fate, Fate::Failed { .. }));
    note(&format!("{back} taken back, {kept} kept, {failed} failed"));
    Ok(if failed == 0 { Status::Done } else { Status::Incomplete })
}

fn row(run: &RunSummary) -> Vec<String> {
    vec![
        run.id.to_string(),
        run.at.format("%F %R UTC").to_string(),
        run.accounts.join(", "),
        run.steps.to_string(),
        run.calls.to_string(),
        if run.undone { "yes" } else { "no" }.to_owned(),
    ]
}
