//! The seam to the lake: where tables come from.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use datafusion::catalog::TableProvider;

use crate::error::QueryError;

/// A set of tables that can be scanned.
///
/// Contract: every table has the common columns (`event_time`, `event_date`,
/// …), `event_date` is the UTC day of `event_time`, and `event_time` is the
/// instant that the record's own time denotes. A provider may use any filter
/// it is given to skip data; it need not use any.
#[async_trait]
pub trait TableSource: Debug + Send + Sync {
    /// Names of the tables that exist now, lower case.
    fn tables(&self) -> Vec<String>;

    /// Names of the tables that hold no events but what Trailkeep made of them (findings, posture).
    /// They have columns of their own; neither the views nor the search look at them.
    fn records(&self) -> Vec<String> {
        Vec::new()
    }

    /// A provider of the newest committed state of a table.
    ///
    /// # Errors
    /// When the table does not exist or cannot be read.
    async fn provider(&self, table: &str) -> Result<Arc<dyn TableProvider>, QueryError>;

    /// Makes new commits visible to the next [`provider`](Self::provider).
    ///
    /// # Errors
    /// When the lake cannot be read.
    async fn refresh(&self) -> Result<(), QueryError> {
        Ok(())
    }

    /// First and last day of a table, if that is known without reading data.
    ///
    /// # Errors
    /// When the lake cannot be read.
    async fn days(&self, table: &str) -> Result<Option<(NaiveDate, NaiveDate)>, QueryError> {
        let _ = table;
        Ok(None)
    }
}

/// Tables held in memory; for tests and for queries over files without a lake.
#[derive(Debug, Default)]
pub struct MemorySource {
    tables: BTreeMap<String, Arc<dyn TableProvider>>,
}

impl MemorySource {
    /// No tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table under a (lower-case) name.
    #[must_use]
    pub fn with(mut self, name: &str, provider: Arc<dyn TableProvider>) -> Self {
        self.tables.insert(name.to_lowercase(), provider);
        self
    }
}

#[async_trait]
impl TableSource for MemorySource {
    fn tables(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
    }

    async fn provider(&self, table: &str) -> Result<Arc<dyn TableProvider>, QueryError> {
        self.tables.get(table).map(Arc::clone).ok_or_else(|| QueryError::UnknownTable {
            name: table.to_string(),
            nearest: crate::error::nearest(table, self.tables.keys().map(String::as_str)),
            at: None,
        })
    }
}
