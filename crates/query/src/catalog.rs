//! The tables of one query. They are resolved before planning, so that every
//! mention of a table in a query reads the same commit, and any database or
//! catalog name in front of them is accepted.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, TableProvider};
use datafusion::common::Result;

/// Catalog list, catalog and schema in one: whatever is asked for is this.
#[derive(Debug, Clone, Default)]
pub(crate) struct QueryTables(pub(crate) Arc<HashMap<String, Arc<dyn TableProvider>>>);

impl CatalogProviderList for QueryTables {
    fn register_catalog(
        &self,
        _name: String,
        _catalog: Arc<dyn CatalogProvider>,
    ) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        vec!["awsdatacatalog".to_string()]
    }

    fn catalog(&self, _name: &str) -> Option<Arc<dyn CatalogProvider>> {
        Some(Arc::new(self.clone()))
    }
}

impl CatalogProvider for QueryTables {
    fn schema_names(&self) -> Vec<String> {
        vec!["default".to_string()]
    }

    fn schema(&self, _name: &str) -> Option<Arc<dyn SchemaProvider>> {
        Some(Arc::new(self.clone()))
    }
}

#[async_trait]
impl SchemaProvider for QueryTables {
    fn table_names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(self.0.get(name).map(Arc::clone))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}
