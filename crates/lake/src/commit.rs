//! One Delta commit for the rows of one writer.
//!
//! ```text
//!   look at the newest version ──► files others added since our rows were checked?
//!          ▲                              │ yes: do they hold rows of ours? rewrite without them
//!          │                              ▼
//!          └── somebody was first ◄── write version N+1 (only one writer can)
//! ```

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray};
use arrow::compute::filter_record_batch;
use deltalake::kernel::transaction::{CommitBuilder, TransactionError};
use deltalake::kernel::{Action, Add};
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::writer::{DeltaWriter, RecordBatchWriter};
use deltalake::{DeltaTable, DeltaTableError};
use futures::TryStreamExt;
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use tracing::{debug, warn};

use crate::dedup::{Uid, read_uids};
use crate::files::{FileIndex, LakeFile};
use crate::store_reader::{StoreReader, plain};
use crate::table::Version;
use crate::{LakeError, LakeTable, layout};

/// What a commit did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The version that holds the rows; `None` where there were none to add.
    pub version: Option<u64>,
    /// Rows added.
    pub rows: u64,
    /// Rows that another process had added in the meantime, and so were not.
    pub duplicates: u64,
}

/// Two processes that take turns both get through; this many losses in a row mean dozens of them.
const ATTEMPTS: usize = 200;

pub(crate) async fn commit(
    table: &LakeTable,
    mut adds: Vec<Add>,
    mut rows: u64,
    checked: &FileIndex,
    claimed: &[Uid],
) -> Result<Committed, LakeError> {
    let name = table.def.name;
    let mut duplicates = 0;
    let mut seen = checked.clone();
    for attempt in 0..ATTEMPTS {
        if adds.is_empty() {
            return Ok(Committed { version: None, rows: 0, duplicates });
        }
        // Held over the commit: threads of this process queue here and do not race each other.
        let mut current = table.current.write().await;
        let mut delta = current.delta.clone();
        delta.update_state().await.map_err(LakeError::delta("refreshing", name))?;
        let files = FileIndex::of(&delta, name, &current.files)?;
        let taken = taken_by_others(table, &delta, &files, &seen, &adds, claimed).await?;
        if !taken.is_empty() {
            debug!(table = name, rows = taken.len(), "another writer was first with some rows");
            let before = rows;
            (adds, rows) = rewrite_without(table, &delta, &adds, &taken).await?;
            duplicates += before - rows;
            if adds.is_empty() {
                *current = Version { delta, files: Arc::new(files) };
                return Ok(Committed { version: None, rows: 0, duplicates });
            }
        }
        match try_commit(&mut delta, &adds).await {
            Ok(version) => {
                let files = Arc::new(FileIndex::of(&delta, name, &files)?);
                *current = Version { delta, files };
                return Ok(Committed { version: Some(version), rows, duplicates });
            }
            Err(e) if somebody_was_first(&e) => {
                debug!(table = name, attempt, "another writer was first, checking again");
                *current = Version { delta, files: Arc::new(files.clone()) };
                seen = files;
            }
            Err(e) => return Err(LakeError::delta("committing to", name)(e)),
        }
        drop(current);
        tokio::task::yield_now().await;
    }
    warn!(table = name, "too many writers");
    Err(LakeError::Contention { table: name.to_owned(), attempts: ATTEMPTS })
}

fn somebody_was_first(error: &DeltaTableError) -> bool {
    matches!(
        error,
        DeltaTableError::Transaction {
            source: TransactionError::VersionAlreadyExists(_)
                | TransactionError::MaxCommitAttempts(_)
                | TransactionError::CommitConflict(_)
        } | DeltaTableError::VersionAlreadyExists(_)
    )
}

async fn try_commit(delta: &mut DeltaTable, adds: &[Add]) -> Result<u64, DeltaTableError> {
    let operation = DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: Some(vec![layout::PARTITION.to_owned()]),
        predicate: None,
    };
    let snapshot = delta.snapshot()?;
    // No retries in there: a version that came in between must be checked by us, not only for
    // what Delta calls a conflict.
    let done = CommitBuilder::default()
        .with_actions(adds.iter().cloned().map(Action::Add).collect())
        .with_max_retries(0)
        .build(Some(snapshot), delta.log_store(), operation)
        .await?;
    delta.update_state().await?;
    Ok(done.version())
}

/// The rows of ours that files hold which were committed after our rows were checked.
async fn taken_by_others(
    table: &LakeTable,
    delta: &DeltaTable,
    files: &FileIndex,
    seen: &FileIndex,
    adds: &[Add],
    claimed: &[Uid],
) -> Result<HashSet<Uid>, LakeError> {
    let days: HashSet<&str> = adds.iter().filter_map(day_of).collect();
    let mut taken = HashSet::new();
    let mut ours: Option<HashSet<Uid>> = None;
    for file in files.since(seen) {
        let day = chrono::NaiveDate::from_epoch_days(file.day).unwrap_or_default().to_string();
        if !days.contains(day.as_str()) {
            continue;
        }
        let theirs = read_uids(delta.object_store(), file).await;
        let theirs = theirs.map_err(|source| unreadable(table, file, source))?;
        let ours = ours.get_or_insert_with(|| claimed.iter().copied().collect());
        taken.extend(theirs.into_iter().filter(|id| ours.contains(id)));
    }
    Ok(taken)
}

fn day_of(add: &Add) -> Option<&str> {
    add.partition_values.get(layout::PARTITION)?.as_deref()
}

fn unreadable(table: &LakeTable, file: &LakeFile, source: parquet::errors::ParquetError) -> LakeError {
    LakeError::Parquet { table: table.def.name.to_owned(), file: file.path.to_string(), source }
}

/// Writes the files again without some of their rows. The first ones stay behind, named by no
/// commit, until they are vacuumed.
async fn rewrite_without(
    table: &LakeTable,
    delta: &DeltaTable,
    adds: &[Add],
    taken: &HashSet<Uid>,
) -> Result<(Vec<Add>, u64), LakeError> {
    let name = table.def.name;
    let properties = layout::writer_properties(table.def, &table.options);
    let mut writer = RecordBatchWriter::for_table(delta)
        .map_err(LakeError::delta("writing", name))?
        .with_writer_properties(properties);
    let mut rows = 0;
    for add in adds {
        let file = LakeFile {
            path: Arc::from(add.path.as_str()),
            size: u64::try_from(add.size).unwrap_or(0),
            rows: 0,
            day: day_of(add)
                .and_then(|d| d.parse::<chrono::NaiveDate>().ok())
                .map_or(0, |d| d.to_epoch_days()),
            first: 0,
            last: 0,
        };
        let failed = |source| unreadable(table, &file, source);
        let reader = StoreReader::new(delta.object_store(), &file);
        let builder =
            ParquetRecordBatchStreamBuilder::new_with_options(reader, plain()).await.map_err(failed)?;
        let mut stream = std::pin::pin!(builder.build().map_err(failed)?);
        while let Some(batch) = stream.try_next().await.map_err(failed)? {
            let uids = batch.column_by_name("event_uid").and_then(|c| c.as_string_opt::<i32>());
            let uids =
                uids.ok_or_else(|| LakeError::Batch { table: name.to_owned(), column: "event_uid" })?;
            let keep: BooleanArray =
                uids.iter().map(|id| Some(!taken.contains(&Uid::of(id.unwrap_or_default())))).collect();
            let kept = filter_record_batch(&batch, &keep);
            let kept = kept.map_err(|source| LakeError::Arrow { table: name.to_owned(), source })?;
            rows += kept.num_rows() as u64;
            if kept.num_rows() > 0 {
                let whole = with_day(&kept, file.day, table)?;
                writer.write(whole).await.map_err(LakeError::delta("writing", name))?;
            }
        }
    }
    let adds = writer.flush().await.map_err(LakeError::delta("writing", name))?;
    Ok((adds, rows))
}

/// The batch with its partition column, which the file itself does not hold.
fn with_day(
    batch: &arrow::record_batch::RecordBatch,
    day: i32,
    table: &LakeTable,
) -> Result<arrow::record_batch::RecordBatch, LakeError> {
    let schema = table.def.schema();
    let columns = schema.fields().iter().map(|field| {
        if field.name() == layout::PARTITION {
            return Ok(Arc::new(arrow::array::Date32Array::from_value(day, batch.num_rows())) as _);
        }
        let column = batch.column_by_name(field.name());
        let column = column
            .cloned()
            .unwrap_or_else(|| arrow::array::new_null_array(field.data_type(), batch.num_rows()));
        arrow::compute::cast(&column, field.data_type())
    });
    let columns = columns.collect::<Result<Vec<_>, _>>();
    columns
        .and_then(|columns| arrow::record_batch::RecordBatch::try_new(schema.clone(), columns))
        .map_err(|source| LakeError::Arrow { table: table.def.name.to_owned(), source })
}
