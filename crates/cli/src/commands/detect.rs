//! `trailkeep detect`: rules over log files, no lake.

use std::collections::{BTreeMap, HashSet};
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::Utc;
use futures::StreamExt;
use trailkeep_detect::{Detector, Finding, Signal};
use trailkeep_formats::container::Source;
use trailkeep_formats::{
    Limits, ObjectContext, ObjectOutcome, Quarantined, ReadSummary, Rows, Sink, TableDef, read_object,
};
use trailkeep_sources::Fetched;

use crate::args::{Detect, Format, Global};
use crate::commands::ingest::locations;
use crate::exit::Status;
use crate::output::{self, clean, note, thousands};
use crate::{context, rules};

/// Rows of one table are given to the rules in batches of this many bytes.
const BATCH_BYTES: usize = 16 << 20;

pub(crate) async fn run(global: &Global, args: &Detect) -> anyhow::Result<Status> {
    let sources = context::sources(global);
    let locations = locations(&args.locations)?;
    let detector = Arc::new(Detector::new(Arc::new(rules::load(&args.rules, global.quiet)?)));
    let mut fetched = sources.fetch(sources.list(locations));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let (sender, receiver) = async_channel::bounded::<Fetched>(workers);
    let mut threads = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let (receiver, detector) = (receiver.clone(), Arc::clone(&detector));
        threads.spawn_blocking(move || Scan::new(detector).run(&receiver));
    }
    drop(receiver);
    let mut all = Found::default();
    while let Some(item) = fetched.next().await {
        match item {
            Ok(object) => {
                if sender.send(object).await.is_err() {
                    break;
                }
            }
            Err(error) => all.fail(&error.to_string()),
        }
    }
    drop(sender);
    while let Some(found) = threads.join_next().await {
        all.merge(found?);
    }
    let findings = all.settle(&detector, args);
    print(global, &findings)?;
    all.tell(global, &findings);
    let found = findings.iter().any(|f| f.level >= args.fail_on);
    Ok(match (all.failed > 0, found) {
        (true, _) => Status::Incomplete,
        (_, true) => Status::Found,
        _ => Status::Done,
    })
}

/// What one or all threads found.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    signals: Vec<Signal>,
    files: u64,
    events: u64,
    quarantined: u64,
    failed: u64,
    skipped: BTreeMap<String, u64>,
}

impl Found {
    fn fail(&mut self, error: &str) {
        self.failed += 1;
        note(&format!("error: {}", clean(error)));
    }

    fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.signals.extend(other.signals);
        self.files += other.files;
        self.events += other.events;
        self.quarantined += other.quarantined;
        self.failed += other.failed;
        for (what, n) in other.skipped {
            *self.skipped.entry(what).or_default() += n;
        }
    }

    /// The findings to print: correlations among them, each once, oldest first.
    fn settle(&mut self, detector: &Detector, args: &Detect) -> Vec<Finding> {
        let mut groups: BTreeMap<(String, String), Vec<Signal>> = BTreeMap::new();
        for signal in self.signals.drain(..) {
            groups
                .entry((signal.correlation_rule_id.clone(), signal.group.clone()))
                .or_default()
                .push(signal);
        }
        for ((rule, _), signals) in groups {
            self.findings.extend(detector.rules().correlate(&rule, &signals));
        }
        let mut seen = HashSet::new();
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|f| f.level >= args.min_level && seen.insert(f.id.clone()));
        findings.sort_by(|a, b| (a.time, &a.rule_id, &a.event_uid).cmp(&(b.time, &b.rule_id, &b.event_uid)));
        findings
    }

    fn tell(&self, global: &Global, findings: &[Finding]) {
        if global.quiet {
            return;
        }
        note(&format!(
            "{} events in {} files: {} findings",
            thousands(self.events),
            thousands(self.files),
            thousands(findings.len() as u64)
        ));
        if self.quarantined > 0 {
            note(&format!(
                "{} records could not be read; `trailkeep ingest` keeps them in quarantine",
                self.quarantined
            ));
        }
        for (what, n) in &self.skipped {
            note(&format!("skipped {n}: {}", clean(what)));
        }
    }
}

/// One thread's work.
struct Scan {
    detector: Arc<Detector>,
    tables: BTreeMap<&'static str, Rows>,
    found: Found,
}

impl Scan {
    fn new(detector: Arc<Detector>) -> Self {
        Self { detector, tables: BTreeMap::new(), found: Found::default() }
    }

    fn run(mut self, objects: &async_channel::Receiver<Fetched>) -> Found {
        while let Ok(Fetched { object, body }) = objects.recv_blocking() {
            let mut context = ObjectContext::new(object.uri.as_ref(), Utc::now().timestamp_micros());
            let limits = Limits::default();
            let read = match body {
                Err(error) => Err(std::io::Error::other(error)),
                Ok(body) => match body.whole().cloned() {
                    Some(bytes) => read_object(Source::Bytes(&bytes), &mut context, &limits, &mut self),
                    None => read_object(Source::Stream(Box::new(body)), &mut context, &limits, &mut self),
                },
            };
            match read {
                Ok(summary) => self.count(&summary),
                Err(error) => self.found.fail(&format!("{}: {error}", object.uri)),
            }
        }
        let names: Vec<&'static str> = self.tables.keys().copied().collect();
        names.into_iter().for_each(|name| self.flush(name));
        self.found
    }

    fn count(&mut self, summary: &ReadSummary) {
        self.found.files += 1;
        self.found.events += summary.events;
        self.found.quarantined += summary.quarantined;
        if let ObjectOutcome::Skipped(what) = &summary.outcome {
            let kind = what.split(" (").next().unwrap_or(what).to_owned();
            *self.found.skipped.entry(kind).or_default() += 1;
        }
    }

    fn flush(&mut self, name: &'static str) {
        let Some(rows) = self.tables.get_mut(name).filter(|rows| !rows.is_empty()) else { return };
        let mut found = self.detector.detect(&rows.finish(), name);
        self.found.findings.append(&mut found.findings);
        self.found.signals.append(&mut found.signals);
    }
}

impl Sink for Scan {
    fn rows(&mut self, table: &'static TableDef) -> &mut Rows {
        self.tables.entry(table.name).or_insert_with(|| Rows::new(table))
    }

    fn quarantine(&mut self, _record: Quarantined, _context: &mut ObjectContext) {
        // Counted in the object's summary.
    }

    fn after_record(&mut self) -> ControlFlow<()> {
        let full = self.tables.iter().find(|(_, rows)| rows.raw_bytes() >= BATCH_BYTES);
        if let Some((&name, _)) = full {
            self.flush(name);
        }
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
