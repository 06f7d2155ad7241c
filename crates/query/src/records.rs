//! What the state knows, as tables beside those of the lake: `SELECT … FROM findings`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use chrono::NaiveDate;
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::TryStreamExt;
use trailkeep_state::{Cell, RECORD_TABLES, RecordPage, RecordTable, RecordType, Records, State};

use crate::error::QueryError;
use crate::source::TableSource;

/// Records that are held at a time.
const PAGE: usize = 1000;

/// The tables of another source, and those of the state.
#[derive(Debug)]
pub struct WithRecords<S> {
    source: S,
    state: State,
}

impl<S: TableSource> WithRecords<S> {
    /// Both.
    pub fn new(source: S, state: State) -> Self {
        Self { source, state }
    }
}

#[async_trait]
impl<S: TableSource> TableSource for WithRecords<S> {
    fn tables(&self) -> Vec<String> {
        self.source.tables()
    }

    fn records(&self) -> Vec<String> {
        RECORD_TABLES.iter().map(|table| table.name.to_owned()).collect()
    }

    async fn provider(&self, table: &str) -> Result<Arc<dyn TableProvider>, QueryError> {
        let Some(def) = RECORD_TABLES.iter().find(|def| def.name == table) else {
            return self.source.provider(table).await;
        };
        let schema = schema(def);
        let partition = Pages { records: self.state.records(), table: *def, schema: Arc::clone(&schema) };
        Ok(Arc::new(StreamingTable::try_new(schema, vec![Arc::new(partition)])?))
    }

    async fn refresh(&self) -> Result<(), QueryError> {
        self.source.refresh().await
    }

    async fn days(&self, table: &str) -> Result<Option<(NaiveDate, NaiveDate)>, QueryError> {
        self.source.days(table).await
    }
}

fn schema(table: &RecordTable) -> SchemaRef {
    let field = |column: &trailkeep_state::RecordColumn| {
        let ty = match column.ty {
            RecordType::Text => DataType::Utf8,
            RecordType::Integer => DataType::Int64,
            RecordType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        };
        Field::new(column.name, ty, true)
    };
    Arc::new(Schema::new(table.columns.iter().map(field).collect::<Vec<_>>()))
}

/// A table, read page by page.
#[derive(Debug)]
struct Pages {
    records: Records,
    table: RecordTable,
    schema: SchemaRef,
}

impl PartitionStream for Pages {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (records, table, schema) = (self.records.clone(), self.table, Arc::clone(&self.schema));
        let pages = futures::stream::try_unfold(Some(0), move |from| {
            let (records, schema) = (records.clone(), Arc::clone(&schema));
            async move {
                let Some(from) = from else { return Ok(None) };
                let page = records.page(&table, from, PAGE).await;
                let page = page.map_err(|error| DataFusionError::External(Box::new(error)))?;
                let next = page.next;
                Ok::<_, DataFusionError>(Some((batch(&table, schema, page)?, next)))
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), pages.into_stream()))
    }
}

fn batch(table: &RecordTable, schema: SchemaRef, page: RecordPage) -> Result<RecordBatch, DataFusionError> {
    let mut columns: Vec<Vec<Cell>> =
        table.columns.iter().map(|_| Vec::with_capacity(page.rows.len())).collect();
    for row in page.rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    let arrays = table.columns.iter().zip(columns).map(|(column, cells)| array(column.ty, cells));
    Ok(RecordBatch::try_new(schema, arrays.collect())?)
}

fn array(ty: RecordType, cells: Vec<Cell>) -> ArrayRef {
    let number = |cell: &Cell| match cell {
        Cell::Integer(value) => *value,
        Cell::Text(_) => None,
    };
    match ty {
        RecordType::Text => {
            let text = |cell: Cell| match cell {
                Cell::Text(value) => value,
                Cell::Integer(_) => None,
            };
            Arc::new(cells.into_iter().map(text).collect::<StringArray>())
        }
        RecordType::Integer => Arc::new(cells.iter().map(number).collect::<Int64Array>()),
        RecordType::Timestamp => {
            Arc::new(cells.iter().map(number).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
    }
}
