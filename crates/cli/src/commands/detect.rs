//! `trailkeep detect`: rules over log files, no lake.

use std::collections::{BTreeMap, HashSet};
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use trailkeep_detect::{Detector, Finding, Signal};
use trailkeep_formats::TableDef;

use crate::args::{Detect, Format, Global};
use crate::exit::Status;
use crate::output::{self, thousands};
use crate::rules;
use crate::scan::{self, Work};

pub(crate) async fn run(global: &Global, args: &Detect) -> anyhow::Result<Status> {
    let detector = Arc::new(Detector::new(Arc::new(rules::load(&args.rules, global.quiet)?)));
    let (found, tally) = scan::scan(global, &args.locations, || Found::new(&detector)).await?;
    let mut all = Found::new(&detector);
    found.into_iter().for_each(|found| all.merge(found));
    let findings = all.settle(args);
    print(global, &findings)?;
    tally.tell(global, &format!("{} findings", thousands(findings.len() as u64)));
    let found = findings.iter().any(|f| f.level >= args.fail_on);
    Ok(match (tally.failed > 0, found) {
        (true, _) => Status::Incomplete,
        (_, true) => Status::Found,
        _ => Status::Done,
    })
}

/// What one or all threads found.
struct Found {
    detector: Arc<Detector>,
    findings: Vec<Finding>,
    signals: Vec<Signal>,
}

impl Found {
    fn new(detector: &Arc<Detector>) -> Self {
        Self { detector: Arc::clone(detector), findings: Vec::new(), signals: Vec::new() }
    }

    fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.signals.extend(other.signals);
    }

    /// The findings to print: correlations among them, each once, oldest first.
    fn settle(&mut self, args: &Detect) -> Vec<Finding> {
        let mut groups: BTreeMap<(String, String), Vec<Signal>> = BTreeMap::new();
        for signal in self.signals.drain(..) {
            groups
                .entry((signal.correlation_rule_id.clone(), signal.group.clone()))
                .or_default()
                .push(signal);
        }
        for ((rule, _), signals) in groups {
            self.findings.extend(self.detector.rules().correlate(&rule, &signals));
        }
        let mut seen = HashSet::new();
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|f| f.level >= args.min_level && seen.insert(f.id.clone()));
        findings.sort_by(|a, b| (a.time, &a.rule_id, &a.event_uid).cmp(&(b.time, &b.rule_id, &b.event_uid)));
        findings
    }
}

impl Work for Found {
    fn rows(&mut self, table: &'static TableDef, batch: &RecordBatch) -> ControlFlow<()> {
        let mut found = self.detector.detect(batch, table.name);
        self.findings.append(&mut found.findings);
        self.signals.append(&mut found.signals);
        ControlFlow::Continue(())
    }
}

fn print(global: &Global, findings: &[Finding]) -> anyhow::Result<()> {
    if global.output == Format::Table && std::io::stdout().is_terminal() && findings.is_empty() {
        writeln!(std::io::stdout().lock(), "nothing found")?;
        return Ok(());
    }
    let header = ["time", "level", "rule", "actor", "source_ip", "summary", "event_uid"];
    output::items(global.output, findings, &header, |f| {
        vec![
            f.time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            f.level.as_str().to_owned(),
            f.rule_title.clone(),
            f.actor.clone().unwrap_or_default(),
            f.source_ip.clone().unwrap_or_default(),
            f.summary.clone(),
            f.event_uid.clone(),
        ]
    })
}
