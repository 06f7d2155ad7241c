//! The lake and its tables.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use deltalake::kernel::transaction::CommitProperties;
use deltalake::protocol::SaveMode;
use deltalake::{DeltaTable, DeltaTableBuilder};
use tokio::sync::RwLock;
use trailkeep_formats::TableDef;
use url::Url;

use crate::files::FileIndex;
use crate::{LakeError, LakeOptions, layout};

/// A lake: a place with one Delta table per kind of log. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Lake {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    url: Url,
    options: LakeOptions,
    tables: RwLock<HashMap<String, LakeTable>>,
}

impl Lake {
    /// Opens the lake at a folder or URL. A folder that is not there is made.
    ///
    /// # Errors
    /// [`LakeError::Address`] or [`LakeError::Folder`].
    pub fn open(address: &str, options: LakeOptions) -> Result<Self, LakeError> {
        let url = url_of(address)?;
        Ok(Self { inner: Arc::new(Inner { url, options, tables: RwLock::default() }) })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.inner.url
    }

    /// The table, made if it is not there yet.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub async fn table(&self, def: &'static TableDef) -> Result<LakeTable, LakeError> {
        if let Some(table) = self.inner.tables.read().await.get(def.name) {
            return Ok(table.clone());
        }
        let mut tables = self.inner.tables.write().await;
        if let Some(table) = tables.get(def.name) {
            return Ok(table.clone());
        }
        let delta = match self.load(def.name).await? {
            Some(table) => table,
            None => self.create(def).await?,
        };
        let table = LakeTable::new(def, delta, self.inner.options.clone())?;
        tables.insert(def.name.to_owned(), table.clone());
        Ok(table)
    }

    /// The table if it is there.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn existing(&self, def: &'static TableDef) -> Result<Option<LakeTable>, LakeError> {
        if let Some(table) = self.inner.tables.read().await.get(def.name) {
            return Ok(Some(table.clone()));
        }
        match self.load(def.name).await? {
            None => Ok(None),
            Some(_) => self.table(def).await.map(Some),
        }
    }

    async fn load(&self, name: &str) -> Result<Option<DeltaTable>, LakeError> {
        let url = self.table_url(name)?;
        if let Ok(path) = url.to_file_path()
            && !path.join("_delta_log").is_dir()
        {
            return Ok(None);
        }
        let opening = LakeError::delta("opening", name);
        let mut table = DeltaTableBuilder::from_url(url)
            .and_then(|b| b.with_storage_options(self.inner.options.storage.clone()).build())
            .map_err(LakeError::delta("opening", name))?;
        match table.load().await {
            Ok(()) => Ok(Some(table)),
            Err(deltalake::DeltaTableError::NotATable(_)) => Ok(None),
            Err(e) => Err(opening(e)),
        }
    }

    async fn create(&self, def: &'static TableDef) -> Result<DeltaTable, LakeError> {
        let url = self.table_url(def.name)?;
        if let Ok(path) = url.to_file_path() {
            make_folder(&path)?;
        }
        let schema = layout::delta_schema(def)
            .map_err(|source| LakeError::Arrow { table: def.name.to_owned(), source })?;
        let properties = [
            ("delta.dataSkippingStatsColumns", "event_time,account_id,region"),
            ("delta.checkpointInterval", "50"),
            ("delta.logRetentionDuration", "interval 7 days"),
        ];
        let made = deltalake::operations::create::CreateBuilder::new()
            .with_location(url.as_str())
            .with_storage_options(self.inner.options.storage.clone())
            .with_table_name(def.name)
            .with_comment(def.doc)
            .with_columns(schema.fields().cloned())
            .with_partition_columns([layout::PARTITION])
            .with_configuration(properties.map(|(k, v)| (k.to_owned(), Some(v.to_owned()))))
            .with_save_mode(SaveMode::Ignore)
            .with_commit_properties(CommitProperties::default())
            .await;
        match made {
            Ok(table) => Ok(table),
            // Another process made it at the same moment.
            Err(e) => match self.load(def.name).await? {
                Some(table) => Ok(table),
                None => Err(LakeError::delta("making", def.name)(e)),
            },
        }
    }

    fn table_url(&self, name: &str) -> Result<Url, LakeError> {
        let mut url = self.inner.url.clone();
        url.path_segments_mut()
            .map_err(|()| LakeError::Address(self.inner.url.to_string()))?
            .pop_if_empty()
            .push(name);
        Ok(url)
    }
}

/// A folder or URL as a URL.
fn url_of(address: &str) -> Result<Url, LakeError> {
    if address.contains("://") {
        return Url::parse(address).map_err(|_| LakeError::Address(address.to_owned()));
    }
    let path = std::path::Path::new(address);
    make_folder(path)?;
    let full =
        path.canonicalize().map_err(|source| LakeError::Folder { path: address.to_owned(), source })?;
    Url::from_directory_path(full).map_err(|()| LakeError::Address(address.to_owned()))
}

fn make_folder(path: &std::path::Path) -> Result<(), LakeError> {
    std::fs::create_dir_all(path)
        .map_err(|source| LakeError::Folder { path: path.display().to_string(), source })
}

/// One table of the lake. Cheap to clone; all clones see the same version.
#[derive(Clone, Debug)]
pub struct LakeTable {
    pub(crate) def: &'static TableDef,
    pub(crate) options: LakeOptions,
    pub(crate) current: Arc<RwLock<Version>>,
}

/// A version of a table, and the files it is made of.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) delta: DeltaTable,
    pub(crate) files: Arc<FileIndex>,
}

/// What a table holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableStats {
    /// Parquet files.
    pub files: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of the Parquet files.
    pub bytes: u64,
    /// Days that have events.
    pub days: u64,
    /// The most files that one day has.
    pub files_of_fullest_day: u64,
    /// The times of the first and the last event, µs since the epoch; both 0 where there is none.
    pub first: i64,
    /// See `first`.
    pub last: i64,
}

impl LakeTable {
    pub(crate) fn new(
        def: &'static TableDef,
        delta: DeltaTable,
        options: LakeOptions,
    ) -> Result<Self, LakeError> {
        let files = Arc::new(FileIndex::of(&delta, def.name, &FileIndex::default())?);
        Ok(Self { def, options, current: Arc::new(RwLock::new(Version { delta, files })) })
    }

    /// What it is a table of.
    pub fn def(&self) -> &'static TableDef {
        self.def
    }

    /// Looks for commits of other processes.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub async fn refresh(&self) -> Result<(), LakeError> {
        let mut current = self.current.write().await;
        let mut delta = current.delta.clone();
        delta.update_state().await.map_err(LakeError::delta("refreshing", self.def.name))?;
        if delta.version() != current.delta.version() {
            let files = Arc::new(FileIndex::of(&delta, self.def.name, &current.files)?);
            *current = Version { delta, files };
        }
        Ok(())
    }

    /// The table as DataFusion reads it, at the version that was seen last.
    ///
    /// # Errors
    /// Where the version cannot be read.
    pub async fn provider(&self) -> Result<Arc<dyn TableProvider>, LakeError> {
        let current = self.current.read().await.clone();
        let provider = current.delta.table_provider().await;
        provider
            .map_err(|source| LakeError::Read { table: self.def.name.to_owned(), source: Box::new(source) })
    }

    /// The Delta version that was seen last.
    pub async fn version(&self) -> u64 {
        self.current.read().await.delta.version().unwrap_or(0)
    }

    /// What it holds, from the log alone.
    pub async fn stats(&self) -> TableStats {
        let files = Arc::clone(&self.current.read().await.files);
        let mut stats = TableStats { first: i64::MAX, ..TableStats::default() };
        for file in files.files() {
            stats.files += 1;
            stats.rows += file.rows;
            stats.bytes += file.size;
            stats.first = stats.first.min(file.first);
            stats.last = stats.last.max(file.last);
        }
        for (_, count) in files.days() {
            stats.days += 1;
            stats.files_of_fullest_day = stats.files_of_fullest_day.max(count as u64);
        }
        if stats.files == 0 {
            stats.first = 0;
        }
        stats
    }
}
