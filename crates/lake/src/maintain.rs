//! Keeping tables in shape: small files made into large, sorted ones; old days dropped; files
//! that no version names removed.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use datafusion::prelude::{col, lit};
use deltalake::operations::optimize::OptimizeType;
use tracing::info;

use crate::files::FileIndex;
use crate::table::Version;
use crate::{LakeError, LakeTable, layout};

/// How long a table's events are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// For good.
    Forever,
    /// This many days before today (UTC), whole days.
    Days(u64),
}

/// What `maintain` is to do.
#[derive(Clone, Copy, Debug)]
pub struct MaintainOptions {
    /// Merge small files.
    pub compact: bool,
    /// The size that files are merged towards, bytes.
    pub target_bytes: u64,
    /// Sort the merged rows along a space-filling curve over time and event name, so that hunts
    /// by either prune.
    pub z_order: bool,
    /// How long events are kept.
    pub retention: Retention,
    /// Remove files that no version of the last while names; `None` leaves them.
    pub vacuum_after: Option<Duration>,
    /// Say what would be done, do nothing.
    pub dry_run: bool,
    /// What time it is.
    pub now: DateTime<Utc>,
}

impl MaintainOptions {
    /// Compaction and vacuuming (after a day), no retention.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            compact: true,
            target_bytes: 256 << 20,
            z_order: false,
            retention: Retention::Forever,
            vacuum_after: Some(Duration::from_secs(24 * 3600)),
            dry_run: false,
            now,
        }
    }
}

/// What `maintain` did to one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintained {
    /// Files before and after.
    pub files_before: u64,
    /// See `files_before`.
    pub files_after: u64,
    /// Bytes before and after.
    pub bytes_before: u64,
    /// See `bytes_before`.
    pub bytes_after: u64,
    /// Days that were dropped for their age.
    pub days_dropped: u64,
    /// Rows that were dropped with them.
    pub rows_dropped: u64,
    /// Files that were removed from the store.
    pub files_vacuumed: u64,
}

/// No reader takes longer than this for one query, no writer longer for one commit: a file that
/// was named, or is about to be, is never vacuumed.
const VACUUM_FLOOR: Duration = Duration::from_secs(3600);

impl LakeTable {
    /// Retention, compaction, vacuum: in this order, each a commit of its own that a crash leaves
    /// done or not begun. May run beside writers and readers.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub async fn maintain(&self, options: &MaintainOptions) -> Result<Maintained, LakeError> {
        self.refresh().await?;
        let before = self.stats().await;
        let mut done =
            Maintained { files_before: before.files, bytes_before: before.bytes, ..Maintained::default() };
        self.drop_old(options, &mut done).await?;
        if options.compact && !options.dry_run {
            self.compact(options).await?;
        }
        if let Some(age) = options.vacuum_after {
            done.files_vacuumed = self.vacuum(age.max(VACUUM_FLOOR), options.dry_run).await?;
        }
        let after = self.stats().await;
        (done.files_after, done.bytes_after) = (after.files, after.bytes);
        info!(table = self.def.name, ?done, "maintained");
        Ok(done)
    }

    async fn drop_old(&self, options: &MaintainOptions, done: &mut Maintained) -> Result<(), LakeError> {
        let Retention::Days(days) = options.retention else { return Ok(()) };
        let Some(first_kept) = options.now.date_naive().checked_sub_days(Days::new(days)) else {
            return Ok(());
        };
        let mut current = self.current.write().await;
        let mut old: BTreeMap<i32, u64> = BTreeMap::new();
        for file in current.files.files().filter(|f| f.day < first_kept.to_epoch_days()) {
            *old.entry(file.day).or_default() += file.rows;
        }
        (done.days_dropped, done.rows_dropped) = (old.len() as u64, old.values().sum());
        if old.is_empty() || options.dry_run {
            return Ok(());
        }
        // A predicate on the partition column alone: whole files are dropped, none is rewritten.
        let before = lit(datafusion::common::ScalarValue::Date32(Some(first_kept.to_epoch_days())));
        let (delta, _) = current
            .delta
            .clone()
            .delete()
            .with_predicate(col(layout::PARTITION).lt(before))
            .await
            .map_err(LakeError::delta("applying retention to", self.def.name))?;
        let files = FileIndex::of(&delta, self.def.name, &current.files)?.into();
        *current = Version { delta, files };
        Ok(())
    }

    async fn compact(&self, options: &MaintainOptions) -> Result<(), LakeError> {
        let delta = self.current.read().await.delta.clone();
        let kind = if options.z_order {
            OptimizeType::ZOrder(vec!["event_time".to_owned(), "eventname".to_owned()])
        } else {
            OptimizeType::Compact
        };
        let target = NonZeroU64::new(options.target_bytes).unwrap_or(NonZeroU64::MIN);
        delta
            .optimize()
            .with_type(kind)
            .with_target_size(target)
            .with_writer_properties(layout::writer_properties(self.def, &self.options))
            .with_max_concurrent_tasks(1)
            .await
            .map_err(LakeError::delta("compacting", self.def.name))?;
        self.refresh().await
    }

    async fn vacuum(&self, age: Duration, dry_run: bool) -> Result<u64, LakeError> {
        let delta = self.current.read().await.delta.clone();
        let age = chrono::Duration::from_std(age).unwrap_or(chrono::Duration::MAX);
        let (_, metrics) = delta
            .vacuum()
            .with_retention_period(age)
            .with_enforce_retention_duration(false)
            .with_mode(deltalake::operations::vacuum::VacuumMode::Full)
            .with_dry_run(dry_run)
            .await
            .map_err(LakeError::delta("vacuuming", self.def.name))?;
        self.refresh().await?;
        Ok(metrics.files_deleted.len() as u64)
    }
}
