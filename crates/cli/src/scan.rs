//! Log files read without a lake: fetched, decoded, and handed to a command's work in batches, on as
//! many threads as there are cores.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use arrow::record_batch::RecordBatch;
use chrono::Utc;
use futures::StreamExt;
use trailkeep_formats::container::Source;
use trailkeep_formats::{
    Limits, ObjectContext, ObjectOutcome, Quarantined, ReadSummary, Rows, Sink, TableDef, read_object,
};
use trailkeep_sources::Fetched;

use crate::args::Global;
use crate::commands::ingest::locations;
use crate::context;
use crate::output::{clean, note, thousands};

/// Rows of one table are given to the work in batches of this many bytes.
const BATCH_BYTES: usize = 16 << 20;

/// What one thread does with the rows it reads.
pub(crate) trait Work: Send + 'static {
    /// Takes rows of one table; breaks when no more are wanted.
    fn rows(&mut self, table: &'static TableDef, batch: &RecordBatch) -> ControlFlow<()>;
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) files: u64,
    pub(crate) events: u64,
    quarantined: u64,
    pub(crate) failed: u64,
    skipped: BTreeMap<String, u64>,
}

impl Tally {
    fn fail(&mut self, error: &str) {
        self.failed += 1;
        note(&format!("error: {}", clean(error)));
    }

    fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.events += other.events;
        self.quarantined += other.quarantined;
        self.failed += other.failed;
        for (what, n) in other.skipped {
            *self.skipped.entry(what).or_default() += n;
        }
    }

    fn count(&mut self, summary: &ReadSummary) {
        self.files += 1;
        self.events += summary.events;
        self.quarantined += summary.quarantined;
        if let ObjectOutcome::Skipped(what) = &summary.outcome {
            let kind = what.split(" (").next().unwrap_or(what).to_owned();
            *self.skipped.entry(kind).or_default() += 1;
        }
    }

    /// Says on stderr what was read and what came of it.
    pub(crate) fn tell(&self, global: &Global, outcome: &str) {
        if global.quiet {
            return;
        }
        note(&format!("{} events in {} files: {outcome}", thousands(self.events), thousands(self.files)));
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

/// Reads everything at the places, each thread with work of its own. Files that cannot be read are
/// told and counted; the others are read all the same.
pub(crate) async fn scan<W: Work>(
    global: &Global,
    places: &[String],
    mut work: impl FnMut() -> W,
) -> anyhow::Result<(Vec<W>, Tally)> {
    let sources = context::sources(global);
    let mut fetched = sources.fetch(sources.list(locations(places)?));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let (sender, receiver) = async_channel::bounded::<Fetched>(workers);
    let mut threads = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let (receiver, work) = (receiver.clone(), work());
        threads.spawn_blocking(move || Scan::new(work).run(&receiver));
    }
    drop((receiver, work));
    let mut tally = Tally::default();
    while let Some(item) = fetched.next().await {
        match item {
            Ok(object) => {
                if sender.send(object).await.is_err() {
                    break;
                }
            }
            Err(error) => tally.fail(&error.to_string()),
        }
    }
    drop(sender);
    let mut done = Vec::with_capacity(workers);
    while let Some(thread) = threads.join_next().await {
        let (work, read) = thread?;
        tally.merge(read);
        done.push(work);
    }
    Ok((done, tally))
}

/// One thread's reading.
struct Scan<W> {
    work: W,
    tables: BTreeMap<&'static str, Rows>,
    tally: Tally,
    flow: ControlFlow<()>,
}

impl<W: Work> Scan<W> {
    fn new(work: W) -> Self {
        Self { work, tables: BTreeMap::new(), tally: Tally::default(), flow: ControlFlow::Continue(()) }
    }

    fn run(mut self, objects: &async_channel::Receiver<Fetched>) -> (W, Tally) {
        while self.flow.is_continue()
            && let Ok(Fetched { object, body }) = objects.recv_blocking()
        {
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
                Ok(summary) => self.tally.count(&summary),
                Err(error) => self.tally.fail(&format!("{}: {error}", object.uri)),
            }
        }
        let names: Vec<&'static str> = self.tables.keys().copied().collect();
        names.into_iter().for_each(|name| self.flush(name));
        (self.work, self.tally)
    }

    fn flush(&mut self, name: &'static str) {
        if self.flow.is_break() {
            return;
        }
        let Some(rows) = self.tables.get_mut(name).filter(|rows| !rows.is_empty()) else { return };
        let table = rows.table();
        self.flow = self.work.rows(table, &rows.finish());
    }
}

impl<W: Work> Sink for Scan<W> {
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
        self.flow
    }
}
