//! `trailkeep alarms simulate`.

use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context;
use trailkeep_alarms::definition::{AlarmEntry, read_alarms};
use trailkeep_alarms::simulate as simulate_alarm;
use trailkeep_alarms::simulate::Simulation;

use super::{FILE_BYTES, read};
use crate::args::{AlarmsSimulate, Format, Global};
use crate::exit::Status;
use crate::output::{self, clean};

pub(super) fn run(global: &Global, args: &AlarmsSimulate) -> anyhow::Result<Status> {
    let entry = definition(&args.alarm)?;
    let csv = datapoints(&args.datapoints)?;
    // What an answer of DescribeAlarms says of the state is of now, and not of where the datapoints begin.
    let described = entry.start.as_ref().map(|start| start.value).filter(|_| args.at.is_some());
    let simulation = simulate_alarm(&entry.alarm, &csv, args.state.or(described), args.at)
        .with_context(|| format!("cannot simulate on {}", args.datapoints.display()))?;
    print(global, &simulation)?;
    Ok(Status::Done)
}

fn definition(file: &Path) -> anyhow::Result<AlarmEntry> {
    let about = || format!("cannot use {}", file.display());
    let mut entries = read_alarms(&read(file)?).with_context(about)?;
    anyhow::ensure!(
        entries.len() == 1,
        "{} has {} alarms; write the one to simulate to a file of its own",
        file.display(),
        entries.len()
    );
    Ok(entries.swap_remove(0))
}

fn datapoints(file: &Path) -> anyhow::Result<String> {
    if file != Path::new("-") {
        return read(file);
    }
    let text =
        io::read_to_string(io::stdin().lock().take(FILE_BYTES + 1)).context("cannot read standard input")?;
    anyhow::ensure!(text.len() as u64 <= FILE_BYTES, "standard input has more than {FILE_BYTES} bytes");
    Ok(text)
}

fn print(global: &Global, simulation: &Simulation) -> anyhow::Result<()> {
    if matches!(global.output, Format::Json | Format::Ndjson) {
        return output::document(global.output, simulation);
    }
    output::items(global.output, &simulation.transitions, &["time", "from", "to", "reason"], |transition| {
        vec![
            transition.time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            transition.from.to_string(),
            transition.to.to_string(),
            transition.reason.clone(),
        ]
    })?;
    if global.output == Format::Table {
        let (state, reason) = (simulation.state, clean(&simulation.reason));
        writeln!(io::stdout().lock(), "{state} after {} evaluations: {reason}", simulation.evaluations)?;
    }
    Ok(())
}
