//! The attack, step by step, beside what was found of it.

use std::collections::{BTreeMap, BTreeSet};

use trailkeep_pipeline::Pipeline;
use trailkeep_sim::Simulator;
use trailkeep_state::FindingFilter;

use super::say;
use crate::output::clean;

/// Findings that are read for the comparison: all there are in a demo.
const MOST: usize = 100_000;

/// Evidence per finding that is compared.
const EVIDENCE: usize = 1_000;

/// Prints the attack's steps and the rules that found each.
pub(super) async fn tell(pipeline: &Pipeline, simulator: &Simulator) -> anyhow::Result<()> {
    let findings = pipeline.state().findings();
    let rows = findings.list(&FindingFilter::default(), MOST, None).await?.rows;
    let mut levels: BTreeMap<_, u64> = BTreeMap::new();
    let mut found_by: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        *levels.entry(row.level).or_default() += 1;
        let Some(detail) = findings.get(&row.id, EVIDENCE).await? else { continue };
        for evidence in detail.evidence {
            found_by.entry(evidence.event_uid).or_default().insert(row.finding.rule_title.clone());
        }
    }
    let by_level: Vec<String> =
        levels.iter().rev().map(|(level, n)| format!("{n} {}", level.as_str())).collect();
    say(&format!("           {} findings: {}", rows.len(), by_level.join(", ")))?;

    let attack = simulator.attack();
    say(&format!("\n{}\n", clean(&attack.summary)))?;
    let mut seen = 0;
    for step in &attack.steps {
        let rules: BTreeSet<&String> =
            step.event_ids.iter().filter_map(|id| found_by.get(id)).flatten().collect();
        seen += usize::from(!rules.is_empty());
        let mark = if rules.is_empty() { "  " } else { "! " };
        say(&format!("{mark}{}  {}  {}", step.time.format("%H:%M:%S"), step.technique, clean(step.what)))?;
        for rule in rules.iter().take(3) {
            say(&format!("                         found by: {}", clean(rule)))?;
        }
        if rules.len() > 3 {
            say(&format!("                         and {} more rules", rules.len() - 3))?;
        }
    }
    say(&format!("\n{seen} of the attack's {} steps were found.\n", attack.steps.len()))
}
