//! Writers of JSON, NDJSON, CSV and Parquet.

use std::io::Write;

use arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value};

use super::value::{to_json, to_text};
use crate::error::QueryError;

fn object(batch: &RecordBatch, row: usize) -> Value {
    let schema = batch.schema();
    let members = schema.fields().iter().zip(batch.columns());
    Value::Object(members.map(|(f, c)| (f.name().clone(), to_json(c.as_ref(), row))).collect::<Map<_, _>>())
}

/// One object per row: in an array, or one per line.
pub(crate) async fn json(
    mut stream: SendableRecordBatchStream,
    out: &mut (dyn Write + Send),
    array: bool,
) -> Result<u64, QueryError> {
    let mut rows = 0u64;
    while let Some(batch) = stream.try_next().await? {
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            if array {
                text.push_str(if rows == 0 { "[\n  " } else { ",\n  " });
            }
            text.push_str(&object(&batch, row).to_string());
            if !array {
                text.push('\n');
            }
            rows += 1;
        }
        out.write_all(text.as_bytes())?;
    }
    if array {
        out.write_all(if rows == 0 { b"[]\n" } else { b"\n]\n" })?;
    }
    out.flush()?;
    Ok(rows)
}

fn csv_field(text: &str, out: &mut String) {
    // A field that a spreadsheet would take for a formula is quoted like any
    // other: its content is evidence and is not changed.
    if text.contains([',', '"', '\n', '\r']) || text.is_empty() {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(text);
    }
}

/// RFC 4180 with a header, but lines end as they do in every other output, so that pipes work; NULL is
/// nothing, an empty text is `""`.
pub(crate) async fn csv(
    mut stream: SendableRecordBatchStream,
    out: &mut (dyn Write + Send),
) -> Result<u64, QueryError> {
    let mut text = String::new();
    for (i, field) in stream.schema().fields().iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        csv_field(field.name(), &mut text);
    }
    text.push('\n');
    out.write_all(text.as_bytes())?;
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
        text.clear();
        for row in 0..batch.num_rows() {
            for (i, column) in batch.columns().iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                if let Some(value) = to_text(column.as_ref(), row) {
                    csv_field(&value, &mut text);
                }
            }
            text.push('\n');
        }
        rows += batch.num_rows() as u64;
        out.write_all(text.as_bytes())?;
    }
    out.flush()?;
    Ok(rows)
}

/// Parquet with zstd, types as they are.
pub(crate) async fn parquet(
    mut stream: SendableRecordBatchStream,
    out: &mut (dyn Write + Send),
) -> Result<u64, QueryError> {
    let failed = |e: parquet::errors::ParquetError| QueryError::Output(std::io::Error::other(e));
    let properties =
        WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut writer = ArrowWriter::try_new(&mut *out, stream.schema(), Some(properties)).map_err(failed)?;
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(rows)
}
