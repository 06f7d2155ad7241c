//! Small batches of events, and a count of what the lake holds.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use datafusion::prelude::SessionContext;
use trailkeep_formats::{Identity, ObjectContext, RowMeta, Rows, cloudtrail};
use trailkeep_lake::{Appender, Lake, LakeOptions, LakeTable};

pub(crate) const DAY: i64 = 86_400_000_000;

/// One event each: its number (the id) and its time, µs.
pub(crate) fn batch(events: impl IntoIterator<Item = (u64, i64)>) -> RecordBatch {
    let mut rows = Rows::new(&cloudtrail::TABLE);
    let mut context = ObjectContext::new("file:///x", 0);
    for (n, event_time) in events {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        let mut row = rows.row();
        row.set_str(cloudtrail::TABLE.index_of("eventname").unwrap(), "RunInstances");
        let meta = RowMeta {
            event_time,
            account_id: Some("111122223333"),
            region: Some("us-east-1"),
            identity: Identity::Natural(&id),
            raw: "{}",
        };
        row.commit(&mut context, meta);
    }
    rows.finish()
}

/// Events `from..to`, a second apart, on the tenth day of the epoch.
pub(crate) fn range(from: u64, to: u64) -> RecordBatch {
    batch((from..to).map(|n| (n, 10 * DAY + i64::try_from(n).unwrap() * 1_000_000)))
}

pub(crate) async fn table(folder: &std::path::Path) -> LakeTable {
    let lake = Lake::open(folder.to_str().unwrap(), LakeOptions::default()).unwrap();
    lake.table(&cloudtrail::TABLE).await.unwrap()
}

/// Appends and commits, and says how many rows were new.
pub(crate) async fn append(appender: &Appender, batch: RecordBatch) -> u64 {
    let mut writer = appender.writer();
    let fresh = writer.fresh(batch).await.unwrap();
    writer.write(fresh.batch).await.unwrap();
    writer.commit().await.unwrap().rows
}

/// How often each event is in the lake, as a query sees it.
pub(crate) async fn counts(table: &LakeTable) -> BTreeMap<String, usize> {
    table.refresh().await.unwrap();
    let session = SessionContext::new();
    session.register_table("t", table.provider().await.unwrap()).unwrap();
    let batches = session.sql("SELECT event_uid FROM t").await.unwrap().collect().await.unwrap();
    let mut counts = BTreeMap::new();
    for batch in batches {
        let column = arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8).unwrap();
        for id in column.as_string::<i32>() {
            *counts.entry(id.unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}

pub(crate) fn each_once(counts: &BTreeMap<String, usize>, expected: usize) {
    assert_eq!(counts.len(), expected, "events in the lake");
    let twice: Vec<_> = counts.iter().filter(|(_, n)| **n != 1).collect();
    assert!(twice.is_empty(), "more than once: {twice:?}");
}
