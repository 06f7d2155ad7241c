//! The simplest [`Sink`]: everything read, table by table, in memory.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use arrow::record_batch::RecordBatch;

use crate::{ObjectContext, Quarantined, Rows, Sink, TableDef, quarantine};

/// Rows by table, `quarantine` among them. For objects of a known, small size; the pipeline's
/// sink hands batches on as they fill.
#[derive(Debug, Default)]
pub struct Collected {
    tables: BTreeMap<&'static str, Rows>,
    /// The bad records, beside their rows in the table `quarantine`.
    pub quarantined: Vec<Quarantined>,
}

impl Collected {
    /// The batch of every table that has rows, by table name.
    pub fn finish(&mut self) -> Vec<(&'static TableDef, RecordBatch)> {
        let full = self.tables.values_mut().filter(|rows| !rows.is_empty());
        full.map(|rows| (rows.table(), rows.finish())).collect()
    }

    /// How many bytes of records there are.
    pub fn raw_bytes(&self) -> usize {
        self.tables.values().map(Rows::raw_bytes).sum()
    }
}

impl Sink for Collected {
    fn rows(&mut self, table: &'static TableDef) -> &mut Rows {
        self.tables.entry(table.name).or_insert_with(|| Rows::new(table))
    }

    fn quarantine(&mut self, record: Quarantined, context: &mut ObjectContext) {
        record.append(context, self.rows(&quarantine::TABLE));
        self.quarantined.push(record);
    }

    fn after_record(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
