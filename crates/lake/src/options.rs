//! How a lake is written.

use std::collections::HashMap;
use std::fmt;

/// Settings of a lake.
#[derive(Clone)]
pub struct LakeOptions {
    /// What the object store needs (credentials, endpoint, Region), as `deltalake` names them.
    pub storage: HashMap<String, String>,
    /// zstd's level for Parquet pages, 1 to 22.
    pub compression_level: i32,
    /// Rows per Parquet row group.
    pub row_group_rows: usize,
    /// Bytes that the cache of bloom filters may hold.
    pub bloom_cache_bytes: usize,
}

impl Default for LakeOptions {
    fn default() -> Self {
        Self {
            storage: HashMap::new(),
            compression_level: 1,
            row_group_rows: 128 << 10,
            bloom_cache_bytes: 64 << 20,
        }
    }
}

impl fmt::Debug for LakeOptions {
    /// Without the storage settings: there are secrets among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LakeOptions")
            .field("compression_level", &self.compression_level)
            .field("row_group_rows", &self.row_group_rows)
            .field("bloom_cache_bytes", &self.bloom_cache_bytes)
            .finish_non_exhaustive()
    }
}

/// Makes `s3://` addresses known to the Delta library. May be called again.
pub fn register_s3() {
    deltalake::aws::register_handlers(None);
}
