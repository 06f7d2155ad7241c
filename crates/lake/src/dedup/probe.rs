//! Looks ids up in Parquet files: bloom filters first, the column itself only where they say
//! "perhaps".

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use futures::TryStreamExt;
use object_store::ObjectStore;
use parking_lot::Mutex;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::bloom_filter::Sbbf;
use parquet::errors::{ParquetError, Result};
use parquet::file::statistics::Statistics;

use super::uid::Uid;
use crate::files::LakeFile;
use crate::store_reader::{StoreReader, plain};

/// What is known of one file without reading its rows.
struct FileUids {
    metadata: ArrowReaderMetadata,
    groups: Vec<Group>,
    bytes: usize,
}

struct Group {
    first: i64,
    last: i64,
    /// `None` where the file was written without one (by another engine): then it is read.
    bloom: Option<Sbbf>,
}

/// A row that is looked up: its id and time.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) uid: &'a str,
    pub(crate) time: i64,
}

/// Looks ids up in one table's files.
pub(crate) struct Probe {
    store: Arc<dyn ObjectStore>,
    cache: Mutex<Cache>,
}

impl Probe {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, cache_bytes: usize) -> Self {
        Self { store, cache: Mutex::new(Cache { files: Vec::new(), bytes: 0, limit: cache_bytes }) }
    }

    /// Which of the wanted rows the file holds, by their place in `wanted`.
    pub(crate) async fn find(&self, file: &LakeFile, wanted: &[Wanted<'_>]) -> Result<Vec<usize>> {
        let in_time = |w: &Wanted<'_>| w.time >= file.first && w.time <= file.last;
        if !wanted.iter().any(in_time) {
            return Ok(Vec::new());
        }
        let uids = self.file_uids(file).await?;
        let mut found = Vec::new();
        for (number, group) in uids.groups.iter().enumerate() {
            let suspects: Vec<usize> = (0..wanted.len())
                .filter(|&i| wanted[i].time >= group.first && wanted[i].time <= group.last)
                .filter(|&i| group.bloom.as_ref().is_none_or(|b| b.check(&wanted[i].uid)))
                .collect();
            if suspects.is_empty() {
                continue;
            }
            let there: HashSet<Uid> = self.group_uids(file, &uids.metadata, number).await?;
            found.extend(suspects.into_iter().filter(|&i| there.contains(&Uid::of(wanted[i].uid))));
        }
        Ok(found)
    }

    async fn group_uids(
        &self,
        file: &LakeFile,
        metadata: &ArrowReaderMetadata,
        group: usize,
    ) -> Result<HashSet<Uid>> {
        let reader = self.reader(file);
        let builder = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata.clone());
        let mask = uid_mask(metadata);
        let stream = builder.with_row_groups(vec![group]).with_projection(mask).build()?;
        let mut ids = HashSet::new();
        let mut stream = std::pin::pin!(stream);
        while let Some(batch) = stream.try_next().await? {
            ids.extend(uid_column(&batch)?.iter().flatten().map(Uid::of));
        }
        Ok(ids)
    }

    fn reader(&self, file: &LakeFile) -> StoreReader {
        StoreReader::new(Arc::clone(&self.store), file)
    }

    async fn file_uids(&self, file: &LakeFile) -> Result<Arc<FileUids>> {
        if let Some(known) = self.cache.lock().get(&file.path) {
            return Ok(known);
        }
        let mut builder =
            ParquetRecordBatchStreamBuilder::new_with_options(self.reader(file), plain()).await?;
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(builder.metadata()), plain())?;
        let uid = leaf(&metadata, "event_uid")?;
        let time = leaf(&metadata, "event_time")?;
        let mut groups = Vec::new();
        let mut bytes = 4 << 10;
        for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
            let (first, last) = match group.column(time).statistics() {
                Some(Statistics::Int64(s)) => {
                    (s.min_opt().copied().unwrap_or(i64::MIN), s.max_opt().copied().unwrap_or(i64::MAX))
                }
                _ => (i64::MIN, i64::MAX),
            };
            let bloom = builder.get_row_group_column_bloom_filter(number, uid).await?;
            let size = group.column(uid).bloom_filter_length().and_then(|n| usize::try_from(n).ok());
            bytes += size.unwrap_or(0) + 2_000;
            groups.push(Group { first, last, bloom });
        }
        let known = Arc::new(FileUids { metadata, groups, bytes });
        self.cache.lock().put(Arc::clone(&file.path), Arc::clone(&known));
        Ok(known)
    }
}

/// All ids of a file; for the few files that other writers commit while a batch is in flight.
pub(crate) async fn read_uids(store: Arc<dyn ObjectStore>, file: &LakeFile) -> Result<HashSet<Uid>> {
    let reader = StoreReader::new(store, file);
    let builder = ParquetRecordBatchStreamBuilder::new_with_options(reader, plain()).await?;
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(builder.metadata()), plain())?;
    let mut stream = std::pin::pin!(builder.with_projection(uid_mask(&metadata)).build()?);
    let mut ids = HashSet::new();
    while let Some(batch) = stream.try_next().await? {
        ids.extend(uid_column(&batch)?.iter().flatten().map(Uid::of));
    }
    Ok(ids)
}

fn uid_mask(metadata: &ArrowReaderMetadata) -> ProjectionMask {
    ProjectionMask::columns(metadata.parquet_schema(), ["event_uid"])
}

fn uid_column(batch: &arrow::record_batch::RecordBatch) -> Result<&StringArray> {
    batch
        .columns()
        .first()
        .and_then(|c| c.as_string_opt::<i32>())
        .ok_or_else(|| ParquetError::General("event_uid is not a text column".to_owned()))
}

fn leaf(metadata: &ArrowReaderMetadata, name: &str) -> Result<usize> {
    let columns = metadata.parquet_schema().columns();
    let found = columns.iter().position(|c| c.path().parts() == [name]);
    found.ok_or_else(|| ParquetError::General(format!("no column {name}")))
}

/// The files looked at last. Few enough (those of the days being written) for a list.
struct Cache {
    files: Vec<(Arc<str>, Arc<FileUids>)>,
    bytes: usize,
    limit: usize,
}

impl Cache {
    fn get(&mut self, path: &Arc<str>) -> Option<Arc<FileUids>> {
        let at = self.files.iter().rposition(|(p, _)| p == path)?;
        let entry = self.files.remove(at);
        let found = Arc::clone(&entry.1);
        self.files.push(entry);
        Some(found)
    }

    fn put(&mut self, path: Arc<str>, file: Arc<FileUids>) {
        self.bytes += file.bytes;
        self.files.push((path, file));
        while self.bytes > self.limit && self.files.len() > 1 {
            let (_, dropped) = self.files.remove(0);
            self.bytes -= dropped.bytes;
        }
    }
}
