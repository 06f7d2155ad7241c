//! The six controls of the simulated estate: assessed as `trailkeep check` does, from the answers that
//! AWS would give.

use std::time::Instant;

use anyhow::Context;
use chrono::Utc;
use trailkeep_baseline::report::About;
use trailkeep_baseline::{Assessment, Inventory, Settings, Status, assess};
use trailkeep_server::posture;
use trailkeep_sim::Simulator;
use trailkeep_state::State;

use super::{Global, said, say};
use crate::output::thousands;

/// The file in the demo's folder, for `trailkeep check --from-inventory`.
const FILE: &str = "inventory.json";

/// Assesses the estate, keeps what came of it for the console, and tells it.
pub(super) async fn tell(global: &Global, state: &State, simulator: &Simulator) -> anyhow::Result<()> {
    let step = Instant::now();
    let estate = simulator.estate();
    let file = global.data_dir.join(FILE);
    let text = serde_json::to_vec(&estate.inventory)?;
    std::fs::write(&file, &text).with_context(|| format!("cannot write {}", file.display()))?;
    // The day before the attack first: what the attacker undid got worse since.
    let mut last = None;
    for answers in [simulator.estate_before().inventory, estate.inventory] {
        let inventory: Inventory =
            serde_json::from_value(answers).context("the simulator wrote no inventory")?;
        last = Some((assessed(state, &inventory).await?, inventory));
    }
    let Some((assessment, inventory)) = last else { return Ok(()) };
    let failing = assessment.board().iter().filter(|control| control.status == Status::Fail).count();
    said(
        step,
        &format!(
            "assessed the six controls in {} accounts: {} results, {failing} controls fail",
            inventory.accounts.len(),
            thousands(assessment.results.len() as u64)
        ),
    )?;
    for control in assessment.board() {
        say(&format!(
            "           {}  {:<8} {:<54} {:>3} pass {:>3} fail {:>3} unknown",
            control.control.number(),
            control.status.as_str(),
            control.control.title(),
            control.pass,
            control.fail,
            control.unknown
        ))?;
    }
    say("\nWhat is wrong with the estate, as it was made:\n")?;
    for fault in estate.faults {
        say(&format!("  control {}  {:<12} {}", fault.control, fault.account, fault.what))?;
    }
    say(&format!("\nThe report: trailkeep check --from-inventory {}\n", file.display()))
}

/// Assesses an inventory and keeps what came of it.
async fn assessed(state: &State, inventory: &Inventory) -> anyhow::Result<Assessment> {
    let settings = Settings::default();
    let assessment = assess(inventory, &settings, &[]);
    let about = About::new(env!("CARGO_PKG_VERSION"), inventory, &settings, &[], &assessment);
    posture::keep(state, &assessment, &about, "demo", &[], Utc::now()).await?;
    Ok(assessment)
}
