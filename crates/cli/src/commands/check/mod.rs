//! `trailkeep check`.

mod collect;

use trailkeep_baseline::{CheckResult, Settings, Status as Found, assess};

use crate::args::{Check, Global};
use crate::exit::Status;
use crate::output;

const HEADER: [&str; 6] = ["status", "severity", "check", "account", "region", "observed"];

/// Collects or reads an inventory, and assesses it.
pub(crate) async fn run(global: &Global, args: &Check) -> anyhow::Result<Status> {
    let inventory = Box::pin(collect::inventory(global, args)).await?;
    let mut assessment = assess(&inventory, &Settings::default(), &[]);
    if !args.controls.is_empty() {
        assessment.results.retain(|result| args.controls.contains(&result.control));
    }
    output::items(global.output, &assessment.results, &HEADER, row)?;
    let fails = |result: &CheckResult| result.status == Found::Fail && result.severity >= args.fail_on;
    Ok(if assessment.results.iter().any(fails) { Status::Found } else { Status::Done })
}

fn row(result: &CheckResult) -> Vec<String> {
    let status = result.status.as_str().to_owned();
    let (severity, check) = (result.severity.to_string(), result.check_id.clone());
    vec![status, severity, check, result.account_id.clone(), result.region.clone(), result.observed.clone()]
}
