//! `trailkeep check`.

mod collect;

use crate::args::{Check, Global};
use crate::exit::Status;

/// Collects or reads an inventory, and assesses it.
pub(crate) async fn run(global: &Global, args: &Check) -> anyhow::Result<Status> {
    let inventory = collect::inventory(global, args).await?;
    let assessment = trailkeep_baseline::assess(&inventory, &trailkeep_baseline::Settings::default(), &[]);
    let _ = assessment;
    Ok(Status::Done)
}
