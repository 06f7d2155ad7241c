//! The lake's Delta tables as a [`TableSource`].

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};
use datafusion::catalog::TableProvider;
use parking_lot::RwLock;
use trailkeep_formats::registry;
use trailkeep_lake::{Lake, LakeError, LakeTable};

use crate::error::{QueryError, nearest};
use crate::source::TableSource;

/// The tables of a lake that are there, at the versions seen by the last refresh.
#[derive(Debug)]
pub struct LakeSource {
    lake: Lake,
    tables: RwLock<BTreeMap<&'static str, LakeTable>>,
}

impl LakeSource {
    /// The lake's tables as they are now.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn open(lake: Lake) -> Result<Self, QueryError> {
        let source = Self { lake, tables: RwLock::default() };
        source.refresh().await?;
        Ok(source)
    }

    fn table(&self, name: &str) -> Result<LakeTable, QueryError> {
        let tables = self.tables.read();
        tables.get(name).cloned().ok_or_else(|| QueryError::UnknownTable {
            name: name.to_owned(),
            nearest: nearest(name, tables.keys().copied()),
            at: None,
        })
    }
}

fn unreadable(error: LakeError) -> QueryError {
    QueryError::Lake { message: error.to_string() }
}

#[async_trait]
impl TableSource for LakeSource {
    fn tables(&self) -> Vec<String> {
        self.tables.read().keys().map(|name| (*name).to_owned()).collect()
    }

    async fn provider(&self, table: &str) -> Result<Arc<dyn TableProvider>, QueryError> {
        self.table(table)?.provider().await.map_err(unreadable)
    }

    async fn refresh(&self) -> Result<(), QueryError> {
        for def in registry::tables() {
            let known = self.tables.read().get(def.name).cloned();
            let table = match known {
                Some(table) => Some(table),
                None => self.lake.existing(def).await.map_err(unreadable)?,
            };
            if let Some(table) = table {
                table.refresh().await.map_err(unreadable)?;
                self.tables.write().insert(def.name, table);
            }
        }
        Ok(())
    }

    async fn days(&self, table: &str) -> Result<Option<(NaiveDate, NaiveDate)>, QueryError> {
        let stats = self.table(table)?.stats().await;
        let day = |micros| DateTime::from_timestamp_micros(micros).map(|t| t.date_naive());
        Ok(if stats.files == 0 { None } else { day(stats.first).zip(day(stats.last)) })
    }
}
