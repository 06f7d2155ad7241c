//! Results as text and files: aligned table, JSON, NDJSON, CSV, Parquet.
//!
//! All writers take a stream of batches, so that a result of any size is
//! written in bounded memory; only the table, which aligns its columns, holds
//! what it shows.

mod table;
pub mod value;
mod writers;

use std::io::Write;
use std::str::FromStr;

use datafusion::execution::SendableRecordBatchStream;

use crate::error::QueryError;
use crate::result::QueryResult;

pub use table::{escape, table};
pub use value::format_instant;

/// A format of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// Aligned columns for people.
    Table,
    /// One JSON array of objects.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// RFC 4180, with a header.
    Csv,
    /// Parquet with zstd.
    Parquet,
}

impl FromStr for OutputFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "ndjson" | "jsonl" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            "parquet" => Ok(Self::Parquet),
            other => {
                Err(format!("'{other}' is no output format; known are table, json, ndjson, csv, parquet"))
            }
        }
    }
}

/// Writes a collected result.
///
/// # Errors
/// When writing fails.
pub async fn write_result(
    result: QueryResult,
    format: OutputFormat,
    out: &mut (dyn Write + Send),
) -> Result<u64, QueryError> {
    if format == OutputFormat::Table {
        let rows = result.rows as u64;
        writeln!(out, "{}", table(&result, None))?;
        return Ok(rows);
    }
    write_stream(result.into_stream(), format, out).await
}

/// Writes a stream of batches and returns the number of rows.
///
/// # Errors
/// When the query or the writing fails; [`OutputFormat::Table`] must be
/// collected first.
pub async fn write_stream(
    stream: SendableRecordBatchStream,
    format: OutputFormat,
    out: &mut (dyn Write + Send),
) -> Result<u64, QueryError> {
    match format {
        OutputFormat::Table => {
            let result = crate::result::collect(stream, None, table::MAX_BYTES).await?;
            Box::pin(write_result(result, format, out)).await
        }
        OutputFormat::Json => writers::json(stream, out, true).await,
        OutputFormat::Ndjson => writers::json(stream, out, false).await,
        OutputFormat::Csv => writers::csv(stream, out).await,
        OutputFormat::Parquet => writers::parquet(stream, out).await,
    }
}
