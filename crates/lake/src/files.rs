//! The files that make up a version of a table, and which of them may hold an event.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deltalake::DeltaTable;
use trailkeep_formats::time::parse_rfc3339;

use crate::LakeError;

/// One Parquet file of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LakeFile {
    /// Below the table, as the Delta log names it.
    pub(crate) path: Arc<str>,
    pub(crate) size: u64,
    pub(crate) rows: u64,
    /// The day since 1970-01-01 that all of its events fall on.
    pub(crate) day: i32,
    /// The times of its first and last event, µs; the whole day where the log does not say.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// The files of one version of a table, by day.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileIndex {
    by_path: HashMap<Arc<str>, LakeFile>,
    by_day: BTreeMap<i32, Vec<Arc<str>>>,
}

impl FileIndex {
    /// The index of a table's loaded version. Files that `before` knows are taken from there:
    /// parsing their statistics is most of the work.
    pub(crate) fn of(table: &DeltaTable, name: &str, before: &Self) -> Result<Self, LakeError> {
        let snapshot = table.snapshot().map_err(LakeError::delta("reading the files of", name))?;
        let mut index = Self::default();
        for view in snapshot.log_data().iter() {
            let path = view.path();
            let file = match before.by_path.get(path.as_ref()) {
                Some(known) => known.clone(),
                None => {
                    let partition = view.partition_values_map().remove(crate::layout::PARTITION).flatten();
                    let stats = view.stats();
                    let size = u64::try_from(view.size()).unwrap_or(0);
                    describe(Arc::from(path.as_ref()), size, partition.as_deref(), stats.as_deref())
                }
            };
            index.by_day.entry(file.day).or_default().push(Arc::clone(&file.path));
            index.by_path.insert(Arc::clone(&file.path), file);
        }
        Ok(index)
    }

    /// The files that may hold events of this day between these times.
    pub(crate) fn overlapping(&self, day: i32, first: i64, last: i64) -> impl Iterator<Item = &LakeFile> {
        let paths = self.by_day.get(&day).map_or(&[][..], Vec::as_slice);
        let files = paths.iter().filter_map(|p| self.by_path.get(p));
        files.filter(move |f| f.first <= last && f.last >= first)
    }

    /// The files that `before` does not have.
    pub(crate) fn since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a LakeFile> {
        self.by_path.values().filter(|f| !before.by_path.contains_key(&f.path))
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &LakeFile> {
        self.by_path.values()
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = (i32, usize)> {
        self.by_day.iter().map(|(day, files)| (*day, files.len()))
    }
}

fn describe(path: Arc<str>, size: u64, partition: Option<&str>, stats: Option<&str>) -> LakeFile {
    let day = partition.and_then(|d| d.parse::<chrono::NaiveDate>().ok()).map_or(0, |d| d.to_epoch_days());
    let stats: serde_json::Value = stats.and_then(|s| serde_json::from_str(s).ok()).unwrap_or_default();
    let time = |side: &str| stats[side]["event_time"].as_str().and_then(parse_rfc3339);
    let midnight = i64::from(day) * trailkeep_formats::time::DAY_MICROS;
    LakeFile {
        path,
        size,
        rows: stats["numRecords"].as_u64().unwrap_or(0),
        day,
        first: time("minValues").unwrap_or(midnight),
        // The log keeps milliseconds, cut off: an event may be up to one later.
        last: time("maxValues").map_or(midnight + trailkeep_formats::time::DAY_MICROS, |t| t + 1_000),
    }
}
