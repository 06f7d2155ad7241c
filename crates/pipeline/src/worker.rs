//! One thread's work: objects in, rows written, findings kept, all committed together.

use std::any::Any;
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tracing::debug;
use trailkeep_detect::{Finding, Signal};
use trailkeep_formats::container::Source;
use trailkeep_formats::{
    ObjectContext, ObjectOutcome, Quarantined, ReadSummary, Rows, Sink, TableDef, quarantine, read_object,
};
use trailkeep_lake::Writer;
use trailkeep_state::{LedgerEntry, NewItem};

use crate::work::Shared;
use crate::{PipelineError, Progress, Report};

/// The rows of one table: those being read, and those written and not committed.
struct Table {
    rows: Rows,
    writer: Option<Writer>,
}

pub(crate) struct Worker {
    shared: Arc<Shared>,
    runtime: Handle,
    progress: Arc<Progress>,
    cancel: CancellationToken,
    tables: BTreeMap<&'static str, Table>,
    findings: Vec<Finding>,
    signals: Vec<Signal>,
    /// What the observer saw, for the inbox…
    items: Vec<NewItem>,
    /// …and for itself.
    observed: Vec<Box<dyn Any + Send>>,
    /// Objects read to their end, whose rows are not all committed.
    done: Vec<LedgerEntry>,
    /// What stopped the object being read.
    fault: Option<PipelineError>,
    /// What is not committed yet…
    pending: Report,
    /// …and what is.
    pub(crate) report: Report,
    last_commit: Instant,
    counted: Counted,
}

/// Events handed on since the worker began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    /// New to the lake.
    pub(crate) events: u64,
    /// Known to it.
    pub(crate) duplicates: u64,
}

impl Worker {
    pub(crate) fn new(
        shared: Arc<Shared>,
        runtime: Handle,
        progress: Arc<Progress>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            shared,
            runtime,
            progress,
            cancel,
            tables: BTreeMap::new(),
            findings: Vec::new(),
            signals: Vec::new(),
            items: Vec::new(),
            observed: Vec::new(),
            done: Vec::new(),
            fault: None,
            pending: Report::default(),
            report: Report::default(),
            last_commit: Instant::now(),
            counted: Counted::default(),
        }
    }

    /// Hands on all rows that were read, and says how many there have been.
    pub(crate) fn count(&mut self) -> Result<Counted, PipelineError> {
        let names: Vec<&'static str> = self.tables.keys().copied().collect();
        for name in names {
            self.flush(name)?;
        }
        Ok(self.counted)
    }

    /// Reads one object. The inner error is the object's own; the outer one stops the worker.
    pub(crate) fn read(
        &mut self,
        uri: &str,
        modified: Option<SystemTime>,
        source: Source<'_>,
    ) -> Result<Result<ReadSummary, std::io::Error>, PipelineError> {
        let limits = self.shared.options.limits;
        let mut context = ObjectContext::new(uri, Utc::now().timestamp_micros());
        context.modified = modified.map(|time| DateTime::<Utc>::from(time).timestamp_micros());
        let read = read_object(source, &mut context, &limits, self);
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        Ok(read)
    }

    /// Counts an object that was read to its end, and remembers to tell the ledger.
    pub(crate) fn finish(&mut self, summary: &ReadSummary, entry: Option<LedgerEntry>) {
        self.pending.files += 1;
        self.pending.quarantined += summary.quarantined;
        if let ObjectOutcome::Skipped(what) = &summary.outcome {
            // Only the kind: one name per unknown object would grow without bound.
            let kind = what.split(" (").next().unwrap_or(what).to_owned();
            *self.pending.skipped.entry(kind).or_default() += 1;
        }
        self.done.extend(entry);
    }

    /// Whether enough has come together for a commit.
    pub(crate) fn is_full(&self) -> bool {
        let options = &self.shared.options;
        let writers = || self.tables.values().filter_map(|t| t.writer.as_ref());
        writers().map(Writer::pending_rows).sum::<u64>() >= options.commit_rows
            || writers().map(Writer::pending_bytes).sum::<usize>() >= options.commit_bytes
            || (self.last_commit.elapsed() >= options.commit_every && self.has_work())
    }

    fn has_work(&self) -> bool {
        !self.done.is_empty()
            || self.tables.values().any(|t| t.writer.as_ref().is_some_and(|w| w.pending_rows() > 0))
    }

    /// Hands the rows of one table on: de-duplicated, detected on, written.
    fn flush(&mut self, name: &'static str) -> Result<(), PipelineError> {
        let Some(table) = self.tables.get_mut(name).filter(|t| !t.rows.is_empty()) else { return Ok(()) };
        let def = table.rows.table();
        let batch = table.rows.finish();
        Progress::add(&self.progress.events, batch.num_rows() as u64);
        let writer = match &mut table.writer {
            Some(writer) => writer,
            none => none.insert(self.runtime.block_on(self.shared.appender(def))?.writer()),
        };
        let fresh = self.runtime.block_on(writer.fresh(batch))?;
        if def.name != quarantine::TABLE.name {
            self.pending.duplicates += fresh.duplicates;
            self.counted.duplicates += fresh.duplicates;
            self.counted.events += fresh.batch.num_rows() as u64;
            let mut found = self.shared.detector.detect(&fresh.batch, def.name);
            Progress::add(&self.progress.findings, found.findings.len() as u64);
            self.findings.append(&mut found.findings);
            self.signals.append(&mut found.signals);
            if let Some(observer) = &self.shared.options.observer {
                let mut seen = observer.observe(&fresh.batch, def.name);
                self.items.append(&mut seen.items);
                self.observed.extend(seen.rest);
            }
        }
        self.runtime.block_on(writer.write(fresh.batch))?;
        Ok(())
    }

    /// Commits all there is: see the crate's documentation for the order.
    pub(crate) fn commit(&mut self) -> Result<(), PipelineError> {
        self.count()?;
        let started = Instant::now();
        self.record_findings()?;
        let mut pending = std::mem::take(&mut self.pending);
        for (name, table) in &mut self.tables {
            let Some(writer) = table.writer.as_mut() else { continue };
            let committed = self.runtime.block_on(writer.commit())?;
            if *name == quarantine::TABLE.name {
                continue;
            }
            pending.events += committed.rows;
            pending.duplicates += committed.duplicates;
            Progress::add(&self.progress.committed, committed.rows);
            if committed.rows > 0 {
                *pending.tables.entry((*name).to_owned()).or_default() += committed.rows;
            }
        }
        if let Some(observer) = self.shared.options.observer.as_ref().filter(|_| !self.observed.is_empty()) {
            observer.committed(std::mem::take(&mut self.observed));
        }
        let done = std::mem::take(&mut self.done);
        self.runtime.block_on(self.shared.state.ledger().put(&done))?;
        debug!(objects = done.len(), events = pending.events, elapsed = ?started.elapsed(), "committed");
        self.report.merge(pending);
        self.last_commit = Instant::now();
        Ok(())
    }

    fn record_findings(&mut self) -> Result<(), PipelineError> {
        let mut findings = std::mem::take(&mut self.findings);
        let signals = std::mem::take(&mut self.signals);
        let items = std::mem::take(&mut self.items);
        self.runtime.block_on(self.shared.state.inbox().put(&items, Utc::now()))?;
        if findings.is_empty() && signals.is_empty() {
            return Ok(());
        }
        self.runtime.block_on(self.shared.record(&mut findings, &signals, Utc::now()))?;
        for finding in &findings {
            *self.pending.findings.entry(finding.level.as_str().to_owned()).or_default() += 1;
        }
        Ok(())
    }
}

impl Sink for Worker {
    fn rows(&mut self, table: &'static TableDef) -> &mut Rows {
        let entry = self.tables.entry(table.name);
        &mut entry.or_insert_with(|| Table { rows: Rows::new(table), writer: None }).rows
    }

    fn quarantine(&mut self, record: Quarantined, context: &mut ObjectContext) {
        record.append(context, self.rows(&quarantine::TABLE));
    }

    fn after_record(&mut self) -> ControlFlow<()> {
        let options = &self.shared.options;
        let (bytes, rows) = (options.batch_bytes, options.batch_rows);
        let full = self.tables.iter().find(|(_, t)| t.rows.raw_bytes() >= bytes || t.rows.len() >= rows);
        let Some((&name, _)) = full else { return ControlFlow::Continue(()) };
        if self.cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        // In the middle of a large object too: what is committed of it is found again by the lake.
        let done = self.flush(name).and_then(|()| if self.is_full() { self.commit() } else { Ok(()) });
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                self.fault = Some(fault);
                ControlFlow::Break(())
            }
        }
    }
}

/// Counts the bytes that are read through it.
pub(crate) struct CountedRead<R> {
    pub(crate) inner: R,
    pub(crate) progress: Arc<Progress>,
    pub(crate) bytes: Arc<std::sync::atomic::AtomicU64>,
}

impl<R: Read> Read for CountedRead<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buf)?;
        Progress::add(&self.progress.bytes, n as u64);
        Progress::add(&self.bytes, n as u64);
        Ok(n)
    }
}
