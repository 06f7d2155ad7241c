//! How a table's Parquet files are laid out: for pruning, and small.

use deltalake::kernel::StructType;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use trailkeep_formats::TableDef;

use crate::LakeOptions;

/// The column that tables are partitioned by.
pub(crate) const PARTITION: &str = "event_date";

/// One row in a hundred thousand is looked up in vain: see the crate's documentation.
const UID_FALSE_POSITIVES: f64 = 1e-5;

/// Good enough to skip 99 of 100 row groups in a hunt for one address.
const HUNT_FALSE_POSITIVES: f64 = 0.01;

/// Columns that never repeat, or only by chance: a dictionary would cost time for nothing.
const UNIQUE: [&str; 3] = ["raw", "event_uid", "eventid"];

/// Columns whose smallest and largest value say nothing.
const WITHOUT_STATISTICS: [&str; 6] = [
    "raw",
    "requestparameters",
    "responseelements",
    "additionaleventdata",
    "serviceeventdetails",
    "insightdetails",
];

/// The properties that the table's files are written with.
pub(crate) fn writer_properties(table: &TableDef, options: &LakeOptions) -> WriterProperties {
    let level = ZstdLevel::try_new(options.compression_level).unwrap_or_default();
    let column = |path: &str| ColumnPath::from(path.split('.').map(str::to_owned).collect::<Vec<_>>());
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(options.row_group_rows))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_statistics_enabled(column("event_time"), EnabledStatistics::Page)
        .set_created_by(concat!("trailkeep ", env!("CARGO_PKG_VERSION")).to_owned());
    for name in UNIQUE {
        builder = builder.set_column_dictionary_enabled(column(name), false);
    }
    for name in WITHOUT_STATISTICS {
        builder = builder.set_column_statistics_enabled(column(name), EnabledStatistics::None);
    }
    for name in table.bloom {
        builder = builder
            .set_column_bloom_filter_enabled(column(name), true)
            .set_column_bloom_filter_fpp(column(name), HUNT_FALSE_POSITIVES)
            .set_column_bloom_filter_max_ndv(column(name), options.row_group_rows as u64);
    }
    builder
        .set_column_bloom_filter_enabled(column("event_uid"), true)
        .set_column_bloom_filter_fpp(column("event_uid"), UID_FALSE_POSITIVES)
        .set_column_bloom_filter_max_ndv(column("event_uid"), options.row_group_rows as u64)
        .build()
}

/// The table's columns as Delta names their types.
pub(crate) fn delta_schema(table: &TableDef) -> Result<StructType, arrow::error::ArrowError> {
    use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
    table.schema().as_ref().try_into_kernel()
}
