//! Adding rows: filtered down to those that the lake does not have, written as Parquet, committed.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::record_batch::RecordBatch;
use delta_kernel::expressions::Scalar;
use deltalake::kernel::Add;
use deltalake::writer::{DeltaWriter, RecordBatchWriter, WriteMode};
use indexmap::IndexMap;

use crate::commit::{self, Committed};
use crate::dedup::{Claims, Keys, Probe, Uid, Wanted};
use crate::files::FileIndex;
use crate::{LakeError, LakeTable, layout, split};

/// Where rows for one table come together; shared by all threads of a process that add to it.
/// There must be one per table and process: rows in flight are known to it alone.
#[derive(Clone)]
pub struct Appender {
    table: LakeTable,
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) claims: Claims,
    pub(crate) probe: Probe,
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Appender({})", self.table.def.name)
    }
}

/// The rows of a batch that the lake did not have.
#[derive(Debug)]
pub struct Fresh {
    /// Those rows.
    pub batch: RecordBatch,
    /// How many rows the lake, or an earlier row in flight, had already.
    pub duplicates: u64,
}

impl Appender {
    /// An appender for the table.
    pub async fn new(table: LakeTable) -> Self {
        let store = table.current.read().await.delta.object_store();
        let probe = Probe::new(store, table.options.bloom_cache_bytes);
        Self { table, shared: Arc::new(Shared { claims: Claims::new(), probe }) }
    }

    /// A writer for one thread.
    pub fn writer(&self) -> Writer {
        Writer { appender: self.clone(), parquet: None, checked: None, claimed: Vec::new(), rows: 0 }
    }
}

/// Adds rows from one thread. Dropped without [`Writer::commit`], its rows never were.
pub struct Writer {
    appender: Appender,
    parquet: Option<RecordBatchWriter>,
    /// The files that the rows since the last commit were checked against, at the least.
    checked: Option<Arc<FileIndex>>,
    claimed: Vec<Uid>,
    rows: u64,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({}, {} rows)", self.appender.table.def.name, self.rows)
    }
}

impl Writer {
    /// The rows of `batch` that are in neither the lake nor in flight. They are claimed: the
    /// caller writes them with this writer, or drops it.
    ///
    /// # Errors
    /// Where the lake cannot be read.
    pub async fn fresh(&mut self, batch: RecordBatch) -> Result<Fresh, LakeError> {
        let table = self.appender.table.def.name;
        let files = Arc::clone(&self.appender.table.current.read().await.files);
        let keep = {
            let keys = Keys::of(&batch, table)?;
            let mut keep: Vec<bool> = Vec::with_capacity(batch.num_rows());
            for uid in keys.uids.iter() {
                let id = Uid::of(uid.unwrap_or_default());
                let first = self.appender.shared.claims.claim(id);
                if first {
                    self.claimed.push(id);
                }
                keep.push(first);
            }
            drop_known(&self.appender, &keys, &files, &mut keep).await?;
            keep
        };
        // Kept for the commit: whatever was committed after these files is checked there.
        self.checked.get_or_insert(files);
        let duplicates = keep.iter().filter(|&&k| !k).count() as u64;
        if duplicates == 0 {
            return Ok(Fresh { batch, duplicates });
        }
        let batch = filter_record_batch(&batch, &BooleanArray::from(keep))
            .map_err(|source| LakeError::Arrow { table: table.to_owned(), source })?;
        Ok(Fresh { batch, duplicates })
    }

    /// Writes rows that [`Writer::fresh`] let through.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn write(&mut self, batch: RecordBatch) -> Result<(), LakeError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let name = self.appender.table.def.name;
        if self.parquet.is_none() {
            let current = self.appender.table.current.read().await;
            let properties = layout::writer_properties(self.appender.table.def, &self.appender.table.options);
            let writer = RecordBatchWriter::for_table(&current.delta)
                .map_err(LakeError::delta("writing", name))?
                .with_writer_properties(properties);
            self.parquet = Some(writer);
        }
        self.rows += batch.num_rows() as u64;
        let Some(parquet) = self.parquet.as_mut() else { return Ok(()) };
        let days = split::by_day(batch, self.appender.table.def)
            .map_err(|source| LakeError::Arrow { table: name.to_owned(), source })?;
        for (day, rows) in days {
            let partition = IndexMap::from([(layout::PARTITION.to_owned(), Scalar::Date(day))]);
            let written = parquet.write_partition(rows, &partition, WriteMode::Default).await;
            written.map_err(LakeError::delta("writing", name))?;
        }
        Ok(())
    }

    /// Rows written since the last commit.
    pub fn pending_rows(&self) -> u64 {
        self.rows
    }

    /// Compressed bytes written since the last commit.
    pub fn pending_bytes(&self) -> usize {
        self.parquet.as_ref().map_or(0, RecordBatchWriter::buffer_len)
    }

    /// Makes what was written since the last commit part of the lake, in one Delta commit.
    ///
    /// # Errors
    /// Where it could not be: the lake is as before, and the rows can be offered again.
    pub async fn commit(&mut self) -> Result<Committed, LakeError> {
        let name = self.appender.table.def.name;
        let adds: Vec<Add> = match self.parquet.as_mut() {
            Some(parquet) => parquet.flush().await.map_err(LakeError::delta("writing", name))?,
            None => Vec::new(),
        };
        let checked = self.checked.take().unwrap_or_default();
        let rows = std::mem::take(&mut self.rows);
        let claimed = std::mem::take(&mut self.claimed);
        let result = commit::commit(&self.appender.table, adds, rows, &checked, &claimed).await;
        self.appender.shared.claims.release(claimed);
        result
    }
}

/// Unmarks the rows that files of the lake hold.
async fn drop_known(
    appender: &Appender,
    keys: &Keys<'_>,
    files: &FileIndex,
    keep: &mut [bool],
) -> Result<(), LakeError> {
    let mut by_day: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for (row, _) in keep.iter().enumerate().filter(|(_, k)| **k) {
        by_day.entry(keys.days.value(row)).or_default().push(row);
    }
    for (day, mut rows) in by_day {
        let times = rows.iter().map(|&r| keys.times.value(r));
        let (first, last) = times.fold((i64::MAX, i64::MIN), |(f, l), t| (f.min(t), l.max(t)));
        for file in files.overlapping(day, first, last) {
            let wanted: Vec<Wanted<'_>> =
                rows.iter().map(|&r| Wanted { uid: keys.uids.value(r), time: keys.times.value(r) }).collect();
            let found = appender.shared.probe.find(file, &wanted).await;
            let found = found.map_err(|source| LakeError::Parquet {
                table: appender.table.def.name.to_owned(),
                file: file.path.to_string(),
                source,
            })?;
            let known: HashSet<usize> = found.into_iter().map(|i| rows[i]).collect();
            known.iter().for_each(|&row| keep[row] = false);
            rows.retain(|row| !known.contains(row));
        }
    }
    Ok(())
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(mut parquet) = self.parquet.take() {
            parquet.reset();
        }
        self.appender.shared.claims.release(std::mem::take(&mut self.claimed));
    }
}
