//! A small lake in memory: a day partition per batch, and a provider that
//! skips partitions by the filters it is given, as the real one does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, Utc};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, Result};
use datafusion::datasource::{MemTable, TableType};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use trailkeep_formats::collect::Collected;
use trailkeep_formats::container::Source;
use trailkeep_formats::{Limits, ObjectContext, TableDef, read_object};
use trailkeep_query::{Engine, EngineOptions, MemorySource};

/// A table of day partitions that notes what it was asked for.
#[derive(Debug)]
pub(crate) struct Partitioned {
    schema: SchemaRef,
    days: BTreeMap<i32, RecordBatch>,
    /// Days that the last scan read.
    pub(crate) read: Mutex<Vec<NaiveDate>>,
}

impl Partitioned {
    pub(crate) fn new(batch: &RecordBatch) -> Self {
        let dates = batch.column_by_name("event_date").unwrap().as_primitive::<Date32Type>();
        let mut days = BTreeMap::new();
        for day in dates.values().iter().copied().collect::<std::collections::BTreeSet<_>>() {
            let keep: BooleanArray = dates.iter().map(|d| d.map(|d| d == day)).collect();
            days.insert(day, arrow::compute::filter_record_batch(batch, &keep).unwrap());
        }
        Self { schema: batch.schema(), days, read: Mutex::new(Vec::new()) }
    }

    /// The days that no filter on `event_date` alone rules out.
    fn kept(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<i32>> {
        let days: Vec<i32> = self.days.keys().copied().collect();
        let schema = Arc::new(Schema::new(vec![Field::new("event_date", DataType::Date32, false)]));
        let column: ArrayRef = Arc::new(Date32Array::from(days.clone()));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column])?;
        let df_schema = DFSchema::try_from(schema)?;
        let mut keep = vec![true; days.len()];
        for filter in filters {
            let columns = filter.column_refs();
            if columns.is_empty() || columns.iter().any(|c| c.name != "event_date") {
                continue;
            }
            let physical = state.create_physical_expr(filter.clone(), &df_schema)?;
            let result = physical.evaluate(&batch)?.into_array(days.len())?;
            for (keep, is) in keep.iter_mut().zip(result.as_boolean().iter()) {
                *keep &= is == Some(true);
            }
        }
        Ok(days.into_iter().zip(keep).filter(|(_, k)| *k).map(|(d, _)| d).collect())
    }
}

#[async_trait]
impl TableProvider for Partitioned {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let kept = self.kept(state, filters)?;
        *self.read.lock().unwrap() =
            kept.iter().map(|d| Date32Type::to_naive_date_opt(*d).unwrap()).collect();
        let mut partitions: Vec<_> = kept.iter().map(|d| vec![self.days[d].clone()]).collect();
        if partitions.is_empty() {
            partitions.push(vec![]);
        }
        MemTable::try_new(self.schema(), partitions)?.scan(state, projection, &[], limit).await
    }
}

/// The lake of these tests, and its tables by name.
pub(crate) struct Estate {
    pub(crate) engine: Engine,
    pub(crate) tables: BTreeMap<&'static str, Arc<Partitioned>>,
}

/// Reads log text as the product does: a batch per table.
pub(crate) fn batches(texts: &[String]) -> Vec<(&'static TableDef, RecordBatch)> {
    let mut collected = Collected::default();
    for (i, text) in texts.iter().enumerate() {
        let uri = format!("s3://logs/AWSLogs/111122223333/file-{i}.log");
        let mut context = ObjectContext::new(uri, 1_700_000_000_000_000);
        let source = Source::Bytes(text.as_bytes());
        read_object(source, &mut context, &Limits::default(), &mut collected).unwrap();
    }
    collected.finish()
}

/// Puts an engine over log text.
pub(crate) async fn estate(texts: &[String]) -> Estate {
    let mut tables = BTreeMap::new();
    let mut source = MemorySource::new();
    for (def, batch) in batches(texts) {
        let table = Arc::new(Partitioned::new(&batch));
        source = source.with(def.name, Arc::clone(&table) as Arc<dyn TableProvider>);
        tables.insert(def.name, table);
    }
    let options = EngineOptions { threads: Some(2), ..EngineOptions::default() };
    let engine = Engine::new(Arc::new(source), options).await.unwrap();
    Estate { engine, tables }
}

/// The estate's logs; `@0`, `@1`, … stand for days from `first`.
pub(crate) fn logs(first: DateTime<Utc>) -> Vec<String> {
    let fill = |text: &str| {
        let mut text = text.to_string();
        for n in 0..6u64 {
            let day = first.date_naive() + Days::new(n);
            text = text
                .replace(&format!("@{n}s"), &ten_o_clock(day).to_string())
                .replace(&format!("@{n}t"), &(ten_o_clock(day) + 60).to_string())
                .replace(&format!("@{n}c"), &day.format("%d/%b/%Y").to_string())
                .replace(&format!("@{n}"), &day.format("%Y-%m-%d").to_string());
        }
        text
    };
    [
        include_str!("../data/cloudtrail.ndjson"),
        include_str!("../data/vpc_flow.log"),
        include_str!("../data/s3_access.log"),
    ]
    .into_iter()
    .map(fill)
    .collect()
}

fn ten_o_clock(day: NaiveDate) -> i64 {
    day.and_hms_opt(10, 0, 0).unwrap().and_utc().timestamp()
}

/// The estate as most tests use it: five days from 2024-03-01.
pub(crate) async fn fixed() -> Estate {
    estate(&logs("2024-03-01T00:00:00Z".parse().unwrap())).await
}
