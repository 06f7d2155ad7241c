//! `trailkeep alarms`: what is watched, what it says, what happened, and what an alarm would do.

mod import;
mod show;
mod simulate;

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::args::{Alarms, AlarmsCommand, Global};
use crate::exit::Status;

/// Definitions and datapoints beyond this are none.
const FILE_BYTES: u64 = 256 << 20;

pub(crate) async fn run(global: &Global, args: &Alarms) -> anyhow::Result<Status> {
    match &args.command {
        AlarmsCommand::List { states, prefix, limit } => {
            show::list(global, states, prefix.as_deref(), *limit).await
        }
        AlarmsCommand::Show { alarm } => show::one(global, alarm).await,
        AlarmsCommand::History { alarm, state, item_type, since, limit } => {
            let asked = show::Asked { alarm, state: *state, item_type, since: *since, limit: *limit };
            show::history(global, asked).await
        }
        AlarmsCommand::Import(args) => Box::pin(import::run(global, args)).await,
        AlarmsCommand::Simulate(args) => simulate::run(global, args),
    }
}

/// A file's text, bounded.
fn read(file: &Path) -> anyhow::Result<String> {
    let about = || format!("cannot read {}", file.display());
    let size = fs::metadata(file).with_context(about)?.len();
    anyhow::ensure!(size <= FILE_BYTES, "{} has {size} bytes; at most {FILE_BYTES} are read", file.display());
    fs::read_to_string(file).with_context(about)
}
