//! What a query gives back, and the answers of `SHOW` and `DESCRIBE`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::{StreamExt, TryStreamExt};

use crate::engine::{TableInfo, TableKind};
use crate::error::QueryError;
use crate::functions::collection::trino_name;

/// The rows of a query.
#[derive(Debug, Clone)]
pub struct QueryResult {
    /// Columns, named as the query wrote them.
    pub schema: SchemaRef,
    /// Rows, in batches.
    pub batches: Vec<RecordBatch>,
    /// Number of rows.
    pub rows: usize,
    /// Whether there are more rows than were asked for.
    pub truncated: bool,
    /// Time from the text of the query to its last row.
    pub elapsed: Duration,
}

impl QueryResult {
    pub(crate) fn new(schema: SchemaRef, batches: Vec<RecordBatch>, truncated: bool) -> Self {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        Self { schema, batches, rows, truncated, elapsed: Duration::ZERO }
    }

    /// The result with its columns named as the query wrote them.
    pub(crate) fn displayed(mut self, display: &HashMap<String, String>) -> Self {
        let schema = renamed(&self.schema, display);
        self.batches = self.batches.into_iter().map(|b| rename(b, &schema)).collect();
        self.schema = schema;
        self
    }

    /// The result as a stream.
    #[must_use]
    pub fn into_stream(self) -> SendableRecordBatchStream {
        let batches = futures::stream::iter(self.batches.into_iter().map(Ok));
        Box::pin(RecordBatchStreamAdapter::new(self.schema, batches))
    }
}

fn renamed(schema: &SchemaRef, display: &HashMap<String, String>) -> SchemaRef {
    if display.is_empty() {
        return Arc::clone(schema);
    }
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|f| match display.get(f.name()) {
            Some(name) => f.as_ref().clone().with_name(name),
            None => f.as_ref().clone(),
        })
        .collect();
    Arc::new(Schema::new(fields))
}

fn rename(batch: RecordBatch, schema: &SchemaRef) -> RecordBatch {
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    // Only names differ, so this cannot fail; if it did, the old ones would do.
    RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &rows).unwrap_or(batch)
}

/// A stream with its columns named as the query wrote them.
pub(crate) fn displayed(
    stream: SendableRecordBatchStream,
    display: &HashMap<String, String>,
) -> SendableRecordBatchStream {
    let schema = renamed(&stream.schema(), display);
    let target = Arc::clone(&schema);
    let renamed = stream.map(move |batch| batch.map(|b| rename(b, &target)));
    Box::pin(RecordBatchStreamAdapter::new(schema, renamed))
}

/// Collects at most `limit` rows and at most `max_bytes` bytes.
pub(crate) async fn collect(
    mut stream: SendableRecordBatchStream,
    limit: Option<usize>,
    max_bytes: usize,
) -> Result<QueryResult, QueryError> {
    let schema = stream.schema();
    let limit = limit.unwrap_or(usize::MAX);
    let (mut batches, mut rows, mut bytes, mut truncated) = (Vec::new(), 0usize, 0usize, false);
    while let Some(batch) = stream.try_next().await? {
        bytes = bytes.saturating_add(size_of_rows(&batch));
        if bytes > max_bytes {
            return Err(QueryError::Memory {
                message: format!("the result is larger than {max_bytes} bytes"),
            });
        }
        let room = limit - rows;
        if batch.num_rows() > room {
            truncated = true;
            batches.push(batch.slice(0, room));
            break;
        }
        rows += batch.num_rows();
        batches.push(batch);
    }
    Ok(QueryResult::new(schema, batches, truncated))
}

/// Bytes of the rows themselves; batches that share buffers count their share.
fn size_of_rows(batch: &RecordBatch) -> usize {
    batch.columns().iter().map(|c| c.to_data().get_slice_memory_size().unwrap_or(0)).sum()
}

/// An answer of text columns.
fn texts(names: &[&str], columns: Vec<Vec<String>>) -> Result<QueryResult, QueryError> {
    let fields: Vec<Field> = names.iter().map(|n| Field::new(*n, DataType::Utf8, false)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|c| Arc::new(StringArray::from(c)) as ArrayRef).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
        .map_err(|e| QueryError::Execution { message: e.to_string() })?;
    Ok(QueryResult::new(schema, vec![batch], false))
}

/// `SHOW TABLES [LIKE …]`.
pub(crate) fn show_tables(tables: &[TableInfo], pattern: Option<&str>) -> Result<QueryResult, QueryError> {
    let shown: Vec<&TableInfo> = tables.iter().filter(|t| matches(&t.name, pattern)).collect();
    let kind = |t: &TableInfo| match t.kind {
        TableKind::Table => "table".to_string(),
        TableKind::View => "view".to_string(),
    };
    texts(
        &["tab_name", "kind"],
        vec![shown.iter().map(|t| t.name.clone()).collect(), shown.iter().map(|t| kind(t)).collect()],
    )
}

/// `SHOW DATABASES`.
pub(crate) fn show_databases() -> Result<QueryResult, QueryError> {
    texts(&["database_name"], vec![vec!["default".to_string()]])
}

/// `SHOW FUNCTIONS [LIKE …]`.
pub(crate) fn show_functions(names: &[String], pattern: Option<&str>) -> Result<QueryResult, QueryError> {
    texts(&["function"], vec![names.iter().filter(|n| matches(n, pattern)).cloned().collect()])
}

/// `DESCRIBE table`.
pub(crate) fn describe(schema: &SchemaRef) -> Result<QueryResult, QueryError> {
    let fields = schema.fields();
    texts(
        &["col_name", "data_type"],
        vec![
            fields.iter().map(|f| f.name().clone()).collect(),
            fields.iter().map(|f| trino_name(f.data_type())).collect(),
        ],
    )
}

/// LIKE with `%`, `_` and, as Athena's SHOW takes it, `*`.
fn matches(name: &str, pattern: Option<&str>) -> bool {
    let Some(pattern) = pattern else { return true };
    let mut regex = String::from("(?is)^");
    for c in pattern.chars() {
        match c {
            '%' | '*' => regex.push_str(".*"),
            '_' => regex.push('.'),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex.push('$');
    regex::Regex::new(&regex).is_ok_and(|r| r.is_match(name))
}
