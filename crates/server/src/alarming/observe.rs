//! Runs metric filters over new events.

use std::any::Any;

use arrow::array::{Array, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::record_batch::RecordBatch;
use chrono::DateTime;
use trailkeep_alarms::{MetricBatch, MetricFilters};
use trailkeep_pipeline::{Observed, Observer};

use super::LiveAlarms;

/// What the filters of a table make of a batch of its events.
fn samples(filters: &MetricFilters, batch: &RecordBatch, table: &str) -> Option<MetricBatch> {
    let mut run = filters.run(table)?;
    let times = batch.column_by_name("event_time")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    let raw = batch.column_by_name("raw")?.as_string_opt::<i32>()?;
    for row in 0..batch.num_rows() {
        if times.is_valid(row)
            && raw.is_valid(row)
            && let Some(time) = DateTime::from_timestamp_micros(times.value(row))
        {
            run.event(time, raw.value(row));
        }
    }
    Some(run.finish())
}

impl Observer for LiveAlarms {
    fn observe(&self, batch: &RecordBatch, table: &'static str) -> Observed {
        let made = samples(&self.filters, batch, table).filter(|made| !made.is_empty());
        Observed { items: Vec::new(), rest: made.map(|made| Box::new(made) as Box<dyn Any + Send>) }
    }

    fn committed(&self, observed: Vec<Box<dyn Any + Send>>) {
        for made in observed {
            if let Ok(made) = made.downcast::<MetricBatch>() {
                self.record(*made);
            }
        }
    }
}
