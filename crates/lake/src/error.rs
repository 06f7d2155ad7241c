//! What can go wrong with the lake.

use deltalake::DeltaTableError;
use thiserror::Error;

/// An error of the lake: what was tried, on which table, and the cause.
#[derive(Debug, Error)]
pub enum LakeError {
    /// The lake's address is none.
    #[error("`{0}` is not the address of a lake: give a folder or a URL such as s3://bucket/lake")]
    Address(String),
    /// The folder cannot be made or read.
    #[error("cannot use the lake's folder {path}: {source}")]
    Folder {
        /// The folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no such table.
    #[error("the lake has no table `{0}`")]
    NoTable(String),
    /// The Delta library failed.
    #[error("{what} `{table}` failed: {source}")]
    Delta {
        /// What was tried.
        what: &'static str,
        /// The table.
        table: String,
        /// The cause.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// DataFusion could not be given a table.
    #[error("cannot read `{table}`: {source}")]
    Read {
        /// The table.
        table: String,
        /// The cause.
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
    /// A Parquet file could not be read.
    #[error("cannot read {file} of `{table}`: {source}")]
    Parquet {
        /// The table.
        table: String,
        /// The file, below the table.
        file: String,
        /// The cause.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// A batch does not have the table's columns.
    #[error("a batch for `{table}` has no column `{column}` of the type that the table has")]
    Batch {
        /// The table.
        table: String,
        /// The column.
        column: &'static str,
    },
    /// Arrow failed.
    #[error("cannot reshape a batch of `{table}`: {source}")]
    Arrow {
        /// The table.
        table: String,
        /// The cause.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// Others kept committing first.
    #[error(
        "gave up on `{table}` after {attempts} commits of others came first; try again with fewer writers"
    )]
    Contention {
        /// The table.
        table: String,
        /// How often it was tried.
        attempts: usize,
    },
}

impl LakeError {
    pub(crate) fn delta(what: &'static str, table: &str) -> impl FnOnce(DeltaTableError) -> Self {
        let table = table.to_owned();
        move |source| Self::Delta { what, table, source: Box::new(source) }
    }

    /// Whether the disk or the quota is full: what was committed is safe, and a later run goes on.
    pub fn is_storage_full(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<std::io::Error>()
                && matches!(io.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
            {
                return true;
            }
            cause = error.source();
        }
        false
    }
}
